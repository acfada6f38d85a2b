//! What each rule costs: the relaxation of the plan solved again without it, warm from the columns
//! that solved it with the rule.
//!
//! The dual of a degenerate program is one of many; a difference of two optima is not. What is
//! compared are optima of the fluid relaxation that bounds the plan, so a price is what the rule
//! costs the best plan imaginable, up to the plan's gap.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use serde::Serialize;
use tradewind_core::job::Workload;
use tradewind_core::market::{Market, QuotaUnit};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::pool;
use tradewind_core::rules::Rules;

use super::dollars;
use super::rule::PricedRule;
use crate::master::MasterError;
use crate::problem::{Class, Problem};
use crate::relaxation::{self, Objective, Relaxation, Rounds, Way};
use crate::request::penalties;
use crate::singles::Singles;

/// Rules confirmed by solving again.
const CONFIRMED: usize = 10;
/// Rules of the queue looked at: those over the most expensive jobs.
const EXAMINED: usize = 60;
/// Fewer tasks are noise.
const LEAST_TASKS: f64 = 1e-3;
/// Closeness of bound and value in the solves that are compared.
const GAP: f64 = 1e-6;

/// What a rule costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RulePrice {
    /// The rule.
    #[serde(flatten)]
    pub rule: PricedRule,
    /// Jobs under it; 0 for quotas.
    pub jobs: u64,
    /// What was done to find the price.
    pub relaxed: String,
    /// Tasks that can be placed without it and not with it (of the relaxation: may be a fraction).
    pub places_tasks: f64,
    /// What the tasks that the plan places would cost less without it.
    pub saves_usd: Usd,
    /// For quotas: what would be used without the limit, at the peak, in whole units.
    pub would_use: Option<u64>,
}

/// The prices of a plan's rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RulePrices {
    /// Cost of the relaxation of the tasks that the plan places, with all rules.
    pub relaxation_usd: Usd,
    /// Tasks of the queue that the relaxation cannot place.
    pub unplaced_tasks: f64,
    /// Rules there are, quotas that are never felt left out.
    pub known: u64,
    /// Rules looked at: all, or those over the most expensive jobs.
    pub examined: u64,
    /// The dearest rules, each confirmed by a solve without it: most tasks first, then most dollars.
    pub rules: Vec<RulePrice>,
}

/// Inputs without some rules.
struct Inputs {
    workload: Workload,
    market: Market,
    rules: Rules,
}

impl Inputs {
    fn without(&self, lifted: &[&PricedRule]) -> Self {
        let mut jobs = self.workload.jobs().to_vec();
        let (mut market, mut rules) = (self.market.clone(), self.rules.clone());
        lifted.iter().for_each(|rule| rule.lift(&mut jobs, &mut market, &mut rules));
        // No id and no dependency is touched: it is still a queue.
        Self { workload: Workload::new(jobs).unwrap_or_default(), market, rules }
    }
}

/// A column that survives a change of the inputs.
struct Lasting {
    /// First job of the class.
    job: usize,
    pool: String,
    instance_type: String,
    start: i64,
}

/// Tasks of each job, and what leaving one unserved costs.
struct Load {
    tasks: Vec<u32>,
    penalty: Vec<f64>,
}

/// A solved relaxation and the columns it used.
struct Solved {
    relaxation: Relaxation,
    columns: Vec<Lasting>,
}

/// The relaxations with all rules.
struct Base {
    /// All tasks.
    load: Load,
    all: Solved,
    /// Penalties of tasks that can run nowhere.
    closed: f64,
    /// Marginal cost of all tasks of each job.
    worth: Vec<f64>,
    /// The tasks that the plan places: what is saved on them is not mixed with what more tasks cost.
    /// `None` where these are all.
    placed: Option<(Load, Solved)>,
}

