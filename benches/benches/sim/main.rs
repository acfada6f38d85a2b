//! The simulator: `cargo bench -p tradewind-benches --bench sim`.
//!
//! Ratios of one run, rounds in turn and the best of each: times alone are of this machine and its load. What is not
//! here: closed forms (`tradewind bench validate`), intervals (`bench calibrate`), spot policies (`bench spot`).

mod plans;
mod stopwatch;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tradewind_core::seed::Seed;
use tradewind_sim::draws::Draws;
use tradewind_sim::engine::EventQueue;
use tradewind_sim::validate::{Law, Station};

use stopwatch::Stopwatch;

/// Holds of a round.
const HOLDS: usize = 2_000_000;
/// Rounds, of which the best counts.
const ROUNDS: usize = 5;
/// Customers of our M/M/1, and of SimPy's.
const CUSTOMERS: u64 = 2_000_000;
const SIMPY_CUSTOMERS: u64 = 100_000;

/// Exponential delays of a mean of a million ticks, drawn before the clock starts.
fn delays(n: usize) -> Vec<u64> {
    let mut rng = StdRng::seed_from_u64(1);
    (0..n).map(|_| (-1e6 * (1.0 - rng.random::<f64>()).ln()) as u64).collect()
}

/// A queue in the hold model.
trait Pending {
    fn push(&mut self, time: u64, payload: u32);
    fn pop(&mut self) -> Option<(u64, u32)>;
}

impl Pending for EventQueue {
    fn push(&mut self, time: u64, payload: u32) {
        Self::push(self, time, payload);
    }

    fn pop(&mut self) -> Option<(u64, u32)> {
        Self::pop(self).map(|e| (e.time, e.payload))
    }
}

/// The standard heap with the same 16 bytes an event.
#[derive(Default)]
struct StdHeap {
    heap: BinaryHeap<Reverse<u128>>,
    pushed: u128,
}

impl Pending for StdHeap {
    fn push(&mut self, time: u64, payload: u32) {
        self.pushed += 1;
        self.heap.push(Reverse(u128::from(time) << 80 | self.pushed << 32 | u128::from(payload)));
    }

    fn pop(&mut self) -> Option<(u64, u32)> {
        self.heap.pop().map(|Reverse(key)| ((key >> 80) as u64, key as u32))
    }
}

/// Seconds for [`HOLDS`] times: pop the next, push it back later. Filling is not counted.
fn hold(mut queue: impl Pending, n: usize, delays: &[u64]) -> f64 {
    let mut delays = delays.iter().cycle();
    let mut later = || delays.next().copied().unwrap_or_default();
    (0..n as u32).for_each(|i| queue.push(later(), i));
    let begun = Stopwatch::begin();
    for _ in 0..HOLDS {
        let Some((time, payload)) = queue.pop() else { break };
        queue.push(time + later(), payload);
    }
    let took = begun.seconds();
    black_box(queue.pop());
    took
}

fn holds(_: &mut Criterion) {
    let delays = delays(1 << 20);
    for n in [1_000, 10_000, 100_000, 1_000_000] {
        let (mut ours, mut std) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..ROUNDS {
            std = std.min(hold(StdHeap::default(), n, &delays));
            ours = ours.min(hold(EventQueue::new(), n, &delays));
        }
        let speed = |seconds: f64| HOLDS as f64 / seconds / 1e6;
        eprintln!("hold, {n} pending: {:.1} M/s, std heap {:.1} M/s, ratio {:.2}", speed(ours), speed(std), std / ours);
    }
}

/// Arrivals and departures a CPU second.
fn mm1() -> (Station, f64) {
    let service = Law::Exponential { mean: 1e6 };
    let gap = Law::Exponential { mean: 1e6 / 0.8 };
    let station = Station { servers: 1, gap, service, customers: CUSTOMERS, warm_up: 0 };
    let run = || {
        let begun = Stopwatch::begin();
        let seen = station.run(&Draws::new(Seed(1), 0));
        seen.events as f64 / begun.seconds()
    };
    (station, (0..ROUNDS).map(|_| run()).fold(0.0, f64::max))
}

fn stations(c: &mut Criterion) {
    let (station, ours) = mm1();
    let simpy = simpy_mm1().map_or("SimPy is not there: run `make setup`".to_owned(), |theirs| {
        format!("SimPy {:.0} k events/s, ratio {:.0}", theirs / 1e3, ours / theirs)
    });
    eprintln!("M/M/1, load 0.8: {:.1} M events/s with counter-based draws; {simpy}", ours / 1e6);
    let mut group = c.benchmark_group("mm1");
    group.sample_size(10);
    let small = Station { customers: 100_000, ..station };
    group.bench_function("100000_customers", |b| b.iter(|| small.run(black_box(&Draws::new(Seed(1), 0)))));
    group.finish();
}

/// Arrivals and departures a CPU second of M/M/1 as SimPy's users write it, the best of three.
fn simpy_mm1() -> Option<f64> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let run = || {
        let mut command = Command::new(root.join("target/simpy/bin/python"));
        command.arg(root.join("sim/validation/simpy/mm1.py")).arg(SIMPY_CUSTOMERS.to_string());
        let text = String::from_utf8(command.output().ok()?.stdout).ok()?;
        let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
        Some(2.0 * SIMPY_CUSTOMERS as f64 / seconds)
    };
    (0..3).filter_map(|_| run()).reduce(f64::max)
}

fn plans(_: &mut Criterion) {
    plans::figures();
}

criterion_group!(benches, holds, stations, plans);
criterion_main!(benches);
