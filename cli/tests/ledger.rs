//! The ledger of a run: it ties out with the bill to the nano-dollar at every event, and budgets hold.

#[path = "common/audited.rs"]
mod audited;
mod common;

use audited::{carried_out, planned};
use common::Desk;
use serde_json::{Value, json};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_mcp::simulated::What;
use tradewind_scheduler::drive::Trouble;
use tradewind_scheduler::ledger::{By, Showback};
use tradewind_scheduler::run::Run;
use tradewind_scheduler::torture::run_round;
use tradewind_sim::plan::Moment;

/// Two projects, two tenants and jobs of nobody, on nodes that they share, on spot and on demand.
const MIXED: &str = r#"{"id":"spot","project":"vision","labels":{"tenant":"acme"},"count":12,"vcpus":8,"memory":"16GiB","runtime":{"p50":"9h","p95":"12h"},"interruptible":true,"clouds":["gcp"],"disk":"50GiB","checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"gang","project":"risk","nodes":3,"vcpus":4,"memory":"8GiB","runtime":"5h","interruptible":true,"clouds":["azure","gcp"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"prep","project":"risk","labels":{"tenant":"acme"},"count":5,"vcpus":1,"memory":"1GiB","runtime":"1h","clouds":["aws"],"outputs":[{"location":"gcp/us-central1","size":"2GiB"}]}
{"id":"side","project":"vision","count":3,"vcpus":4,"memory":"16GiB","runtime":"2h","clouds":["gcp"]}
{"id":"twin","project":"risk","labels":{"tenant":"acme"},"count":4,"vcpus":4,"memory":"16GiB","runtime":"2h","clouds":["gcp"]}
{"id":"after","count":3,"vcpus":4,"memory":"8GiB","runtime":{"p50":"2h","p95":"3h"},"depends_on":["prep"],"clouds":["aws","azure"]}
"#;

/// Tasks whose time nobody knows well: each may run for hours longer than half of them do.
const WILD: &str = r#"{"id":"wild","project":"vision","count":8,"vcpus":4,"memory":"16GiB","runtime":{"p50":"1h","p95":"5h"},"clouds":["gcp"]}
"#;

#[test]
fn the_ledger_ties_out_at_every_event_and_the_showback_sums_to_the_bill() {
    let desk = Desk::new("ledger-ties");
    let mut plan = planned(&desk, MIXED);
    plan.market.hazards.iter_mut().for_each(|h| h.value = 0.4);
    let (mut interruptions, mut shared) = (0, 0);
    for seed in (0..12).map(Seed) {
        let (run, _) = carried_out(&plan, seed, Vec::new(), None);
        interruptions += run.figures().interruptions;
        shared += run.state().ledger.lines.iter().filter(|line| line.terms[0].parts.len() > 1).count();
        for by in [By::Project, By::Tenant, By::Cloud] {
            let showback = Showback::of(&run, by);
            let sum = |of: fn(&tradewind_scheduler::ledger::Row) -> Usd| {
                let rows = showback.rows.values().chain([&showback.unnamed, &showback.shared]);
                let sum: Usd = rows.map(of).sum();
                assert_eq!(sum, of(&showback.total));
                sum
            };
            assert_eq!(sum(|r| r.cost_usd), run.figures().cost_usd, "seed {}", seed.0);
            assert_eq!(sum(|r| r.planned_usd), plan.summary.cost_usd);
            assert_eq!(sum(|r| r.unbilled_usd), Usd::ZERO, "it is over");
            assert!(showback.rows.values().all(|r| r.idle_usd <= r.nodes_usd && r.data_usd >= Usd::ZERO));
            assert!(sum(|r| r.idle_usd) > Usd::ZERO && sum(|r| r.rework_usd) > Usd::ZERO);
        }
    }
    assert!(interruptions >= 3 && shared >= 3, "{interruptions} interruptions, {shared} nodes of several");
}