/// Finds the prices of the rules of a plan. `market` is the whole market of the plan: only there the
/// offers stand that residency, clouds and regions rule out.
///
/// # Errors
/// The solver fails.
pub fn rule_prices(plan: &Plan, market: &Market) -> Result<RulePrices, MasterError> {
    let market = needed(market, &plan.workload, &plan.rules);
    let inputs = Inputs { workload: plan.workload.clone(), market, rules: plan.rules.clone() };
    let base = solve_base(plan, &inputs)?;
    let (candidates, known) = candidates(&inputs, &base)?;
    let examined = candidates.len() as u64;
    let mut estimated: Vec<(f64, PricedRule, u64)> = candidates
        .into_par_iter()
        .map(|(rule, jobs)| (most_worth(&inputs, &base, &rule), rule, jobs))
        .filter(|(worth, ..)| *worth > 1e-3)
        .collect();
    estimated.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    estimated.truncate(CONFIRMED);
    let prices: Result<Vec<RulePrice>, MasterError> =
        estimated.into_par_iter().map(|(_, rule, jobs)| confirm(&inputs, &base, rule, jobs)).collect();
    let mut rules: Vec<RulePrice> = prices?.into_iter().filter(|p| p.is_felt()).collect();
    rules
        .sort_by(|a, b| b.rank().partial_cmp(&a.rank()).unwrap_or(std::cmp::Ordering::Equal).then(a.rule.cmp(&b.rule)));
    Ok(RulePrices {
        relaxation_usd: dollars(base.placed().1.relaxation.cost),
        unplaced_tasks: base.all.relaxation.unserved,
        known,
        examined,
        rules,
    })
}

impl RulePrice {
    /// Worth a thousandth of a task or a tenth of a cent.
    fn is_felt(&self) -> bool {
        self.places_tasks > LEAST_TASKS || self.saves_usd.nanos() >= 1_000_000
    }

    /// Tasks in thousandths, then dollars.
    fn rank(&self) -> (f64, i64) {
        ((self.places_tasks * 1e3).round(), self.saves_usd.nanos())
    }
}

/// The offers that any bound over the queue's places needs, whatever rules are lifted, with what stands
/// behind spot.
fn needed(market: &Market, workload: &Workload, rules: &Rules) -> Market {
    let pools = pool::pools(market, &rules.policies);
    let mut kept = pool::frontier(market, &pools);
    if workload.jobs().iter().any(|j| j.interruptible && j.deadline.is_some()) {
        pools.iter().flat_map(|p| &p.behind).for_each(|&o| kept[o] = true);
    }
    let mut regions: Vec<u16> = workload.places().filter_map(|p| market.region_index(p)).collect();
    regions.sort_unstable();
    regions.dedup();
    market.subset(|i, _| kept[i], &regions)
}

fn solve_base(plan: &Plan, inputs: &Inputs) -> Result<Base, MasterError> {
    let problem = Problem::new(&inputs.workload, &inputs.market, &inputs.rules);
    let known = penalties(&problem, &Singles::new(&problem));
    // A task that can run nowhere now is worth as much as the dearest.
    let most = known.iter().copied().fold(1.0, f64::max);
    let of_class = |k: usize| if problem.classes[k].choices.is_empty() { most } else { known[k] };
    let penalty: Vec<f64> = problem.class_of.iter().map(|&k| of_class(k)).collect();
    let jobs = plan.workload.jobs();
    let load = Load { tasks: jobs.iter().map(|j| j.count).collect(), penalty: penalty.clone() };
    let all = solve(&problem, &load, &[])?;
    let mut tasks = vec![0; jobs.len()];
    for p in &plan.placements {
        if let Some(j) = plan.workload.index_of(&p.job) {
            tasks[j] = p.count().saturating_add(tasks[j]).min(jobs[j].count);
        }
    }
    let placed = if tasks == load.tasks {
        None
    } else {
        let load = Load { tasks, penalty };
        let solved = solve(&problem, &load, &all.columns)?;
        Some((load, solved))
    };
    let closed = load.closed(&problem).1;
    let marginal = |(j, &k): (usize, &usize)| f64::from(load.tasks[j]) * all.relaxation.alpha[k].max(0.0);
    let worth = problem.class_of.iter().enumerate().map(marginal).collect();
    Ok(Base { worth, load, all, closed, placed })
}

