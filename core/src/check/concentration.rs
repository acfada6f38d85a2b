//! The concentration cap: what each spot pool holds of the deadline-critical work, and what a certificate
//! proves by the cap's prices.

use std::collections::BTreeMap;

use super::Report;
use super::bound::sane;
use super::schedule::Schedule;
use super::view::View;
use crate::certificate::ConcentrationDual;
use crate::concentration::{concerns, work_of_queue, work_of_task};
use crate::job::Job;
use crate::plan::Plan;

/// Thousandths in a percentage point.
const PER_POINT: i128 = 1000;

/// Pool by pool: the work of the placed tasks within the share.
pub(super) fn check(plan: &Plan, view: &View<'_>, schedule: &Schedule, report: &mut Report) {
    let Some(share) = view.rules.concentration else { return };
    let all = work_of_queue(view.workload);
    let limit = share.of(all);
    for (pool, work) in work_by_pool(plan, view, schedule) {
        let percent = |work: i128| format!("{:.3} %", work as f64 / all as f64 * 100.0);
        report.expect(
            "concentration",
            work <= limit,
            || "/rules/concentration".to_owned(),
            || format!("{} of the deadline-critical work on {}", percent(work), view.pools[pool].key),
            || format!("at most {share} on one spot pool"),
        );
    }
}

/// Deadline-critical work of the tasks placed on each spot pool that has some.
fn work_by_pool(plan: &Plan, view: &View<'_>, schedule: &Schedule) -> BTreeMap<usize, i128> {
    let mut held: BTreeMap<usize, i128> = BTreeMap::new();
    for (i, placement) in plan.placements.iter().enumerate() {
        let offer = schedule.on[i].and_then(|a| schedule.offers[a]);
        let (Some(offer), Some((k, _))) = (offer, schedule.laws[i]) else { continue };
        let pool = view.pool_of[offer];
        let work = work_of_task(&view.workload.jobs()[k]);
        if work > 0 && concerns(&view.pools[pool]) {
            let sum = held.entry(pool).or_default();
            *sum = sum.saturating_add(work.saturating_mul(i128::from(placement.count())));
        }
    }
    held
}

/// The prices of the cap, as a bound uses them.
pub(super) struct CapPrices {
    /// Price of a percentage point, by pool; none where there is no cap or nothing is due.
    points: BTreeMap<usize, i128>,
    /// The share in thousandths of a percentage point.
    share: i128,
    /// Work that is the whole.
    all: i128,
}

impl CapPrices {
    pub(super) fn new(view: &View<'_>, duals: &[ConcentrationDual]) -> Self {
        let all = work_of_queue(view.workload);
        let mut points = BTreeMap::new();
        let share = view.rules.concentration.filter(|_| all > 0);
        for dual in duals.iter().filter(|_| share.is_some()) {
            if let Some(pool) = view.pools.iter().position(|p| p.key == dual.pool && concerns(p)) {
                *points.entry(pool).or_insert(0) += sane(dual.price);
            }
        }
        Self { points, share: share.map_or(0, |s| i128::from(s.thousandths())), all }
    }

    /// What the shares of all pools are worth, rounded up.
    pub(super) fn worth_of_all(&self) -> i128 {
        let worth = |price: &i128| (price * self.share).div_euclid(PER_POINT) + 1;
        self.points.values().map(worth).sum()
    }

    /// Work of a task of a job as [`Self::of`] prices it; not worked out where nothing has a price.
    pub(super) fn work(&self, job: &Job) -> i128 {
        if self.points.is_empty() { 0 } else { work_of_task(job) }
    }

    /// What a task pays for its work in a pool, rounded down; nothing where that cannot be worked out,
    /// which only lowers a bound.
    pub(super) fn of(&self, work: i128, pool: usize) -> i128 {
        let price = self.points.get(&pool).copied().unwrap_or(0);
        let points = work.checked_mul(100);
        points.and_then(|p| p.checked_mul(price)).map_or(0, |x| x / self.all.max(1))
    }
}