/// A plan in which nothing is set aside for tasks that take longer than half of them do, and a budget of so many hours
/// of all its nodes.
fn tight(desk: &Desk, hours: f64) -> (Plan, Usd) {
    let mut plan = planned(desk, WILD);
    plan.allocations.iter_mut().for_each(|a| a.reserved_end = a.start);
    let hourly: f64 = plan.allocations.iter().map(|a| a.usd_per_hour.as_f64() * f64::from(a.count)).sum();
    let limit = Usd::from_nanos((hourly * hours * 1e9) as i64);
    plan.rules.budgets.insert("vision".to_owned(), limit);
    (plan, limit)
}

#[test]
fn what_runs_is_ended_when_the_budget_is_spent() {
    let desk = Desk::new("ledger-hard");
    let (plan, limit) = tight(&desk, 1.3);
    let mut stopped = 0;
    for seed in (0..30).map(Seed) {
        let (run, auditor) = carried_out(&plan, seed, Vec::new(), Some(limit));
        assert!(auditor.beyond <= 0, "seed {}: {} nano-dollars too many", seed.0, auditor.beyond);
        let (budget, figures) = (&run.budgets()[0], run.figures());
        assert!(figures.cost_usd <= limit, "every minute that may still be billed was counted before");
        if budget.stopped.is_some() {
            stopped += 1;
            let (all, price) = (plan.allocations.iter().map(|a| i64::from(a.count)).sum::<i64>(), 2_000_000_000 / 60);
            let unused = (limit - figures.cost_usd).nanos();
            assert!(unused <= all * price, "seed {}: ended {unused} nano-dollars too early", seed.0);
            assert!(figures.tasks.failed > 0 && figures.tasks.failed == budget.given_up);
            let told = auditor.entries.iter().flat_map(|e| &e.data.decisions).any(|d| d.because.contains("TW4062"));
            assert!(told, "with the reason");
        }
    }
    assert!(stopped >= 5, "{stopped} of 30 runs reached the budget");
}

/// A cloud that does not answer cannot be told to end anything: what runs there goes on until it answers, and as long
/// as the pause between two tries, a minute. That is the bound then.
#[test]
fn a_cloud_that_does_not_answer_costs_what_runs_until_it_does() {
    let desk = Desk::new("ledger-partition");
    let (plan, limit) = tight(&desk, 1.3);
    let after = |minutes: i64| Moment::After(Millis::from_secs(60 * minutes));
    let (from, until) = (60, 240);
    let outage = Trouble {
        cloud: "gcp".to_owned(),
        what: What::Unreachable { share: 1.0 },
        place: String::new(),
        from: after(from),
        until: after(until),
    };
    let start = plan.rules.horizon.start;
    let answers = start + Millis::from_secs(60 * (until + 2));
    let hourly: f64 = plan.allocations.iter().map(|a| a.usd_per_hour.as_f64() * f64::from(a.count)).sum();
    let mut late = 0;
    for seed in (0..30).map(Seed) {
        let (run, _) = carried_out(&plan, seed, vec![outage.clone()], Some(limit));
        let Some(reached) = run.budgets()[0].stopped else { continue };
        let over = run.figures().cost_usd - limit;
        let bound = hourly * (answers.max(reached) - reached + Millis::from_secs(60)).hours();
        assert!(over.as_f64() <= bound, "seed {}: {over} beyond, {bound} at the most", seed.0);
        late += u32::from(over > Usd::ZERO);
    }
    assert!(late >= 1, "no run was caught by the outage");
}

