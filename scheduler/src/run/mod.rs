//! The run of a plan: a pure state machine. Events come in, calls and choices go out.
//!
//! All that a run knows is [`State`]; it changes by [`Run::tell`] alone, so the events told are the run, and telling
//! them again gives the same state to the byte. Which node is launched when, which task runs where, and when it leaves
//! spot follow the simulator's rules in the simulator's order: what `tradewind simulate` replays is what is done.
//!
//! One machine a file: [`node`], [`task`], [`pool`], the stages in [`state`]; their transitions in `nodes`, `tasks`,
//! `pools`, `answers`.

mod answers;
mod budget_rows;
mod budgets;
pub mod call;
mod dearer;
pub mod decision;
pub mod event;
mod figures;
mod held;
mod lines;
mod lost;
pub mod node;
mod nodes;
pub mod pool;
mod pools;
pub mod script;
mod share;
pub mod state;
pub mod task;
mod tasks;
mod turn;
mod unusual;
mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;

use tradewind_core::hash;
use tradewind_core::time::Time;
use tradewind_mcp::control::Control;
use tradewind_mcp::tools::Request;

pub use budget_rows::BudgetRow;
pub use call::{Call, Intent};
pub use decision::Decision;
pub use event::{Event, Told};
pub use figures::{Figures, JobCount};
pub use script::Script;
pub use share::Share;
pub use state::{Stage, State};
pub use turn::Step;

use turn::Turn;

/// A run.
pub struct Run {
    script: Arc<Script>,
    state: State,
}

impl Run {
    /// Before anything happened.
    pub fn new(script: Arc<Script>) -> Self {
        Self { state: State::new(&script), script }
    }

    /// As it was: a state that was kept. Nothing where it is not one of this script.
    pub fn resume(script: Arc<Script>, state: State) -> Option<Self> {
        let is_its = state.tasks.len() == script.tasks().len() && state.nodes.len() >= script.homes().len();
        is_its.then_some(Self { script, state })
    }

    /// Tells an event; what to do about it.
    pub fn tell(&mut self, told: &Told) -> Step {
        self.state.now = self.state.now.max(told.at);
        let mut turn = Turn {
            script: &self.script,
            state: &mut self.state,
            step: Step::default(),
            launches: BTreeSet::new(),
            ends: Vec::new(),
        };
        turn.happen(&told.event);
        turn.step
    }

    /// What it knows.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What it follows.
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// Whether nothing is left to do.
    pub fn is_over(&self) -> bool {
        self.state.stage == Stage::Finished
    }

    /// When it wants to be woken next.
    pub fn next_wake(&self) -> Option<Time> {
        self.state.next_wake()
    }

    /// An open call as it goes to its cloud; nothing if it was closed meanwhile.
    pub fn request(&self, id: u64) -> Option<(&Call, Request, Option<Control>)> {
        let call = self.state.open.get(&id)?;
        let (request, control) = wire::request(&self.script, &self.state, call);
        Some((call, request, control))
    }

    /// The tool that a call is for, and whether it undoes something.
    pub fn asks(&self, call: &Call) -> (&'static str, bool) {
        let (request, control) = wire::request(&self.script, &self.state, call);
        (request.tool(), control.is_some_and(|c| c.wants_absent()))
    }

    /// Whether an id of a cloud is one of ours.
    pub fn knows(&self, cloud: &str, id: &str) -> bool {
        self.state.ids.contains_key(&turn::key(cloud, id))
    }

    /// Whether something of ours may come to be on a cloud that nobody waits for.
    pub fn doubts(&self, cloud: &str) -> bool {
        self.state.doubted.contains(cloud)
    }

    /// Whether an answer of a cloud is awaited that names what it made.
    pub fn awaits_names(&self, cloud: &str) -> bool {
        let names = |c: &Call| matches!(c.intent, Intent::Launch { .. } | Intent::Start { .. });
        self.state.open.values().any(|c| c.cloud == cloud && names(c))
    }

    /// The hash of all that it knows.
    pub fn hash(&self) -> String {
        hash::of(&self.state)
    }
}
