//! `docs/schema` says what we read and write.

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{Desk, JOB, root};
use serde_json::{Value, json};
use tradewind_core::notice::OnInterruption;
use tradewind_datasets::queue::{self, FIELDS, Format, Options};

fn schema(name: &str) -> Value {
    let path = root().join("docs/schema").join(name);
    serde_json::from_str(&fs::read_to_string(path).expect("a schema")).expect("JSON")
}

/// The property names of the object at a pointer of fields, `-` being any item of a list.
fn properties(schema: &Value, pointer: &str) -> BTreeSet<String> {
    let mut at = schema;
    for step in pointer.split('/').skip(1) {
        at = if step == "-" { &at["items"] } else { &at["properties"][step] };
        if let (true, Some(any)) = (at["properties"].is_null(), at["anyOf"].as_array()) {
            at = any.iter().find(|s| s["type"] == "object").expect("an object among the choices");
        }
    }
    assert_eq!(at["additionalProperties"], json!(false), "{pointer} is closed");
    at["properties"].as_object().expect("properties").keys().cloned().collect()
}

#[test]
fn the_job_schema_has_the_fields_of_the_reader() {
    let schema = schema("job.schema.json");
    for (pointer, fields) in FIELDS {
        let read: BTreeSet<String> = fields.iter().map(|f| (*f).to_owned()).collect();
        assert_eq!(properties(&schema, pointer), read, "at {pointer:?}");
    }
}

/// The example of the design, word for word.
const EXAMPLE: &str = r#"{"id":"train-017","project":"vision","count":1,"nodes":1,
 "vcpus":8,"memory":"32GiB","gpu":{"model":"A100","count":1,"alternatives":{"H100":2.1,"L4":0.35}},"disk":"100GiB","arch":["x86_64"],"burstable":false,
 "runtime":{"p50":"3h","p95":"4h"},
 "submit":"2026-11-22T00:00:00Z","earliest_start":"2026-11-22T18:00:00Z","deadline":"2026-11-23T06:00:00Z","max_miss_probability":0.01,
 "inputs":[{"dataset":"imagenet","location":"aws/us-east-1","size":"150GiB"}],"outputs":[{"location":"aws/us-east-1","size":"2GiB"}],
 "residency":["EU"],"clouds":["aws","gcp"],"regions":["aws/eu-west-1"],
 "interruptible":true,"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"40GiB"},
 "priority":50,"budget_usd":"20.00","max_price_usd_per_hour":"3.00","depends_on":["prep-017"],"max_attempts":5,
 "labels":{"team":"cv"},"image":"registry/train:1","command":["python","train.py"]}"#;

/// Reader and schema agree on a line, as far as a schema can tell.
#[test]
fn the_reader_and_the_schema_agree() {
    let validator = jsonschema::validator_for(&schema("job.schema.json")).expect("a sound schema");
    let example: Value = serde_json::from_str(EXAMPLE).expect("JSON");
    assert!(validator.is_valid(&example));
    let base = || serde_json::from_str::<Value>(JOB).expect("JSON");
    let cases = [
        ("vcpus", json!(0.5), true),
        ("vcpus", json!(0), false),
        ("vcpus", json!("2"), false),
        ("memory", json!("16"), false),
        ("memory", json!("16G"), false),
        ("memory", json!("1.5GiB"), true),
        ("memory", json!(16), false),
        ("runtime", json!({"p50": "1h", "p95": "2h"}), true),
        ("runtime", json!({"p50": "1h"}), false),
        ("runtime", json!("90"), false),
        ("runtime", json!("1h30m"), true),
        ("deadline", json!("2026-11-23T06:00:00Z"), true),
        ("deadline", json!("2026-11-23T06:00:00+01:00"), true),
        ("deadline", json!("2026-11-23T06:00:00"), false),
        ("deadline", json!(null), false),
        ("gpu", json!({"model": "A100"}), true),
        ("gpu", json!({"count": 1}), false),
        ("gpu", json!({"model": "A100", "count": 0.5}), false),
        ("arch", json!([]), false),
        ("arch", json!(["x86"]), false),
        ("priority", json!(101), false),
        ("budget_usd", json!(20), false),
        ("budget_usd", json!("20.50"), true),
        ("checkpoint", json!({"interval": "auto", "save": "1s", "restore": "1s", "size": "1GB"}), true),
        ("checkpoint", json!({"save": "1s", "restore": "1s"}), false),
        ("outputs", json!([{"location": "us-east-1", "size": "1GB"}]), false),
        ("count", json!(0), false),
        ("max_miss_probability", json!(0.6), false),
        ("project", json!("=1"), false),
        ("project", json!("a..b"), false),
        ("deadlne", json!("2026-11-23T06:00:00Z"), false),
    ];
    for (field, value, sound) in cases {
        let mut job = base();
        job[field] = value.clone();
        assert_eq!(validator.is_valid(&job), sound, "schema: {field} = {value}");
        let read = queue::read("q", job.to_string().as_bytes(), Format::JsonLines, &Options::default());
        assert_eq!(read.is_ok(), sound, "reader: {field} = {value}: {read:?}");
    }
}

