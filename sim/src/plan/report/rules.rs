//! What rules of billing and of the plan come to.

use serde::Serialize;
use tradewind_core::money::Usd;

use super::usd;
use crate::plan::outcome::Outcome;

/// A rule, and what it adds to the bill of a replication or takes off.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleRow {
    /// The rule, in a few words.
    pub rule: &'static str,
    /// The mean over the replications; negative is taken off.
    pub mean_usd: Usd,
    /// Share of the variance of a replication's cost: covariance with the whole over the variance of the whole.
    pub variance_share: f64,
}

/// What a rule comes to in a replication, nano-dollars.
type Worth = fn(&Outcome) -> i64;

/// The rules by name.
const RULES: [(&str, Worth); 8] = [
    ("least billed time of a node", |o| o.minimum),
    ("free hour of an early interruption", |o| o.rules - o.minimum),
    ("public addresses", |o| o.address),
    ("boots, billed", |o| o.boot),
    ("nodes that wait: starts, gangs, predecessors", |o| o.idle),
    ("work lost, saved and restored", |o| o.rework),
    ("on-demand behind spot, for deadlines", |o| o.fallback),
    ("disks and checkpoints", |o| o.kept),
];

/// The rules that came to anything.
pub(super) fn rows(all: &[Outcome]) -> Vec<RuleRow> {
    let n = all.len().max(1) as f64;
    let mean = |of: Worth| all.iter().map(|o| of(o) as f64).sum::<f64>() / n;
    let total = mean(|o| o.cost);
    let about =
        |of: Worth, middle: f64| all.iter().map(|o| (of(o) as f64 - middle) * (o.cost as f64 - total)).sum::<f64>();
    let variance = about(|o| o.cost, total);
    RULES
        .into_iter()
        .filter(|(_, of)| all.iter().any(|o| of(o) != 0))
        .map(|(rule, of)| {
            let middle = mean(of);
            let variance_share = if variance > 0.0 { about(of, middle) / variance } else { 0.0 };
            RuleRow { rule, mean_usd: usd(middle), variance_share }
        })
        .collect()
}
