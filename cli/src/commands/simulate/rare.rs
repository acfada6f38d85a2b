//! `tradewind simulate --rare`: how probable misses are that no replication sees.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use clap::Args;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_datasets::queue::{Problem, nearest};
use tradewind_sim::plan::{Model, Sharpness, rare_miss};

use crate::commands::plan::threads;
use crate::commands::progress::Counter;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::simulate::rare::RareRow;

/// Which jobs are looked at.
#[derive(Debug, Clone, Args)]
pub struct RareArgs {
    /// How probable a missed deadline is, however rare, of the N jobs that the plan puts most at risk.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub rare: Option<u64>,
    /// The same of a job; repeat it for more.
    #[arg(long, value_name = "JOB")]
    pub rare_job: Vec<String>,
}

/// What was found of each job asked for, in order; `name` is the plan's file.
///
/// # Errors
/// `TW4050` of a job that is not in the plan, or cannot be late.
pub fn rows(
    args: &RareArgs,
    plan: &Plan,
    model: &Model,
    (name, seed): (&str, Seed),
    wanted: Option<NonZeroUsize>,
) -> Result<Vec<RareRow>, Failure> {
    let asked = args.rare_job.iter().map(|id| index(plan, id, name)).collect::<Result<Vec<usize>, _>>()?;
    let bounds = bounds(plan);
    let riskiest = riskiest(plan, &bounds, args.rare.unwrap_or(0) as usize);
    let counter = Counter::new(None);
    let row = |k: usize| {
        let miss = rare_miss(model, k as u32, seed, Sharpness::default(), &|done| counter.add(done));
        let job = &plan.workload.jobs()[k];
        let cannot = || refused(name, &job.id, "the plan does not place it, or it has no deadline".to_owned());
        let planned = bounds.get(job.id.as_str()).copied().unwrap_or_default();
        let (job, allowed) = (job.id.clone(), job.max_miss_probability);
        Ok(RareRow { job, planned, allowed, miss: miss.ok_or_else(cannot)? })
    };
    let all = || asked.into_iter().chain(riskiest).map(row).collect();
    match rayon::ThreadPoolBuilder::new().num_threads(threads(wanted)).build() {
        Ok(pool) => pool.install(all),
        // No threads to be had: on those of the caller.
        Err(_) => all(),
    }
}

/// The placed jobs with a deadline that are likeliest to miss it by the plan; of equals the first by id.
fn riskiest(plan: &Plan, bounds: &HashMap<&str, f64>, most: usize) -> Vec<usize> {
    let jobs = plan.workload.jobs().iter().enumerate().filter(|(_, job)| job.deadline.is_some());
    let mut all: Vec<(f64, usize)> = jobs.filter_map(|(k, job)| Some((*bounds.get(job.id.as_str())?, k))).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    all.into_iter().take(most).map(|(_, k)| k).collect()
}

/// The plan's bound for one task of each placed job.
fn bounds(plan: &Plan) -> HashMap<&str, f64> {
    let mut bounds: HashMap<&str, f64> = HashMap::new();
    for placement in &plan.placements {
        let bound = bounds.entry(&placement.job).or_default();
        *bound = bound.max(placement.miss_probability.unwrap_or(0.0));
    }
    bounds
}

fn index(plan: &Plan, id: &str, name: &str) -> Result<usize, Failure> {
    plan.workload.index_of(id).ok_or_else(|| {
        let near = nearest(id, plan.workload.jobs().iter().map(|j| j.id.as_str()));
        refused(name, id, near.map_or("the plan has no such job".to_owned(), |n| format!("did you mean {n:?}?")))
    })
}

fn refused(name: &str, id: &str, help: String) -> Failure {
    let problem = Problem::of_file("TW4050", "no such job can miss a deadline", name).got(format!("{id:?}"));
    Failure::new(Exit::BadInput, problem.accepted("a job that the plan places and that has a deadline").help(help))
}
