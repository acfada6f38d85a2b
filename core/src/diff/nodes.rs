//! Capacity: which nodes are launched, moved, resized, shifted, released, kept.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tasks::Flow;
use super::{Kind, Slot, UsdChange};
use crate::money::Usd;
use crate::plan::Plan;

/// Nodes that change the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeChange {
    /// `add` launches, `remove` releases.
    pub kind: Kind,
    /// How many nodes.
    pub nodes: u64,
    /// What they were; `None` for a launch.
    pub from: Option<Slot>,
    /// What they become; `None` for a release.
    pub to: Option<Slot>,
    /// Their expected bill.
    pub usd: UsdChange,
}

/// All nodes of both plans.
///
/// Nodes of equal region, way of buying, type and launch are kept. Of the rest, nodes on which tasks of
/// one job run in both plans are paired, those with the most such tasks first; what is left is launched
/// or released. So launches less releases is the difference in nodes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeChanges {
    /// What changes: launches first, releases last.
    pub changes: Vec<NodeChange>,
    /// Nodes that stay as they are.
    pub kept: u64,
    /// Expected bill of the kept nodes: their prices or their use may differ.
    pub kept_usd: UsdChange,
}

impl NodeChanges {
    /// Nodes that change in this way.
    pub fn count(&self, kind: Kind) -> u64 {
        self.changes.iter().filter(|c| c.kind == kind).map(|c| c.nodes).sum()
    }
}

/// Nodes of one slot that are not accounted for yet.
#[derive(Debug, Clone, Copy, Default)]
struct Lot {
    nodes: u64,
    usd: Usd,
}

impl Lot {
    /// Takes nodes out of the lot with their share of its bill; the last take what is left, so that
    /// the shares sum exactly.
    fn take(&mut self, nodes: u64) -> Usd {
        let share = i128::from(self.usd.nanos()) * i128::from(nodes) / i128::from(self.nodes.max(1));
        // At most the bill itself, as `nodes` is at most the lot's.
        let share = Usd::from_nanos(share as i64);
        self.nodes -= nodes;
        self.usd -= share;
        share
    }
}

type Lots = BTreeMap<Slot, Lot>;

fn lots(plan: &Plan) -> Lots {
    let mut lots = Lots::new();
    for a in &plan.allocations {
        let lot = lots.entry(Slot::on(a, a.start)).or_default();
        lot.nodes += u64::from(a.count);
        lot.usd += a.expected_cost_usd;
    }
    lots
}

/// Compares the capacity of two plans, given where their tasks go.
pub(super) fn changes(old: &Plan, new: &Plan, flows: &BTreeMap<&str, Vec<Flow>>) -> NodeChanges {
    let (mut before, mut after) = (lots(old), lots(new));
    let mut all = keep(&mut before, &mut after);
    for (from, to) in pairs(&before, &after, flows) {
        let (Some(a), Some(b)) = (before.get_mut(&from), after.get_mut(&to)) else { continue };
        let nodes = a.nodes.min(b.nodes);
        if nodes > 0 {
            let usd = UsdChange::new(a.take(nodes), b.take(nodes));
            all.changes.push(NodeChange { kind: from.kind_to(&to), nodes, from: Some(from), to: Some(to), usd });
        }
    }
    let left = |lots: Lots| lots.into_iter().filter(|(_, lot)| lot.nodes > 0);
    all.changes.extend(left(after).map(|(to, lot)| NodeChange {
        kind: Kind::Add,
        nodes: lot.nodes,
        from: None,
        to: Some(to),
        usd: UsdChange::new(Usd::ZERO, lot.usd),
    }));
    all.changes.extend(left(before).map(|(from, lot)| NodeChange {
        kind: Kind::Remove,
        nodes: lot.nodes,
        from: Some(from),
        to: None,
        usd: UsdChange::new(lot.usd, Usd::ZERO),
    }));
    all.changes.sort_by(|a, b| (a.kind, &a.from, &a.to).cmp(&(b.kind, &b.from, &b.to)));
    all
}

/// Takes out of both what both have.
fn keep(before: &mut Lots, after: &mut Lots) -> NodeChanges {
    let mut all = NodeChanges::default();
    for (slot, a) in before.iter_mut() {
        let Some(b) = after.get_mut(slot) else { continue };
        let nodes = a.nodes.min(b.nodes);
        let usd = UsdChange::new(a.take(nodes), b.take(nodes));
        all.kept += nodes;
        all.kept_usd = UsdChange::new(all.kept_usd.old + usd.old, all.kept_usd.new + usd.new);
    }
    all
}

/// Slots between which tasks go, the most tasks first; ties by the smaller change, then by the slots
/// themselves, in an order that does not know which plan is the old one.
fn pairs(before: &Lots, after: &Lots, flows: &BTreeMap<&str, Vec<Flow>>) -> Vec<(Slot, Slot)> {
    let open = |lots: &Lots, slot: &Slot| lots.get(slot).is_some_and(|lot| lot.nodes > 0);
    let mut tasks: BTreeMap<(Slot, Slot), u64> = BTreeMap::new();
    for flow in flows.values().flatten() {
        let (Some(from), Some(to)) = (&flow.from, &flow.to) else { continue };
        let (from, to) = (from.node(), to.node());
        if open(before, &from) && open(after, &to) {
            *tasks.entry((from, to)).or_default() += flow.tasks;
        }
    }
    let mut pairs: Vec<_> = tasks.into_iter().collect();
    pairs.sort_by_cached_key(|((from, to), tasks)| {
        (Reverse(*tasks), Reverse(from.kind_to(to)), from.min(to).clone(), from.max(to).clone())
    });
    pairs.into_iter().map(|(pair, _)| pair).collect()
}
