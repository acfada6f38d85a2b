//! The allocator's door: what to plan, how hard to try, and the order of the steps.

use std::collections::BTreeMap;

use tradewind_core::certificate::PlacementCertificate;
use tradewind_core::job::Workload;
use tradewind_core::market::Market;
use tradewind_core::plan::{Baseline, Plan, Termination};
use tradewind_core::rejection::Rejection;
use tradewind_core::rules::Rules;
use tradewind_core::seed::Seed;
use tradewind_core::time::Time;

use crate::assemble::{self, Search};
use crate::baselines;
use crate::budgets;
use crate::exact::{self, Seen};
use crate::improve::improve;
use crate::insertion::{self, Manner};
use crate::master::MasterError;
use crate::placeable;
use crate::problem::Problem;
use crate::relaxation::{Objective, Relaxation};
use crate::schedule::Schedule;
use crate::search::{better, search};
use crate::singles::Singles;
use crate::sketch::{self, Relaxable, Sketch};

/// What to plan, and how hard to try.
pub struct Request<'a> {
    /// The queue.
    pub workload: &'a Workload,
    /// The market.
    pub market: &'a Market,
    /// Horizon and budgets.
    pub rules: &'a Rules,
    /// Content hash of the market.
    pub market_hash: String,
    /// The instant the plan is for.
    pub as_of: Time,
    /// Source of chance; this version draws none.
    pub seed: Seed,
    /// Stop when this gap is proven.
    pub gap: Option<f64>,
    /// Threads, 0 for all cores; the result does not depend on it.
    pub threads: usize,
    /// For people, kept in the plan.
    pub assumptions: Vec<String>,
    /// Polled between steps; a reason ends the search early with a valid plan.
    pub stop: &'a (dyn Fn() -> Option<Stop> + Sync),
    /// Told as the search proceeds.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// No more tasks are planned at once; the checker takes no more either.
pub const MOST_TASKS: u64 = 1_000_000;

/// Why the caller wants to stop early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The user's time limit.
    TimeLimit,
    /// Ctrl-C.
    Interrupted,
}

/// A stage of the search, for a progress bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What is going on.
    pub stage: &'static str,
    /// Lower bound so far, dollars.
    pub bound: Option<f64>,
    /// Best cost so far, dollars.
    pub cost: Option<f64>,
}

/// Why there is no plan at all. Infeasible jobs are not an error: they are listed in the plan.
#[derive(Debug, thiserror::Error)]
pub enum OptimizerError {
    /// The solver failed.
    #[error("the solver failed: {0}")]
    Solver(#[from] MasterError),
    /// More tasks than this version plans at once.
    #[error("{tasks} tasks in one queue; this version plans up to {MOST_TASKS} at once")]
    TooLarge {
        /// Tasks in the queue.
        tasks: u64,
    },
    /// No threads could be started.
    #[error("cannot start threads: {0}")]
    Threads(String),
}

/// Plans the queue: a schedule of every task that can be placed, its exact cost, and a certificate
/// from which `tradewind_core::check` recomputes the bound.
///
/// # Errors
/// More than [`MOST_TASKS`] tasks, or the solver or the thread pool fails.
pub fn allocate(request: &Request<'_>) -> Result<Plan, OptimizerError> {
    in_pool(request, |found| assemble::plan(request, &found.schedule, found.relaxation, found.placement, &found.search))
}

/// What the search came to: all that a plan is assembled from.
pub(crate) struct Found<'f, 'p, 'a> {
    pub request: &'f Request<'a>,
    pub schedule: Schedule<'p, 'a>,
    pub singles: &'f Singles,
    pub relaxation: &'f Relaxation,
    pub placement: Vec<PlacementCertificate>,
    pub search: Search,
}

