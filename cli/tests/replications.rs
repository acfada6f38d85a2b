//! Replications in files: what is written is read, and a run that goes on ends as one that never stopped.

mod common;

use common::Desk;
use serde_json::Value;
use tradewind_datasets::figures::FigureTable;

/// On spot with on-demand behind it, so that replications differ in everything.
const QUEUE: &str = r#"{"id":"train","vcpus":8,"memory":"32GiB","runtime":{"p50":"8h","p95":"8h30m"},"deadline":"2024-03-31T12:00:00Z","interruptible":true,"checkpoint":{"save":"60s","restore":"90s","size":"10GiB"},"count":4,"regions":["gcp/us-central1"]}
"#;
/// More of everything that goes wrong.
const HARD: &str = r#"{"hazard_factor": 5, "runtime_factor": 1.1, "failure_probability": 0.1}"#;

fn desk(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", QUEUE);
    desk.write("hard.json", HARD);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    desk
}

fn simulate(desk: &Desk, more: &str) -> common::Ran {
    let mut arguments = vec!["simulate", "p.json", "--scenario", "hard.json"];
    arguments.extend(more.split(' '));
    desk.run(&arguments)
}

#[test]
fn every_format_says_the_same() {
    let desk = desk("replications-formats");
    let report: Value =
        serde_json::from_str(&simulate(&desk, "--trials 60 --format json -o r.json").expect(0).stdout).expect("JSON");
    simulate(&desk, "--trials 60 -o r.parquet").expect(0);
    simulate(&desk, "--trials 60 -o r.csv").expect(0);
    let whole: Value = serde_json::from_str(&desk.read("r.json")).expect("JSON");
    let rows = whole["replications"].as_array().expect("rows");
    let table =
        FigureTable::from_parquet("r", std::fs::read(desk.path("r.parquet")).expect("a file")).expect("a table");
    let csv = desk.read("r.csv");
    let header: Vec<&str> = csv.lines().next().expect("a header").split(',').collect();
    assert_eq!((rows.len(), csv.lines().count(), header.len()), (60, 61, rows[0].as_object().expect("a row").len()));
    for (name, figures) in &table.columns {
        assert!(header.contains(&name.as_str()));
        for (i, row) in rows.iter().enumerate() {
            match figures {
                tradewind_datasets::figures::Figures::Int(values) => assert_eq!(row[name], values[i]),
                tradewind_datasets::figures::Figures::Text(values) => assert_eq!(row[name], values[i]),
            }
        }
    }
    // The report is of these rows.
    let mean = |name: &str| rows.iter().map(|r| r[name].as_f64().expect("a number")).sum::<f64>() / 60.0;
    let said: f64 = report["cost"]["mean_usd"].as_str().expect("a decimal").parse().expect("a number");
    assert!((mean("cost_nano_usd") / 1e9 - said).abs() < 1e-6);
    assert_eq!(report["failures"].as_f64(), Some(mean("failures")));
    assert!(mean("missed_tasks") > 0.0 && rows.iter().any(|r| r["missed_by_job"] != "{}"));
}

#[test]
fn a_run_that_goes_on_ends_as_one_that_never_stopped() {
    let desk = desk("replications-resume");
    for name in ["r.parquet", "r.json"] {
        let whole = simulate(&desk, &format!("--trials 1500 -o whole-{name}")).expect(0).stdout;
        simulate(&desk, &format!("--trials 100 --threads 1 -o {name}")).expect(0);
        simulate(&desk, &format!("--trials 701 --threads 2 --resume -o {name}")).expect(0);
        let resumed = simulate(&desk, &format!("--trials 1500 --resume -o {name}")).expect(0).stdout;
        let bytes = |name: &str| std::fs::read(desk.path(name)).expect("a file");
        assert!(bytes(name) == bytes(&format!("whole-{name}")), "{name}");
        assert_eq!(resumed, whole, "the report is the same too");
        // Nothing is left to do, and without a file it begins.
        assert_eq!(simulate(&desk, &format!("--trials 1500 --resume -o {name}")).expect(0).stdout, whole);
    }
    simulate(&desk, "--trials 10 --resume -o new.parquet").expect(0);
}

#[test]
fn another_run_is_not_gone_on_from() {
    let desk = desk("replications-other");
    simulate(&desk, "--trials 10 -o r.json").expect(0);
    insta::assert_snapshot!(simulate(&desk, "--trials 20 -o r.json --resume --seed 7").expect(6).error(), @r"
    error[TW3010]: the replications are of another seed
     --> r.json
      got: 0
      help: leave out --resume to begin anew, or name another file with -o
    exit 6
    ");
    let plain = desk.run(&["simulate", "p.json", "--trials", "20", "-o", "r.json", "--resume"]).expect(6).error();
    insta::assert_snapshot!(plain, @r"
    error[TW3010]: the replications are of another scenario
     --> r.json
      got: another world
      help: leave out --resume to begin anew, or name another file with -o
    exit 6
    ");
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none", "--seed", "9"]).expect(0);
    assert!(simulate(&desk, "--trials 20 -o r.json --resume").expect(6).error().contains("of another plan"));
    desk.write("r.json", "{}");
    insta::assert_snapshot!(simulate(&desk, "--trials 20 -o r.json --resume").expect(4).error(), @r"
    error[TW3011]: these are no replications to go on from
     --> r.json
      got: missing field `origin` at line 1 column 2
      accepted: a file that `tradewind simulate -o` wrote
      help: leave out --resume to begin anew
    exit 4
    ");
    desk.write("r.parquet", "PAR1");
    simulate(&desk, "--trials 20 -o r.parquet --resume").expect(4);
    insta::assert_snapshot!(simulate(&desk, "--trials 20 -o r.csv --resume").expect(64).error(), @r"
    error[TW4005]: --resume cannot go on from CSV
      got: r.csv
      help: name a .parquet or .json file: they say what they were made from
    exit 64
    ");
    simulate(&desk, "--trials 20 --resume").expect(64);
    simulate(&desk, "--trials 20 -o r.txt").expect(64);
}

#[test]
fn a_file_is_as_its_schema_says() {
    let desk = desk("replications-schema");
    simulate(&desk, "--trials 5 -o r.json").expect(0);
    let path = common::root().join("docs/schema/replications.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    let mut whole: Value = serde_json::from_str(&desk.read("r.json")).expect("JSON");
    let errors: Vec<String> = validator.iter_errors(&whole).map(|e| format!("{e} at {}", e.instance_path)).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    whole["replications"][0]["cost"] = Value::from(1);
    assert!(!validator.is_valid(&whole), "the schema is closed");
}
