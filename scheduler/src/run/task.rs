//! A task of a run: it waits, runs in stints, and ends once.

use serde::{Deserialize, Serialize};
use tradewind_core::stint::Progress;
use tradewind_core::time::{Millis, Time};

/// What is known of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not started, or to be started again.
    Waiting,
    /// Its start is asked for.
    Asked,
    /// It runs.
    Running,
    /// It is being stopped.
    Stopping(Why),
    /// It has done its work.
    Done,
    /// It will not: out of time, denied, or waiting for one that failed.
    Failed,
    /// Its owner does not want it any more.
    Cancelled,
}

/// Why a task is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its node was lost.
    Lost,
    /// Only on-demand meets its deadline now.
    Leaves,
    /// Its owner does not want it any more.
    Cancelled,
    /// The budget that pays for it is spent: this limit of the ledger.
    Spent(u32),
}

impl Phase {
    /// Whether nothing more comes of it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    /// The transitions that there are; any other is a defect.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Waiting => matches!(next, Self::Asked | Self::Failed | Self::Cancelled),
            Self::Asked => matches!(next, Self::Running | Self::Waiting | Self::Stopping(_)),
            Self::Running => matches!(next, Self::Done | Self::Stopping(_)),
            Self::Stopping(_) => matches!(next, Self::Waiting | Self::Done | Self::Stopping(_)),
            Self::Done | Self::Failed | Self::Cancelled => false,
        }
    }
}

/// A task now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What is known of it.
    pub phase: Phase,
    /// Whether the plan's start has come.
    pub due: bool,
    /// Tasks that it still waits for.
    pub waits_for: u32,
    /// How far it is.
    pub progress: Progress,
    /// How often it was started.
    pub stints: u32,
    /// When this stint began.
    pub began: Time,
    /// Time on nodes, all stints.
    pub on_nodes: Millis,
    /// First of its nodes: the planned ones, or those behind spot.
    pub first_node: u32,
    /// Whether it left spot.
    pub moved: bool,
    /// When it ended.
    pub ended: Option<Time>,
}

impl Task {
    /// Enters a phase.
    pub fn become_(&mut self, next: Phase) {
        debug_assert!(self.phase.may_become(next), "{:?} does not become {next:?}", self.phase);
        self.phase = next;
    }

    /// Whether it takes room on its nodes.
    pub fn holds_nodes(&self) -> bool {
        matches!(self.phase, Phase::Asked | Phase::Running)
    }
}