#[test]
fn no_launch_is_made_whose_worst_case_does_not_fit() {
    let desk = Desk::new("ledger-launch");
    let mut plan = planned(&desk, WILD);
    // Room for the worst case of some of the nodes, not of all of them.
    let worst = |a: &tradewind_core::plan::Allocation| a.usd_per_hour.as_f64() * (a.reserved_end - a.start).hours();
    let all: f64 = plan.allocations.iter().map(|a| worst(a) * f64::from(a.count)).sum();
    let limit = Usd::from_nanos((all * 0.4 * 1e9) as i64);
    plan.rules.budgets.insert("vision".to_owned(), limit);
    plan.rules.spending.soft = "100%".parse().expect("a share");
    let (run, auditor) = carried_out(&plan, Seed(1), Vec::new(), Some(limit));
    let choices = auditor.entries.iter().flat_map(|e| &e.data.decisions);
    let held = choices.filter(|d| d.because.contains("TW4061") && d.choice == "wait with the launch").count();
    assert!(held > 0 && auditor.beyond <= 0);
    assert!(run.figures().cost_usd <= limit, "{} of {limit}", run.figures().cost_usd);
    assert!(run.figures().tasks.done > 0 && run.state().ledger.held.is_empty());
}

/// A gang whose nodes do not all fit does not wait with some of them.
#[test]
fn a_gang_is_launched_whole_or_given_up() {
    let desk = Desk::new("ledger-gang");
    let gang =
        r#"{"id":"gang","project":"vision","nodes":4,"vcpus":4,"memory":"16GiB","runtime":"2h","clouds":["gcp"]}"#;
    let mut plan = planned(&desk, gang);
    let half = Usd::from_nanos(plan.summary.cost_usd.nanos() / 2);
    plan.rules.budgets.insert("vision".to_owned(), half);
    let (run, _) = carried_out(&plan, Seed(0), Vec::new(), Some(half));
    assert_eq!((run.figures().cost_usd, run.figures().launches, run.figures().tasks.failed), (Usd::ZERO, 0, 1));
}

/// The shared budget of a tenant ends work of several projects, and what others do on the same nodes goes on.
#[test]
fn a_tenant_that_has_spent_its_budget_stops_nobody_else() {
    let desk = Desk::new("ledger-tenant");
    let mut plan = planned(&desk, MIXED);
    let free = carried_out(&plan, Seed(3), Vec::new(), None).0;
    let acme = Showback::of(&free, By::Tenant).rows["acme"].cost_usd;
    plan.rules.spending.tenants.insert("acme".to_owned(), Usd::from_nanos(acme.nanos() / 3));
    plan.rules.spending.soft = "100%".parse().expect("a share");
    let (run, _) = carried_out(&plan, Seed(3), Vec::new(), None);
    let limit = plan.rules.spending.tenants["acme"];
    let spent = Showback::of(&run, By::Tenant).rows["acme"].cost_usd;
    assert!(spent <= limit, "{spent} of {limit}");
    let done = |run: &Run, job: &str| run.shares()[job].done;
    assert_eq!((done(&run, "side"), done(&run, "gang")), (3, 1), "others go on");
    assert!(done(&run, "spot") + done(&run, "prep") + done(&run, "twin") < 21);
}

