//! Projects that cost more than was planned for them, told while they run.
//!
//! What is billed and what has run up since is looked at after an event, once a minute at the most, and when a project
//! gets there as things are. Each project is told once.

use tradewind_core::money::Usd;
use tradewind_core::time::{Millis, Time};

use super::Run;
use super::state::{Stage, Timer};
use super::turn::Turn;
use crate::ledger::{Dearer, Expected};

/// No two looks are nearer: each adds up all that runs.
const APART: Millis = Millis::from_secs(60);

impl Turn<'_> {
    /// Looks at every project, or wants to be woken for it.
    pub fn mind_projects(&mut self) {
        if self.script.chart().expected.is_empty() || self.state.stage >= Stage::Verifier {
            return;
        }
        let (now, again) = (self.state.now, self.state.ledger.projects.looked + APART);
        let is_last = self.state.undone == 0 && self.state.unbilled == 0;
        if now < again && !is_last {
            return self.wake_for_projects(again);
        }
        self.state.ledger.projects.looked = now;
        if let Some(at) = self.look_at_projects() {
            self.wake_for_projects(at.max(now + APART));
        }
    }

    /// Tells of those that cost too much now; when the next one will, as things are.
    fn look_at_projects(&mut self) -> Option<Time> {
        let (chart, now) = (self.script.chart(), self.state.now);
        let payers = self.state.ledger.by_payer(chart, now);
        let mut next = None;
        for expected in &chart.expected {
            if self.state.ledger.projects.dearer.contains_key(&expected.project) {
                continue;
            }
            let its = || (0..).zip(&payers).filter(|(payer, _)| expected.counts(*payer)).map(|(_, sum)| sum);
            let (cost, slope) = (its().map(|sum| sum.cost()).sum::<Usd>(), its().map(|sum| sum.slope).sum::<i128>());
            if cost > expected.telling {
                self.tell_dearer(expected, cost);
            } else if slope > 0 {
                let left = i128::from((expected.telling - cost).nanos() + 1) * i128::from(Millis::HOUR.get());
                let ms = i64::try_from(left / slope + 1).unwrap_or(i64::MAX / 4);
                let at = now + Millis::new(ms);
                next = Some(next.map_or(at, |next: Time| next.min(at)));
            }
        }
        next
    }

    fn tell_dearer(&mut self, expected: &Expected, cost: Usd) {
        let Expected { project, planned, telling, .. } = expected;
        let at = self.state.now;
        self.state.ledger.projects.dearer.insert(project.clone(), Dearer { at, cost });
        let because = format!(
            "TW4064: it has cost USD {cost:.2} where {planned:.2} was planned for all of it, and chance explains {telling:.2}"
        );
        self.decide(format!("project {project}"), "say so", &["say nothing"], because);
    }

    fn wake_for_projects(&mut self, at: Time) {
        if self.state.ledger.projects.alarm.is_none_or(|set| at < set) {
            self.state.ledger.projects.alarm = Some(at);
            self.state.wake_at(at, Timer::Projects);
        }
    }
}

impl Run {
    /// Projects that were told to cost more than was planned, by name, each with its plan.
    pub fn dearer(&self) -> impl Iterator<Item = (&Expected, Dearer)> {
        let told = &self.state.ledger.projects.dearer;
        self.script.chart().expected.iter().filter_map(|e| Some((e, *told.get(&e.project)?)))
    }
}
