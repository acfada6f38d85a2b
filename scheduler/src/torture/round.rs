//! One round: a run from its plan to its end, killed and reopened on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_sim::draws::{Draws, Purpose};

use super::alarms::{Alarms, is_watched};
use super::bug::Bug;
use super::chaos::Chaos;
use super::death::{ByChance, Death};
use super::fault::Fault;
use super::mistakes::Mistakes;
use super::oracle::Oracle;
use super::promise::{Promise, Tally};
use super::shared::Shared;
use super::stage::{Storm, layered};
use super::store::Store;
use crate::drive::{Direct, DriveError, Driver, Hands, Place, Point, Watch, recover, tell_again};
use crate::journal::Journal;
use crate::run::{Run, Script};

const SNAPSHOT: Purpose = Purpose(205);
/// Entries between two snapshots in a round at the most, and at the least one.
const MOST_BETWEEN: f64 = 60.0;
/// So long after the last fault a run is over: interruptions go on, and what they took is done again.
const AFTER_FAULTS: Millis = Millis::from_hours(24);
/// Steps of time after which a round counts as never ending: so many, or so many a task of a larger plan. Calls beyond a
/// cloud's limit are made again and again, each time a step.
const MOST_STEPS: u32 = 5_000;
const STEPS_PER_TASK: u32 = 100;

/// What a round found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Promises.
    pub tally: Tally,
    /// Faults that were reached.
    pub reached: BTreeMap<Fault, u64>,
    /// Entries of the journal.
    pub entries: u64,
}

/// Tortures a run of a plan.
pub async fn run_round(plan: &Plan, seed: Seed, bug: Option<Bug>) -> Verdict {
    round(plan, seed, bug, is_watched(&Draws::new(seed, 1))).await
}

/// The same without anybody who tells the run of places that are out, whatever the seed says: rounds as they were
/// before anybody did.
pub async fn run_unwatched_round(plan: &Plan, seed: Seed) -> Verdict {
    round(plan, seed, None, false).await
}

async fn round(plan: &Plan, seed: Seed, bug: Option<Bug>, is_watched: bool) -> Verdict {
    let Ok(script) = Script::new("torture", plan.clone()).map(Arc::new) else { return Verdict::default() };
    let draws = Draws::new(seed, 1);
    let storm = Storm::drawn(&script, &draws, is_watched);
    let alarms = Alarms::new(&script, draws, is_watched);
    play(&script, seed, storm, alarms, bug, ByChance::default()).await.0
}

/// Plays a round in a storm to its end; what was found, and what became of death.
pub(super) async fn play<D: Death>(
    script: &Arc<Script>,
    seed: Seed,
    storm: Storm,
    mut alarms: Alarms,
    bug: Option<Bug>,
    death: D,
) -> (Verdict, D) {
    let draws = Draws::new(seed, 1);
    let between = 1 + (draws.uniform(0, SNAPSHOT, 0) * MOST_BETWEEN) as u64;
    let shared = Arc::new(Shared::new(draws, storm.until));
    let Ok(clouds) = storm.simulation(seed).clouds(script) else { return (Verdict::default(), death) };
    let layers = clouds.iter().map(|(name, cloud)| (name.clone(), layered(cloud.clone(), storm.limit(name), bug)));
    let chaos = Chaos::new(Arc::new(Direct(layers.collect())), shared.clone(), Mistakes::new(bug));
    let oracle = Oracle::new(clouds, storm.limits);
    let most_steps = MOST_STEPS.max(STEPS_PER_TASK.saturating_mul(script.tasks().len() as u32));
    let mut torment = Torment { shared: shared.clone(), oracle, death, steps: 0, most_steps };
    let mut life = Life { script: script.clone(), store: Store::new(bug), chaos, between };
    loop {
        let ended = life.live(&mut torment, &mut alarms).await;
        if let Some(holds) = ended {
            torment.oracle.tally.look(Promise::R8, holds.is_ok(), || holds.err().unwrap_or_default());
            break;
        }
        life.store.cut_power(&shared);
        let is_whole = life.store.is_whole();
        torment.oracle.tally.look(Promise::R10, is_whole, || "the journal is not what was written".to_owned());
    }
    let store = life.store;
    let entries = store.entries().unwrap_or_default().len() as u64;
    (Verdict { tally: torment.oracle.tally, reached: shared.reached(), entries }, torment.death)
}

