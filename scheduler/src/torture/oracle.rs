//! The oracle: it sees the run and the clouds, and holds one against the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tradewind_core::money::Usd;
use tradewind_core::time::{Millis, Time};
use tradewind_mcp::simulated::{Kind, Simulated, Thing, World};

use super::promise::{Promise, Tally};
use super::truth::{Allowed, allowed, known};
use crate::run::Run;
use crate::run::task::Phase;

/// What was saved by the stints of a task that are over, by task; and what its running stint begins from.
type Saved = BTreeMap<String, (Millis, Option<Millis>)>;
/// What may be owed beyond a budget: so long what runs may go on. The granule of bills, a minute; a simulated cloud
/// ends what it is told to end at once.
const BEYOND: Millis = Millis::from_secs(60);
/// So long a node may run that the run knows nothing of: a launch that was given up and came late is found when it is
/// ready, which takes its boot (a time to live of 15 minutes and one look of 5, as R4 has it).
const UNKNOWN: Millis = Millis::from_secs(20 * 60);

/// Sees everything.
pub(super) struct Oracle {
    pub clouds: BTreeMap<String, Arc<Simulated>>,
    /// What may be owed on each cloud, where there is a limit.
    pub limits: BTreeMap<String, Usd>,
    pub tally: Tally,
    /// Nodes that the run knows nothing of, by cloud, allocation, index and attempt, and since when.
    strays: BTreeMap<(String, String, u32, u32), Time>,
}

impl Oracle {
    /// Over the clouds of a round.
    pub fn new(clouds: BTreeMap<String, Arc<Simulated>>, limits: BTreeMap<String, Usd>) -> Self {
        Self { clouds, limits, tally: Tally::default(), strays: BTreeMap::new() }
    }

    /// After an event.
    pub fn look(&mut self, run: &Run) {
        let (allowed, known) = (allowed(run), known(run));
        let (mut nodes, mut jobs, mut saved) = (BTreeMap::new(), BTreeMap::new(), Saved::new());
        for (cloud, simulated) in self.clouds.clone() {
            let world = simulated.world();
            self.look_at_budget(&cloud, &world, run);
            for thing in world.things() {
                match thing.kind {
                    Kind::Node if thing.runs => {
                        self.look_at_node(run.state().now, &cloud, &thing, &allowed, &known);
                        *nodes.entry(thing.decision.allocation).or_insert(0) += 1;
                    }
                    Kind::Job => {
                        let task = format!("{}/{}", thing.decision.allocation, thing.decision.node);
                        let (before, now) = saved.entry(task.clone()).or_default();
                        if thing.runs {
                            *jobs.entry(task).or_insert(0) += 1;
                            *now = Some(thing.saved);
                        } else {
                            *before = thing.saved.max(*before);
                        }
                    }
                    _ => {}
                }
            }
        }
        self.look_at_counts(nodes, &allowed, jobs);
        for (task, (before, now)) in saved {
            let holds = now.is_none_or(|now| now >= before);
            self.tally.look(Promise::R1, holds, || format!("{task} runs from {now:?}, {before:?} was saved"));
        }
    }

    fn look_at_budget(&mut self, cloud: &str, world: &World, run: &Run) {
        let Some(&limit) = self.limits.get(cloud) else { return };
        let (owed, running) = world.owed(&run.script().plan.market, BEYOND);
        let holds = owed <= limit + running;
        self.tally.look(Promise::R5, holds, || format!("{owed} is owed on {cloud}, the limit is {limit}"));
    }

    fn look_at_node(
        &mut self,
        now: Time,
        cloud: &str,
        thing: &Thing,
        allowed: &BTreeMap<String, Allowed>,
        known: &BTreeSet<(String, u32, u32)>,
    ) {
        let (name, attempt) = (&thing.decision.allocation, thing.decision.attempt);
        let inside = allowed.get(name).is_some_and(|a| a.is_at(cloud, &thing.zone));
        self.tally.look(Promise::R6, inside, || format!("{name} in {} of {cloud}", thing.zone));
        let is_known = known.contains(&(name.clone(), thing.index, attempt));
        let stray = (cloud.to_owned(), name.clone(), thing.index, attempt);
        if is_known {
            self.strays.remove(&stray);
        }
        let since = if is_known { now } else { *self.strays.entry(stray).or_insert(now) };
        let node = || format!("node {name}/{}/{attempt} runs on {cloud}, and the run knows nothing of it", thing.index);
        self.tally.look(Promise::R4, now - since <= UNKNOWN, node);
    }

    fn look_at_counts(
        &mut self,
        nodes: BTreeMap<String, u32>,
        allowed: &BTreeMap<String, Allowed>,
        jobs: BTreeMap<String, u32>,
    ) {
        for (name, n) in nodes {
            let most = allowed.get(&name).map_or(0, |a| a.nodes);
            self.tally.look(Promise::R2, n <= most, || format!("{n} nodes of {name}, {most} wanted"));
        }
        for (task, n) in jobs {
            self.tally.look(Promise::R3, n <= 1, || format!("{n} stints of {task} run at once"));
            self.tally.look(Promise::R7, n <= 1, || format!("{task} was started again while it ran"));
        }
    }

    /// At the end of a run.
    pub fn look_back(&mut self, run: &Run, old_terms_let_through: u64) {
        let state = run.state();
        let things: Vec<Thing> = self.clouds.values().flat_map(|c| c.world().things().collect::<Vec<_>>()).collect();
        for (t, task) in (0..).zip(&state.tasks) {
            self.tally.look(Promise::R1, task.phase.is_over(), || format!("task {t} is {:?}", task.phase));
            let ends = state.stints.iter().filter(|s| s.task == t && !s.cut).count();
            self.tally.look(Promise::R3, ends <= 1, || format!("task {t} ended {ends} times"));
            let (job, index) = (&run.script().job(t).id, run.script().task(t).index);
            let is_it = |x: &Thing| x.decision.allocation == *job && x.decision.node == index && x.has_succeeded;
            let holds = task.phase != Phase::Done || things.iter().any(is_it);
            self.tally.look(Promise::R1, holds, || format!("task {t} is done, and its cloud knows nothing of that"));
        }
        for (cloud, simulated) in &self.clouds {
            let world = simulated.world();
            let left = world.things().filter(|t| t.kind == Kind::Node && t.is_there).count();
            self.tally.look(Promise::R4, left == 0, || format!("{left} nodes are left on {cloud}"));
        }
        let told: Usd = state.lives.iter().filter_map(|l| l.billed).sum();
        let billed: Usd = self.clouds.values().map(|c| c.world().billed()).sum();
        self.tally.look(Promise::R11, told == billed, || format!("the run says {told}, the clouds {billed}"));
        let through = old_terms_let_through;
        self.tally.look(Promise::R2, through == 0, || format!("{through} calls of old leaders were let through"));
    }
}
