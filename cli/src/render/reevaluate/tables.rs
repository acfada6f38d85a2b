//! The tables of the digest.

use std::collections::BTreeMap;

use tradewind_core::money::Usd;
use tradewind_optimizer::revise::Judged;
use tradewind_scheduler::nightly::anomaly::PriceJump;
use tradewind_scheduler::nightly::regret::{Backtest, Way};
use tradewind_scheduler::nightly::verdict::Verdict;

use super::report::{BudgetRow, CaughtUp, FELT, NotBelieved, Orphan, Owned, QuotaRow, Report};
use crate::inputs::day;
use crate::render::grid::{Grid, Side};
use crate::render::plan_tables::to_seconds;
use crate::render::{self, signed, thousands};

/// Jobs named in a row before they are only counted.
const MAX_JOBS: usize = 3;

/// Missed nights.
pub fn caught_up(nights: &[CaughtUp]) -> Grid {
    let mut grid = Grid::new([("night", Side::Left), ("came to", Side::Left), ("USD", Side::Right)]);
    for n in nights {
        grid.row([day(n.night), word(n.verdict).to_owned(), format!("{:.2}", n.cost_usd)]);
    }
    grid
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Nothing => "nothing to do",
        Verdict::Changes => "changes",
        Verdict::Partial => "partial",
        Verdict::NothingPlaced => "nothing placed",
    }
}

/// Moves that are made or would save something, with their verdicts.
pub fn shifts(shifts: &[Judged]) -> Grid {
    let mut grid = Grid::new([
        ("verdict", Side::Left),
        ("jobs", Side::Left),
        ("tasks", Side::Right),
        ("nodes", Side::Right),
        ("saves", Side::Right),
        ("charged", Side::Right),
    ]);
    let told = shifts.iter().filter(|j| j.taken || j.shift.saves_usd >= FELT);
    for Judged { shift, charge_usd, taken } in told {
        let charged = if charge_usd.nanos() == i64::MAX { "held".to_owned() } else { format!("{charge_usd:.2}") };
        grid.row([
            match (*taken, shift.places_more) {
                (true, true) => "places more",
                (true, false) => "made",
                (false, _) => "not worth it",
            }
            .to_owned(),
            names(&shift.jobs),
            thousands(shift.tasks),
            format!("{} -> {}", shift.leaves, shift.takes),
            format!("{:.2}", shift.saves_usd),
            charged,
        ]);
    }
    grid
}

fn names(jobs: &[String]) -> String {
    let shown = jobs.iter().take(MAX_JOBS).cloned().collect::<Vec<_>>().join(", ");
    if jobs.len() > MAX_JOBS { format!("{shown}, {} more", jobs.len() - MAX_JOBS) } else { shown }
}

/// Last night in every way.
pub fn ways(b: &Backtest) -> Grid {
    let mut grid = Grid::new([
        ("way", Side::Left),
        ("placed", Side::Right),
        ("USD", Side::Right),
        ("against what ran", Side::Left),
    ]);
    let mut row = |name: &str, way: Way| {
        let against = match (way.placed.cmp(&b.ran.placed), way.cost_usd - b.ran.cost_usd) {
            (std::cmp::Ordering::Less, _) => {
                format!("{} tasks fewer: costs do not compare", thousands(b.ran.placed - way.placed))
            }
            (std::cmp::Ordering::Greater, _) => {
                format!("{} tasks more: costs do not compare", thousands(way.placed - b.ran.placed))
            }
            (_, Usd::ZERO) => String::new(),
            (_, more) => signed(more),
        };
        grid.row([name.to_owned(), thousands(way.placed), format!("{:.2}", way.cost_usd), against]);
    };
    row("what ran", b.ran);
    row("perfect foresight", b.foresight);
    row("no way costs less (proven)", Way { cost_usd: b.foresight_bound_usd, ..b.foresight });
    row("cheapest first", b.greedy);
    row("all on demand", b.on_demand);
    row("all on demand, without limits", b.on_demand_unlimited);
    grid
}