impl Base {
    /// The tasks that the plan places.
    fn placed(&self) -> (&Load, &Solved) {
        self.placed.as_ref().map_or((&self.load, &self.all), |(load, solved)| (load, solved))
    }
}

impl Load {
    /// Tasks of each class that can run somewhere.
    fn counts(&self, problem: &Problem<'_>) -> Vec<u32> {
        let of = |c: &Class| if c.choices.is_empty() { 0 } else { c.jobs.iter().map(|&j| self.tasks[j]).sum() };
        problem.classes.iter().map(of).collect()
    }

    /// Penalty of a task of each class.
    fn penalties(&self, problem: &Problem<'_>) -> Vec<f64> {
        problem.classes.iter().map(|c| self.penalty[c.jobs[0]]).collect()
    }

    /// Tasks that can run nowhere, and their penalties.
    fn closed(&self, problem: &Problem<'_>) -> (f64, f64) {
        let nowhere = problem.classes.iter().filter(|c| c.choices.is_empty()).flat_map(|c| &c.jobs);
        nowhere.fold((0.0, 0.0), |(n, p), &j| {
            let tasks = f64::from(self.tasks[j]);
            (n + tasks, p + tasks * self.penalty[j])
        })
    }
}

/// Solves the relaxation of a load, warm from `from`.
fn solve(problem: &Problem<'_>, load: &Load, from: &[Lasting]) -> Result<Solved, MasterError> {
    let (counts, penalties) = (load.counts(problem), load.penalties(problem));
    let seeds = seeds(problem, from);
    let rounds = Rounds { gap: GAP, ..Rounds::from(&seeds) };
    let mut relaxation = relaxation::solve(problem, &counts, &penalties, Objective::Cost, rounds, &|| false)?;
    relaxation.unserved += load.closed(problem).0;
    let last = |c: &relaxation::Column| {
        let class = &problem.classes[c.class];
        let pool = class.choices[c.way.choice as usize].pool as usize;
        let offer = &problem.market.offers[c.way.offer as usize];
        Lasting {
            job: class.jobs[0],
            pool: problem.pools[pool].key.clone(),
            instance_type: problem.market.type_of(offer).name.clone(),
            start: c.way.start,
        }
    };
    let columns = relaxation.columns.iter().map(last).collect();
    Ok(Solved { relaxation, columns })
}

/// The columns of another problem that exist in this one.
fn seeds(problem: &Problem<'_>, from: &[Lasting]) -> Vec<(usize, Way)> {
    let pools: HashMap<&str, usize> = problem.pools.iter().enumerate().map(|(p, x)| (x.key.as_str(), p)).collect();
    let find = |last: &Lasting| {
        let class = problem.class_of[last.job];
        let pool = *pools.get(last.pool.as_str())?;
        let choices = &problem.classes[class].choices;
        let choice = choices.binary_search_by_key(&(pool as u32), |c| c.pool).ok()?;
        let named = |o: &&usize| problem.market.type_of(&problem.market.offers[**o]).name == last.instance_type;
        let offer = *problem.pools[pool].offers.iter().find(named)? as u32;
        let may_start = (choices[choice].earliest..=choices[choice].latest).contains(&last.start);
        may_start.then_some((class, Way { choice: choice as u32, offer, start: last.start }))
    };
    from.iter().filter_map(find).collect()
}

