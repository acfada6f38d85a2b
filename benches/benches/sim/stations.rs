//! M/M/1 against SimPy as its users write it.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use criterion::Criterion;
use tradewind_core::seed::Seed;
use tradewind_sim::draws::Draws;
use tradewind_sim::validate::{Law, Station};

use crate::stopwatch::Stopwatch;
use crate::table::Row;

/// Rounds, ours and SimPy's in turn, of which the best of each counts.
const ROUNDS: usize = 5;
/// Customers of our M/M/1, and of SimPy's.
const CUSTOMERS: u64 = 2_000_000;
const SIMPY_CUSTOMERS: u64 = 100_000;

/// Load 0.8, the mean service a million ticks.
fn station(customers: u64) -> Station {
    let service = Law::Exponential { mean: 1e6 };
    let gap = Law::Exponential { mean: 1e6 / 0.8 };
    Station { servers: 1, gap, service, customers, warm_up: 0 }
}

/// Arrivals and departures a CPU second.
pub fn figures(rows: &mut Vec<Row>) {
    let (mut ours, mut theirs) = (0.0_f64, None::<f64>);
    for _ in 0..ROUNDS {
        ours = ours.max(speed(&station(CUSTOMERS)));
        theirs = simpy().into_iter().chain(theirs).reduce(f64::max);
    }
    let simpy = theirs.map_or("SimPy is not there: run `make setup`".to_owned(), |theirs| {
        format!("SimPy {:.0} k events/s, ratio {:.0}", theirs / 1e3, ours / theirs)
    });
    eprintln!("M/M/1, load 0.8: {:.1} M events/s with counter-based draws; {simpy}", ours / 1e6);
    rows.push(Row::more("M/M/1 against idiomatic SimPy", [100.0, 250.0], theirs.map(|theirs| ours / theirs)));
}

/// The same by criterion, for its history.
pub fn criterion(c: &mut Criterion) {
    let mut group = c.benchmark_group("mm1");
    group.sample_size(10);
    let small = station(100_000);
    group.bench_function("100000_customers", |b| b.iter(|| small.run(black_box(&Draws::new(Seed(1), 0)))));
    group.finish();
}

fn speed(station: &Station) -> f64 {
    let begun = Stopwatch::begin();
    let seen = station.run(&Draws::new(Seed(1), 0));
    seen.events as f64 / begun.seconds()
}

/// SimPy's, by its own clock of the processor.
fn simpy() -> Option<f64> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let mut command = Command::new(root.join("target/simpy/bin/python"));
    command.arg(root.join("sim/validation/simpy/mm1.py")).arg(SIMPY_CUSTOMERS.to_string());
    let text = String::from_utf8(command.output().ok()?.stdout).ok()?;
    let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(2.0 * SIMPY_CUSTOMERS as f64 / seconds)
}
