//! Quotas that shrink while a plan runs.

use serde::{Deserialize, Serialize};
use tradewind_core::select::Selector;

use super::moment::Moment;
use super::{Each, Problem};

/// From a time on only so much may run: the newest nodes are lost until it fits, and launches beyond it are refused and
/// tried again. With neither limit said nothing may run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaCut {
    /// Offers concerned; nothing said is all of them.
    #[serde(default)]
    pub offers: Selector,
    /// Who has such a quota.
    #[serde(default)]
    pub each: Each,
    /// From here.
    pub start: Moment,
    /// Until here.
    pub end: Moment,
    /// Nodes at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u32>,
    /// vCPUs at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vcpus: Option<u32>,
}

/// No scenario has more.
const MOST: usize = 100;

/// What makes no sense in them.
pub(super) fn problem(cuts: &[QuotaCut]) -> Option<Problem> {
    if cuts.len() > MOST {
        return Some(Problem::new("quota_cuts", format!("{} are more than {MOST}", cuts.len())));
    }
    let backwards = cuts.iter().position(|c| c.end.is_surely_not_after(c.start))?;
    Some(Problem::new("end", "it ends before it starts".to_owned()).inside(&format!("quota_cuts/{backwards}")))
}
