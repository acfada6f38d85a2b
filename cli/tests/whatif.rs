//! What-ifs: arms beside a base on common random numbers.

mod common;

use common::Desk;
use serde_json::{Value, json};
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_sim::plan::{Model, Stop, World, simulate};
use tradewind_sim::whatif::Difference;

/// On spot with on-demand behind it: gcp takes back 10 % of its nodes a day.
const SPOT: &str = r#"{"id":"train","project":"vision","vcpus":8,"memory":"32GiB","runtime":{"p50":"6h","p95":"7h"},"deadline":"2024-03-31T12:00:00Z","interruptible":true,"checkpoint":{"save":"60s","restore":"90s","size":"10GiB"},"count":4,"regions":["gcp/us-central1"]}
"#;
/// On demand, no spread.
const FIXED: &str = r#"{"id":"fixed","vcpus":8,"memory":"32GiB","runtime":"2h","count":4,"disk":"50GiB"}
"#;

fn desk(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", format!("{SPOT}{FIXED}"));
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    desk
}

fn asked(desk: &Desk, arguments: &[&str]) -> Value {
    let all = [&["whatif"], arguments, &["--format", "json"]].concat();
    serde_json::from_str(&desk.run(&all).expect(0).stdout).expect("JSON")
}

fn usd(value: &Value) -> f64 {
    value.as_str().expect("a decimal").parse().expect("a number")
}

/// Nano-dollars, exact.
fn nanos(value: &Value) -> i64 {
    let amount: tradewind_core::money::Usd = value.as_str().expect("a decimal").parse().expect("an amount");
    amount.nanos()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

#[test]
fn differences_are_those_of_the_means_and_of_the_causes() {
    let desk = desk("whatif-sums");
    let vary = ["--vary", "scenario.hazard_factor=0,5", "--vary", "scenario.runtime_factor=1.2"];
    let report = asked(&desk, &[&["p.json", "--trials", "500"][..], &vary].concat());
    let base = nanos(&report["base"]["cost"]["mean_usd"]);
    let causes: i64 = list(&report["base"]["causes"]).iter().map(|c| nanos(&c["mean_usd"])).sum();
    assert!((causes - base).abs() <= 1, "{causes} {base}");
    for arm in list(&report["arms"]) {
        let c = &arm["compared"];
        let difference = nanos(&c["difference"]["usd"]);
        let steps: i64 = list(&c["steps"]).iter().map(|s| nanos(&s["usd"])).sum();
        assert_eq!(steps, difference, "{arm}");
        assert!((nanos(&c["figures"]["cost"]["mean_usd"]) - base - difference).abs() <= 2, "{arm}");
        assert_eq!(c["tasks_apart"], json!(0));
    }
    let worlds = asked(&desk, &["p.json", "--trials", "50", "--vary", "scenario=price-shock,spot-storm"]);
    let phrase = worlds["answer"].as_str().expect("a sentence");
    assert!(phrase.starts_with("In the scenario ") && worlds["axes"][0]["base"] == json!("as planned"), "{worlds}");
    let calm = &report["arms"][0]["compared"]["figures"];
    assert_eq!((&calm["interruptions"], &calm["moved"]), (&json!(0.0), &json!(0.0)));
    assert_eq!(report["largest"], json!(2), "{}", report["answer"]);
}

/// Prices multiply what is paid for by the hour: the difference is known beforehand, for each replication.
#[test]
fn what_is_known_beforehand_is_found_without_doubt() {
    let desk = Desk::new("whatif-known");
    desk.write("q.jsonl", FIXED);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    let report = asked(&desk, &["p.json", "--trials", "200", "--vary", "scenario.on_demand_price_factor=1,1.5"]);
    let same = &report["arms"][0]["compared"]["difference"];
    assert_eq!(
        same,
        &json!({"usd": "0.00", "interval_usd": ["0.00", "0.00"], "share": 0.0, "variance_reduction": null})
    );
    let hourly = ["compute", "rework", "boot", "idle", "billing rules"];
    let causes =
        list(&report["base"]["causes"]).iter().filter(|c| hourly.contains(&c["cause"].as_str().expect("a name")));
    let half: f64 = 0.5 * causes.map(|c| usd(&c["mean_usd"])).sum::<f64>();
    let dearer = &report["arms"][1]["compared"]["difference"];
    assert!((usd(&dearer["usd"]) - half).abs() < 1e-6, "{dearer} against {half}");
    let [low, high] = [0, 1].map(|n| usd(&dearer["interval_usd"][n]));
    assert!(low <= half && half <= high && high - low < 0.01 * half, "{dearer}");
}

#[test]
fn common_luck_narrows_intervals() {
    let desk = desk("whatif-luck");
    let vary = ["--vary", "scenario.hazard_factor=1.1", "--vary", "scenario.boot_factor=2"];
    let paired = asked(&desk, &[&["p.json", "--trials", "1000"][..], &vary].concat());
    // The same arms apart: two bases of different seeds differ by chance alone, and as widely as promised.
    let other = asked(&desk, &["p.json", "--trials", "1000", "--seed", "1", "--vary", "scenario.boot_factor=2"]);
    let half = |report: &Value| usd(&report["base"]["cost"]["half_width_usd"]);
    let apart = (half(&paired).powi(2) + half(&other).powi(2)).sqrt();
    for (arm, least) in list(&paired["arms"]).iter().zip([5.0, 20.0]) {
        let d = &arm["compared"]["difference"];
        let factor = d["variance_reduction"].as_f64().expect("it varies");
        assert!(factor > least, "{arm}");
        let together = (usd(&d["interval_usd"][1]) - usd(&d["interval_usd"][0])) / 2.0;
        let by_widths = (apart / together).powi(2);
        assert!((by_widths / factor - 1.0).abs() < 0.5, "{by_widths} against {factor}");
    }
}

/// The truth is the difference over 40,000 replications of other seeds: it is known thirty times as well as what is tried.
#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let desk = desk("whatif-coverage");
    let plan: Plan = serde_json::from_str(&desk.read("p.json")).expect("a plan");
    let world = |hazard_factor| World { hazard_factor, ..World::default() };
    let models = [5.0, 10.0].map(|factor| Model::new(&plan, &world(factor)).expect("a sound plan"));
    let difference = |seed: u64, trials: u64| {
        let [base, arm] = models.each_ref().map(|m| simulate(m, Seed(seed), Stop::Trials(trials), 2, &|_| ()));
        Difference::of(&base, &arm)
    };
    let truth = difference(1_000_000, 40_000).usd;
    let runs = 500;
    let holds =
        |seed: &u64| difference(*seed, 200).interval_usd.is_some_and(|[low, high]| low <= truth && truth <= high);
    let share = (0..runs).filter(holds).count() as f64 / runs as f64;
    println!("{share} of {runs} intervals hold the truth");
    // The standard error of the share is 1 %; rare interruptions make the law of the mean a little crooked.
    assert!((0.91..=0.98).contains(&share), "{share}");
}

