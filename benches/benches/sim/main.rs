//! The simulator: `cargo bench -p tradewind-benches --bench sim`.
//!
//! Ratios of one run, rounds in turn and the best of each: times alone are of this machine and its load. The table at
//! the end has every figure that is measured here, and says which command measures the others.

mod holds;
mod plans;
mod reference;
mod stations;
mod stopwatch;
mod table;

use criterion::{Criterion, criterion_group, criterion_main};

fn all(c: &mut Criterion) {
    let mut rows = Vec::new();
    holds::figures(&mut rows);
    stations::figures(&mut rows);
    plans::figures(&mut rows);
    reference::figures(&mut rows);
    stations::criterion(c);
    table::print(&rows);
}

criterion_group!(benches, all);
criterion_main!(benches);
