//! All that a run knows. It changes by events alone: the same events give the same state to the byte.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tradewind_core::time::Time;

use super::call::Call;
use super::node::{Life, Node};
use super::pool::Pool;
use super::script::Script;
use super::task::{Phase, Task};
use crate::ledger::Ledger;
use tradewind_core::time::Millis;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The plan is read.
    Planner,
    /// The clouds are asked for the account's limits.
    Allocator,
    /// Nodes are launched, tasks run.
    Executor,
    /// Every task has ended and every bill is there: the clouds are looked through for what was left behind.
    Verifier,
    /// Nothing is left.
    Finished,
}

/// What a run wants to be woken for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// A node is to be launched.
    Launch(u32),
    /// The plan's start of a task has come.
    Due(u32),
    /// A stint of a task must leave spot.
    Leave(u32, u32),
    /// A task may be tried again.
    Again(u32),
    /// A call is to be sent again.
    Resend(u64),
    /// A budget may be spent now.
    Budget,
    /// Projects are to be held against the plan.
    Projects,
    /// The pause of a pool is over.
    Probe(String),
    /// No longer is anything waited for.
    GiveUp,
    /// The clouds are to be looked through once more.
    Verify,
}

/// What an id of a cloud stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// A life of a node.
    Life(u32),
    /// A stint of a task.
    Stint(u32, u32),
}

/// A stint that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stint {
    /// The task.
    pub task: u32,
    /// First of its nodes.
    pub node: u32,
    /// From here.
    pub from: Time,
    /// Until here.
    pub until: Time,
    /// Whether it was cut short.
    pub cut: bool,
}

/// All that a run knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// How far it is.
    pub stage: Stage,
    /// The term of its leader.
    pub epoch: u64,
    /// Its time.
    pub now: Time,
    /// The nodes: those planned, then those behind spot.
    pub nodes: Vec<Node>,
    /// The tasks.
    pub tasks: Vec<Task>,
    /// Tasks that are not over.
    pub undone: u32,
    /// All launches.
    pub lives: Vec<Life>,
    /// Lives without a bill.
    pub unbilled: u32,
    /// Stints that are over, in order of their ends.
    pub stints: Vec<Stint>,
    /// Tasks that are being stopped.
    pub stopping: BTreeSet<u32>,
    /// Calls without an answer.
    pub open: BTreeMap<u64, Call>,
    /// Calls so far.
    pub calls: u64,
    /// What the ids of clouds stand for, by cloud and id.
    pub ids: BTreeMap<String, Known>,
    /// The last event of each cloud that was heard of.
    pub cursors: BTreeMap<String, u64>,
    /// The zones of allocations that must stay in one.
    pub zones: BTreeMap<String, String>,
    /// Clouds on which a launch was given up though calls of it were never answered: they may still come.
    pub doubted: BTreeSet<String>,
    /// Whether something may have come since the clouds were looked through for the last time.
    pub unsure: bool,
    /// Pools without room, by name.
    pub pools: BTreeMap<String, Pool>,
    /// Whether its owner does not want it any more.
    pub cancelled: bool,
    /// Who pays for it.
    pub ledger: Ledger,
    timers: BTreeSet<(Time, u64, Timer)>,
    timed: u64,
}

impl State {
    /// Before anything happened.
    pub fn new(script: &Script) -> Self {
        let node = |(home, planned): (_, &tradewind_sim::plan::PlannedNode)| {
            Node::new(home, script.model().capacity(planned.machine), planned.parts)
        };
        let nodes = script.homes().iter().copied().zip(script.model().nodes()).map(node).collect();
        let task = |t: u32| Task {
            phase: Phase::Waiting,
            due: false,
            waits_for: script.task(t).waits_for,
            progress: script.unbegun(t),
            stints: 0,
            began: Time::default(),
            on_nodes: Millis::ZERO,
            first_node: script.task(t).first_node,
            moved: false,
            ended: None,
        };
        let count = script.tasks().len() as u32;
        Self {
            stage: Stage::Planner,
            epoch: 0,
            now: script.begins(),
            nodes,
            tasks: (0..count).map(task).collect(),
            undone: count,
            lives: Vec::new(),
            unbilled: 0,
            stints: Vec::new(),
            stopping: BTreeSet::new(),
            open: BTreeMap::new(),
            calls: 0,
            ids: BTreeMap::new(),
            cursors: BTreeMap::new(),
            zones: BTreeMap::new(),
            doubted: BTreeSet::new(),
            unsure: false,
            pools: BTreeMap::new(),
            cancelled: false,
            ledger: Ledger::new(script.chart()),
            timers: BTreeSet::new(),
            timed: 0,
        }
    }

    /// Asks to be woken; what is asked first comes first at an instant.
    pub fn wake_at(&mut self, at: Time, timer: Timer) {
        self.timed += 1;
        self.timers.insert((at, self.timed, timer));
    }

    /// Takes the next timer that is due.
    pub fn take_due(&mut self) -> Option<Timer> {
        if self.next_wake()? > self.now {
            return None;
        }
        self.timers.pop_first().map(|(_, _, timer)| timer)
    }

    /// When the run wants to be woken next.
    pub fn next_wake(&self) -> Option<Time> {
        self.timers.first().map(|(at, _, _)| *at)
    }

    /// Forgets all timers: nothing is waited for any more.
    pub fn forget_timers(&mut self) {
        self.timers.clear();
    }
}
