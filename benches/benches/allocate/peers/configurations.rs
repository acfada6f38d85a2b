//! The configuration program: how many nodes of each size with each filling, relaxed; a bound on packing
//! that knows what fits together.

use tradewind_optimizer::master::{LiveMaster, Master, RowId, RowKind};

use super::knapsack::{Fillings, Item};

/// A size of node.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub vcpus: usize,
    pub gib: usize,
    /// Dollars for the node, however it is filled.
    pub cost: f64,
}

/// What is packed: so many tasks of a demand.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub vcpus: usize,
    pub gib: usize,
    pub count: u32,
}

/// The bound is the program's value to this part.
const CLOSE: f64 = 1e-5;
/// Rounds of pricing, far more than are needed.
const ROUNDS: usize = 500;

/// A lower bound on the cost of any packing, by column generation: each round's prices, made small enough
/// for every size (Farley), prove one.
pub fn bound(kinds: &[Kind], sizes: &[Size]) -> f64 {
    let most = |of: fn(&Size) -> usize| sizes.iter().map(of).max().unwrap_or(0);
    let (vcpus, gib) = (most(|s| s.vcpus), most(|s| s.gib));
    let mut master = LiveMaster::new();
    let rows: Vec<RowId> = kinds.iter().map(|k| master.add_row(RowKind::Equal(f64::from(k.count)), &[])).collect();
    for (k, &row) in kinds.iter().zip(&rows) {
        let fits = sizes.iter().filter(|s| s.vcpus >= k.vcpus && s.gib >= k.gib).map(|s| s.cost);
        let alone = fits.min_by(f64::total_cmp).expect("every task fits some node");
        master.add_column(alone, f64::INFINITY, &[(row, 1.0)]);
    }
    let mut best = 0.0_f64;
    for _ in 0..ROUNDS {
        let solved = master.solve().expect("each task alone is a packing");
        let prices: Vec<f64> = rows.iter().map(|r| solved.duals[r.0]).collect();
        let item = |(k, &value): (&Kind, &f64)| Item { vcpus: k.vcpus, gib: k.gib, value };
        let items: Vec<Item> = kinds.iter().zip(&prices).map(item).collect();
        let fillings = Fillings::new(&items, vcpus, gib);
        let worth = |s: &Size| fillings.value(s.vcpus, s.gib);
        let shrink = sizes.iter().map(|s| s.cost / worth(s).max(s.cost)).fold(1.0, f64::min);
        // Prices below zero are worth nothing on a node: what they add is kept whole.
        let all = kinds.iter().zip(&prices).map(|(k, p)| f64::from(k.count) * p * if *p > 0.0 { shrink } else { 1.0 });
        best = best.max(all.sum());
        if best >= solved.objective * (1.0 - CLOSE) {
            break;
        }
        for s in sizes.iter().filter(|s| worth(s) > s.cost * (1.0 + 1e-9)) {
            let filling = fillings.filling(&items, s.vcpus, s.gib);
            let entries = rows.iter().zip(filling).filter(|(_, n)| *n > 0).map(|(&row, n)| (row, f64::from(n)));
            master.add_column(s.cost, f64::INFINITY, &entries.collect::<Vec<_>>());
        }
    }
    best
}
