//! One event, and what follows from it: the transitions of nodes and tasks stand in files of their own.

use std::collections::BTreeSet;

use super::call::{Call, Intent};
use super::decision::Decision;
use super::event::Event;
use super::node::Phase as NodePhase;
use super::script::{Home, Script};
use super::state::{Known, Stage, State, Timer};
use super::task::{Phase, Why};
use tradewind_core::time::Millis;
use tradewind_mcp::tools::get_health;

/// Most nodes that one call launches or ends: what the rules in force let through.
const MOST_NODES: usize = 500;
/// When the clouds are looked through once more at the end, where something may have come late: some show a new node only
/// after a while.
const ONCE_MORE: Millis = Millis::from_secs(5 * 60);

/// What a run wants done after an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// Calls to send, in order.
    pub calls: Vec<Call>,
    /// Choices that were made.
    pub decisions: Vec<Decision>,
}

/// An event at work.
pub(super) struct Turn<'a> {
    pub script: &'a Script,
    pub state: &'a mut State,
    pub step: Step,
    /// Nodes to launch: neighbours go in one call.
    pub launches: BTreeSet<u32>,
    /// Lives to end: those of one allocation go in one call.
    pub ends: Vec<u32>,
}

impl Turn<'_> {
    /// Lets an event happen.
    pub fn happen(&mut self, event: &Event) {
        match event {
            Event::Opened(epoch) => self.open(*epoch),
            Event::Woke => self.wake(),
            Event::Answered(call, reply) => self.answered(*call, reply),
            Event::Refused(call, refusal) => self.refused(*call, refusal),
            Event::Happened(cloud, event) => self.happened(cloud, event),
            Event::Cancelled => self.cancel(),
            Event::Lost(place) => self.lost(place),
            Event::Recalled => self.recall(),
        }
        self.mind_budgets();
        self.mind_projects();
        self.reopen_unasked();
        self.flush();
        self.move_on();
    }

    /// A leader begins: what is open is sent again, under the same keys and its own term.
    fn open(&mut self, epoch: u64) {
        self.state.epoch = epoch;
        if self.state.stage == Stage::Planner {
            return self.begin();
        }
        self.step.calls.extend(self.state.open.values().cloned());
    }

    /// The first leader: the plan's launches and starts are noted in their order, the limits are asked for.
    fn begin(&mut self) {
        let (model, script) = (self.script.model(), self.script);
        let launches = (0..).zip(model.nodes()).map(|(n, node)| (node.launch, Timer::Launch(n)));
        let starts = (0..).zip(model.task_list()).map(|(t, task)| (task.start, Timer::Due(t)));
        let mut planned: Vec<(i64, Timer)> = launches.chain(starts).collect();
        planned.sort_by_key(|(ms, _)| *ms);
        for (ms, timer) in planned {
            self.state.wake_at(script.at(ms), timer);
        }
        self.state.wake_at(model.patience(), Timer::GiveUp);
        self.state.stage = Stage::Allocator;
        for cloud in script.clouds() {
            self.call(cloud, Intent::Quotas);
        }
    }

    fn wake(&mut self) {
        while let Some(timer) = self.state.take_due() {
            match timer {
                Timer::Launch(node) => self.launch(node),
                Timer::Due(task) => {
                    self.state.tasks[task as usize].due = true;
                    self.queue_up(task);
                }
                Timer::Leave(task, stint) => {
                    let t = &self.state.tasks[task as usize];
                    if t.phase == Phase::Running && t.stints == stint {
                        self.stop(task, Why::Leaves);
                    }
                }
                Timer::Again(task) => self.queue_up(task),
                Timer::Resend(id) => self.step.calls.extend(self.state.open.get(&id).cloned()),
                Timer::Budget => self.state.ledger.alarm = None,
                Timer::Projects => self.state.ledger.projects.alarm = None,
                Timer::Probe(pool) => self.probe(&pool),
                Timer::GiveUp => self.give_up(),
                Timer::Verify => self.look_through(),
            }
        }
    }

    /// Something happened on a cloud. Nothing is taken for granted twice: what is known already changes nothing.
    fn happened(&mut self, cloud: &str, event: &get_health::Event) {
        let seen = self.state.cursors.entry(cloud.to_owned()).or_insert(0);
        *seen = event.cursor.max(*seen);
        match (self.state.ids.get(&key(cloud, &event.id)), event.what.as_str()) {
            (Some(&Known::Life(life)), "ready") => self.ready(life),
            (None, "ready") => self.look(cloud),
            (Some(&Known::Life(life)), "interrupted" | "expired") => self.lose(life, &event.what),
            (Some(&Known::Stint(task, stint)), "succeeded") => self.succeeded(task, stint),
            (Some(&Known::Stint(task, stint)), "interrupted" | "expired" | "cancelled") => {
                let t = &self.state.tasks[task as usize];
                if t.phase == Phase::Running && t.stints == stint {
                    self.stop(task, Why::Lost);
                }
            }
            _ => {}
        }
    }

    /// A launch on a cloud was given up that may have been made, or still be: what is there already is looked for now, what
    /// comes later is told when it is ready.
    pub fn doubt(&mut self, cloud: &str) {
        self.state.doubted.insert(cloud.to_owned());
        self.look(cloud);
    }

    /// Looks at everything of ours on a cloud, unless that is under way.
    fn look(&mut self, cloud: &str) {
        if !self.state.open.values().any(|call| call.cloud == cloud && call.intent == Intent::Look) {
            self.call(cloud, Intent::Look);
        }
    }

    /// Opens a call.
    pub fn call(&mut self, cloud: &str, intent: Intent) {
        self.state.calls += 1;
        let call = Call { id: self.state.calls, cloud: cloud.to_owned(), intent, tries: 0 };
        self.state.open.insert(call.id, call.clone());
        self.step.calls.push(call);
    }

    /// Makes calls of what was wished; what ends gives room for what begins.
    fn flush(&mut self) {
        let mut ends = std::mem::take(&mut self.ends);
        while let Some(&first) = ends.first() {
            let home = |life: u32| self.state.nodes[self.state.lives[life as usize].node as usize].home;
            let site = self.script.site(home(first));
            let together = |life: &u32| is_neighbour(home(first), home(*life), None);
            let (mut now, mut rest): (Vec<u32>, Vec<u32>) = ends.into_iter().partition(together);
            rest.splice(0..0, now.split_off(now.len().min(MOST_NODES)));
            ends = rest;
            self.call(&site.cloud, Intent::End { lives: now });
        }
        let mut launches = std::mem::take(&mut self.launches).into_iter().peekable();
        while let Some(first) = launches.next() {
            let (home, attempt) = (self.state.nodes[first as usize].home, self.state.nodes[first as usize].attempt);
            let mut nodes = vec![first];
            while let Some(next) = launches.next_if(|&n| {
                let node = &self.state.nodes[n as usize];
                let steps = nodes.len() as u32;
                nodes.len() < MOST_NODES && node.attempt == attempt && is_neighbour(home, node.home, Some(steps))
            }) {
                nodes.push(next);
            }
            let site = self.script.site(home);
            let zone = self.state.zones.get(&site.allocation).cloned();
            self.call(&site.cloud, Intent::Launch { nodes, attempt, zone });
        }
    }

    /// The next stage, where this one has come to its end.
    fn move_on(&mut self) {
        let state = &mut *self.state;
        match state.stage {
            Stage::Allocator if state.open.is_empty() => state.stage = Stage::Executor,
            Stage::Executor if state.undone == 0 && state.unbilled == 0 && state.open.is_empty() => {
                state.stage = Stage::Verifier;
                state.forget_timers();
                state.unsure = !state.doubted.is_empty();
                self.look_through();
            }
            Stage::Verifier if state.unbilled == 0 && state.open.is_empty() && state.next_wake().is_none() => {
                if std::mem::take(&mut state.unsure) {
                    state.wake_at(state.now + ONCE_MORE, Timer::Verify);
                } else {
                    state.stage = Stage::Finished;
                }
            }
            _ => {}
        }
    }

    /// Looks through every cloud for what was left behind.
    fn look_through(&mut self) {
        for cloud in self.script.clouds() {
            self.call(cloud, Intent::Look);
        }
    }

    /// Its owner does not want it any more: what runs is stopped, the rest is not started.
    fn cancel(&mut self) {
        self.state.cancelled = true;
        for task in 0..self.state.tasks.len() as u32 {
            match self.state.tasks[task as usize].phase {
                Phase::Waiting => self.close(task, Phase::Cancelled),
                Phase::Asked | Phase::Running | Phase::Stopping(_) => self.stop(task, Why::Cancelled),
                Phase::Done | Phase::Failed | Phase::Cancelled => {}
            }
        }
    }

    /// No longer is anything waited for.
    fn give_up(&mut self) {
        for task in 0..self.state.tasks.len() as u32 {
            if self.state.tasks[task as usize].phase == Phase::Waiting {
                self.abandon(task, "it was waited for long enough");
            }
        }
        self.cancel();
    }

    /// Tells a choice.
    pub fn decide(&mut self, about: String, choice: &str, instead: &[&str], because: impl Into<String>) {
        let instead = instead.iter().map(|&s| s.to_owned()).collect();
        self.step.decisions.push(Decision { about, choice: choice.to_owned(), instead, because: because.into() });
    }

    /// A node by the name of its allocation.
    pub fn name_of(&self, node: u32) -> String {
        let (Home::Planned(_, index) | Home::Behind(_, index)) = self.state.nodes[node as usize].home;
        format!("{}/{index}", self.script.site(self.state.nodes[node as usize].home).allocation)
    }

    /// A node's phase changes.
    pub fn enter(&mut self, node: u32, next: NodePhase) {
        self.state.nodes[node as usize].become_(next);
    }
}

/// Whether two nodes are of one allocation, and so many steps apart where that matters.
pub(super) fn is_neighbour(a: Home, b: Home, steps: Option<u32>) -> bool {
    match (a, b) {
        (Home::Planned(x, i), Home::Planned(y, j)) | (Home::Behind(x, i), Home::Behind(y, j)) => {
            x == y && steps.is_none_or(|n| i + n == j)
        }
        _ => false,
    }
}

/// An id of a cloud among the ids of all clouds.
pub(super) fn key(cloud: &str, id: &str) -> String {
    format!("{cloud} {id}")
}
