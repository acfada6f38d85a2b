//! A plan simulated: what it says of itself beside what happens.

mod common;

use common::Desk;
use serde_json::{Value, json};

/// On demand, no spread: nothing is left to chance but boots.
const CERTAIN: &str = r#"{"id":"fixed","vcpus":8,"memory":"32GiB","runtime":"2h","count":4,"disk":"50GiB"}
"#;
/// On spot with on-demand behind it: gcp takes back 10 % of its nodes a day.
const TIGHT: &str = r#"{"id":"train","vcpus":8,"memory":"32GiB","runtime":"8h","deadline":"2024-03-31T09:10:00Z","interruptible":true,"max_miss_probability":0.001,"checkpoint":{"save":"60s","restore":"90s","size":"10GiB"},"count":4,"regions":["gcp/us-central1"]}
"#;

fn planned(name: &str, queue: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", queue);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    desk
}

fn simulated(desk: &Desk, more: &[&str]) -> Value {
    let mut arguments = vec!["simulate", "p.json", "--format", "json"];
    arguments.extend(more);
    serde_json::from_str(&desk.run(&arguments).expect(0).stdout).expect("JSON")
}

fn usd(value: &Value) -> f64 {
    value.as_str().expect("a decimal").parse().expect("a number")
}

#[test]
fn what_is_certain_costs_what_the_plan_says() {
    let desk = planned("simulate-certain", CERTAIN);
    let report = simulated(&desk, &["--trials", "2000"]);
    let (mean, planned) = (usd(&report["cost"]["mean_usd"]), usd(&report["cost"]["planned_usd"]));
    // A node that boots early waits and one that boots late holds its tasks up: a little dearer than planned.
    let error = usd(&report["cost"]["half_width_usd"]) / 1.96;
    assert!(mean >= planned - 4.0 * error && mean <= 1.003 * planned, "{mean} against {planned} +/- {error}");
    assert_eq!(report["interruptions"], json!(0.0));
    assert_eq!(report["any_miss"], json!(0.0));
}

#[test]
fn a_fallback_happens_as_often_as_the_plan_says_and_keeps_the_deadline() {
    let desk = planned("simulate-fallback", TIGHT);
    let plan: Value = serde_json::from_str(&desk.read("p.json")).expect("JSON");
    let placements = plan["placements"].as_array().expect("a list");
    let tasks = |p: &Value| p["tasks"][1].as_f64().expect("a number") - p["tasks"][0].as_f64().expect("a number") + 1.0;
    let said: f64 =
        placements.iter().map(|p| p["fallback"]["probability"].as_f64().expect("a number") * tasks(p)).sum();
    let trials = 20_000.0;
    let report = simulated(&desk, &["--trials", "20000"]);
    let moved = report["moved"].as_f64().expect("a number");
    // Tasks share nodes and so their luck: four to a node at most. The plan rounds up, and counts no
    // interruption while a node boots.
    let error = (said * 4.0 / trials).sqrt();
    assert!((moved - said).abs() <= 4.0 * error + 0.25 * said, "{moved} moved, planned {said} +/- {error}");
    assert_eq!(report["any_miss"], json!(0.0), "runtime is fixed: on-demand is always in time");
}

#[test]
fn the_same_bytes_at_any_number_of_threads() {
    let desk = planned("simulate-threads", TIGHT);
    let of = |threads: &str| {
        desk.run(&["simulate", "p.json", "--trials", "500", "--format", "json", "--threads", threads]).expect(0).stdout
    };
    assert_eq!(of("1"), of("2"));
    assert_ne!(of("1"), desk.run(&["simulate", "p.json", "--trials", "500", "--format", "json", "--seed", "1"]).stdout);
    // As many replications as asked for are those that came first.
    let narrow = simulated(&desk, &["--until-ci", "1%"]);
    assert!(narrow["trials"].as_u64().expect("a number") >= 32);
    let width = usd(&narrow["cost"]["half_width_usd"]) / usd(&narrow["cost"]["mean_usd"]);
    assert!(width <= 0.01, "{width}");
}

