//! What a queue would use if nothing limited it.

use std::collections::{BTreeMap, HashMap};

use tradewind_core::job::{Job, Workload};
use tradewind_core::market::{CapacityType, Market, QuotaUnit};
use tradewind_core::pool::Pool;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::time::{Millis, Time};

/// Hours of use by window.
pub(super) type ByWindow = Vec<f64>;

/// The use of a queue with each task at its cheapest place, by the price of the node alone, from its
/// earliest start for its median runtime.
#[derive(Debug)]
pub(super) struct Demand {
    /// Node-hours of tasks in each pool that is used.
    pub(super) pools: BTreeMap<usize, (Vec<u16>, ByWindow)>,
    /// Unit-hours of each row that is used.
    pub(super) rows: BTreeMap<u16, ByWindow>,
    /// Most units of a row that one task takes, rounded up.
    pub(super) least: BTreeMap<u16, u64>,
    /// Length of each window in hours.
    pub(super) hours: Vec<f64>,
}

impl Demand {
    pub(super) fn of(market: &Market, workload: &Workload, rules: &Rules, pools: &[Pool]) -> Self {
        let horizon = rules.horizon;
        let windows = horizon.windows();
        let hours = (0..windows).map(|t| (horizon.edge(t + 1) - horizon.edge(t)).hours()).collect();
        let mut demand = Self { pools: BTreeMap::new(), rows: BTreeMap::new(), least: BTreeMap::new(), hours };
        let mut places: HashMap<String, Option<(usize, f64)>> = HashMap::new();
        for job in workload.jobs() {
            let place = *places.entry(wishes(job, rules)).or_insert_with(|| cheapest(market, rules, pools, job));
            if let Some((p, speed)) = place {
                demand.add(market, horizon, job, (p, &pools[p]), speed);
            }
        }
        demand
    }

    fn add(&mut self, market: &Market, horizon: Horizon, job: &Job, (p, pool): (usize, &Pool), speed: f64) {
        let from = job.earliest().map_or(horizon.start, |e| e.max(horizon.start));
        let length = Millis::new((job.runtime.p50.get() as f64 / speed) as i64);
        let windows = self.hours.len();
        let rows: Vec<u16> = open_rows(market, pool).collect();
        let nodes = u64::from(job.nodes);
        let task = |q: u16| pool.least_quota_milli(market.quotas[usize::from(q)].unit, job.demand) * nodes;
        for &q in &rows {
            let least = self.least.entry(q).or_default();
            *least = task(q).div_ceil(1000).max(*least);
        }
        for (t, hours) in overlaps(horizon, from, from + length) {
            let hours = hours * f64::from(job.count);
            let (_, of_pool) = self.pools.entry(p).or_insert_with(|| (rows.clone(), vec![0.0; windows]));
            of_pool[t] += hours * nodes as f64;
            for &q in &rows {
                let of_row = self.rows.entry(q).or_insert_with(|| vec![0.0; windows]);
                of_row[t] += hours * task(q) as f64 / 1000.0;
            }
        }
    }
}

/// The limits of a pool, but for commitments.
fn open_rows(market: &Market, pool: &Pool) -> impl Iterator<Item = u16> {
    let rows = market.quota_sets[usize::from(pool.quota_set)].iter().copied();
    rows.filter(|&q| market.quotas[usize::from(q)].unit != QuotaUnit::MilliUsd)
}

/// Everything by which a job's cheapest place is chosen.
fn wishes(job: &Job, rules: &Rules) -> String {
    let who = (&job.arch, job.burstable, job.interruptible, rules.concerning(job), job.demand, &job.gpu);
    let all = (who, &job.clouds, &job.regions, &job.residency, job.max_price);
    serde_json::to_string(&all).unwrap_or_default()
}

/// The open pool where a task's share of a node costs least, and the task's speed there.
fn cheapest(market: &Market, rules: &Rules, pools: &[Pool], job: &Job) -> Option<(usize, f64)> {
    let priced = pools.iter().enumerate().filter_map(|(p, pool)| {
        let speed = speed(market, rules, pool, job)?;
        Some((pool.reference.hourly_scaled(job.demand) as f64 / speed, p, speed))
    });
    priced.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, p, speed)| (p, speed))
}

/// How fast a job runs in a pool that it may use, has a node for it and is not closed by the account.
fn speed(market: &Market, rules: &Rules, pool: &Pool, job: &Job) -> Option<f64> {
    let region = &market.regions[usize::from(pool.region)];
    let refused = |&p: &u16| rules.policies[usize::from(p)].when.concerns(job);
    let may = pool.commitment.is_none()
        && (job.interruptible || pool.capacity_type == CapacityType::OnDemand)
        && job.arch.contains(&pool.arch)
        && (job.burstable || !pool.burstable)
        && (job.clouds.is_empty() || job.clouds.iter().any(|c| c == region.name.cloud()))
        && (job.regions.is_empty() || job.regions.contains(&region.name))
        && (job.residency.is_empty() || job.residency.iter().any(|g| region.residency.contains(g)))
        && !pool.refused_by.iter().any(refused)
        && open_rows(market, pool).all(|q| market.quotas[usize::from(q)].available > 0)
        && pool.fits(market, job.demand);
    let on_gpu = match &job.gpu {
        None => pool.gpu.is_empty().then_some(1.0),
        Some(gpu) => gpu.speed_on(&pool.gpu),
    };
    on_gpu.filter(|_| may).map(|speed| speed * f64::from(pool.speed_milli) / 1000.0)
}

/// Hours of `[from, until)` in each window that it meets.
fn overlaps(horizon: Horizon, from: Time, until: Time) -> impl Iterator<Item = (usize, f64)> {
    let first = ((from - horizon.start).get() / horizon.window.get()).max(0) as usize;
    (first..horizon.windows()).take_while(move |&t| horizon.edge(t) < until).map(move |t| {
        let within = until.min(horizon.edge(t + 1)) - from.max(horizon.edge(t));
        (t, within.get().max(0) as f64 / 3.6e6)
    })
}
