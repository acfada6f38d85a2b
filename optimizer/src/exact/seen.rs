//! The nodes that a search came upon, each kind once.

use std::collections::BTreeMap;

use super::bundle::{self, Key, Nodes};
use super::suits;
use crate::problem::Problem;
use crate::relaxation::Relaxation;
use crate::schedule::{Part, Schedule};
use crate::singles::Singles;

/// Cheapest offers for a task of each class alone.
const SINGLES: usize = 15;
/// Later starts of such tasks where quotas are scarce, ms after the earliest.
const WAITS: [i64; 6] = [0, 3_600_000, 2 * 3_600_000, 4 * 3_600_000, 8 * 3_600_000, 16 * 3_600_000];

/// Bundles by what makes them the same; nothing is kept of queues that are too large.
pub(crate) struct Seen {
    wanted: bool,
    bundles: BTreeMap<Key, Nodes>,
}

impl Seen {
    /// Nothing seen yet.
    pub fn new(problem: &Problem<'_>) -> Self {
        Self { wanted: suits(problem), bundles: BTreeMap::new() }
    }

    /// Notes the nodes of a schedule.
    pub fn note(&mut self, schedule: &Schedule<'_, '_>) {
        if self.wanted {
            self.add(bundle::of(schedule));
        }
    }

    /// Notes nodes that were offered.
    pub fn add(&mut self, bundles: impl IntoIterator<Item = Nodes>) {
        if self.wanted {
            self.bundles.extend(bundles.into_iter().map(|nodes| (bundle::key(&nodes), nodes)));
        }
    }

    /// These too.
    pub(super) fn with(mut self, bundles: &[Nodes]) -> Self {
        self.add(bundles.iter().cloned());
        self
    }

    /// All of them, and the tasks of each wanted class alone on the cheapest offers.
    pub(super) fn with_singles(
        mut self,
        problem: &Problem<'_>,
        relaxation: &Relaxation,
        singles: &Singles,
        wanted: &[u32],
    ) -> Vec<Nodes> {
        let scarce = !relaxation.prices.quota.is_empty();
        let waits = if scarce { &WAITS[..] } else { &WAITS[..1] };
        let schedule = Schedule::new(problem);
        for k in (0..problem.classes.len()).filter(|&k| wanted[k] > 0) {
            for single in singles.of(k).iter().take(SINGLES) {
                let class = &problem.classes[k];
                let choice = &class.choices[single.choice as usize];
                let starts = waits.iter().map(|w| choice.earliest + w).filter(|s| *s <= choice.latest);
                let gang = (class.nodes > 1).then_some(0);
                let alone = |start| {
                    let part = Part { gang, ..schedule.part(k, choice, start) };
                    vec![(single.offer as usize, vec![part]); class.nodes as usize]
                };
                self.add(starts.map(alone));
            }
        }
        self.bundles.into_values().collect()
    }
}