#[test]
fn a_scenario_changes_the_world() {
    let desk = planned("simulate-scenario", TIGHT);
    let base = simulated(&desk, &["--trials", "2000"]);
    let with = |scenario: Value| {
        desk.write("s.json", scenario.to_string());
        simulated(&desk, &["--trials", "2000", "--scenario", "s.json"])
    };
    let calm = with(json!({"hazard_factor": 0.0}));
    assert_eq!((&calm["interruptions"], &calm["moved"]), (&json!(0.0), &json!(0.0)));
    let wild = with(json!({"hazard_factor": 10.0}));
    let rate = |r: &Value| r["interruptions"].as_f64().expect("a number");
    assert!(rate(&wild) > 6.0 * rate(&base), "{} against {}", rate(&wild), rate(&base));
    let dear = with(json!({"spot_price_factor": 2.0}));
    assert!(usd(&dear["cost"]["mean_usd"]) > 1.8 * usd(&base["cost"]["mean_usd"]));
    let free = with(json!({"billing": {"address": false}}));
    assert!(usd(&free["cost"]["mean_usd"]) < usd(&base["cost"]["mean_usd"]));
    let outage = json!({"place": "gcp/us-central1", "start": "2024-03-31T02:00:00Z", "end": "2024-03-31T03:00:00Z"});
    let out = with(json!({"outages": [outage]}));
    assert_eq!(out["any_miss"], json!(1.0), "an hour without its region is more than the slack");
    let typo = json!({"place": "gcp/us-centrall", "start": "2024-03-31T02:00:00Z", "end": "2024-03-31T03:00:00Z"});
    desk.write("s.json", json!({"outages": [typo]}).to_string());
    let said = desk.run(&["simulate", "p.json", "--trials", "10", "--scenario", "s.json"]).expect(0).stderr;
    assert!(said.contains("gcp/us-centrall") && said.contains("changes nothing"), "{said}");
}

#[test]
fn a_timeline_shows_every_task_to_its_end() {
    let desk = planned("simulate-trace", TIGHT);
    desk.run(&["simulate", "p.json", "--trials", "1", "--trace", "t.json"]).expect(0);
    let trace: Value = serde_json::from_str(&desk.read("t.json")).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("a list");
    let of = |kind: &str| events.iter().filter(|e| e["cat"] == kind).collect::<Vec<_>>();
    let ended = of("task").into_iter().filter(|e| e["args"]["cut"] == json!(false)).count();
    assert_eq!(ended, 4, "{trace}");
    assert!(!of("node").is_empty() && events.iter().all(|e| e["ph"] == "M" || e["dur"].as_i64() >= Some(0)), "{trace}");
}

#[test]
fn the_schema_has_the_fields_of_a_scenario() {
    let path = common::root().join("docs/schema/scenario.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON");
    let world = serde_json::to_value(tradewind_sim::plan::World::default()).expect("JSON");
    let keys = |v: &Value| v.as_object().expect("an object").keys().cloned().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(keys(&schema["properties"]), keys(&world));
    assert_eq!(keys(&schema["properties"]["billing"]["properties"]), keys(&world["billing"]));
    assert_eq!(keys(&schema["properties"]["retry"]["properties"]), keys(&world["retry"]));
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    assert!(validator.is_valid(&world));
    for (field, item) in ITEMS {
        let item: Value = serde_json::from_str(item).expect("JSON");
        let described = &schema["properties"][field]["items"];
        assert_eq!(keys(&described["properties"]), keys(&item), "{field}");
        assert_eq!(described["additionalProperties"], json!(false), "{field} is closed");
        let scenario = json!({field: [item]});
        assert!(validator.is_valid(&scenario), "{field}");
        let read: tradewind_sim::plan::World = serde_json::from_value(scenario).expect("a world");
        assert_eq!(read.problem(), None, "{field}");
        assert!(validator.is_valid(&serde_json::to_value(read).expect("JSON")), "{field} as written");
    }
}

