//! Copies of datasets.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Kind, UsdChange};
use crate::money::Usd;
use crate::place::RegionName;
use crate::plan::Plan;
use crate::size::Bytes;
use crate::time::Time;

/// A copy that is new, gone, of another size, or made at another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagingChange {
    /// How it differs.
    pub kind: Kind,
    /// The dataset.
    pub dataset: String,
    /// Where the copy lies.
    pub region: RegionName,
    /// Its size: in the new plan where it has one.
    pub bytes: Bytes,
    /// Transfer and storage.
    pub usd: UsdChange,
}

/// A copy in one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Copied {
    bytes: Bytes,
    start: Time,
    usd: Usd,
}

type Key<'p> = (&'p str, &'p RegionName);

/// The copies by dataset and region, of which a sound plan has one each.
fn copies(plan: &Plan) -> BTreeMap<Key<'_>, Copied> {
    let of = |s: &crate::plan::Staging| Copied { bytes: s.bytes, start: s.start, usd: s.egress_usd + s.storage_usd };
    plan.stagings.iter().map(|s| ((s.dataset.as_str(), &s.region), of(s))).collect()
}

/// The copies that differ, by dataset and region.
pub(super) fn changes(old: &Plan, new: &Plan) -> Vec<StagingChange> {
    let (before, after) = (copies(old), copies(new));
    let keys: BTreeSet<Key<'_>> = before.keys().chain(after.keys()).copied().collect();
    let change = |key: Key<'_>| {
        let (a, b) = (before.get(&key), after.get(&key));
        let kind = match (a, b) {
            (Some(a), Some(b)) if a.bytes != b.bytes => Kind::Resize,
            (Some(a), Some(b)) if a.start != b.start => Kind::Shift,
            (Some(_), Some(_)) => return None,
            (None, _) => Kind::Add,
            (_, None) => Kind::Remove,
        };
        let usd = |copy: Option<&Copied>| copy.map_or(Usd::ZERO, |c| c.usd);
        let bytes = b.or(a).map_or(Bytes::ZERO, |c| c.bytes);
        let (dataset, region) = (key.0.to_owned(), key.1.clone());
        Some(StagingChange { kind, dataset, region, bytes, usd: UsdChange::new(usd(a), usd(b)) })
    };
    keys.into_iter().filter_map(change).collect()
}

/// What all copies cost.
pub(super) fn cost(old: &Plan, new: &Plan) -> UsdChange {
    let sum = |plan: &Plan| plan.stagings.iter().map(|s| s.egress_usd + s.storage_usd).sum();
    UsdChange::new(sum(old), sum(new))
}