/// Searches on threads of its own, and finishes there with what was found.
pub(crate) fn in_pool<T: Send>(
    request: &Request<'_>,
    finish: impl FnOnce(Found<'_, '_, '_>) -> T + Send,
) -> Result<T, OptimizerError> {
    let tasks = request.workload.tasks();
    if tasks > MOST_TASKS {
        return Err(OptimizerError::TooLarge { tasks });
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(request.threads)
        .build()
        .map_err(|e| OptimizerError::Threads(e.to_string()))?;
    pool.install(|| run(request, finish))
}

fn run<T>(request: &Request<'_>, finish: impl FnOnce(Found<'_, '_, '_>) -> T) -> Result<T, OptimizerError> {
    let stopped = || (request.stop)().is_some();
    let say = |stage, bound, cost| (request.progress)(Progress { stage, bound, cost });
    say("candidates", None, None);
    let sketch = Sketch::of(request.workload, request.market, request.rules);
    let small = sketch.as_ref().map(|s| Problem::new(&s.workload, request.market, request.rules));
    let relaxed = small.as_ref().map(|small| sketch::relax(small, &stopped)).transpose()?;
    let problem = match small.as_ref().zip(relaxed.as_ref()) {
        Some((small, relaxed)) => sketch::narrowed(request.workload, request.market, request.rules, small, relaxed),
        None => Problem::new(request.workload, request.market, request.rules),
    };
    let relaxable = match (&sketch, &small, &relaxed) {
        (Some(sketch), Some(small), Some(relaxed)) => Relaxable::sketched(&problem, small, sketch, relaxed),
        _ => Relaxable::whole(&problem),
    };
    let singles = Singles::new(&problem);
    let penalty = penalties(&problem, &singles);
    say("bound", None, None);
    let counts: Vec<u32> = problem.classes.iter().map(|c| if c.choices.is_empty() { 0 } else { c.tasks }).collect();
    let mut relaxation = relaxable.solve(&counts, &penalty, Objective::Cost, None, &stopped)?;
    say("packing", Some(relaxation.bound), None);
    let enough = request.gap.map(|gap| relaxation.bound * (1.0 + gap));
    let told = |cost| say("search", Some(relaxation.bound), Some(cost));
    let mut seen = Seen::new(&problem);
    let (mut schedule, reached) = search(&problem, &relaxation, &singles, enough, &told, &mut seen, &stopped);
    let mut termination = if reached { Termination::GapReached } else { Termination::WorkLimit };
    say("baselines", Some(relaxation.bound), Some(schedule.cost()));
    let mut measured = Vec::new();
    let mut simple: Option<(Baseline, Schedule<'_, '_>)> = None;
    for name in baselines::NAMES {
        // Stopped: what is not worked out is left out, never half done.
        if stopped() {
            break;
        }
        let mut baseline = baselines::build(name, &problem, &singles);
        budgets::repair(&mut baseline);
        let priced = assemble::priced(&baseline);
        seen.note(&baseline);
        let best = |(p, s): &(Baseline, Schedule<'_, '_>)| {
            let (x, y) = (baseline.placed_by_level(), s.placed_by_level());
            x > y || (x == y && priced.cost_usd < p.cost_usd)
        };
        if simple.as_ref().is_none_or(best) {
            simple = Some((priced.clone(), baseline.clone()));
        }
        measured.push((name, priced));
        if better(&baseline, &schedule) {
            improve(&mut baseline, &relaxation, &singles, &stopped);
            schedule = baseline;
        }
    }
    let mut taken_out = budgets::repair(&mut schedule);
    say("choice", Some(relaxation.bound), Some(schedule.cost()));
    let column_gap = if reached { None } else { exact::choose(&mut schedule, seen, &relaxation, &singles, &stopped) };
    let one_more_fits = fill_up(&mut schedule, &singles, &mut taken_out, &stopped);
    // The search leaves out what keeping copies costs: a simple rule may be cheaper by that.
    let exact = |s: &Schedule<'_, '_>| assemble::priced(s).cost_usd;
    let as_many = |s: &Schedule<'_, '_>| s.placed_by_level() == schedule.placed_by_level();
    if let Some((_, cheaper)) = simple.filter(|(p, s)| as_many(s) && p.cost_usd < exact(&schedule)) {
        schedule = cheaper;
    }
    let placed: Vec<u32> = problem.classes.iter().zip(&schedule.left).map(|(c, l)| c.tasks - l).collect();
    if placed != counts || relaxation.unserved > 1e-6 {
        say("bound", Some(relaxation.bound), Some(schedule.cost()));
        let high: Vec<f64> = penalty.iter().map(|p| p * 100.0).collect();
        relaxation = relaxable.solve(&placed, &high, Objective::Cost, Some(&relaxation), &stopped)?;
    }
    let placement = placeable::certificates(&relaxable, &schedule, &stopped)?;
    match (request.stop)() {
        Some(Stop::TimeLimit) => termination = Termination::TimeLimit,
        Some(Stop::Interrupted) => termination = Termination::Interrupted,
        None => {}
    }
    let search = Search { baselines: measured, taken_out, termination, one_more_fits, column_gap };
    Ok(finish(Found { request, schedule, singles: &singles, relaxation: &relaxation, placement, search }))
}

/// What leaving a task unserved costs in the relaxation: far more than it could, not astronomically.
pub(crate) fn penalties(problem: &Problem<'_>, singles: &Singles) -> Vec<f64> {
    (0..problem.classes.len()).map(|k| singles.of(k).first().map_or(1.0, |s| 100.0 * s.cost + 1.0)).collect()
}

/// Places what fits after all: the search and the budgets may have freed quota. Whether something
/// still fits that was not placed, because the caller stopped.
pub(crate) fn fill_up(
    schedule: &mut Schedule<'_, '_>,
    singles: &Singles,
    taken_out: &mut BTreeMap<usize, Rejection>,
    stopped: &(dyn Fn() -> bool + Sync),
) -> bool {
    let problem = schedule.problem;
    let limits = budgets::any(problem);
    for k in 0..problem.classes.len() {
        if !limits {
            insertion::place_all(schedule, singles, k, Manner::FREE);
            continue;
        }
        while schedule.left[k] > 0 && !problem.classes[k].choices.is_empty() {
            let mut fuller = schedule.clone();
            if !insertion::place(&mut fuller, singles, k, Manner::FREE) {
                break;
            }
            if let Some((&class, &reason)) = budgets::repair(&mut fuller).first_key_value() {
                taken_out.entry(class).or_insert(reason);
                break;
            }
            if stopped() {
                return true;
            }
            *schedule = fuller;
        }
    }
    // Stopped in the middle: whatever is left may or may not fit.
    stopped() && schedule.left.iter().zip(&problem.classes).any(|(l, c)| *l > 0 && !c.choices.is_empty())
}