/// The rules that may cost something, with the number of jobs under each, and how many there are: those
/// of the queue, the quotas with a price, and those that would be passed if there were none.
fn candidates(inputs: &Inputs, base: &Base) -> Result<(BTreeMap<PricedRule, u64>, u64), MasterError> {
    let of_queue = PricedRule::of_queue(&inputs.workload, &inputs.rules, &base.worth);
    let known = of_queue.len();
    let mut dearest: Vec<(PricedRule, (u64, f64))> = of_queue.into_iter().collect();
    dearest.sort_by(|a, b| b.1.1.total_cmp(&a.1.1).then(a.0.cmp(&b.0)));
    let mut all: BTreeMap<PricedRule, u64> =
        dearest.into_iter().take(EXAMINED).map(|(r, (jobs, _))| (r, jobs)).collect();
    let rows = inputs.market.quotas.len();
    let limits = (0..rows).filter(|&q| inputs.market.quotas[q].unit != QuotaUnit::MilliUsd);
    let every: Vec<PricedRule> = limits.map(|q| quota(&inputs.market, q)).collect();
    let unlimited = inputs.without(&every.iter().collect::<Vec<_>>());
    let problem = Problem::new(&unlimited.workload, &unlimited.market, &unlimited.rules);
    let relaxed = solve(&problem, &base.load, &base.all.columns)?;
    let duals = &base.all.relaxation.prices.quota;
    let felt = |q: usize| duals.range((q as u16, 0)..=(q as u16, usize::MAX)).next().is_some();
    let passed = |q: usize| relaxed.relaxation.peaks[q] > inputs.market.quotas[q].available as f64 + 1e-6;
    // A commitment is no limit that can be asked away: more of it costs more.
    let limit = |q: usize| inputs.market.quotas[q].unit != QuotaUnit::MilliUsd;
    let quotas: Vec<usize> = (0..rows).filter(|&q| limit(q) && (felt(q) || passed(q))).collect();
    let known = (known + quotas.len()) as u64;
    all.extend(quotas.into_iter().map(|q| (quota(&inputs.market, q), 0)));
    Ok((all, known))
}

fn quota(market: &Market, q: usize) -> PricedRule {
    let row = &market.quotas[q];
    PricedRule::Quota { row: row.name.clone(), unit: row.unit, available: row.available }
}

/// The most that lifting a rule can be worth: what the base's prices, without those of the rule, prove
/// about the problem without it. Dollars, tasks that are not served at their penalty.
fn most_worth(inputs: &Inputs, base: &Base, rule: &PricedRule) -> f64 {
    let lifted = inputs.without(&[rule]);
    let problem = Problem::new(&lifted.workload, &lifted.market, &lifted.rules);
    let mut prices = base.all.relaxation.prices.clone();
    match rule {
        PricedRule::Quota { row, .. } => {
            prices.quota.retain(|(q, _), _| &lifted.market.quotas[usize::from(*q)].name != row);
        }
        PricedRule::Budget { project, .. } => {
            let named = problem.budgets.iter().zip(&mut prices.budget).filter(|((p, _), _)| p == project);
            named.for_each(|(_, dual)| *dual = 0.0);
        }
        PricedRule::Concentration { .. } => prices.concentration.clear(),
        _ => {}
    }
    let (counts, penalties) = (base.load.counts(&problem), base.load.penalties(&problem));
    let bound = relaxation::bound_at(&problem, &counts, &penalties, &prices) + base.load.closed(&problem).1;
    base.all.relaxation.bound + base.closed - bound
}

/// Solves again without the rule: all tasks for what more can be placed, and those of the plan for what
/// they would cost.
fn confirm(inputs: &Inputs, base: &Base, rule: PricedRule, jobs: u64) -> Result<RulePrice, MasterError> {
    let lifted = inputs.without(&[&rule]);
    let problem = Problem::new(&lifted.workload, &lifted.market, &lifted.rules);
    let all = solve(&problem, &base.load, &base.all.columns)?.relaxation;
    let places_tasks = (base.all.relaxation.unserved - all.unserved).max(0.0);
    let (load, before) = base.placed();
    let after = match base.placed {
        Some(_) => solve(&problem, load, &before.columns)?.relaxation,
        None => all.clone(),
    };
    let used = |row: &str| {
        let q = lifted.market.quotas.iter().position(|q| q.name == row)?;
        Some(if places_tasks > LEAST_TASKS { all.peaks[q] } else { after.peaks[q] }.ceil() as u64)
    };
    Ok(RulePrice {
        relaxed: rule.relaxed(),
        jobs,
        places_tasks,
        saves_usd: dollars(before.relaxation.cost - after.cost),
        would_use: if let PricedRule::Quota { row, .. } = &rule { used(row) } else { None },
        rule,
    })
}