#[test]
fn the_demo_queue_is_valid_and_as_generated() {
    let validator = jsonschema::validator_for(&schema("job.schema.json")).expect("a sound schema");
    let committed = include_str!("../demo/queue.jsonl");
    for line in committed.lines() {
        let job: Value = serde_json::from_str(line).expect("JSON");
        assert!(validator.is_valid(&job), "{line}");
    }
    let generated: String = generator::lines().iter().map(|l| format!("{l}\n")).collect();
    assert!(committed == generated, "run the example demo_queue again, see cli/demo/README.md");
}

#[path = "../examples/demo_queue.rs"]
#[allow(dead_code)]
mod generator;

/// That a closed schema has exactly the keys of a reader.
fn has_the_keys(schema: &Value, keys: keys::Keys) {
    for (table, keys) in keys {
        let pointer = if table.is_empty() { String::new() } else { format!("/{table}") };
        let read: BTreeSet<String> = keys.iter().map(|k| (*k).to_owned()).collect();
        assert_eq!(properties(schema, &pointer), read, "at {table:?}");
    }
}

fn toml(text: &str) -> Value {
    let table: toml::Table = text.parse().expect("TOML");
    serde_json::to_value(table).expect("JSON")
}

#[test]
fn the_config_schema_has_the_keys_of_the_reader() {
    let schema = schema("config.schema.json");
    has_the_keys(&schema, keys::KEYS);
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    for sound in [include_str!("../demo/tradewind.toml"), include_str!("../demo/tradewind-full.toml")] {
        let errors: Vec<String> = validator.iter_errors(&toml(sound)).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    for wrong in [
        "[settings]\nmemroy = \"nominal\"",
        "[[discount]]\nname = \"a\"",
        "[[discount]]\nname = \"a\"\npercent = \"100.5%\"",
        "[[discount]]\nname = \"a\"\npercent = \"5%\"\nfamilies = [\"m*i\"]",
        "[[commitment]]\nname = \"a\"\npercent = \"5%\"\nusd_per_hour = \"0.0001\"",
        "[[commitment]]\nname = \"a\"\npercent = \"5%\"\nusd_per_hour = \"1\"\ncapacity = \"spot\"",
        "[egress]\nprogramme = \"eu-at-cost\"",
        "[egress]\nprogramme = \"gcp-dte\"\nusd_per_gb = \"0.01\"",
        "policy = []",
    ] {
        assert!(!validator.is_valid(&toml(wrong)), "{wrong}");
    }
}

#[test]
fn the_policy_schema_has_the_keys_of_the_reader() {
    let schema = schema("policy.schema.json");
    has_the_keys(&schema, keys::POLICY_KEYS);
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    assert!(validator.is_valid(&toml(include_str!("../demo/policy.toml"))));
    for wrong in ["", "[[rule]]\nid = \"a\"\ntext = \"b\"", "[[rule]]\nid = \"a\"\ntext = \"b\"\ndeny = {}"] {
        assert!(!validator.is_valid(&toml(wrong)), "{wrong}");
    }
}

#[path = "../src/config/keys.rs"]
mod keys;

/// Two jobs, one of them impossible, so that both halves of a plan are in the file; discounts, a
/// commitment and a policy that it rests on.
#[test]
fn a_plan_is_as_its_schema_says() {
    let desk = Desk::new("schema-plan");
    let deadline = r#""deadline":"2024-04-01T12:00:00Z","interruptible":true"#;
    let data = r#""inputs":[{"dataset":"d","location":"aws/us-east-1","size":"1GB"}],"outputs":[{"location":"gcp/europe-west4","size":"1GB"}]"#;
    let possible = format!(
        r#"{{"id":"a","project":"p","vcpus":2,"memory":"4GiB","runtime":"1h",{deadline},{data},"checkpoint":{{"save":"1s","restore":"1s","size":"1GiB"}}}}"#
    );
    let impossible = r#"{"id":"b","vcpus":90000,"memory":"4GiB","runtime":"1h"}"#;
    desk.write("q.jsonl", format!("{possible}\n{impossible}\n"));
    let contract = "policy = ['policy.toml']\n[risk]\nconcentration = '40%'\n[budgets]\np = '10.00'\n[egress]\nprogramme = 'gcp-dte'\n\
                    [[discount]]\nname = 'd'\npercent = '5%'\n[[commitment]]\nname = 'c'\nusd_per_hour = '1'\n\
                    percent = '5%'\nstarts = '2024-01-01T00:00:00Z'\nclouds = ['gcp']";
    desk.write("tradewind.toml", contract);
    let rule = "[[rule]]\nid = 'r'\ntext = 't'\nwhen = { projects = ['p'], priorities = [0, 100] }\n";
    let sides = "allow = { clouds = ['gcp'], max_usd_per_hour = '5' }\ndeny = { families = ['n1'], capacity = 'spot' }";
    desk.write("policy.toml", format!("{rule}{sides}"));
    desk.run(&["plan", "q.jsonl", "-o", "plan.json", "--config", "tradewind.toml"]).expect(0);
    let plan: Value = serde_json::from_str(&desk.read("plan.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema("plan.schema.json")).expect("a sound schema");
    let errors: Vec<String> = validator.iter_errors(&plan).map(|e| format!("{} at {}", e, e.instance_path)).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(plan["unplaced"][0]["job"], json!("b"));
    assert_eq!(plan["allocations"][0]["commitment"], json!("c"));
    assert_eq!(
        (&plan["market"]["discounts"][0]["name"], &plan["rules"]["policies"][0]["id"]),
        (&json!("d"), &json!("r"))
    );
    assert!(!plan["placements"].as_array().expect("a list").is_empty());
    let mut wrong = plan.clone();
    wrong["summary"]["cost"] = json!(1);
    assert!(!validator.is_valid(&wrong), "the schema is closed");
}

/// An arm, one that places nothing, and a frontier.
#[test]
fn a_what_if_is_as_its_schema_says() {
    let desk = Desk::new("schema-whatif");
    let job = JOB.replace('}', r#","project":"p","deadline":"2024-03-31T12:00:00Z","interruptible":true}"#);
    desk.write("q.jsonl", format!("{job}\n"));
    let vary = ["--vary", "scenario.hazard_factor=2", "--vary", "config.budgets.p=0.0001"];
    let more = ["--frontier", "risk=0.1,0.01", "--trials", "50", "--format", "json"];
    let printed = desk.run(&[&["whatif", "q.jsonl"][..], &vary, &more].concat()).expect(0);
    let report: Value = serde_json::from_str(&printed.stdout).expect("JSON");
    let validator = jsonschema::validator_for(&schema("whatif.schema.json")).expect("a sound schema");
    let errors: Vec<String> = validator.iter_errors(&report).map(|e| format!("{} at {}", e, e.instance_path)).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(report["arms"][1]["compared"], json!(null), "nothing costs so little");
    assert_eq!(report["frontier"].as_array().map(Vec::len), Some(3));
    let mut wrong = report.clone();
    wrong["base"]["cost"]["mean_usd"] = json!(1);
    assert!(!validator.is_valid(&wrong), "money is a string");
}

/// A first night, one after it, and the file in which it is kept.
#[test]
fn a_night_is_as_its_schema_says() {
    let desk = Desk::new("schema-night");
    let job = JOB.replace('}', r#","project":"p","earliest_start":"2024-03-31T00:00:00Z","interruptible":true}"#);
    desk.write("q.jsonl", format!("{job}\n")).write("c.toml", "[budgets]\np = \"5.00\"\n");
    let validators = ["nightly.schema.json", "night.schema.json", "diff.schema.json"]
        .map(|name| jsonschema::validator_for(&schema(name)).expect("a sound schema"));
    let expect = |which: usize, value: &Value| {
        let errors: Vec<String> =
            validators[which].iter_errors(value).map(|e| format!("{e} at {}", e.instance_path)).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    };
    for (night, code) in [("2024-03-29", 2), ("2024-03-30", 0)] {
        let flags = ["--config", "c.toml", "--state", "s", "--world", ".", "--format", "json", "--as-of", night];
        let printed = desk.run(&[&["reevaluate", "q.jsonl"][..], &flags].concat()).expect(code);
        let report: Value = serde_json::from_str(&printed.stdout).expect("JSON");
        expect(0, &report);
        let kept: Value = serde_json::from_str(&desk.read(&format!("s/nights/{night}.00.json"))).expect("JSON");
        expect(1, &kept);
        assert_eq!(kept["report"], report);
        if night == "2024-03-30" {
            expect(2, &report["changes"]);
            assert_eq!(report["regret"]["regret_usd"], json!("0.00"));
        }
        let mut wrong = report.clone();
        wrong["plan"]["cost_usd"] = json!(1);
        assert!(!validators[0].is_valid(&wrong), "money is a string");
    }
}

#[test]
fn the_plan_schema_has_every_word_of_an_interruption() {
    let words = [OnInterruption::AtNotice, OnInterruption::LastPeriodic, OnInterruption::Restart];
    let placement = &schema("plan.schema.json")["properties"]["placements"]["items"];
    assert_eq!(placement["properties"]["on_interruption"]["enum"], json!(words));
}

/// Two plans that differ in everything a comparison can tell.
#[test]
fn a_comparison_is_as_its_schema_says() {
    let desk = Desk::new("schema-diff");
    let data = r#""interruptible":true,"inputs":[{"dataset":"d","location":"aws/us-east-1","size":"1GB"}],"regions":["aws/us-west-2"]"#;
    let (big, staged) = (JOB.replace("\"vcpus\":2", "\"vcpus\":90000"), JOB.replace('}', &format!(",{data}}}")));
    desk.write("old.jsonl", format!("{JOB}\n{}\n", big.replace("\"a\"", "\"b\"")));
    desk.write("new.jsonl", format!("{staged}\n{}\n", JOB.replace("\"a\"", "\"c\"")));
    desk.run(&["plan", "old.jsonl", "-o", "old.json"]).expect(0);
    let printed = desk.run(&["plan", "new.jsonl", "--diff", "old.json", "--format", "json", "--seed", "1"]).expect(0);
    let diff: Value = serde_json::from_str(&printed.stdout).expect("JSON");
    let validator = jsonschema::validator_for(&schema("diff.schema.json")).expect("a sound schema");
    let errors: Vec<String> = validator.iter_errors(&diff).map(|e| format!("{} at {}", e, e.instance_path)).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for list in ["causes", "jobs", "stagings", "inputs", "queue"] {
        assert!(!diff[list].as_array().expect("a list").is_empty(), "{list} is tried");
    }
    assert_eq!(diff["has_changes"], json!(true));
    let mut wrong = diff.clone();
    wrong["comparable"]["usd"]["old"] = json!(1);
    assert!(!validator.is_valid(&wrong), "money is a string");
}

#[test]
fn worlds_and_audit_logs_are_as_their_schemas_say() {
    let desk = Desk::new("schema-mcp");
    let launch = r#"{"region":"us-east-1","instance_type":"m5.large","idempotency_key":"k","owner":"me","ttl_s":3600,"epoch":1,"decision":"a/0/0/launch"}"#;
    let on = |arguments: &[&str]| desk.run(&[arguments, &["--cloud", "aws", "--world", "w"]].concat()).expect(0);
    on(&["mcp", "call", "provision_compute", "--args", launch]);
    on(&["mcp", "call", "get_quotas"]);
    let entry = jsonschema::validator_for(&schema("audit.schema.json")).expect("a sound schema");
    for line in desk.read("w/aws/audit.jsonl").lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        assert!(entry.is_valid(&line), "{line}");
    }
    // The validator of tests fetches nothing: the reference to the faults, tried below, is taken out.
    let mut world = schema("world.schema.json");
    world["properties"]["faults"]["items"] = json!({});
    let world = jsonschema::validator_for(&world).expect("a sound schema");
    let kept: Value = serde_json::from_str(&desk.read("w/aws/world.json")).expect("JSON");
    let errors: Vec<String> = world.iter_errors(&kept).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_call_that_waits_is_as_its_schema_says() {
    let desk = Desk::new("schema-approval");
    let arguments = r#"{"secret":"db","version":"1","state":"absent","idempotency_key":"k","owner":"me","ttl_s":60,
        "epoch":1,"decision":"a/0/0/rotate"}"#;
    desk.run(&["mcp", "call", "rotate_secret", "--args", arguments, "--cloud", "aws", "--world", "w"]).expect(5);
    let asked =
        std::fs::read_dir(desk.path("w/aws/approvals/asked")).expect("a folder").flatten().next().expect("a file");
    let asked: Value = serde_json::from_slice(&std::fs::read(asked.path()).expect("a file")).expect("JSON");
    let validator = jsonschema::validator_for(&schema("approval.schema.json")).expect("a sound schema");
    let faults: Vec<String> = validator.iter_errors(&asked).map(|e| e.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?} in {asked}");
}

/// Reader and schema agree on every kind of fault.
#[test]
fn the_fault_schema_and_its_reader_agree() {
    let validator = jsonschema::validator_for(&schema("fault.schema.json")).expect("a sound schema");
    let cases = [
        (json!({"kind": "capacity", "left": 3}), true),
        (json!({"kind": "capacity"}), false),
        (json!({"kind": "outage"}), true),
        (json!({"kind": "interrupt"}), true),
        (json!({"kind": "no_notice"}), true),
        (json!({"kind": "price", "instance_type": "m5.large", "capacity_type": "spot", "usd_per_hour": "0.1"}), true),
        (json!({"kind": "price", "instance_type": "m5.large", "capacity_type": "free", "usd_per_hour": "0.1"}), false),
        (json!({"kind": "throttle", "share": 0.5}), true),
        (json!({"kind": "unreachable", "share": 0.5}), true),
        (json!({"kind": "reply_lost", "share": "half"}), false),
        (json!({"kind": "meteor"}), false),
    ];
    for (what, sound) in cases {
        let fault = json!({"what": what, "place": "us-east-1", "from": "2026-11-22T00:00:00Z", "until": "2026-11-23T00:00:00Z"});
        assert_eq!(validator.is_valid(&fault), sound, "{fault}");
        let read = serde_json::from_value::<tradewind_mcp::simulated::Fault>(fault.clone());
        assert_eq!(read.is_ok(), sound, "{fault}: {read:?}");
    }
}

/// What a run writes, and what it reads, is what the schemas say.
#[test]
fn runs_are_written_as_their_schemas_say() {
    let desk = Desk::new("schema-runs");
    desk.write("q.jsonl", format!("{JOB}\n"));
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    let troubles =
        json!([{"cloud": "aws", "what": {"kind": "reply_lost", "share": 0.2}, "from": "+0s", "until": "+1h"}]);
    assert!(jsonschema::is_valid(&schema("troubles.schema.json"), &troubles));
    desk.write("t.json", troubles.to_string());
    desk.run(&["apply", "p.json", "--state", "s", "--troubles", "t.json"]).expect(0);
    let run = fs::read_dir(desk.path("s")).expect("runs").flatten().next().expect("a run").path();
    let record: Value = serde_json::from_slice(&fs::read(run.join("run.json")).expect("a record")).expect("JSON");
    let errors: Vec<String> = validator_of("run.schema.json").iter_errors(&record).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let shown = desk.run(&["runs", "run-", "--by", "cloud", "--state", "s", "--format", "json"]).expect(0).stdout;
    let shown = serde_json::from_str(&shown).expect("JSON");
    let errors: Vec<String> = validator_of("showback.schema.json").iter_errors(&shown).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let journal = tradewind_scheduler::journal::Sqlite::read(&run.join("journal.db")).expect("a journal");
    let entries = tradewind_scheduler::journal::Journal::entries(&journal).expect("entries");
    assert!(entries.len() > 5);
    for entry in entries {
        let entry = serde_json::to_value(&entry).expect("JSON");
        let errors: Vec<String> =
            validator_of("journal.schema.json").iter_errors(&entry).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{entry}: {errors:?}");
    }
}

/// What a watch says is what its schema says.
#[test]
fn a_watch_speaks_as_its_schema_says() {
    let desk = Desk::new("schema-watch");
    fs::create_dir(desk.path("in")).expect("a folder");
    let too_large = r#"{"id":"huge","vcpus":100000,"memory":"4GiB","runtime":"1h"}"#;
    desk.write("in/q.jsonl", format!("{JOB}\n{too_large}\nnonsense\n"));
    desk.run(&["run", "--watch", "in", "--until-idle"]).expect(7);
    let validator = validator_of("watch.schema.json");
    for name in ["q.jsonl.ack", "q.jsonl.bad", "decisions.out"] {
        for line in desk.read(&format!("in/{name}")).lines() {
            let said = serde_json::from_str(line).expect("JSON");
            let errors: Vec<String> = validator.iter_errors(&said).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {line}: {errors:?}");
        }
    }
    let settings: Value = serde_json::from_str(&desk.read("in/.tradewind/watch.json")).expect("JSON");
    assert!(jsonschema::is_valid(&schema("watch-settings.schema.json"), &settings), "{settings}");
}

fn validator_of(name: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&schema(name)).expect("a sound schema")
}
