//! One round: a run from its plan to its end, killed and reopened on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_mcp::layers::{Budget, Fence, Idempotency, Register, VirtualTimer};
use tradewind_mcp::provider::Provider;
use tradewind_mcp::simulated::{Simulated, What};
use tradewind_sim::draws::{Draws, Purpose};
use tradewind_sim::plan::Moment;

use super::bug::Bug;
use super::chaos::{Chaos, Fault, Shared};
use super::oracle::Oracle;
use super::promise::{Promise, Tally};
use crate::drive::{Direct, DriveError, Driver, Point, Simulation, Trouble, Watch, replay};
use crate::journal::{Entry, Journal, JournalError, Memory};
use crate::run::{Run, Script};

const TROUBLE: Purpose = Purpose(201);
/// Kills of a round at the most: after them it must end.
const MOST_KILLS: u32 = 12;
/// Probability of a kill at each place between two effects.
const KILL: f64 = 0.02;
/// So long after the last fault a run of a plan of some hours is over: interruptions go on.
const AFTER_FAULTS: Millis = Millis::from_hours(5 * 24);
/// Steps of time after which a round counts as never ending.
const MOST_STEPS: u32 = 200_000;

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
    let Ok(script) = Script::new("torture", plan.clone()).map(Arc::new) else { return Verdict::default() };
    let draws = Draws::new(seed, 1);
    let horizon = plan.rules.horizon;
    let shared = Arc::new(Shared::new(draws.clone(), horizon.end, bug));
    let troubles = troubles(&script, &draws);
    let simulation = Simulation { seed, troubles, budget: Usd::from_nanos(i64::MAX), limits: true };
    let Ok(clouds) = simulation.clouds(&script) else { return Verdict::default() };
    let hands = Arc::new(Direct(clouds.iter().map(|(c, s)| (c.clone(), layered(s.clone()))).collect()));
    let mut torment =
        Torment { shared: shared.clone(), oracle: Oracle { clouds, tally: Tally::default() }, kills: 0, steps: 0 };
    let mut journal = Mistaken { memory: Memory::default(), bug };
    loop {
        let chaos = Chaos { hands: hands.clone(), shared: shared.clone() };
        let (next, ended) = one_life(script.clone(), journal, chaos, &mut torment).await;
        journal = next;
        if let Some(holds) = ended {
            torment.oracle.tally.look(Promise::R8, holds.is_ok(), || holds.err().unwrap_or_default());
            break;
        }
        let kept = (shared.draw() * (journal.memory.unsynced() + 1) as f64) as usize;
        journal.memory.cut_power(kept);
    }
    let entries = journal.memory.entries().unwrap_or_default().len() as u64;
    Verdict { tally: torment.oracle.tally, reached: shared.reached(), entries }
}

/// A leader, from its beginning to its end or its death; its journal, and how the run ended if it did.
async fn one_life(
    script: Arc<Script>,
    journal: Mistaken,
    chaos: Chaos,
    torment: &mut Torment,
) -> (Mistaken, Option<Result<(), String>>) {
    let before = journal.clone();
    let mut driver = match Driver::open(script.clone(), journal, chaos, torment) {
        Ok(driver) => driver,
        Err(DriveError::Stopped) => return (before, None),
        Err(e) => {
            torment.oracle.tally.look(Promise::R9, false, || e.to_string());
            return (before, Some(Ok(())));
        }
    };
    let ended = driver.finish().await;
    let (hash, interruptions) = (driver.run().hash(), driver.run().figures().interruptions);
    let journal = driver.into_journal();
    match ended {
        Err(DriveError::Stopped) if torment.steps <= MOST_STEPS => (journal, None),
        Err(e) => (journal, Some(Err(e.to_string()))),
        Ok(()) => {
            (0..interruptions).for_each(|_| torment.shared.reach(Fault::Interrupted));
            let told = replay(script, &journal.memory.entries().unwrap_or_default());
            let again = told.map(|(run, _)| {
                torment.oracle.look_back(&run);
                let (now, until) = (run.state().now, torment.shared.until + AFTER_FAULTS);
                torment.oracle.tally.look(Promise::R8, now <= until, || format!("it ended at {now}, after {until}"));
                run.hash()
            });
            let same = again.as_ref().is_ok_and(|h| *h == hash);
            torment.oracle.tally.look(Promise::R9, same, || format!("told again: {again:?}, it was {hash}"));
            (journal, Some(Ok(())))
        }
    }
}

/// A cloud behind the layers that keep its promises to callers.
fn layered(cloud: Arc<Simulated>) -> Arc<dyn Provider> {
    let clock = cloud.clone();
    let timer = Arc::new(VirtualTimer(move || clock.now()));
    // A register in memory is refused only where there is no memory.
    let register = Arc::new(Register::in_memory().expect("memory"));
    let budget = Budget::new(cloud, register.clone(), Usd::from_nanos(i64::MAX));
    Arc::new(Fence::new(Idempotency::new(budget, register.clone(), timer), register))
}

/// What goes wrong on the clouds in the plan's time: drawn for each of them.
fn troubles(script: &Script, draws: &Draws) -> Vec<Trouble> {
    let horizon = script.plan.rules.horizon;
    let length = (horizon.end - horizon.start).get() as f64;
    let mut all = Vec::new();
    for (c, cloud) in (0..).zip(script.clouds()) {
        for n in 0..4 {
            let [kind, from] = draws.pair(c, TROUBLE, n);
            let what = match (kind * 6.0) as u32 {
                0 => What::Capacity { left: 0 },
                1 => What::Interrupt,
                2 => What::Throttle { share: 0.3 },
                3 => What::Unreachable { share: 0.3 },
                4 => What::ReplyLost { share: 0.3 },
                _ => What::Outage,
            };
            let from = Millis::new((from * 0.4 * length) as i64);
            let until = from + Millis::new((draws.uniform(c, TROUBLE, n + 100) * 0.1 * length) as i64);
            let (from, until) = (Moment::After(from), Moment::After(until));
            all.push(Trouble { cloud: cloud.clone(), what, place: String::new(), from, until });
        }
    }
    all
}

/// Kills by chance, and looks after every event.
struct Torment {
    shared: Arc<Shared>,
    oracle: Oracle,
    kills: u32,
    steps: u32,
}

impl Watch for Torment {
    fn at(&mut self, point: Point, run: &Run) -> bool {
        if point == Point::Settled {
            self.steps += 1;
            self.oracle.look(run);
        }
        let dies = self.kills < MOST_KILLS && self.shared.draw() < KILL;
        if dies {
            self.kills += 1;
            self.shared.reach(match point {
                Point::BeforeNote => Fault::KillBeforeNote,
                Point::Noted => Fault::KillNoted,
                Point::BeforeCall => Fault::KillBeforeCall,
                Point::Called => Fault::KillCalled,
                Point::Received => Fault::KillReceived,
                Point::Settled => Fault::KillSettled,
            });
        }
        !dies && self.steps <= MOST_STEPS
    }
}

/// A journal that may have a planted mistake.
#[derive(Clone)]
struct Mistaken {
    memory: Memory,
    bug: Option<Bug>,
}

impl Journal for Mistaken {
    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        match self.bug {
            Some(Bug::EntryDropped) if entry.seq() == 20 => Ok(()),
            Some(Bug::EntryChanged) if entry.seq() == 20 => {
                let time = entry.time + Millis::new(1);
                self.memory.append(&Entry { time, ..entry.clone() })
            }
            _ => self.memory.append(entry),
        }
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        self.memory.sync()
    }

    fn entries(&self) -> Result<Vec<Entry>, JournalError> {
        self.memory.entries()
    }
}
