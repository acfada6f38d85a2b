//! The whole choice in one program: every task, offer and window at once.
//!
//! A task takes 1/m of a node on which m of its kind fit, and of the node's bill and quota; the last node of
//! a kind may so be broken, which a plan may not. What is left out (staging, dependencies) makes it
//! cheaper still.

use std::collections::BTreeMap;
use std::time::Instant;

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, constraint, solvers::highs::highs, variable};
use tradewind_core::check::View;
use tradewind_core::cost::{least_rate, own_cost};
use tradewind_core::job::{Job, Workload};
use tradewind_core::market::{CapacityType, Market};
use tradewind_core::pool::Pool;
use tradewind_core::rules::Rules;
use tradewind_core::time::Time;
use tradewind_optimizer::master::{LiveMaster, Master, RowId, RowKind};

/// Offers of a class that are kept, the cheapest.
const OFFERS: usize = 20;
/// Dollars for leaving a task out: more than any task of the queues costs.
const PENALTY: f64 = 1e4;

/// A class on an offer from a start.
struct Column {
    class: usize,
    /// Dollars a task.
    cost: f64,
    /// Share of each quota row that one task takes, by row and window.
    quota: Vec<((u16, usize), f64)>,
}

/// The program: classes with their counts, and all columns.
pub struct Monolith {
    counts: Vec<u32>,
    columns: Vec<Column>,
}

/// What a solver made of it.
pub struct Answer {
    pub seconds: f64,
    /// Share of the tasks.
    pub placed: f64,
    /// Dollars, of what is placed.
    pub cost: f64,
    pub columns: usize,
}

impl Monolith {
    pub fn new(queue: &Workload, market: &Market, rules: &Rules) -> Self {
        let view = View::of(queue, market, rules);
        let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
        for (k, job) in queue.jobs().iter().enumerate() {
            *counts.entry(view.class_of[k]).or_default() += job.count;
        }
        let columns = counts.keys().enumerate().flat_map(|(class, &job)| columns(&view, class, job)).collect();
        Self { counts: counts.into_values().collect(), columns }
    }

    /// The linear program by HiGHS, all columns at once.
    pub fn relaxed(&self) -> Answer {
        let begun = Instant::now();
        let mut master = LiveMaster::new();
        let cover: Vec<RowId> = self.counts.iter().map(|_| master.add_row(RowKind::Equal(1.0), &[])).collect();
        let mut quota: BTreeMap<(u16, usize), RowId> = BTreeMap::new();
        for (key, _) in self.columns.iter().flat_map(|c| &c.quota) {
            quota.entry(*key).or_insert_with(|| master.add_row(RowKind::AtMost(1.0), &[]));
        }
        let whole = |k: usize| f64::from(self.counts[k]);
        for (k, &row) in cover.iter().enumerate() {
            master.add_column(PENALTY * whole(k), f64::INFINITY, &[(row, 1.0)]);
        }
        for c in &self.columns {
            let n = whole(c.class);
            let takes = c.quota.iter().map(|(key, share)| (quota[key], share * n));
            let entries: Vec<(RowId, f64)> = std::iter::once((cover[c.class], 1.0)).chain(takes).collect();
            master.add_column(c.cost * n, f64::INFINITY, &entries);
        }
        let solved = master.solve().expect("leaving everything out is feasible");
        let left: f64 = (0..self.counts.len()).map(|k| solved.primal[k] * whole(k)).sum();
        self.answer(begun, left, solved.objective - PENALTY * left, self.columns.len())
    }

    /// One binary a task, offer and window by HiGHS, or nothing found in time.
    pub fn naive(&self, seconds: f64) -> Option<Answer> {
        let begun = Instant::now();
        let mut variables = ProblemVariables::new();
        let (mut objective, mut quota) = (Expression::default(), BTreeMap::<(u16, usize), Expression>::new());
        let mut tasks = Vec::new();
        let mut of_class: Vec<Vec<&Column>> = vec![Vec::new(); self.counts.len()];
        self.columns.iter().for_each(|c| of_class[c.class].push(c));
        for (k, &n) in self.counts.iter().enumerate() {
            for _ in 0..n {
                let out = variables.add(variable().binary());
                objective.add_mul(PENALTY, out);
                let mut cover = Expression::from(out);
                for c in &of_class[k] {
                    let x = variables.add(variable().binary());
                    objective.add_mul(c.cost, x);
                    cover.add_mul(1.0, x);
                    c.quota.iter().for_each(|(key, share)| quota.entry(*key).or_default().add_mul(*share, x));
                }
                tasks.push((out, cover));
            }
        }
        let binaries = variables.len();
        let mut model = variables.minimise(objective.clone()).using(highs).set_threads(1).set_time_limit(seconds);
        model.set_verbose(false);
        for (_, cover) in &tasks {
            model.add_constraint(constraint!(cover.clone() == 1.0));
        }
        for (_, takes) in quota {
            model.add_constraint(constraint!(takes <= 1.0));
        }
        let solved = model.solve().ok()?;
        // At the limit of time the solver returns what it has, which may be no plan at all.
        if tasks.iter().any(|(_, cover)| (solved.eval(cover) - 1.0).abs() > 1e-4) {
            return None;
        }
        let left: f64 = tasks.iter().map(|(out, _)| solved.value(*out)).sum();
        Some(self.answer(begun, left, solved.eval(&objective) - PENALTY * left, binaries))
    }