/// From the configuration to the exit code: what is not critical is frozen, told, and shown.
#[test]
fn a_budget_that_nears_its_end_freezes_what_is_not_critical() {
    let desk = Desk::new("ledger-soft");
    let queue = r#"{"id":"first","project":"vision","vcpus":8,"memory":"16GiB","runtime":"6h","clouds":["gcp"],"earliest_start":"2024-03-31T00:00:00Z","deadline":"2024-03-31T08:00:00Z"}
{"id":"later","project":"vision","priority":20,"vcpus":8,"memory":"16GiB","runtime":"1h","clouds":["gcp"],"earliest_start":"2024-03-31T10:00:00Z"}
{"id":"needed","project":"vision","priority":20,"vcpus":8,"memory":"16GiB","runtime":"1h","clouds":["gcp"],"earliest_start":"2024-03-31T10:00:00Z"}
{"id":"last","project":"vision","priority":90,"vcpus":8,"memory":"16GiB","runtime":"1h","clouds":["gcp"],"depends_on":["needed"]}
"#;
    let cost = planned(&desk, queue).summary.cost_usd.as_f64();
    desk.write(
        "t.toml",
        format!("[budgets]\nvision = \"{:.6}\"\n[spending]\nsoft = \"40%\"\ncritical_priority = 60\n", cost * 1.5),
    );
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none", "--config", "t.toml"]).expect(0);
    desk.run(&["check", "p.json", "--config", "t.toml", "--quotas", "none"]).expect(0);
    let ran = desk.run(&["apply", "p.json", "--state", "s", "--metrics", "m.prom"]).expect(7);
    let metrics = desk.read("m.prom");
    let figures = ["tradewind_jobs{state=\"failed\"} 1\n", "tradewind_budget_remaining_usd{project=\"vision\"} 1."];
    assert!(figures.iter().all(|figure| metrics.contains(figure)), "{metrics}");
    assert!(ran.stderr.contains("TW4060") && ran.stderr.contains("raise budgets.vision"), "{}", ran.stderr);
    assert!(ran.stdout.contains("frozen at") && ran.stdout.contains("1 task not done"), "{}", ran.stdout);
    let shown = desk.run(&["runs", "run-", "--state", "s", "--format", "json"]).expect(0).stdout;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let rows = &shown["rows"]["vision"];
    assert_eq!((&shown["by"], &rows["cost_usd"]), (&json!("project"), &shown["total"]["cost_usd"]));
    for by in ["project", "tenant", "cloud"] {
        let arguments = ["runs", "run-", "--by", by, "--state", "s", "--format"];
        let csv = desk.run(&[&arguments[..], &["csv"]].concat()).expect(0).stdout;
        let cost = |line: &str| line.split(',').nth(2).and_then(|c| c.parse::<Usd>().ok());
        let lines: Vec<Usd> = csv.lines().filter_map(cost).collect();
        assert_eq!(lines[..lines.len() - 1].iter().copied().sum::<Usd>(), lines[lines.len() - 1], "{csv}");
        let table = desk.run(&[&arguments[..], &["table"]].concat()).expect(0).stdout;
        assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    }
    let usage = desk.run(&["runs", "--by", "cloud", "--state", "s"]).expect(64);
    assert!(usage.stderr.contains("TW4005"), "{}", usage.stderr);
}

/// A node that costs far more than was planned is told, once of its allocation; nodes that cost what was planned are not.
#[test]
fn a_node_that_costs_unlike_the_others_is_told() {
    let desk = Desk::new("ledger-unusual");
    let steady = r#"{"id":"steady","count":10,"vcpus":90,"memory":"300GiB","runtime":"2h","clouds":["gcp"]}"#;
    let loose =
        r#"{"id":"loose","count":4,"vcpus":90,"memory":"300GiB","runtime":{"p50":"2h","p95":"12h"},"clouds":["aws"]}"#;
    let told = |plan: &Plan, seed: u64| {
        let (_, auditor) = carried_out(plan, Seed(seed), Vec::new(), None);
        let decisions = auditor.entries.iter().flat_map(|e| &e.data.decisions);
        let unusual = decisions.filter(|d| d.because.contains("TW4063"));
        unusual.map(|d| d.about.split('/').next().unwrap_or_default().to_owned()).collect::<Vec<String>>()
    };
    let calm = planned(&desk, &format!("{steady}\n"));
    assert!((0..5).all(|seed| told(&calm, seed).is_empty()));
    let plan = planned(&desk, &format!("{steady}\n{loose}\n"));
    let found: Vec<Vec<String>> = (0..12).map(|seed| told(&plan, seed)).collect();
    assert!(found.iter().any(|names| !names.is_empty()), "{found:?}");
    for mut names in found {
        let before = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), before, "one alert each");
    }
}

