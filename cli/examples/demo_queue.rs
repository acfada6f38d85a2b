//! Writes the demo's queue: `cargo run --example demo_queue > cli/demo/queue.jsonl`.
//!
//! A night at a company with seven projects. Each family of jobs is one function with its numbers at
//! the top, so that it is easy to tune; chance comes from one seed by name and index, so changing one
//! family leaves the others as they are.
//!
//! What should bind, and through which family:
//! - quota: [`pretraining`] wants more A100 nodes before morning than two regions allow at once;
//! - egress: [`genomics`] reads private samples that cost more to move than a cheaper region saves;
//! - deadline: [`risk`] must be done before the market opens, [`speech`] before the day shift;
//! - budget: [`render`] has less money than frames (`tradewind.toml`);
//! - residency: [`genomics`] stays in the EU, [`speech`] in Germany, [`risk`] in the US.

use serde_json::{Value, json};
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

const SEED: Seed = Seed(20_240_331);
/// 2024-03-31T00:00:00Z, the date of the embedded prices: the night starts here.
const NIGHT: Time = Time::from_ms(1_711_843_200_000);

fn main() {
    for line in lines() {
        println!("{line}");
    }
}

/// The whole queue, a job a line.
pub fn lines() -> Vec<String> {
    [vision(), language(), pretraining(), speech(), genomics(), risk(), render(), warehouse()].concat()
}

/// A job being written; fields keep the order in which they are given.
struct Line {
    id: String,
    text: String,
}

impl Line {
    fn new(id: String, project: &str) -> Self {
        let text = format!("{{\"id\":{},\"project\":{}", json!(id), json!(project));
        Self { id, text }
    }

    fn set(mut self, name: &str, value: Value) -> Self {
        self.text.push_str(&format!(",{}:{value}", json!(name)));
        self
    }

    fn needs(self, vcpus: u64, memory_gib: u64) -> Self {
        self.set("vcpus", json!(vcpus)).set("memory", json!(format!("{memory_gib}GiB")))
    }

    /// Lognormal: the 95th percentile is `spread` times the median.
    fn runs(self, minutes: u64, spread: f64) -> Self {
        let p95 = (minutes as f64 * spread).round() as u64;
        self.set("runtime", json!({"p50": format!("{minutes}m"), "p95": format!("{p95}m")}))
    }

    fn starting_at(self, hours: f64) -> Self {
        self.set("submit", json!(NIGHT)).set("earliest_start", json!(at(hours)))
    }

    fn due_at(self, hours: f64, miss: f64) -> Self {
        self.set("deadline", json!(at(hours))).set("max_miss_probability", json!(miss))
    }

    /// May be interrupted, and survives it with a checkpoint of this size.
    fn checkpoints(self, gib: u64) -> Self {
        let checkpoint = json!({
            "interval": "auto",
            "save": format!("{}s", 10 + 2 * gib),
            "restore": format!("{}s", 20 + 2 * gib),
            "size": format!("{gib}GiB"),
        });
        self.set("interruptible", json!(true)).set("checkpoint", checkpoint)
    }