    fn answer(&self, begun: Instant, left: f64, cost: f64, columns: usize) -> Answer {
        let tasks: f64 = self.counts.iter().map(|&n| f64::from(n)).sum();
        Answer { seconds: begun.elapsed().as_secs_f64(), placed: 1.0 - left / tasks, cost, columns }
    }
}

/// The columns of a class, of which `job` is one.
fn columns(view: &View<'_>, class: usize, job: usize) -> Vec<Column> {
    let wanted = &view.workload.jobs()[job];
    let mut offers: Vec<(f64, usize)> = Vec::new();
    for pool in view.pools.iter().filter(|p| allowed(view, wanted, p)) {
        let Some(law) = view.law(job, pool) else { continue };
        let Some(own) = own_cost(view.market, pool.region, wanted, &law, view.behind(job, pool, &law)) else {
            continue;
        };
        for &o in &pool.offers {
            let offer = &view.market.offers[o];
            let hours = (law.mean + view.market.cloud_of(offer).boot.mean()).hours();
            let rate = least_rate(view.market, offer).nanos() as f64 / 1e9;
            let per_node = fit(view, wanted, o);
            if per_node > 0 {
                let nodes = f64::from(wanted.nodes) / per_node as f64;
                offers.push((rate * hours * nodes + own.total().as_f64(), o));
            }
        }
    }
    offers.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    offers.truncate(OFFERS);
    offers.into_iter().flat_map(|(cost, o)| starts(view, class, job, o, cost)).collect()
}

/// An offer from its earliest start and from each later window.
fn starts(view: &View<'_>, class: usize, job: usize, o: usize, cost: f64) -> Vec<Column> {
    let (wanted, offer, horizon) = (&view.workload.jobs()[job], &view.market.offers[o], view.rules.horizon);
    let Some(law) = view.law(job, &view.pools[view.pool_of[o]]) else { return Vec::new() };
    let boot = view.market.cloud_of(offer).boot.mean();
    let earliest = (horizon.start + boot).max(wanted.earliest().unwrap_or(horizon.start));
    let latest = wanted.deadline.map_or(horizon.end, |d| d - law.required);
    let nodes = f64::from(wanted.nodes) / fit(view, wanted, o) as f64;
    let edges = (1..horizon.windows()).map(|t| horizon.edge(t)).filter(|e| *e > earliest);
    let starts = std::iter::once(earliest).chain(edges).filter(|s| *s <= latest && *s < horizon.end);
    let column = |start: Time| {
        let mut quota = Vec::new();
        for &q in view.market.quotas_of(offer) {
            let row = &view.market.quotas[usize::from(q)];
            let takes = view.market.taken_milli(row.unit, offer) as f64 * nodes / 1000.0 / row.available.max(1) as f64;
            for t in 0..horizon.windows() {
                let from = (start - boot).max(horizon.edge(t));
                let until = (start + law.reserved).min(horizon.edge(t + 1));
                if until > from {
                    quota.push(((q, t), takes * (until - from).hours() / horizon.window.hours()));
                }
            }
        }
        Column { class, cost, quota }
    };
    starts.map(column).collect()
}

/// How many tasks a node of an offer holds.
fn fit(view: &View<'_>, job: &Job, o: usize) -> u64 {
    let (c, d) = (view.market.type_of(&view.market.offers[o]).capacity, job.demand);
    let by = |have: u64, need: u64| have.checked_div(need).unwrap_or(u64::MAX);
    by(c.vcpu_milli, d.vcpu_milli).min(by(c.memory_mib, d.memory_mib)).min(by(c.gpu_milli, d.gpu_milli))
}

/// Whether the job's own rules and the account allow a pool.
fn allowed(view: &View<'_>, job: &Job, pool: &Pool) -> bool {
    let region = &view.market.regions[usize::from(pool.region)];
    let open = |&q: &u16| view.market.quotas[usize::from(q)].available > 0;
    let on_gpu = match &job.gpu {
        None => pool.gpu.is_empty(),
        Some(gpu) => gpu.speed_on(&pool.gpu).is_some(),
    };
    on_gpu
        && job.arch.contains(&pool.arch)
        && (job.burstable || !pool.burstable)
        && (job.interruptible || pool.capacity_type == CapacityType::OnDemand)
        && (job.clouds.is_empty() || job.clouds.iter().any(|c| c == region.name.cloud()))
        && (job.regions.is_empty() || job.regions.contains(&region.name))
        && (job.residency.is_empty() || job.residency.iter().any(|g| region.residency.contains(g)))
        && view.market.quota_sets[usize::from(pool.quota_set)].iter().all(open)
}