/// Every field of an item of each list.
const ITEMS: [(&str, &str); 5] = [
    ("outages", r#"{"place": "busiest-region", "start": "+1h", "end": "2026-11-22T18:00:00Z"}"#),
    (
        "shortages",
        r#"{"offers": {"clouds": ["aws"], "capacity": "spot"}, "each": "pool", "hazard_in_plenty": 0.5, "hazard_in_tight": 5,
            "loses": 0.5, "refuses": 1, "when": {"random": {"plenty_hours": 9, "tight_hours": 3, "sigma": 1}}}"#,
    ),
    ("launch_rates", r#"{"offers": {}, "each": "cloud", "per_minute": 120, "burst": 1000}"#),
    ("price_paths", r#"{"offers": {}, "each": "zone", "course": {"daily": [0.02, -0.01]}}"#),
    ("quota_cuts", r#"{"offers": {}, "each": "everything", "start": "+1h", "end": "+2h", "nodes": 3, "vcpus": 9}"#),
];

/// Every ready-made scenario is as the schema says, makes sense, and changes what comes out.
#[test]
fn ready_made_scenarios_are_worlds_of_their_own() {
    let schema: Value = serde_json::from_str(
        &std::fs::read_to_string(common::root().join("docs/schema/scenario.schema.json")).expect("a schema"),
    )
    .expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    let desk = planned("simulate-ready-made", &format!("{CERTAIN}{TIGHT}"));
    let plain = desk.run(&["simulate", "p.json", "--trials", "200", "--format", "json"]).expect(0).stdout;
    let readme = std::fs::read_to_string(common::root().join("datasets/scenarios/README.md")).expect("a page");
    for s in tradewind_datasets::scenarios::SCENARIOS {
        let json: Value = serde_json::from_str(s.json).expect("JSON");
        assert!(validator.is_valid(&json), "{}", s.name);
        let world: tradewind_sim::plan::World = serde_json::from_value(json).expect("a world");
        assert!(world.problem().is_none() && world != Default::default(), "{}", s.name);
        assert!(readme.contains(&format!("| `{}` |", s.name)), "{} is described", s.name);
        let run =
            desk.run(&["simulate", "p.json", "--trials", "200", "--format", "json", "--scenario", s.name]).expect(0);
        // Some nodes in one region for some hours are few: these bite on no plan as small, or not on this cloud.
        let spares =
            ["launch-limits", "quota-cut", "price-drift", "aws-per-launch", "azure-per-hour"].contains(&s.name);
        assert!(spares || run.stdout != plain, "{} changes nothing", s.name);
    }
    let help = desk.run(&["simulate", "--help"]).expect(0).stdout;
    assert!(tradewind_datasets::scenarios::SCENARIOS.iter().all(|s| help.contains(s.about)), "{help}");
    insta::assert_snapshot!(desk.run(&["simulate", "p.json", "--scenario", "spot-strom"]).expect(4).error(), @r#"
    error[TW1000]: the file cannot be read
     --> spot-strom
      got: No such file or directory (os error 2)
      help: did you mean "spot-storm"?
    exit 4
    "#);
    insta::assert_snapshot!(desk.run(&["simulate", "p.json", "--scenario", "doom"]).expect(4).error(), @r"
    error[TW1000]: the file cannot be read
     --> doom
      got: No such file or directory (os error 2)
      accepted: a file, or one of aws-per-launch, azure-per-hour, capacity-drought, flaky-jobs, launch-limits, price-drift, price-shock, quota-cut, region-outage, replayed-v100, slow-start, spot-storm
      help: check the path and its permissions
    exit 4
    ");
}

#[test]
fn a_scenario_that_makes_no_sense_is_refused() {
    let desk = planned("simulate-bad", CERTAIN);
    let said = |scenario: &str| {
        desk.write("s.json", scenario);
        desk.run(&["simulate", "p.json", "--scenario", "s.json"]).expect(4).error()
    };
    insta::assert_snapshot!(said(r#"{"hazard_facto": 2}"#), @r#"
    error[TW4010]: the scenario makes no sense
     --> s.json:1:15
      got: unknown word "hazard_facto"
      accepted: hazard_factor, boot_factor, runtime_factor, staging_factor, spot_price_factor, on_demand_price_factor, life_shape, failure_probability, outages, shortages, launch_rates, price_paths, quota_cuts, retry, billing
      help: did you mean "hazard_factor"?
    exit 4
    "#);
    insta::assert_snapshot!(said(r#"{"hazard_factor": -2}"#), @r##"
    error[TW4010]: the scenario makes no sense
     --> s.json at /hazard_factor
      got: -2 is not between 0 and 1000
    exit 4
    "##);
    insta::assert_snapshot!(said(r#"{"shortages": [{}, {"when": {"random": {"plenty_hours": -1, "tight_hours": 2}}}]}"#), @r"
    error[TW4010]: the scenario makes no sense
     --> s.json at /shortages/1/when/random/plenty_hours
      got: -1 is not between 0.01 and 876600
    exit 4
    ");
    assert!(said("{").contains("TW4010"));
    desk.run(&["simulate", "p.json", "--until-ci", "0%"]).expect(64);
    desk.run(&["simulate", "p.json", "--trials", "0"]).expect(64);
}

#[test]
fn a_page_for_people() {
    let desk = planned("simulate-page", CERTAIN);
    let text = desk.run(&["simulate", "p.json", "--trials", "100"]).expect(0).stdout;
    assert!(text.lines().all(|l| l.chars().count() <= 100), "{text}");
    assert!(text.starts_with("100 replications of the plan: USD "), "{text}");
    for format in ["md", "html", "csv"] {
        assert!(!desk.run(&["simulate", "p.json", "--trials", "100", "--format", format]).expect(0).stdout.is_empty());
    }
}

#[test]
fn a_miss_that_no_replication_sees_has_a_probability() {
    let queue = r#"{"id":"late","vcpus":8,"memory":"32GiB","runtime":{"p50":"1h","p95":"80m"},"deadline":"2024-03-31T02:10:00Z","max_miss_probability":0.01}
{"id":"whenever","vcpus":8,"memory":"32GiB","runtime":"1h"}
"#;
    let desk = planned("simulate-rare", queue);
    let of = |threads| simulated(&desk, &["--trials", "200", "--rare", "5", "--threads", threads]);
    let report = of("1");
    assert_eq!(report, of("2"));
    assert_eq!(report["any_miss"], json!(0.0));
    let rare = report["rare"].as_array().expect("rare misses");
    assert_eq!(rare.len(), 1, "one job has a deadline");
    let (found, planned) = (rare[0]["probability"].as_f64(), rare[0]["planned"].as_f64());
    let (found, planned) = (found.expect("a number"), planned.expect("a number"));
    assert!(found > 0.0 && found < 1e-2 && found <= 1.2 * planned, "{rare:?}");
    let refused = desk.run(&["simulate", "p.json", "--rare-job", "whenever"]).expect(4).error();
    insta::assert_snapshot!(refused, @r#"
    error[TW4050]: no such job can miss a deadline
     --> p.json
      got: "whenever"
      accepted: a job that the plan places and that has a deadline
      help: the plan does not place it, or it has no deadline
    exit 4
    "#);
    let refused = desk.run(&["simulate", "p.json", "--rare-job", "lat"]).expect(4).error();
    insta::assert_snapshot!(refused, @r#"
    error[TW4050]: no such job can miss a deadline
     --> p.json
      got: "lat"
      accepted: a job that the plan places and that has a deadline
      help: did you mean "late"?
    exit 4
    "#);
}