/// What runs: alike tasks of a job in one row.
pub fn running(report: &Report) -> Grid {
    let mut grid = Grid::new([
        ("job", Side::Left),
        ("tasks", Side::Right),
        ("where", Side::Left),
        ("type", Side::Left),
        ("until at the latest", Side::Left),
    ]);
    let mut alike: BTreeMap<_, u64> = BTreeMap::new();
    for s in &report.running.tasks {
        *alike.entry((&s.job, &s.region, &s.instance_type, s.until, s.is_over)).or_default() += u64::from(s.tasks);
    }
    for ((job, region, instance_type, until, is_over), tasks) in alike {
        let until = if is_over { "over by its plan".to_owned() } else { to_seconds(until) };
        grid.row([job.clone(), thousands(tasks), region.to_string(), instance_type.clone(), until]);
    }
    grid
}

/// Prices that jumped.
pub fn jumps(jumps: &[PriceJump]) -> Grid {
    let mut grid = Grid::new([
        ("offer", Side::Left),
        ("was", Side::Right),
        ("is", Side::Right),
        ("modified z", Side::Right),
        ("of changes", Side::Right),
    ]);
    for j in jumps {
        let score = format!("{:+.1}", j.score);
        grid.row([j.offer.clone(), j.was.to_string(), j.is.to_string(), score, j.days.to_string()]);
    }
    grid
}

/// Budgets.
pub fn budgets(rows: &[BudgetRow]) -> Grid {
    let mut grid = Grid::new([
        ("project", Side::Left),
        ("may spend", Side::Right),
        ("planned", Side::Right),
        ("share", Side::Right),
        ("tasks waiting for it", Side::Right),
    ]);
    for b in rows {
        let share = b.planned_usd.as_f64() / b.limit_usd.as_f64();
        let share = if share.is_finite() { render::percent(share) } else { "-".to_owned() };
        let waiting = if b.waiting == 0 { "-".to_owned() } else { thousands(b.waiting) };
        grid.row([b.project.clone(), format!("{:.2}", b.limit_usd), format!("{:.2}", b.planned_usd), share, waiting]);
    }
    grid
}

/// Quotas to ask for.
pub fn quotas(rows: &[QuotaRow]) -> Grid {
    let mut grid = Grid::new([
        ("cloud and place", Side::Left),
        ("quota", Side::Left),
        ("now", Side::Right),
        ("USD a unit", Side::Right),
        ("windows", Side::Right),
    ]);
    for q in rows {
        grid.row([
            q.place.clone(),
            q.quota.clone(),
            thousands(q.available),
            format!("{:.4}", q.usd_per_unit),
            q.windows.to_string(),
        ]);
    }
    grid
}

/// What stands in the clouds.
pub fn owners(rows: &[Owned]) -> Grid {
    let mut grid = Grid::new([
        ("cloud", Side::Left),
        ("owner", Side::Left),
        ("resources", Side::Right),
        ("until at the latest", Side::Left),
    ]);
    for o in rows {
        grid.row([o.cloud.clone(), o.owner.clone(), thousands(o.resources), to_seconds(o.until)]);
    }
    grid
}

/// What is past its time to live.
pub fn orphans(rows: &[Orphan]) -> Grid {
    let mut grid = Grid::new([
        ("cloud", Side::Left),
        ("id", Side::Left),
        ("kind", Side::Left),
        ("state", Side::Left),
        ("owner", Side::Left),
        ("until", Side::Left),
    ]);
    for o in rows {
        let (cloud, id, kind) = (o.cloud.clone(), o.id.clone(), o.kind.clone());
        grid.row([cloud, id, kind, o.state.clone(), o.owner.clone(), to_seconds(o.expired_at)]);
    }
    grid
}

/// Rules of the quarantine that struck.
pub fn not_believed(rows: &[NotBelieved]) -> Grid {
    let mut grid =
        Grid::new([("rule", Side::Left), ("code", Side::Left), ("prices", Side::Right), ("the first", Side::Left)]);
    for n in rows {
        grid.row([n.rule.clone(), n.code.clone(), thousands(n.prices), n.first.clone()]);
    }
    grid
}