#[test]
fn the_same_bytes_at_any_number_of_threads() {
    let desk = desk("whatif-threads");
    let vary = ["--vary", "scenario.hazard_factor=2", "--vary", "config.settings.boot=false"];
    let ask = |threads: &str, name: &str| {
        let files = ["html", "json", "md", "csv", "parquet", "txt"].map(|ending| format!("{name}.{ending}"));
        let mut arguments =
            vec!["whatif", "q.jsonl", "--quotas", "none", "--trials", "300", "--frontier", "risk=0.1,0.01"];
        arguments.extend(vary);
        arguments.extend(["--threads", threads]);
        files.iter().for_each(|file| arguments.extend(["-o", file.as_str()]));
        desk.run(&arguments).expect(0);
        files.map(|file| std::fs::read(desk.path(&file)).expect("a file"))
    };
    let (one, two) = (ask("1", "one"), ask("2", "two"));
    assert!(one.iter().all(|bytes| bytes.len() > 200));
    assert_eq!(one, two);
    assert!(one[4].starts_with(b"PAR1"));
}

/// As many replications as it takes: enough at the last look, and at a look before not yet.
#[test]
fn it_goes_on_until_intervals_are_narrow() {
    let desk = desk("whatif-until");
    let vary = ["p.json", "--vary", "scenario.hazard_factor=20", "--vary", "scenario.on_demand_price_factor=2"];
    let widest = |report: &Value| {
        let mean = usd(&report["base"]["cost"]["mean_usd"]);
        let half = |interval: &Value| (usd(&interval[1]) - usd(&interval[0])) / 2.0 / mean;
        let arms = list(&report["arms"]).iter().map(|arm| half(&arm["compared"]["difference"]["interval_usd"]));
        arms.fold(usd(&report["base"]["cost"]["half_width_usd"]) / mean, f64::max)
    };
    let found = asked(&desk, &[&vary[..], &["--until-ci", "1%"]].concat());
    let trials = found["made"]["trials"].as_u64().expect("a number");
    assert!(trials > 32 && (trials / 32).is_power_of_two() && trials % 32 == 0, "{trials}");
    assert!(widest(&found) <= 0.01, "{}", widest(&found));
    let half = (trials / 2).to_string();
    assert!(widest(&asked(&desk, &[&vary[..], &["--trials", &half]].concat())) > 0.01);
    refused(&desk, &["p.json", "--vary", "scenario.boot_factor=2", "--until-ci", "1%", "--trials", "50"]);
}

