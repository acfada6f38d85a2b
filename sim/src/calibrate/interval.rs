//! Intervals from samples: of the planner, and of one who knows how the truth is made.

use crate::plan::PoolFigures;
use crate::stats::Interval;

/// A plan's part, by the pools it consists of, over many worlds: the figures of each world.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    worlds: Vec<Vec<PoolFigures>>,
}

/// Cost in dollars and missed tasks of a part of the plan, each in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Foreseen {
    costs: Vec<f64>,
    missed: Vec<f64>,
}

/// Of every interval.
const CONFIDENCE: f64 = 0.95;

impl Sample {
    /// Of these worlds.
    pub fn new(worlds: Vec<Vec<PoolFigures>>) -> Self {
        Self { worlds }
    }

    /// What these worlds say of a part.
    pub fn foresee(&self, part: &[bool]) -> Foreseen {
        let of = |figure: fn(&[PoolFigures], &[bool]) -> f64| {
            let mut all: Vec<f64> = self.worlds.iter().map(|world| figure(world, part)).collect();
            all.sort_unstable_by(f64::total_cmp);
            all
        };
        Foreseen { costs: of(cost), missed: of(missed) }
    }
}

/// The cost of a part in a world, dollars.
pub(super) fn cost(world: &[PoolFigures], part: &[bool]) -> f64 {
    of_part(world, part).map(|pool| pool.cost as f64 / 1e9).sum()
}

/// Missed tasks of a part in a world.
pub(super) fn missed(world: &[PoolFigures], part: &[bool]) -> f64 {
    of_part(world, part).map(|pool| f64::from(pool.missed)).sum()
}

fn of_part<'w>(world: &'w [PoolFigures], part: &'w [bool]) -> impl Iterator<Item = &'w PoolFigures> {
    world.iter().filter(|pool| part[pool.pool as usize])
}

impl Foreseen {
    /// Where one more world of the same prior lies with 95 %: between order statistics.
    pub fn cost_interval(&self) -> Interval {
        between(&self.costs)
    }

    /// The same of missed tasks.
    pub fn missed_interval(&self) -> Interval {
        between(&self.missed)
    }

    /// The middle.
    pub fn median(&self) -> f64 {
        self.costs.get(self.costs.len() / 2).copied().unwrap_or(0.0)
    }

    /// The share of these worlds that cost less, equal ones by half: uniform where the truth is of the same prior.
    pub fn rank(&self, cost: f64) -> f64 {
        let (below, upto) = (self.costs.partition_point(|&c| c < cost), self.costs.partition_point(|&c| c <= cost));
        (below + upto) as f64 / (2 * self.costs.len()).max(1) as f64
    }
}

/// The order statistics between which one more value lies with the confidence: each of n values leaves n + 1 places.
fn between(sorted: &[f64]) -> Interval {
    let tail = ((1.0 - CONFIDENCE) / 2.0 * (sorted.len() + 1) as f64) as usize;
    let (low, high) = (tail.saturating_sub(1), (sorted.len().saturating_sub(tail)).min(sorted.len().saturating_sub(1)));
    let at = |i: usize| sorted.get(i).copied().unwrap_or(0.0);
    Interval { low: at(low), high: at(high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 199 values and one more, all alike in law, the 200 places are equally likely: 190 of them are inside.
    #[test]
    fn order_statistics_leave_two_and_a_half_percent_on_each_side() {
        let sorted: Vec<f64> = (1..=199).map(f64::from).collect();
        assert_eq!(between(&sorted), Interval { low: 5.0, high: 195.0 });
        assert_eq!(between(&[7.0]), Interval { low: 7.0, high: 7.0 });
    }

    #[test]
    fn a_part_is_the_sum_of_its_pools() {
        let figures = |pool, dollars: i64, missed| PoolFigures { pool, cost: dollars * 1_000_000_000, missed };
        let sample =
            Sample::new(vec![vec![figures(0, 3, 1), figures(1, 10, 0)], vec![figures(0, 1, 0), figures(1, 20, 5)]]);
        let foreseen = sample.foresee(&[true, false]);
        assert_eq!(foreseen, Foreseen { costs: vec![1.0, 3.0], missed: vec![0.0, 1.0] });
        assert_eq!((foreseen.rank(0.5), foreseen.rank(2.0), foreseen.rank(3.0)), (0.0, 0.5, 0.75));
    }
}
