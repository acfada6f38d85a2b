//! Queues by seed as a user makes them, and that the planner can use them.

mod common;

use common::{Desk, root};
use serde_json::Value;
use tradewind_core::check;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::queue::{self, Format, Options};
use tradewind_datasets::synth::{Generator, SynthRequest, sources};
use tradewind_datasets::{MarketRequest, QuotaChoice, load};
use tradewind_optimizer::{Request, allocate};

fn queue_of(source: &str, jobs: u64, classes: Option<u64>, seed: u64) -> Vec<u8> {
    let request = SynthRequest {
        source: source.to_owned(),
        jobs,
        classes,
        span: Millis::from_hours(24),
        start: "2024-03-31T00:00:00Z".parse().expect("an instant"),
        seed: Seed(seed),
    };
    let mut bytes = Vec::new();
    Generator::new(&request).and_then(|g| g.write(&mut bytes, 2)).expect("a queue");
    bytes
}

#[test]
fn what_was_made_is_told() {
    let desk = Desk::new("synth-told");
    let made = desk.run(&["queue", "synth", "--from", "fitted", "--jobs", "200", "--classes", "12", "-o", "q.jsonl"]);
    insta::assert_snapshot!(made.expect(0).stdout, @r"
    200 jobs (200 tasks) of 12 distinct classes, arriving within 1d from 2024-03-31T00:00:00Z, seed 0
    69 vCPU-hours and 2 GPU-hours at the median runtime.
    Drawn from: a mixed night: the marginals of the three logs together.
    Source: quantiles of the logs philly, nasa and lcg. Licence: our own quantiles; Philly is CC BY 4.0.
    No row of a log is in it: quantile curves, at most 2.0 % of the jobs off their log.
    Processors and GPUs in one queue; the shares of the logs are an assumption.

    What is in it
      what                            jobs   share
      ------------------------------  ----  ------
      on GPUs                           58  29.0 %
      gangs of several nodes             0   0.0 %
      with a deadline                   38  19.0 %
      reading data                     102  51.0 %
      reading a shared dataset          46  23.0 %
      interruptible: spot will do      144  72.0 %
      with checkpoints                  36  18.0 %
      bound to a residency group        71  35.5 %
      with a budget of their own        17   8.5 %
      waiting for another job            0   0.0 %
      runtime raised to the shortest     9   4.5 %
      runtime cut to the longest         0   0.0 %
      gap before the next class cut      0   0.0 %

    Rules
      - arrivals are fitted into 1d by one factor, on slots of 15m: the coarsest that leave two slots a
        class; each class has one of its own, so that no two are alike
      - gaps between arrivals count 6h at most: longer silences of a log are its edges and outages; one
        of them would push a small queue into a corner of the span
      - median runtimes are 1m at least: every cloud of the market bills at least 60 s of a node, so a
        shorter task costs the same
      - median runtimes are 12h at most: at 1.8 times its median a task that arrives at the end of a day
        still ends within the default horizon of 48 h
      - a deadline is 1h and so many times p95 away: boot, staging and a retry of a short task fit into
        it
      - a budget has 1.00 USD over its reference price: billing minimum and boot of a short task fit
        into it
      - all jobs of a class arrive at once; classes weigh as Pareto with exponent 1.2: a few sweeps are
        most of the jobs, as in public logs of array jobs; the exponent is an assumption

    q.jsonl: 60,928 bytes. Next: tradewind plan q.jsonl
    ");
    assert_eq!(desk.read("q.jsonl").lines().count(), 200);
    assert_eq!(desk.names(), ["q.jsonl"]);
    let again = desk.run(&["queue", "synth", "--from", "fitted", "--jobs", "200", "--classes", "12", "--threads", "1"]);
    let again = again.expect(0);
    assert!(again.stdout == desk.read("q.jsonl"), "standard output has the queue alone");
    assert!(again.stderr.starts_with("200 jobs"), "the rest is talk");
    let json = desk.run(&["queue", "synth", "--jobs", "50", "-o", "p.jsonl", "--format", "json"]).expect(0);
    let json: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((&json["jobs"], &json["classes"]), (&Value::from(50), &Value::from(50)));
    assert_eq!(json["source"]["licence"], "CC BY 4.0");
}

#[test]
fn the_default_start_is_the_date_of_the_prices() {
    let loaded = load(&MarketRequest::default()).expect("the embedded market");
    let desk = Desk::new("synth-start");
    let first = desk.run(&["queue", "synth", "--jobs", "1"]).expect(0).stdout;
    assert!(first.contains(&format!("\"submit\":\"{}\"", loaded.market.as_of)), "{first}");
}

#[test]
fn a_queue_is_written_as_its_name_ends() {
    let desk = Desk::new("synth-tables");
    for name in ["q.jsonl", "q.csv", "q.parquet"] {
        let classes = ["--classes", "distinct", "-o", name];
        desk.run(&[&["queue", "synth", "--from", "nasa", "--jobs", "60"], &classes[..]].concat()).expect(0);
        let back = format!("{name}.jsonl");
        desk.run(&["queue", "convert", name, "-o", &back]).expect(0);
        assert_eq!(desk.read(&back), desk.read("q.jsonl.jsonl"), "{name}");
    }
    desk.run(&["queue", "convert", "q.csv", "-o", "again.parquet"]).expect(0);
    assert_eq!(std::fs::read(desk.path("again.parquet")).ok(), std::fs::read(desk.path("q.parquet")).ok());
    let refused = desk.run(&["queue", "synth", "--jobs", "5", "--classes", "many"]).expect(64);
    assert!(refused.stderr.contains("write a whole number, or distinct"), "{}", refused.stderr);
}

#[test]
fn what_cannot_be_made_is_a_usage_error() {
    let desk = Desk::new("synth-refused");
    let run = |arguments: &[&str]| desk.run(&[&["queue", "synth"], arguments].concat()).error();
    insta::assert_snapshot!(run(&["--jobs", "10", "--from", "phily"]), @r#"
    error[TW4005]: unknown source
      got: --from phily
      help: did you mean "philly"? known: philly, nasa, lcg, fitted
    exit 64
    "#);
    insta::assert_snapshot!(run(&["--jobs", "2000000"]), @r"
    error[TW4005]: no such queue can be made
      got: --jobs 2000000
      help: 1 to 1000000 jobs
    exit 64
    ");
    insta::assert_snapshot!(run(&["--jobs", "1000", "--span", "1s"]), @r"
    error[TW4005]: no such queue can be made
      got: --span 1s with 1000 classes
      help: each class arrives at an instant of its own: take a longer span
    exit 64
    ");
    insta::assert_snapshot!(run(&["--jobs", "10", "-o", "no/such/folder/q.jsonl"]), @r"
    error[TW4008]: the file cannot be written
     --> no/such/folder/q.jsonl
      got: No such file or directory (os error 2)
      help: a file that was there before is unchanged
    exit 4
    ");
    assert!(desk.names().is_empty());
}

#[test]
fn every_line_is_as_the_schema_says() {
    let text = std::fs::read_to_string(root().join("docs/schema/job.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    for source in sources().expect("the sources") {
        for line in String::from_utf8(queue_of(&source, 400, None, 21)).expect("UTF-8").lines() {
            let job: Value = serde_json::from_str(line).expect("JSON");
            assert!(validator.is_valid(&job), "{line}");
        }
    }
}

/// Names are those of the embedded market, and of any queue at least 95 of 100 tasks fit some node by
/// themselves, at their own time, price and place.
#[test]
fn nearly_every_task_can_be_placed() {
    let unlimited = MarketRequest { quotas: QuotaChoice::Unlimited, ..Default::default() };
    let loaded = load(&unlimited).expect("the embedded market");
    let start = loaded.market.as_of;
    let horizon = Horizon { start, end: start + Millis::from_hours(48), window: Millis::HOUR };
    for source in sources().expect("the sources") {
        for (seed, classes) in [(1, None), (2, None), (3, Some(20))] {
            let bytes = queue_of(&source, 60, classes, seed);
            let queue = queue::read("q", bytes.as_slice(), Format::JsonLines, &Options::default());
            let queue = queue.unwrap_or_else(|p| panic!("{p:?}"));
            let warnings = queue.check_against(&loaded.market).unwrap_or_else(|p| panic!("{p:?}"));
            assert!(warnings.is_empty(), "{warnings:?}");
            let plan = allocate(&Request {
                workload: &queue.workload,
                market: &loaded.market,
                rules: &Rules::over(horizon),
                market_hash: String::new(),
                as_of: start,
                seed: Seed(0),
                gap: None,
                threads: 2,
                assumptions: Vec::new(),
                stop: &|| None,
                progress: &|_| {},
            })
            .expect("a plan");
            let (placed, tasks) = (plan.summary.placed, plan.summary.tasks);
            println!("{source} {seed}: {placed} of {tasks} placed, {} USD", plan.summary.cost_usd);
            for job in &plan.unplaced {
                println!("    {job:?}");
            }
            assert!(placed * 100 >= tasks * 95, "{source}, seed {seed}: {placed} of {tasks} placed");
            assert!(check::check(&plan).is_clean());
        }
    }
}

/// The whole way of a user, quotas of the embedded account included.
#[test]
fn a_made_queue_is_planned_and_checked() {
    let desk = Desk::new("synth-planned");
    desk.run(&["queue", "synth", "--from", "fitted", "--jobs", "60", "--classes", "15", "-o", "q.jsonl"]).expect(0);
    let planned = desk.run(&["plan", "q.jsonl", "-o", "plan.json"]);
    assert!([0, 7].contains(&planned.code), "{}", planned.stderr);
    desk.run(&["check", "plan.json"]).expect(0);
}

#[test]
fn quotas_scaled_to_a_queue_are_worked_out_again() {
    let desk = Desk::new("synth-scaled");
    desk.run(&["queue", "synth", "--from", "fitted", "--jobs", "120", "--classes", "9", "-o", "q.parquet"]).expect(0);
    let scaled = ["--quotas", "scaled:1.33"];
    desk.run(&[&["plan", "q.parquet", "-o", "p.json"], &scaled[..]].concat());
    desk.run(&["check", "p.json"]).expect(0);
    desk.run(&[&["check", "p.json", "--queue", "q.parquet"], &scaled[..]].concat()).expect(0);
    desk.run(&["check", "p.json", "--quotas", "scaled:1.34"]).expect(5);
    desk.run(&[&["explain", "p.json"], &scaled[..]].concat()).expect(0);
    insta::assert_snapshot!(desk.run(&["offers", "--quotas", "scaled:1.33"]).error(), @r"
    error[TW4005]: there is no queue to scale the quotas to
      got: quotas scaled:1.33
      help: a table of limits, none, or nothing; `plan`, `check` and `explain` know a queue
    exit 64
    ");
    insta::assert_snapshot!(desk.run(&["plan", "q.parquet", "--quotas", "scaled:much"]).error(), @r"
    error[TW4005]: no such scale
      got: --quotas scaled:much
      help: write a number from 0.001 to 1000, e.g. scaled:1.33
    exit 64
    ");
}
