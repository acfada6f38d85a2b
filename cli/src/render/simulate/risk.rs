//! Which pools and rules carry cost and risk.

use tradewind_core::money::Usd;
use tradewind_sim::plan::{PoolRow, Report};

use crate::render::grid::{Grid, Side};

/// `aws/us-east-1/m6i/spot`.
pub fn name(pool: &PoolRow) -> String {
    format!("{}/{}/{}", pool.region, pool.family, pool.capacity_type)
}

/// The first pools, and the rest summed.
pub fn pools(report: &Report, most: usize) -> Grid {
    let mut grid = Grid::new([
        ("pool", Side::Left),
        ("planned USD", Side::Right),
        ("mean USD", Side::Right),
        ("of variance", Side::Right),
        ("nodes", Side::Right),
        ("taken", Side::Right),
        ("lost h", Side::Right),
        ("missed", Side::Right),
    ]);
    let (first, rest) = report.pools.split_at(most.min(report.pools.len()));
    let mut add = |name: String, pools: &[PoolRow]| {
        let usd = |of: fn(&PoolRow) -> Usd| format!("{:.2}", pools.iter().map(of).sum::<Usd>());
        let sum = |of: fn(&PoolRow) -> f64| pools.iter().map(of).sum::<f64>();
        grid.row([
            name,
            usd(|p| p.planned_usd),
            usd(|p| p.mean_usd),
            share(sum(|p| p.variance_share)),
            format!("{:.1}", sum(|p| p.nodes)),
            format!("{:.2}", sum(|p| p.interruptions)),
            format!("{:.2}", sum(|p| p.rework_hours)),
            format!("{:.3}", sum(|p| p.missed)),
        ]);
    };
    first.iter().for_each(|p| add(name(p), std::slice::from_ref(p)));
    if !rest.is_empty() {
        add(format!("{} more", rest.len()), rest);
    }
    grid
}

/// What each rule adds or takes off.
pub fn rules(report: &Report) -> Grid {
    let mut grid = Grid::new([("rule", Side::Left), ("mean USD", Side::Right), ("of variance", Side::Right)]);
    for r in &report.rules {
        grid.row([r.rule.to_owned(), format!("{:.4}", r.mean_usd), share(r.variance_share)]);
    }
    grid
}

/// A share that may be below nothing.
fn share(share: f64) -> String {
    format!("{:.1} %", 100.0 * share + 0.0)
}