#[test]
fn the_same_bytes_after_a_resume() {
    let desk = desk("whatif-resume");
    let base = ["whatif", "p.json", "--vary", "scenario.hazard_factor=20,3", "--format", "html"];
    let ask = |more: &[&str]| desk.run(&[&base[..], more].concat()).expect(0).stdout;
    for stop in [["--trials", "2500"], ["--until-ci", "1%"]] {
        let whole = ask(&stop);
        let folder = format!("kept{}", stop[0]);
        let kept = ["--resume", folder.as_str()];
        // Cut short: fewer replications, one arm of two.
        let short = ["whatif", "p.json", "--vary", "scenario.hazard_factor=20", "--trials", "40"];
        desk.run(&[&short[..], &kept].concat()).expect(0);
        let files = || std::fs::read_dir(desk.path(&folder)).expect("a folder").count();
        assert_eq!(files(), 2, "the base and an arm");
        assert_eq!(ask(&[&stop[..], &kept].concat()), whole, "gone on from 40");
        assert_eq!(files(), 3);
        assert_eq!(ask(&[&stop[..], &kept].concat()), whole, "gone on from the end");
    }
    // Of those that are there, no more are taken than asked for.
    let few = ["whatif", "p.json", "--vary", "scenario.hazard_factor=20", "--trials", "40"];
    let whole = desk.run(&few).expect(0).stdout;
    assert_eq!(desk.run(&[&few[..], &["--resume", "kept--trials"]].concat()).expect(0).stdout, whole);
    let torn = std::fs::read_dir(desk.path("kept--trials")).expect("a folder");
    torn.for_each(|file| std::fs::write(file.expect("a file").path(), "PAR1").expect("a file"));
    let error = desk.run(&[&few[..], &["--resume", "kept--trials"]].concat());
    assert!(error.expect(4).stderr.contains("error[TW"));
}

#[test]
fn configurations_are_planned_again() {
    let desk = desk("whatif-config");
    let vary = ["--vary", "config.budgets.vision=0.0001,100", "--vary", "config.horizon.length=24h"];
    let report = asked(&desk, &[&["q.jsonl", "--quotas", "none", "--trials", "50"][..], &vary].concat());
    let arms = list(&report["arms"]);
    assert!(arms.iter().all(|arm| arm["replanned"] == json!(true)));
    let poor = &arms[0]["compared"];
    assert_eq!((&poor["figures"]["placed"], &poor["tasks_apart"]), (&json!(4), &json!(4)), "no train runs");
    assert_eq!(arms[1]["compared"]["difference"]["usd"], json!("0.00"), "the same plan under the same luck");
    assert_eq!(report["axes"][1]["base"], json!("2d"));
    // An arm that places nothing is a row.
    desk.write("one.jsonl", SPOT);
    let nothing = ["whatif", "one.jsonl", "--trials", "50", "--vary", "config.budgets.vision=0.0001"];
    let shown = desk.run(&nothing).expect(0).stdout;
    assert!(shown.starts_with("No arm places any task") && shown.contains("places nothing"), "{shown}");
}

#[test]
fn a_grid_has_every_combination() {
    let desk = desk("whatif-grid");
    let vary = ["--vary", "scenario.hazard_factor=1,2", "--vary", "scenario.billing.address=true,false", "--grid"];
    let report = asked(&desk, &[&["p.json", "--trials", "100"][..], &vary].concat());
    let changes: Vec<f64> = list(&report["arms"]).iter().map(|a| usd(&a["compared"]["difference"]["usd"])).collect();
    assert_eq!((changes.len(), changes[0]), (4, 0.0));
    // What an address costs and what interruptions cost hardly meet.
    assert!(changes[1] < 0.0 && (changes[3] - changes[1] - changes[2]).abs() < 0.1 * changes[3].abs(), "{changes:?}");
}