/// A project that costs more than its plan, and more than the spread of its times explains, is told once; what is told is
/// what it had cost by then, and it stands in the showback.
#[test]
fn a_project_that_costs_more_than_its_plan_is_told() {
    let desk = Desk::new("ledger-project");
    // In regions of their own: who shares a node pays for the overruns of others too.
    let job = |id: &str, project: &str, p95: &str, region: &str| {
        let runtime = json!({"p50": "10h", "p95": p95});
        json!({"id": id, "project": project, "count": 6, "vcpus": 4, "memory": "16GiB", "runtime": runtime,
            "interruptible": true, "regions": [region]})
    };
    let (steady, loose) =
        (job("steady", "risk", "10h", "gcp/us-east1"), job("loose", "vision", "20h", "gcp/us-central1"));
    let queue = format!("{steady}\n{loose}\n");
    let mut calm = planned(&desk, &queue);
    let mut rough = calm.clone();
    calm.market.hazards.iter_mut().for_each(|h| h.value = 0.0);
    // Work is lost again and again, and nothing of it is saved.
    rough.market.hazards.iter_mut().for_each(|h| h.value = 0.95);
    let (mut told_calm, mut told_rough) = (0, 0);
    for seed in (0..30).map(Seed) {
        let (run, auditor) = carried_out(&calm, seed, Vec::new(), None);
        told_calm += auditor.choices().filter(|(_, d)| d.because.contains("TW4064")).count();
        assert_eq!(run.dearer().count(), auditor.choices().filter(|(_, d)| d.because.contains("TW4064")).count());
        let (run, auditor) = carried_out(&rough, seed, Vec::new(), None);
        let mut names: Vec<&str> =
            auditor.choices().filter(|(_, d)| d.because.contains("TW4064")).map(|(_, d)| d.about.as_str()).collect();
        told_rough += names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), run.dearer().count(), "each once");
        let rows = Showback::of(&run, By::Project).rows;
        for (expected, told) in run.dearer() {
            let row = rows[&expected.project];
            assert_eq!(expected.planned, row.planned_usd);
            // A minute of what runs may be billed less than was counted with it.
            assert!(
                expected.telling < told.cost && told.cost.as_f64() <= row.cost_usd.as_f64() * 1.02,
                "{told:?} {row:?}"
            );
        }
        for (name, row) in &rows {
            let is_told = run.dearer().any(|(expected, _)| expected.project == *name);
            let expected = run.script().chart().expected.iter().find(|e| e.project == *name).expect("a project");
            assert!(is_told || row.cost_usd <= expected.telling, "{name}: {row:?} {expected:?}");
        }
    }
    assert!(told_calm <= 2 && told_rough >= 20, "told of 60: {told_calm} though nothing went wrong, {told_rough}");
}

/// Kills, lost calls and outages, with a budget that some of the runs reach: every promise holds, told again it is the
/// same.
#[test]
fn runs_with_budgets_survive_torture() {
    let desk = Desk::new("ledger-torture");
    let mut plan = planned(&desk, MIXED);
    plan.market.hazards.iter_mut().for_each(|h| h.value = 0.3);
    let whole = plan.summary.cost_usd.nanos();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for seed in 0..24 {
        let tenth = whole / 10 * (1 + seed as i64 % 8);
        plan.rules.budgets.insert("vision".to_owned(), Usd::from_nanos(tenth));
        plan.rules.budgets.insert("risk".to_owned(), Usd::from_nanos(tenth / 4));
        plan.rules.spending.tenants.insert("acme".to_owned(), Usd::from_nanos(tenth));
        let verdict = runtime.block_on(run_round(&plan, Seed(seed), None));
        assert_eq!(verdict.tally.broken, [], "seed {seed}");
    }
}

/// Nothing that budgets do is done where there are none.
#[test]
fn a_run_without_budgets_is_the_run_with_one_that_is_never_reached() {
    let desk = Desk::new("ledger-none");
    let plan = planned(&desk, MIXED);
    let mut rich = plan.clone();
    rich.rules.budgets.insert("vision".to_owned(), Usd::from_nanos(i64::MAX / 4));
    for seed in (0..4).map(Seed) {
        let (without, _) = carried_out(&plan, seed, Vec::new(), None);
        let (with, _) = carried_out(&rich, seed, Vec::new(), None);
        assert_eq!(without.timeline(), with.timeline());
        assert_eq!(without.state().ledger.accounts, with.state().ledger.accounts);
        let beginning: Time = without.script().begins();
        assert!(without.state().now > beginning && without.figures() == with.figures());
    }
}
