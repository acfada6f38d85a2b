//! Whether a plan's interval holds when the world is not as the planner thinks: an interval is issued first, then the
//! truth is drawn from processes that the planner does not use.
//!
//! Each scenario is a part of the plan, some of its pools drawn by lot, in a world of its own. The interval is that of
//! the planner: its memoryless laws under a prior over their figures ([`Planner`]). The truth is another prior over
//! other processes ([`Truth`]). An oracle that knows the second prior, but not what is drawn, shows how narrow an
//! interval can be.

mod interval;
mod planner;
mod prior;
mod report;
mod truth;
mod unseen;

use rayon::prelude::*;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;

use crate::draws::{Draws, Purpose};
use crate::plan::{Model, ModelError, PoolFigures, PoolOf, World, pool_figures};

use interval::{Sample, cost, missed};
use report::Judged;

pub use planner::Planner;
pub use prior::{Prior, Scarcity};
pub use report::{Calibration, KindRow};
pub use truth::{Kind, Truth};

/// Streams of worlds: the planner's, the truth, the oracle's.
const PLANNER: u64 = 1;
const TRUTH: u64 = 2;
const ORACLE: u64 = 3;
/// Which pools are part of a scenario; the entity is its number.
const PART: Purpose = Purpose(121);

/// How many worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Of the truth.
    pub scenarios: u64,
    /// Behind each interval.
    pub sample: u64,
}

/// Issues intervals for parts of a plan, draws the truth, and compares; `told` hears of each world. The same at any
/// number of threads.
///
/// # Errors
/// Where the plan does not hold together.
pub fn calibrate(
    plan: &Plan,
    planner: &Planner,
    truth: &Truth,
    seed: Seed,
    size: Size,
    told: &(dyn Fn(u64) + Sync),
) -> Result<Calibration, ModelError> {
    let pools = PoolOf::new(&plan.market);
    let source = Source { plan, pools: &pools, seed, told };
    let ours = |draws: &Draws, number| planner.world(draws, number);
    let theirs = |draws: &Draws, number| truth.world(draws, number);
    let planner = Sample::new(source.worlds(PLANNER, size.sample, &ours)?);
    let oracle = Sample::new(source.worlds(ORACLE, size.sample, &theirs)?);
    let drawn = source.worlds(TRUTH, size.scenarios, &theirs)?;
    let lots = Draws::new(seed, 0);
    let judge = |(number, world): (usize, &Vec<PoolFigures>)| {
        let part = part(&lots, number as u64, pools.count);
        let (said, known) = (planner.foresee(&part), oracle.foresee(&part));
        let (cost, interval) = (cost(world, &part), said.cost_interval());
        Judged {
            kind: Truth::kind(number as u64).name(),
            covered: interval.contains(cost),
            missed_covered: said.missed_interval().contains(missed(world, &part)),
            oracle_covered: known.cost_interval().contains(cost),
            width: 2.0 * interval.half_width(),
            oracle_width: 2.0 * known.cost_interval().half_width(),
            rank: said.rank(cost),
            over_median: cost / said.median().max(1e-9),
            risk: 2.0 * interval.half_width() / said.median().max(1e-9),
        }
    };
    let judged: Vec<Judged> = drawn.par_iter().enumerate().map(judge).collect();
    Ok(Calibration::of(&judged, size.sample))
}

/// A plan whose pools are looked at in many worlds.
struct Source<'a> {
    plan: &'a Plan,
    pools: &'a PoolOf,
    seed: Seed,
    told: &'a (dyn Fn(u64) + Sync),
}

impl Source<'_> {
    /// What the pools come to in each of so many worlds.
    fn worlds(
        &self,
        stream: u64,
        count: u64,
        world: &(dyn Fn(&Draws, u64) -> World + Sync),
    ) -> Result<Vec<Vec<PoolFigures>>, ModelError> {
        let seed = Seed(self.seed.0 ^ stream.rotate_left(32));
        let draws = Draws::new(seed, 0);
        let one = |number: u64| {
            let model = Model::with_pools(self.plan, &world(&draws, number), self.pools)?;
            let figures = pool_figures(&model, seed, number);
            (self.told)(1);
            Ok(figures)
        };
        (0..count).into_par_iter().map(one).collect()
    }
}

/// Each pool with a probability that is itself drawn: small parts and large ones.
fn part(lots: &Draws, number: u64, pools: usize) -> Vec<bool> {
    let share = 0.2 + 0.8 * lots.uniform(number, PART, 0);
    (0..pools as u32).map(|pool| lots.uniform(number, PART, pool + 1) < share).collect()
}
