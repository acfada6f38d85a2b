//! `scaled:F`: the embedded account made larger or smaller until it bites on a queue of any size.
//!
//! For each kind of node (GPU model or none, bought one way) one factor is found: so that of what the
//! queue uses where nothing limits it, each task at its cheapest place at its earliest start, F/2 lies
//! within the limits. At 2 everything does, at 1.33 all but a third. A row that serves several kinds takes
//! the largest of their factors; a row that the account closes (0) stays closed.

mod demand;
mod level;
mod report;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use tradewind_core::hash;
use tradewind_core::job::Workload;
use tradewind_core::market::{CapacityType, Market, QuotaUnit};
use tradewind_core::pool::{self, Pool};
use tradewind_core::rules::Rules;

use crate::load::LoadedMarket;
use demand::Demand;
pub(crate) use level::MILLION;

/// F of `scaled:F` in thousandths, 0.001 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuotaScale(u32);

/// What it starts with.
const SCALED: &str = "scaled:";

impl QuotaScale {
    /// Reads a choice of quotas that starts with `scaled:`; none where it is another choice.
    pub fn of_choice(text: &str) -> Option<Result<Self, String>> {
        text.starts_with(SCALED).then(|| text.parse())
    }

    /// The share of the demand that is to lie within the limits; above 1 there is room to spare.
    pub(crate) fn within(self) -> f64 {
        f64::from(self.0) / 2000.0
    }
}

impl FromStr for QuotaScale {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix(SCALED).map(str::parse::<f64>) {
            Some(Ok(factor)) if (0.001..=1000.0).contains(&factor) => Ok(Self((factor * 1000.0).round() as u32)),
            _ => Err("write a number from 0.001 to 1000, e.g. scaled:1.33".to_owned()),
        }
    }
}

impl fmt::Display for QuotaScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCALED}{}", f64::from(self.0) / 1000.0)
    }
}

/// A kind of node: GPU model (empty is none) and how it is bought.
pub(crate) type Kind = (String, CapacityType);

/// The market with its limits scaled, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaled {
    /// The same market with other limits.
    pub market: Market,
    /// Millionths by which the rows of each kind were multiplied.
    pub(crate) factors: BTreeMap<Kind, u64>,
    /// Of each kind that the queue uses: the share of its demand beyond the limits.
    pub(crate) beyond: BTreeMap<Kind, f64>,
    /// Share of all tasks' node-hours beyond the limits where each is at its cheapest place at its
    /// earliest start.
    pub overloaded: f64,
}

/// The market with its limits scaled to a queue. Pure: the same input gives the same limits.
pub fn scaled(market: &Market, workload: &Workload, rules: &Rules, scale: QuotaScale) -> Scaled {
    let pools = pool::pools(market, &rules.policies);
    let demand = Demand::of(market, workload, rules, &pools);
    let kinds: std::collections::BTreeSet<Kind> = demand.pools.keys().map(|&p| kind(&pools[p])).collect();
    let factor = |kind: &Kind| {
        level::factor(market, &demand, |p| pools[p].gpu == kind.0 && pools[p].capacity_type == kind.1, scale)
    };
    let factors: BTreeMap<Kind, u64> = kinds.into_iter().map(|kind| (kind.clone(), factor(&kind))).collect();
    let mut market = market.clone();
    for (q, factor) in factors_of_rows(&market, &pools, &factors) {
        let row = &mut market.quotas[usize::from(q)];
        let scaled = (u128::from(row.available) * u128::from(factor)).div_ceil(u128::from(MILLION));
        let least = demand.least.get(&q).copied().unwrap_or(0);
        row.available = u64::try_from(scaled).unwrap_or(u64::MAX).min(level::MOST).max(least);
    }
    let beyond = |keep: &dyn Fn(usize) -> bool| level::beyond(&market, &demand, keep, 1.0);
    let of_kind = |wanted: &Kind| beyond(&|p| kind(&pools[p]) == *wanted);
    let by_kind = factors.keys().map(|k| (k.clone(), of_kind(k))).collect();
    let overloaded = beyond(&|_| true);
    Scaled { market, factors, beyond: by_kind, overloaded }
}

fn kind(pool: &Pool) -> Kind {
    (pool.gpu.clone(), pool.capacity_type)
}

/// The largest factor of the kinds that a row serves; rows of other kinds, and commitments, stay.
fn factors_of_rows(market: &Market, pools: &[Pool], factors: &BTreeMap<Kind, u64>) -> BTreeMap<u16, u64> {
    let mut rows = BTreeMap::new();
    for pool in pools {
        let Some(&factor) = factors.get(&kind(pool)) else { continue };
        for &q in &market.quota_sets[usize::from(pool.quota_set)] {
            let row = &market.quotas[usize::from(q)];
            if row.unit != QuotaUnit::MilliUsd && row.available > 0 {
                let largest = rows.entry(q).or_insert(factor);
                *largest = factor.max(*largest);
            }
        }
    }
    rows
}

impl LoadedMarket {
    /// The market for a queue: its limits scaled where that was asked for, which its hash and its
    /// assumptions then say; else as it is.
    #[must_use]
    pub fn for_queue(mut self, workload: &Workload, rules: &Rules) -> Self {
        if let Some(scale) = self.scale.take() {
            let scaled = scaled(&self.market, workload, rules, scale);
            self.hash = hash::of(&(&self.hash, &scaled.market.quotas));
            self.assumptions.push(scaled.sentence(scale));
            self.market = scaled.market;
        }
        self
    }
}
