//! What each pool comes to over many replications, and how much of the plan's risk it carries.
//!
//! Sums only, of integers: memory does not grow with the replications, and any order of adding gives the same.

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;

/// What a pool came to in one replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PoolCost {
    /// Bills of its nodes, nano-dollars.
    pub cost: i64,
    /// Lives of nodes that were billed.
    pub lives: u32,
    /// Of those that the cloud ended.
    pub lost: u32,
    /// Tasks planned on it that missed their deadline.
    pub missed: u32,
    /// Time of tasks planned on it that brought no work.
    pub rework_ms: i64,
}

impl PoolCost {
    /// The bill of a node's life.
    pub fn add(&mut self, bill: i64, is_lost: bool) {
        self.cost += bill;
        self.lives += 1;
        self.lost += u32::from(is_lost);
    }
}

/// A pool's sums over replications. Money in micro-dollars, so that squares fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolSums {
    /// Cost.
    #[serde(with = "decimal")]
    pub cost: i128,
    /// Cost times the cost of the whole replication.
    #[serde(with = "decimal")]
    pub cost_by_total: i128,
    /// Lives of nodes.
    pub lives: u64,
    /// Nodes the cloud took back.
    pub lost: u64,
    /// Tasks that missed.
    pub missed: u64,
    /// Time of tasks that brought no work, ms.
    pub rework_ms: i64,
}

/// The sums over replications.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// Replications.
    trials: u64,
    /// Cost of the replications and their squares, micro-dollars.
    #[serde(with = "decimal")]
    total: i128,
    #[serde(with = "decimal")]
    squares: i128,
    /// In the order of the model's pools.
    pools: Vec<PoolSums>,
}

/// Integers that few readers of JSON hold, as texts.
mod decimal {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(number: &i128, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(number)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<i128, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Nano-dollars in a micro-dollar.
const NANOS_PER_MICRO: i64 = 1000;

impl Shares {
    /// Takes a replication in.
    pub(super) fn add(&mut self, outcome: &Outcome, pools: &[PoolCost]) {
        let micros = |nanos: i64| i128::from(nanos / NANOS_PER_MICRO);
        let total = micros(outcome.cost);
        self.trials += 1;
        self.total += total;
        self.squares += total * total;
        self.pools.resize(pools.len(), PoolSums::default());
        for (sums, pool) in self.pools.iter_mut().zip(pools) {
            sums.cost += micros(pool.cost);
            sums.cost_by_total += micros(pool.cost) * total;
            sums.lives += u64::from(pool.lives);
            sums.lost += u64::from(pool.lost);
            sums.missed += u64::from(pool.missed);
            sums.rework_ms += pool.rework_ms;
        }
    }

    /// Takes the sums of other replications in.
    pub(super) fn merge(&mut self, other: &Self) {
        self.trials += other.trials;
        self.total += other.total;
        self.squares += other.squares;
        self.pools.resize(self.pools.len().max(other.pools.len()), PoolSums::default());
        for (sums, more) in self.pools.iter_mut().zip(&other.pools) {
            sums.cost += more.cost;
            sums.cost_by_total += more.cost_by_total;
            sums.lives += more.lives;
            sums.lost += more.lost;
            sums.missed += more.missed;
            sums.rework_ms += more.rework_ms;
        }
    }

    /// Replications.
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// Each pool's sums, in the order of the model's pools.
    pub fn pools(&self) -> &[PoolSums] {
        &self.pools
    }

    /// The share of the cost's variance that a pool carries: its covariance with the whole over the variance of the
    /// whole. The shares of all pools, and of what is not billed by nodes, sum to 1. 0 where nothing varies.
    pub fn of_variance(&self, pool: &PoolSums) -> f64 {
        let trials = i128::from(self.trials);
        let variance = trials * self.squares - self.total * self.total;
        let covariance = trials * pool.cost_by_total - pool.cost * self.total;
        if variance <= 0 { 0.0 } else { covariance as f64 / variance as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replication(costs: [i64; 2]) -> (Outcome, [PoolCost; 2]) {
        let pools = costs.map(|dollars| PoolCost { cost: dollars * 1_000_000_000, ..PoolCost::default() });
        (Outcome { cost: pools[0].cost + pools[1].cost, ..Outcome::default() }, pools)
    }

    #[test]
    fn shares_of_the_variance_sum_to_one() {
        // One pool costs 1 or 3, the other always the half of that more: 2/3 and 1/3 of the deviation.
        let all = [replication([2, 1]), replication([6, 3]), replication([4, 2])];
        let mut shares = Shares::default();
        all.iter().for_each(|(outcome, pools)| shares.add(outcome, pools));
        let of: Vec<f64> = shares.pools().iter().map(|p| shares.of_variance(p)).collect();
        assert!((of[0] - 2.0 / 3.0).abs() < 1e-12 && (of[1] - 1.0 / 3.0).abs() < 1e-12, "{of:?}");
        // What is constant carries nothing.
        let mut constant = Shares::default();
        [replication([2, 1]), replication([2, 5])].iter().for_each(|(o, p)| constant.add(o, p));
        assert_eq!(constant.of_variance(&constant.pools()[0]), 0.0);
        assert_eq!(constant.of_variance(&constant.pools()[1]), 1.0);
    }

    #[test]
    fn parts_merge_to_the_whole() {
        let all = [replication([2, 1]), replication([6, 3]), replication([4, 2])];
        let of = |part: &[(Outcome, [PoolCost; 2])]| {
            let mut shares = Shares::default();
            part.iter().for_each(|(outcome, pools)| shares.add(outcome, pools));
            shares
        };
        let (mut left, right) = (of(&all[..1]), of(&all[1..]));
        left.merge(&right);
        assert_eq!(left, of(&all));
    }
}