/// One leader after the other, each with what the one before left.
struct Life {
    script: Arc<Script>,
    store: Store,
    chaos: Chaos,
    /// Entries between two snapshots.
    between: u64,
}

impl Life {
    /// A leader, from its beginning to its end or its death; how the run ended if it did.
    async fn live<D: Death>(&mut self, torment: &mut Torment<D>, alarms: &mut Alarms) -> Option<Result<(), String>> {
        let (script, store, chaos) = (self.script.clone(), self.store.clone(), self.chaos.clone());
        let is_resumed = recover(script.clone(), &store).is_ok_and(|r| r.kept > 0);
        let shared = torment.shared.clone();
        let mut driver = match Driver::open_with_snapshots(script.clone(), store, chaos, torment, self.between) {
            Ok(driver) => driver,
            Err(DriveError::Stopped) => return None,
            Err(e) => {
                torment.oracle.tally.look(Promise::R9, false, || e.to_string());
                return Some(Ok(()));
            }
        };
        if is_resumed {
            shared.reach(Fault::FromSnapshot);
        }
        let ended = go_on(&mut driver, alarms, &shared).await;
        let (hash, interruptions) = (driver.run().hash(), driver.run().figures().interruptions);
        self.store = driver.into_journal();
        match ended {
            Err(DriveError::Stopped) if torment.steps <= torment.most_steps => None,
            Err(DriveError::Stopped) => Some(Err(format!("it did not end in {} steps of time", torment.most_steps))),
            Err(e) => Some(Err(e.to_string())),
            Ok(()) => {
                (0..interruptions).for_each(|_| torment.shared.reach(Fault::Interrupted));
                torment.look_back(script, &self.store, &hash);
                Some(Ok(()))
            }
        }
    }
}

/// Goes on until nothing is left to do, and is told of places on the way.
async fn go_on<H: Hands, J: Journal>(
    driver: &mut Driver<'_, H, J>,
    alarms: &mut Alarms,
    shared: &Shared,
) -> Result<(), DriveError> {
    while driver.step().await? {
        alarms.ring(driver, shared).await?;
    }
    Ok(())
}

/// Kills, and looks after every event.
struct Torment<D> {
    shared: Arc<Shared>,
    oracle: Oracle,
    death: D,
    steps: u32,
    most_steps: u32,
}

impl<D> Torment<D> {
    /// At the end: what the journal tells is what was, and everything is as promised.
    fn look_back(&mut self, script: Arc<Script>, store: &Store, hash: &str) {
        let told = tell_again(script, store);
        let again = told.map(|(run, _)| {
            self.oracle.look_back(&run, self.shared.old_terms_let_through());
            let (now, until) = (run.state().now, self.shared.until + AFTER_FAULTS);
            self.oracle.tally.look(Promise::R8, now <= until, || format!("it ended at {now}, after {until}"));
            run.hash()
        });
        let same = again.as_ref().is_ok_and(|h| h == hash);
        self.oracle.tally.look(Promise::R9, same, || format!("told again: {again:?}, it was {hash}"));
    }
}

impl<D: Death> Watch for Torment<D> {
    fn at(&mut self, place: Place<'_>, run: &Run) -> bool {
        if place.point == Point::Settled {
            self.steps += 1;
            self.oracle.look(run);
        }
        !self.death.strikes(place, run, &self.shared) && self.steps <= self.most_steps
    }
}
