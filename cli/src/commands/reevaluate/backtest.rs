//! The last plan's tasks at tonight's prices, bought in other ways.

use std::collections::BTreeMap;

use tradewind_core::job::{Job, Workload};
use tradewind_core::market::Market;
use tradewind_core::money::Usd;
use tradewind_core::plan::{Baseline, Plan};
use tradewind_core::rules::Rules;
use tradewind_core::seed::Seed;
use tradewind_optimizer::revise::{Earlier, revise};
use tradewind_optimizer::{Request, Stop, baseline};
use tradewind_scheduler::nightly::regret::{Backtest, Way};

use super::tonight::Tonight;
use crate::failure::Failure;

/// How hard the solver tries.
pub struct Solver<'a> {
    /// Threads.
    pub threads: usize,
    /// Why to stop.
    pub stop: &'a (dyn Fn() -> Option<Stop> + Sync),
}

impl Solver<'_> {
    /// A request on a night's prices.
    pub fn request<'r>(
        &'r self,
        tonight: &Tonight,
        workload: &'r Workload,
        market: &'r Market,
        rules: &'r Rules,
    ) -> Request<'r> {
        Request {
            workload,
            market,
            rules,
            market_hash: tonight.market_hash.clone(),
            as_of: tonight.as_of,
            seed: Seed(0),
            gap: None,
            threads: self.threads,
            assumptions: tonight.loaded.assumptions.clone(),
            stop: self.stop,
            progress: &|_| {},
        }
    }
}

/// The backtest; none where the plan placed nothing.
///
/// # Errors
/// The solver fails.
pub fn of(last: &Plan, tonight: &Tonight, solver: &Solver<'_>) -> Result<Option<Backtest>, Failure> {
    let Some(placed) = placed(last) else { return Ok(None) };
    let (market, rules) = (&tonight.loaded.market, &last.rules);
    let request = solver.request(tonight, &placed, market, rules);
    let known = revise(&request, &Earlier { plan: last, charge: &|_| Usd::ZERO })?;
    let rule = |name: &str| way(known.plan.summary.baselines.get(name).cloned());
    let (free_market, free_queue) = (without_quotas(market), without_budgets(&placed));
    let free_rules = Rules { budgets: BTreeMap::new(), ..rules.clone() };
    Ok(Some(Backtest {
        ran: way_of(&known.held),
        foresight: way_of(&known.plan),
        foresight_bound_usd: known.plan.summary.lower_bound_usd,
        greedy: rule("cheapest_first"),
        on_demand: rule("on_demand"),
        on_demand_unlimited: way(Some(baseline("on_demand", &free_queue, &free_market, &free_rules))),
        lost: known.lost,
    }))
}

/// The tasks that a plan places, as a queue of their own.
fn placed(plan: &Plan) -> Option<Workload> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    plan.placements.iter().for_each(|p| *counts.entry(&p.job).or_default() += p.count());
    let placed = |job: &Job| {
        let count = *counts.get(job.id.as_str())?;
        Some(Job { count, ..job.clone() })
    };
    let jobs: Vec<Job> = plan.workload.jobs().iter().filter_map(placed).collect();
    // What a placed job waits for is placed too, so that this is still a queue.
    Workload::new(jobs).ok().filter(|w| !w.jobs().is_empty())
}

fn way_of(plan: &Plan) -> Way {
    Way { placed: plan.summary.placed, cost_usd: plan.summary.cost_usd }
}

fn way(made: Option<Baseline>) -> Way {
    made.map_or(Way { placed: 0, cost_usd: Usd::ZERO }, |b| Way { placed: b.placed, cost_usd: b.cost_usd })
}

/// The market of an account that may have as much as it likes.
fn without_quotas(market: &Market) -> Market {
    let mut free = market.clone();
    free.quotas.iter_mut().for_each(|q| q.available = u64::MAX >> 24);
    free
}

/// The queue of someone who pays any price.
fn without_budgets(queue: &Workload) -> Workload {
    let free = queue.jobs().iter().map(|job| Job { budget: None, max_price: None, ..job.clone() });
    // No id and no dependency is touched: it is still a queue.
    Workload::new(free.collect()).unwrap_or_default()
}
