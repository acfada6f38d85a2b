//! Queues of 4 to 12 tasks whose optimum is known: tiny instances side by side, each searched
//! exhaustively, planned as one.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use support::merged::{job_name, merged};
use support::{Instance, Optimum, exhaustive, instance, plan};
use tradewind_core::check;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;

const PARTS: u64 = 200;
const INSTANCES: u64 = 6_000;

/// What became of an instance.
enum Outcome {
    /// The tasks of the optimum are placed, at this excess over its cost.
    Same(f64),
    /// Other tasks, as many on each level of priority.
    Other,
    Fewer,
}

#[test]
fn queues_of_four_to_twelve_tasks_stand_beside_the_exhaustive_optimum() {
    let part = |seed: u64| {
        let mut i = instance(200_000 + seed, 2 + (seed % 2) as usize);
        // One horizon for all: the third that cuts its last window stays with itself.
        i.rules = instance(1, 2).rules;
        let best = exhaustive(&i);
        (i, best)
    };
    let parts: Vec<(Instance, Optimum)> = (0..PARTS).map(part).collect();
    let outcomes = outcomes(&parts);
    let excesses: Vec<f64> =
        outcomes.iter().filter_map(|o| if let Outcome::Same(x) = o { Some(*x) } else { None }).collect();
    let fewer = outcomes.iter().filter(|o| matches!(o, Outcome::Fewer)).count();
    let dear = excesses.iter().filter(|x| **x > 1e-9).count();
    let n = excesses.len() as f64;
    let mean = excesses.iter().map(|x| x.max(0.0)).sum::<f64>() / n;
    let worst = excesses.iter().copied().fold(0.0, f64::max);
    println!(
        "{} instances of 4 to 12 tasks: {} at the grid's optimum or below, {dear} dearer (mean {:.3} %, worst {:.1} %), \
         {fewer} with fewer tasks placed",
        outcomes.len(),
        excesses.len() - dear,
        100.0 * mean,
        100.0 * worst
    );
    assert!(n > 0.8 * outcomes.len() as f64, "too few with the tasks of the optimum");
    assert!((dear as f64) < 0.10 * n, "fewer than 90 % optimal");
    assert!(mean < 0.005, "mean excess over 0.5 %");
    assert!(fewer * 25 <= outcomes.len(), "more than 4 % of the plans place fewer tasks than possible");
}

/// All outcomes, on all cores: each plan is made on one.
fn outcomes(parts: &[(Instance, Optimum)]) -> Vec<Outcome> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let share = |t: u64| (t..INSTANCES).step_by(threads as usize).map(|seed| outcome(seed, parts)).collect();
    std::thread::scope(|scope| {
        let shares: Vec<_> = (0..threads).map(|t| scope.spawn(move || -> Vec<Outcome> { share(t) })).collect();
        shares.into_iter().flat_map(|s| s.join().expect("no outcome panics")).collect()
    })
}

fn outcome(seed: u64, parts: &[(Instance, Optimum)]) -> Outcome {
    let mut rng = StdRng::seed_from_u64(seed);
    let chosen: Vec<usize> =
        (0..[2, 2, 2, 3, 4][rng.random_range(0..5)]).map(|_| rng.random_range(0..parts.len())).collect();
    let whole = merged(&chosen.iter().map(|&c| &parts[c].0).collect::<Vec<_>>());
    let p = plan(&whole);
    let report = check::check(&p);
    assert!(report.is_clean(), "seed {seed}: {:#?}", report.violations);
    let best: u64 = chosen.iter().flat_map(|&c| &parts[c].1.by_job).sum();
    assert!(p.summary.placed_upper_bound >= best, "seed {seed}: the placement bound is below {best}");
    let same = chosen.iter().enumerate().all(|(n, &c)| placed_as(&p, n, &parts[c]));
    let cost: Usd = chosen.iter().map(|&c| parts[c].1.cost).sum();
    if same {
        assert!(p.summary.lower_bound_usd <= cost, "seed {seed}: bound {} above {cost}", p.summary.lower_bound_usd);
        Outcome::Same(p.summary.cost_usd.as_f64() / cost.as_f64().max(1e-12) - 1.0)
    } else if p.summary.placed < best {
        Outcome::Fewer
    } else {
        Outcome::Other
    }
}

/// Whether the plan places as many tasks of each of the part's jobs as its optimum.
fn placed_as(plan: &Plan, n: usize, (part, best): &(Instance, Optimum)) -> bool {
    part.workload.jobs().iter().zip(&best.by_job).all(|(job, &wanted)| {
        let id = job_name(n, &job.id);
        let tasks = |t: [u32; 2]| u64::from(t[1] - t[0]) + 1;
        plan.placements.iter().filter(|p| p.job == id).map(|p| tasks(p.tasks)).sum::<u64>() == wanted
    })
}