#[test]
fn a_frontier_marks_what_nobody_would_choose() {
    let desk = desk("whatif-frontier");
    let report =
        asked(&desk, &["q.jsonl", "--quotas", "none", "--trials", "200", "--frontier", "risk=0.5,0.01,0.0001"]);
    let rows = list(&report["frontier"]);
    assert_eq!(
        rows.iter().map(|r| r["allowed"].clone()).collect::<Vec<_>>(),
        [json!(null), json!(0.5), json!(0.01), json!(0.0001)]
    );
    let point = |r: &Value| {
        let f = &r["figures"];
        (
            f["placed"].as_u64().expect("a number"),
            usd(&f["cost"]["mean_usd"]),
            f["any_miss"]["value"].as_f64().expect("a share"),
        )
    };
    for row in rows {
        let p = point(row);
        let better = rows.iter().map(point).any(|q| q.0 >= p.0 && q.1 <= p.1 && q.2 <= p.2 && q != p);
        assert_eq!(row["dominated"], json!(better), "{row}");
    }
    assert_eq!(report["largest"], json!(null));
    assert!(
        report["answer"]
            .as_str()
            .is_some_and(|a| a.starts_with("Allowing a miss probability of 0.0001 instead of 0.5"))
    );
}

#[test]
fn a_page_for_people() {
    let desk = Desk::new("whatif-page");
    desk.write("q.jsonl", FIXED);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    let vary = ["--vary", "scenario.on_demand_price_factor=0.5,1.3", "--vary", "scenario.billing.address=false"];
    let shown = desk.run(&[&["whatif", "p.json", "--trials", "100"][..], &vary].concat()).expect(0).stdout;
    assert!(shown.lines().all(|l| l.chars().count() <= 100), "{shown}");
    let before_hashes = shown.split("  - snapshot").next().unwrap_or_default();
    insta::assert_snapshot!(before_hashes, @r##"
    With every on-demand price halved the plan costs USD 1.15 less in the mean (95 %: 1.15 to 1.15;
    -48.8 %), and no deadline is missed in any of the runs.
    Base, p.json: USD 2.36 in the mean (+/- 0.00), planned USD 2.36; no deadline is missed.
    100 replications of 4 arms share their luck: with draws of its own the middle arm would take 30x as
    many.

    Cost of each arm, USD
      arm                         planned  mean  median  95th  CVaR 95  change   95 % interval
      --------------------------  -------  ----  ------  ----  -------  ------  --------------
      base                           2.36  2.36    2.36  2.37     2.38
      on_demand_price_factor 0.5     2.36  1.21    1.21  1.22     1.22   -1.15  -1.15 to -1.15
      on_demand_price_factor 1.3     2.36  3.05    3.05  3.07     3.08   +0.69    0.69 to 0.69
      billing.address false          2.36  2.35    2.35  2.36     2.37   -0.01  -0.01 to -0.01

    What happens in each arm in the mean: tasks late, nodes lost, USD
      arm                         placed  any miss   late  undone  lost  rework h  idle  egress     CRN
      --------------------------  ------  --------  -----  ------  ----  --------  ----  ------  ------
      base                             4     0.0 %  0.000       -  0.00       0.0  0.00    0.00
      on_demand_price_factor 0.5       4     0.0 %  0.000       -  0.00       0.0  0.00    0.00    5.1x
      on_demand_price_factor 1.3       4     0.0 %  0.000       -  0.00       0.0  0.00    0.00     30x
      billing.address false            4     0.0 %  0.000       -  0.00       0.0  0.00    0.00  >9999x

    What moves the mean cost most, USD
      varied                           base  value            less  more        USD
      -------------------------------  ----  -----  --------------  --------  -----
      scenario.on_demand_price_factor  1     0.5    ██████████████            -1.15
                                             1.3                    ████████  +0.69
      scenario.billing.address         true  false                            -0.01

    Where the money goes with every on-demand price halved
      cause                         USD  together
      --------------------------  -----  --------
      base                                   2.36
      compute                     -1.14      1.22
      boot                        -0.01      1.21
      on_demand_price_factor 0.5  -1.15      1.21

    The median replication: number 83, USD 2.36
      region          bought     type         launched  lost  node h  alive, start to end
      --------------  ---------  -----------  --------  ----  ------  ------------------------
      aws/ap-south-1  on demand  r5a.8xlarge         1     -     2.0  ████████████████████████

    How this was made
      - command: tradewind whatif p.json --trials 100 --vary scenario.on_demand_price_factor=0.5,1.3
        --vary scenario.billing.address=false
      - version: tradewind 0.1.0
      - seed: 0, philox4x32-10
      - replications: 100 of each arm, the same draws in all
    "##);
}

fn refused(desk: &Desk, arguments: &[&str]) -> String {
    desk.run(&[&["whatif"], arguments].concat()).expect(64).error()
}

#[test]
fn keys_and_values_that_make_no_sense_are_refused_before_any_work() {
    let desk = desk("whatif-refused");
    let vary = |input: &str, text: &str| refused(&desk, &[input, "--vary", text]);
    let unknown = vary("p.json", "scenario.hazard_facto=2");
    let (accepted, others): (Vec<&str>, Vec<&str>) = unknown.lines().partition(|l| l.contains("accepted: "));
    assert!(accepted[0].contains("scenario.billing.minimum") && !accepted[0].contains("config."), "{accepted:?}");
    insta::assert_snapshot!(others.join("\n"), @r##"
    error[TW4011]: no such key to vary
     --> --vary scenario.hazard_facto
      got: scenario.hazard_facto
      help: did you mean "scenario.hazard_factor"?
    exit 64
    "##);
    insta::assert_snapshot!(vary("p.json", "scenario.hazard_factor=-2"), @r##"
    error[TW4011]: no such value
     --> --vary scenario.hazard_factor=-2
      got: -2 is not between 0 and 1000
      accepted: a number from 0 up to 1000
    exit 64
    "##);
    insta::assert_snapshot!(vary("p.json", "scenario.billing.minimum=no"), @r##"
    error[TW4011]: no such value
     --> --vary scenario.billing.minimum=no
      got: invalid type: string "no", expected a boolean
      accepted: true or false
    exit 64
    "##);
    insta::assert_snapshot!(vary("q.jsonl", "config.risk.max_miss_probability=0.9"), @r##"
    error[TW4011]: no such value
     --> --vary config.risk.max_miss_probability=0.9
      got: out of range: 0.9
      accepted: a number above 0 up to 0.5
    exit 64
    "##);
    insta::assert_snapshot!(vary("p.json", "config.risk.concentration=40%"), @r##"
    error[TW4005]: this plans again, and a plan does not hold its whole market
      got: --vary config.risk.concentration
      help: give the queue instead of the plan; scenario keys change only the simulated world
    exit 64
    "##);
    assert!(refused(&desk, &["p.json", "--frontier", "risk"]).contains("give the queue"));
    assert!(
        refused(&desk, &["p.json", "--quotas", "none", "--vary", "scenario.hazard_factor=2"])
            .contains("not planned again")
    );
    assert!(refused(&desk, &["-", "--vary", "scenario.hazard_factor=2"]).contains("read only once"));
    let no_world = desk.run(&["whatif", "p.json", "--vary", "scenario=spot-strom"]).expect(4).error();
    assert!(no_world.contains("spot-storm"), "{no_world}");
    let twice = ["p.json", "--vary", "scenario.boot_factor=2", "--vary", "scenario.boot_factor=3"];
    assert!(refused(&desk, &twice).contains("a key is varied twice"));
    assert!(vary("p.json", "scenario.boot_factor").contains("KEY=V1,V2"));
    assert!(refused(&desk, &["p.json"]).contains("--vary"));
}

#[test]
fn outputs_are_known_before_any_work() {
    let desk = desk("whatif-outputs");
    let to = |name: &str| refused(&desk, &["p.json", "--vary", "scenario.boot_factor=2", "-o", name]);
    assert!(to("report.docx").contains(".parquet"));
    assert!(to("p.json").contains("would overwrite its input"));
    assert_eq!(desk.names(), ["p.json", "q.jsonl"]);
}

#[test]
fn a_base_that_places_nothing_is_told() {
    let desk = Desk::new("whatif-nothing");
    desk.write("q.jsonl", r#"{"id":"a","vcpus":90000,"memory":"4GiB","runtime":"1h"}"#);
    let said = desk.run(&["whatif", "q.jsonl", "--vary", "scenario.boot_factor=2"]).expect(3);
    assert!(said.stderr.contains("The base places no task") && said.stdout.is_empty(), "{said:?}");
    desk.write("none.jsonl", "");
    assert!(
        desk.run(&["whatif", "none.jsonl", "--vary", "scenario.boot_factor=2"]).expect(4).stderr.contains("TW1001")
    );
}
