//! Limits scaled to a queue bite as much as was asked for.

use tradewind_core::job::Workload;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::queue::{Format, Options, read};
use tradewind_datasets::synth::{Generator, SynthRequest};
use tradewind_datasets::{LoadedMarket, MarketRequest, QuotaChoice, QuotaScale, Scaled, load, scaled};

fn workload(source: &str, jobs: u64) -> Workload {
    let request = SynthRequest {
        source: source.to_owned(),
        jobs,
        classes: Some(50),
        span: Millis::from_hours(24),
        start: "2024-03-31T00:00:00Z".parse().expect("an instant"),
        seed: Seed(3),
    };
    let mut lines = Vec::new();
    Generator::new(&request).and_then(|g| g.write(&mut lines, 2)).expect("a queue");
    read("q", lines.as_slice(), Format::JsonLines, &Options::default()).expect("a sound queue").workload
}

fn rules(loaded: &LoadedMarket) -> Rules {
    let start = loaded.market.as_of;
    let horizon = Horizon { start, end: start + Millis::from_hours(24), window: Millis::HOUR };
    Rules::over(horizon)
}

fn at(loaded: &LoadedMarket, workload: &Workload, scale: &str) -> Scaled {
    scaled(&loaded.market, workload, &rules(loaded), scale.parse().expect("a scale"))
}

#[test]
fn what_lies_beyond_the_limits_is_what_was_asked_for() {
    let loaded = load(&MarketRequest::default()).expect("our tables");
    for source in ["philly", "nasa", "lcg"] {
        for jobs in [500, 5_000] {
            let workload = workload(source, jobs);
            let beyond = |scale: &str| at(&loaded, &workload, scale).overloaded;
            let falling: Vec<f64> =
                ["scaled:0.5", "scaled:1", "scaled:1.33", "scaled:2", "scaled:3"].map(beyond).into();
            assert!(falling.is_sorted_by(|a, b| a >= b), "{source} {jobs}: {falling:?}");
            assert!(falling[3] < 1e-6 && falling[4] < 1e-6, "{source} {jobs}: {falling:?}");
            assert!((0.15..=0.34).contains(&falling[2]), "{source} {jobs}: {falling:?}");
        }
    }
}

#[test]
fn closed_rows_stay_closed_and_the_rest_fit_a_task() {
    let loaded = load(&MarketRequest::default()).expect("our tables");
    let workload = workload("philly", 300);
    let tight = at(&loaded, &workload, "scaled:0.001");
    let wide = at(&loaded, &workload, "scaled:1000");
    let rows = loaded.market.quotas.iter().zip(&tight.market.quotas).zip(&wide.market.quotas);
    let mut changed = 0;
    for ((account, tight), wide) in rows {
        assert_eq!(account.available == 0, tight.available == 0, "{}", account.name);
        assert_eq!(account.available == 0, wide.available == 0, "{}", account.name);
        assert!(tight.available <= wide.available, "{}", account.name);
        changed += u32::from(tight.available != wide.available);
    }
    assert!(changed > 10, "{changed}");
}

#[test]
fn the_hash_and_the_assumptions_say_the_limits() {
    let of = |quotas: QuotaChoice| load(&MarketRequest { quotas, ..Default::default() }).expect("our tables");
    let scale = |text: &str| QuotaScale::of_choice(text).expect("a scale").expect("a number");
    let plain = of(QuotaChoice::Scenario);
    let workload = workload("nasa", 200);
    let rules = rules(&plain);
    let scaled = |text: &str| of(QuotaChoice::Scaled(scale(text))).for_queue(&workload, &rules);
    let (one, same, other) = (scaled("scaled:1.33"), scaled("scaled:1.330"), scaled("scaled:1.9"));
    assert_eq!(plain.clone().for_queue(&workload, &rules).hash, plain.hash);
    assert_eq!((&one.hash, &one.market), (&same.hash, &same.market));
    assert!(one.hash != other.hash && one.hash != plain.hash);
    let said = one.assumptions.last().expect("a sentence");
    assert!(said.starts_with("quotas scaled:1.33: the embedded account times a factor"), "{said}");
    for wrong in ["scaled:", "scaled:0", "scaled:-1", "scaled:NaN", "scaled:1e9", "scaled:x"] {
        assert!(QuotaScale::of_choice(wrong).expect("a scale").is_err(), "{wrong}");
    }
    assert_eq!(QuotaScale::of_choice("limits.csv"), None);
}
