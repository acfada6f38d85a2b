//! The concentration cap in the search: the deadline-critical work on each spot pool, and the room left.
//!
//! No step of the search goes beyond it: whatever places a task asks for room first.

use std::collections::BTreeMap;

use tradewind_core::concentration::{concerns, work_of_queue};
use tradewind_core::job::Workload;
use tradewind_core::rules::Rules;
use tradewind_core::share::Share;

use crate::problem::Problem;
use crate::schedule::{Part, Schedule};

/// A cap that can be felt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cap {
    /// The rule.
    pub share: Share,
    /// Deadline-critical work of the queue.
    pub all: i128,
    /// Most of it on one spot pool.
    pub limit: i128,
}

impl Cap {
    /// The rule for a queue; `None` where nothing can break it.
    pub fn of(workload: &Workload, rules: &Rules) -> Option<Self> {
        let share = rules.concentration?;
        let all = work_of_queue(workload);
        let limit = share.of(all);
        (limit < all).then_some(Self { share, all, limit })
    }
}

/// Work on each pool that the cap concerns.
#[derive(Debug, Clone, Default)]
pub(crate) struct CapLoad(BTreeMap<u32, i128>);

impl CapLoad {
    /// Counts a part that is put on an offer, or taken off.
    pub fn count(&mut self, problem: &Problem<'_>, offer: usize, part: &Part, add: bool) {
        let pool = problem.pool_of[offer];
        let work = problem.part_work(part.class, pool);
        if work > 0 {
            *self.0.entry(pool).or_default() += if add { work } else { -work };
        }
    }

    /// The most on any one pool.
    pub fn most(&self) -> i128 {
        self.0.values().copied().max().unwrap_or(0)
    }
}

impl Problem<'_> {
    /// Work that the cap counts for a task of class `k` in a pool; 0 where it does not concern it.
    pub fn capped_work(&self, k: usize, pool: u32) -> i128 {
        let work = self.classes[k].work;
        if work > 0 && concerns(&self.pools[pool as usize]) { work } else { 0 }
    }

    /// The same for its part on one node.
    pub fn part_work(&self, k: usize, pool: u32) -> i128 {
        self.capped_work(k, pool) / i128::from(self.classes[k].nodes.max(1))
    }
}

impl Schedule<'_, '_> {
    /// Work that a pool may still take; without a cap more than there is.
    pub fn work_room(&self, pool: u32) -> i128 {
        let Some(cap) = self.problem.cap else { return i128::MAX };
        if !concerns(&self.problem.pools[pool as usize]) {
            return i128::MAX;
        }
        cap.limit - self.cap.0.get(&pool).copied().unwrap_or(0)
    }

    /// How many more tasks of class `k` the cap lets into a pool.
    pub fn cap_room(&self, k: usize, pool: u32) -> u64 {
        let room = self.work_room(pool).max(0).checked_div(self.problem.capped_work(k, pool));
        room.map_or(u64::MAX, |tasks| u64::try_from(tasks).unwrap_or(u64::MAX))
    }

    /// Whether the cap allows `nodes` nodes of an offer with these parts each.
    pub fn cap_allows(&self, offer: usize, parts: &[Part], nodes: u32) -> bool {
        if self.problem.cap.is_none() {
            return true;
        }
        let pool = self.problem.pool_of[offer];
        let work: i128 = parts.iter().map(|p| self.problem.part_work(p.class, pool)).sum();
        work * i128::from(nodes) <= self.work_room(pool)
    }
}
