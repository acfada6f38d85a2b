//! A node of a run, and its lives: each launch is one, from the call that made it to its bill.

use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::resources::Resources;
use tradewind_core::time::Time;

use super::script::Home;

/// What is known of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Its launch is planned, or will be tried again.
    Planned,
    /// A launch is asked for.
    Asked,
    /// Launched, not usable yet.
    Booting,
    /// Usable.
    Up,
    /// Taken back; what ran on it is being stopped.
    Lost,
    /// Nothing needs it any more.
    Released,
}

impl Phase {
    /// The transitions that there are; any other is a defect.
    pub fn may_become(self, next: Self) -> bool {
        use Phase::{Asked, Booting, Lost, Planned, Released, Up};
        match self {
            Planned => matches!(next, Asked | Released),
            Asked => matches!(next, Booting | Planned | Released),
            Booting => matches!(next, Up | Lost | Released),
            Up => matches!(next, Lost | Released),
            Lost => matches!(next, Asked | Planned | Released),
            // A launch that was under way when nothing needed it any more.
            Released => next == Released,
        }
    }
}

/// A node now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Where it belongs.
    pub home: Home,
    /// What is known of it.
    pub phase: Phase,
    /// How often it was launched before: names the next launch.
    pub attempt: u32,
    /// Launches refused in a row.
    pub refusals: u32,
    /// Its present life among the lives of the run.
    pub life: Option<u32>,
    /// What is free of it.
    pub free: Resources,
    /// Tasks on it.
    pub running: Vec<u32>,
    /// Tasks that wait for it, in order.
    pub waiting: Vec<u32>,
    /// Parts of tasks that are still to end here.
    pub left: u32,
    /// What its lives were billed.
    pub billed: Usd,
}

impl Node {
    /// Before its first launch.
    pub fn new(home: Home, capacity: Resources, parts: u32) -> Self {
        Self {
            home,
            phase: Phase::Planned,
            attempt: 0,
            refusals: 0,
            life: None,
            free: capacity,
            running: Vec::new(),
            waiting: Vec::new(),
            left: parts,
            billed: Usd::ZERO,
        }
    }

    /// Enters a phase.
    pub fn become_(&mut self, next: Phase) {
        debug_assert!(self.phase.may_become(next), "{:?} does not become {next:?}", self.phase);
        self.phase = next;
    }
}

/// A launch, from its call to its bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// The node.
    pub node: u32,
    /// Which of its launches.
    pub attempt: u32,
    /// The cloud's own id.
    pub id: String,
    /// When it began.
    pub launched: Time,
    /// When it ended.
    pub ended: Option<Time>,
    /// Whether the cloud took it back.
    pub lost: bool,
    /// What the cloud billed, once it is over.
    pub billed: Option<Usd>,
    /// Its line in the ledger.
    pub line: u32,
}
