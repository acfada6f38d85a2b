//! The hold model: take the next event, put it back later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tradewind_sim::engine::EventQueue;

use crate::stopwatch::Stopwatch;
use crate::table::Row;

/// Holds of a round.
const HOLDS: usize = 2_000_000;
/// Rounds, of which the best counts.
const ROUNDS: usize = 5;

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

/// Against the standard heap, in turn.
pub fn figures(rows: &mut Vec<Row>) {
    let delays = delays(1 << 20);
    for n in [1_000, 10_000, 100_000, 1_000_000] {
        let (mut ours, mut std) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..ROUNDS {
            std = std.min(hold(StdHeap::default(), n, &delays));
            ours = ours.min(hold(EventQueue::new(), n, &delays));
        }
        let speed = |seconds: f64| HOLDS as f64 / seconds / 1e6;
        eprintln!("hold, {n} pending: {:.1} M/s, std heap {:.1} M/s, ratio {:.2}", speed(ours), speed(std), std / ours);
        if let Some(bars) = bars(n) {
            rows.push(Row::more(format!("hold model, {n} pending, against the standard heap"), bars, Some(std / ours)));
        }
    }
}

/// What is to be reached and aimed for with so many pending.
fn bars(n: usize) -> Option<[f64; 2]> {
    match n {
        10_000 => Some([0.8, 1.0]),
        1_000_000 => Some([2.0, 5.0]),
        _ => None,
    }
}

/// Exponential delays of a mean of a million ticks, drawn before the clock starts.
fn delays(n: usize) -> Vec<u64> {
    let mut rng = StdRng::seed_from_u64(1);
    (0..n).map(|_| (-1e6 * (1.0 - rng.random::<f64>()).ln()) as u64).collect()
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