    fn done(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

fn at(hours: f64) -> Time {
    NIGHT + Millis::from_secs((hours * 3600.0).round() as i64)
}

/// One of these, by chance.
fn pick<T: Copy>(what: &str, i: u64, choices: &[T]) -> T {
    choices[(SEED.uniform(what, i) * choices.len() as f64) as usize]
}

/// A whole number in `low..=high`, by chance.
fn between(what: &str, i: u64, low: u64, high: u64) -> u64 {
    low + (SEED.uniform(what, i) * (high - low + 1) as f64) as u64
}

/// A runtime in minutes: lognormal around the median, at least 10.
fn minutes(what: &str, i: u64, median: f64) -> u64 {
    // The sum of four uniforms is normal enough for a demo.
    let sum: f64 = (0..4).map(|k| SEED.uniform(what, 4 * i + k)).sum();
    (median * ((sum - 2.0) * 0.9).exp()).round().max(10.0) as u64
}

fn dataset(name: &str, location: &str, gb: u64) -> Value {
    json!({"dataset": name, "location": location, "size": format!("{gb}GB")})
}

fn private(location: &str, gb: u64) -> Value {
    json!({"location": location, "size": format!("{gb}GB")})
}

/// Training on one shared dataset: preparation on CPUs, then a GPU each, any of several models.
fn vision() -> Vec<String> {
    const RUNS: u64 = 20;
    const PREPARED: u64 = 10;
    let home = "aws/us-east-1";
    let mut lines = Vec::new();
    for i in 0..RUNS {
        let id = format!("vision-train-{i:02}");
        let mut train = Line::new(id, "vision")
            .needs(8, 48)
            .set(
                "gpu",
                json!({"model": "A100", "count": 1, "alternatives":
                {"A100-80GB": 1.05, "H100": 1.9, "A10G": 0.42, "L4": 0.36, "V100": 0.4}}),
            )
            .set("disk", json!("200GiB"))
            .runs(minutes("vision", i, 150.0), 1.4)
            .starting_at(0.0)
            .set("inputs", json!([dataset("imagenet", home, 150)]))
            .set("outputs", json!([private(home, 2)]))
            .checkpoints(between("vision-checkpoint", i, 4, 20))
            .set("priority", json!(pick("vision-priority", i, &[40, 50, 50, 60])))
            .set("labels", json!({"team": "cv"}));
        if i < PREPARED {
            let prep = Line::new(format!("vision-prep-{i:02}"), "vision")
                .needs(16, 32)
                .set("arch", json!(["x86_64", "arm64"]))
                .runs(minutes("vision-prep", i, 40.0), 1.5)
                .starting_at(0.0)
                .set("inputs", json!([dataset("imagenet", home, 150)]))
                .set("interruptible", json!(true))
                .set("priority", json!(50));
            train = train.set("depends_on", json!([prep.id]));
            lines.push(prep.done());
        } else {
            train = train.due_at(between("vision-deadline", i, 18, 24) as f64, 0.05);
        }
        lines.push(train.done());
    }
    lines
}

/// Fine-tuning in gangs: two to four nodes of eight GPUs, together in one zone.
fn language() -> Vec<String> {
    const RUNS: u64 = 4;
    (0..RUNS)
        .map(|i| {
            let line = Line::new(format!("language-tune-{i}"), "language")
                .set("nodes", json!(2 + i % 3))
                .needs(64, 512)
                .set("gpu", json!({"model": "A100", "count": 8, "alternatives": {"A100-80GB": 1.1}}))
                .set("disk", json!("500GiB"))
                .runs(minutes("language", i, 90.0), 1.3)
                .starting_at(1.0)
                .set("inputs", json!([dataset("crawl-2023", "gcp/us-central1", 400)]))
                .set("outputs", json!([private("gcp/us-central1", 30)]))
                .set("priority", json!(60));
            // Two gangs may be interrupted, two must be done by the next evening.
            if i % 2 == 0 { line.checkpoints(40).done() } else { line.due_at(20.0, 0.01).done() }
        })
        .collect()
}

/// The burst: whole A100 nodes in the two regions that hold the data, all before the next morning.
fn pretraining() -> Vec<String> {
    const RUNS: u64 = 8;
    const DEADLINE: f64 = 5.0;
    (0..RUNS)
        .map(|i| {
            Line::new(format!("pretrain-{i}"), "language")
                .needs(96, 768)
                .set("gpu", json!({"model": "A100", "count": 8}))
                .set("disk", json!("1TiB"))
                .runs(minutes("pretrain", i, 75.0), 1.2)
                .starting_at(0.0)
                .due_at(DEADLINE, 0.02)
                .set("inputs", json!([dataset("tokens-v4", "aws/us-west-2", 250)]))
                .set("regions", json!(["aws/us-west-2", "aws/us-east-1"]))
                .set("priority", json!(70))
                .done()
        })
        .collect()
}

/// Recognition on small GPUs, personal data: stays in Germany, done before the day shift.
fn speech() -> Vec<String> {
    const JOBS: u64 = 28;
    let home = "azure/germanywestcentral";
    (0..JOBS)
        .map(|i| {
            let start = between("speech-start", i, 0, 3) as f64;
            Line::new(format!("speech-{i:02}"), "speech")
                .set("count", json!(pick("speech-count", i, &[1, 1, 1, 2, 4])))
                .needs(4, 14)
                .set("gpu", json!({"model": "T4", "count": 1, "alternatives": {"L4": 2.2, "A10G": 2.0, "A10": 1.9}}))
                .set("disk", json!("50GiB"))
                .runs(minutes("speech", i, 70.0), 1.5)
                .starting_at(start)
                .due_at(start + between("speech-deadline", i, 6, 10) as f64, 0.02)
                .set("inputs", json!([dataset("calls-2024q1", home, 60)]))
                .set("outputs", json!([private(home, 1)]))
                .set("residency", json!(["DE"]))
                .checkpoints(1)
                .set("priority", json!(60))
                .done()
        })
        .collect()
}

/// Pipelines on private samples of patients: large inputs, in the EU.
fn genomics() -> Vec<String> {
    const JOBS: u64 = 36;
    (0..JOBS)
        .map(|i| {
            let home = pick(
                "genomics-home",
                i,
                &["gcp/europe-west4", "gcp/europe-west4", "azure/westeurope", "aws/eu-west-1"],
            );
            let line = Line::new(format!("genomics-{i:02}"), "genomics")
                .needs(pick("genomics-vcpus", i, &[16, 32, 48]), pick("genomics-memory", i, &[64, 120, 240]))
                .set("disk", json!("300GiB"))
                .runs(minutes("genomics", i, 160.0), 1.35)
                .starting_at(0.0)
                .set(
                    "inputs",
                    json!([
                        private(home, between("genomics-sample", i, 40, 140)),
                        dataset("reference-hg38", "aws/eu-west-1", 25)
                    ]),
                )
                .set("outputs", json!([private(home, between("genomics-result", i, 4, 16))]))
                .set("residency", json!(["EU"]))
                .checkpoints(8)
                .set("priority", json!(50));
            if i % 6 == 0 { line.due_at(16.0, 0.01).done() } else { line.done() }
        })
        .collect()
}

/// Valuations before the market opens: many short tasks, in the US, first in line.
fn risk() -> Vec<String> {
    const JOBS: u64 = 32;
    const OPEN: f64 = 7.0;
    (0..JOBS)
        .map(|i| {
            let line = Line::new(format!("risk-book-{i:02}"), "risk")
                .set("count", json!(pick("risk-count", i, &[1, 1, 1, 8, 24])))
                .needs(pick("risk-vcpus", i, &[4, 8]), 16)
                .runs(minutes("risk", i, 45.0), 1.6)
                .starting_at(2.0)
                .due_at(OPEN, 0.001)
                .set("inputs", json!([dataset("market-data", "aws/us-east-1", 12)]))
                .set("outputs", json!([private("aws/us-east-1", 1)]))
                .set("residency", json!(["US"]))
                .set("priority", json!(90));
            if i % 4 == 3 { line.set("interruptible", json!(true)).done() } else { line.done() }
        })
        .collect()
}

/// Frames for whoever is cheapest, while the money lasts.
fn render() -> Vec<String> {
    const SHOTS: u64 = 30;
    (0..SHOTS)
        .map(|i| {
            Line::new(format!("render-shot-{i:02}"), "render")
                .set("count", json!(pick("render-count", i, &[1, 1, 4, 12])))
                .needs(8, 24)
                .set("arch", json!(["x86_64", "arm64"]))
                .runs(minutes("render", i, 90.0), 1.5)
                .starting_at(between("render-start", i, 0, 8) as f64)
                .set("inputs", json!([dataset("scene-assets", "azure/eastus", 80)]))
                .set("outputs", json!([private("azure/eastus", 1)]))
                .checkpoints(2)
                .set("priority", json!(20))
                .set("max_price_usd_per_hour", json!("1.50"))
                .done()
        })
        .collect()
}

/// Chains of extract, transform, report on data that lies in two clouds.
fn warehouse() -> Vec<String> {
    const CHAINS: u64 = 10;
    let mut lines = Vec::new();
    for i in 0..CHAINS {
        let home = pick("warehouse-home", i, &["aws/us-east-1", "azure/eastus", "aws/eu-central-1"]);
        let extract = Line::new(format!("etl-{i:02}-extract"), "warehouse")
            .needs(4, 16)
            .runs(minutes("extract", i, 30.0), 1.5)
            .starting_at(between("extract-start", i, 0, 4) as f64)
            .set("inputs", json!([private(home, between("extract-data", i, 60, 200))]))
            .set("priority", json!(40));
        let transform = Line::new(format!("etl-{i:02}-transform"), "warehouse")
            .needs(pick("transform-vcpus", i, &[16, 32]), 128)
            .runs(minutes("transform", i, 80.0), 1.5)
            .starting_at(0.0)
            .set("inputs", json!([private(home, 30)]))
            .set("interruptible", json!(true))
            .set("priority", json!(40))
            .set("depends_on", json!([extract.id]));
        let report = Line::new(format!("etl-{i:02}-report"), "warehouse")
            .needs(2, 4)
            .set("arch", json!(["x86_64", "arm64"]))
            .set("burstable", json!(true))
            .runs(15, 1.5)
            .starting_at(0.0)
            .due_at(24.0, 0.05)
            .set("budget_usd", json!("1.00"))
            .set("priority", json!(40))
            .set("depends_on", json!([transform.id]));
        lines.extend([extract.done(), transform.done(), report.done()]);
    }
    lines
}
