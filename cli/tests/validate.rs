//! `tradewind bench validate`: what people and programs see.

mod common;

use common::{Desk, root};
use serde_json::{Value, json};

/// On spot and on demand, so that a plan has parts.
const QUEUE: &str = r#"{"id":"a","vcpus":8,"memory":"32GiB","runtime":"5h","interruptible":true,"count":6,"clouds":["gcp"]}
{"id":"b","vcpus":4,"memory":"16GiB","runtime":"2h","count":2}
"#;
/// Few worlds: how often intervals hold is measured by hand (docs/decisions/0023-honest-intervals.md).
const FEW: [&str; 8] =
    ["bench", "validate", "p.json", "--scenarios=40", "--sample=39", "--until-ci=5%", "--seed=3", "--format"];

/// A desk with a plan on it.
fn planned(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", QUEUE);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    desk
}

#[test]
fn what_is_known_as_text() {
    let desk = planned("validate-text");
    let text = desk.run(&[&FEW[..], &["table"]].concat()).expect(0).stdout;
    insta::assert_snapshot!(text, @r"
    9 of 9 closed forms lie in the simulation's 99 % interval, 5.0 % wide to either side at most
    270 replications, seed 3, philox4x32-10.

    Checks
      check                             closed form  simulated  99 % +-    off by  replications  verdict
      --------------------------------  -----------  ---------  -------  --------  ------------  -------
      wait of M/M/1                         1.50000    1.49732  0.01799  -0.179 %            30  inside
      wait of M/M/2                         0.56250    0.56104  0.00791  -0.260 %            30  inside
      wait of M/G/1                         0.96302    0.96260  0.00966  -0.044 %            30  inside
      number in M/M/1                       1.50000    1.49854  0.01292  -0.097 %            30  inside
      busy servers of M/M/2                 1.20000    1.19979  0.00306  -0.017 %            30  inside
      checkpoints, restore                  1.32865    1.32837  0.00191  -0.021 %            30  inside
      interruptible
      checkpoints, restore safe             1.32429    1.32420  0.00188  -0.007 %            30  inside
      availability                          0.75000    0.74997  0.00093  -0.004 %            30  inside
      billed share of time                  0.54966    0.55041  0.00178  +0.136 %            30  inside

    Models
      - wait of M/M/1: load 0.6; in mean services. Closed form: load / (1 - load).
      - wait of M/M/2: load 1.2; in mean services. Closed form: Erlang C / (2 - load).
      - wait of M/G/1: load 0.6, service lognormal with sigma 0.5; in mean services. Closed form:
        Pollaczek and Khinchine.
      - number in M/M/1: load 0.6; average over time. Closed form: Little: rate x time in the station.
      - busy servers of M/M/2: load 1.2; average over time. Closed form: utilisation law: rate x mean
        service.
      - checkpoints, restore interruptible: every 15m, save 1m, restore 5m, MTBF 1h; wall time over
        useful time. Closed form: Daly 2006.
      - checkpoints, restore safe: every 15m, save 1m, restore 5m, MTBF 1h; wall time over useful time.
        Closed form: Poisson interruptions, as tradewind plans.
      - availability: up lognormal mean 3h, down lognormal mean 1h. Closed form: alternating renewal: up
        / (up + down).
      - billed share of time: lives of two phases, 0.59h (74 %) and 9.7h, first hour free; down 2h.
        Closed form: renewal reward: bill / turn.

    Intervals of a plan
      - The 95 % interval of a plan's cost holds the truth in 90.0 % of 40 worlds (76.3 % to 97.2 %)
      - Held as they should: 92.0 % to 98.0 %.

    By what the truth is made of
      truth              worlds     held  missed tasks held  mean cost over the foreseen median
      -----------------  ------  -------  -----------------  ----------------------------------
      real traces            20  100.0 %            100.0 %                               9.760
      semi-Markov pools      10   90.0 %            100.0 %                               0.850
      shocks                 10   70.0 %            100.0 %                               0.842
    ");
    assert!(text.lines().all(|l| l.chars().count() <= 100), "{text}");
}

#[test]
fn closed_forms_as_the_schema_says() {
    let desk = planned("validate-json");
    let text = desk.run(&[&FEW[..], &["json"]].concat()).expect(0).stdout;
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let validator = schema("validate");
    for (validator, found) in [(&validator, &report), (&schema("calibration"), &report["calibration"])] {
        let errors: Vec<String> = validator.iter_errors(found).map(|e| format!("{e} at {}", e.instance_path)).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    assert_eq!(report["calibration"]["scenarios"], json!(40));
    assert_eq!((&report["all_inside"], report["rows"].as_array().map(Vec::len)), (&json!(true), Some(9)));
    let mut wrong = report.clone();
    wrong["rows"][0]["insid"] = json!(true);
    assert!(!validator.is_valid(&wrong), "the schema is closed");
}

fn schema(name: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(root().join(format!("docs/schema/{name}.schema.json"))).expect("a schema");
    jsonschema::validator_for(&serde_json::from_str(&text).expect("JSON")).expect("a sound schema")
}

#[test]
fn widths_have_limits() {
    let desk = Desk::new("validate-usage");
    let error = desk.run(&["bench", "validate", "--until-ci", "0.001%"]).expect(64).error();
    insta::assert_snapshot!(error, @r"
    error[TW4005]: invalid value '0.001%' for '--until-ci <SHARE>': write a share from 0.05% to 5%

    For more information, try '--help'.
    exit 64
    ");
}
