//! Nodes: launched and released as their tasks say, never overfull, gangs in one zone.

use super::Report;
use super::schedule::{Node, Schedule};
use super::view::View;
use crate::market::Offer;
use crate::plan::{Plan, ZoneRule};
use crate::resources::Resources;
use crate::time::Time;

/// Node by node: launch and release as its tasks say, capacity kept at every instant.
pub(super) fn check(plan: &Plan, view: &View<'_>, report: &mut Report, out: &Schedule) {
    let mut reserved: Vec<Option<Time>> = vec![None; plan.allocations.len()];
    let mut changes = Vec::new();
    for node in &out.nodes {
        let a = node.allocation;
        let allocation = &plan.allocations[a];
        let Some(o) = out.offers[a] else { continue };
        let offer = &view.market.offers[o];
        let used = report.expect(
            "used",
            !node.parts.is_empty(),
            || format!("/allocations/{a}"),
            || "a node without a task".to_owned(),
            || "tasks on every node".to_owned(),
        );
        if !used {
            continue;
        }
        let laws = || node.parts.iter().filter_map(|p| out.laws[p.placement].map(|(_, law)| (p, law)));
        let launch = node.parts.iter().map(|p| p.start).fold(Time::from_ms(i64::MAX), Time::min)
            - view.market.cloud_of(offer).boot.mean();
        let end = laws().map(|(p, l)| p.start + l.mean).fold(launch, Time::max);
        let held = laws().map(|(p, l)| p.start + l.reserved).fold(launch, Time::max);
        reserved[a] = reserved[a].max(Some(held));
        report.same("launch", || format!("/allocations/{a}/start"), &allocation.start, &launch);
        report.same("release", || format!("/allocations/{a}/end"), &allocation.end, &end);
        check_capacity(view, report, node, offer, out, &mut changes);
    }
    check_zones(plan, view, report, out);
    for (a, allocation) in plan.allocations.iter().enumerate() {
        if let Some(held) = reserved[a] {
            report.same("reserved-end", || format!("/allocations/{a}/reserved_end"), &allocation.reserved_end, &held);
        }
    }
}

/// The nodes of a gang go into one zone; others go anywhere.
fn check_zones(plan: &Plan, view: &View<'_>, report: &mut Report, out: &Schedule) {
    let mut gang = vec![false; plan.allocations.len()];
    for node in &out.nodes {
        gang[node.allocation] |= node.parts.iter().any(|p| view.workload.jobs()[p.job].nodes > 1);
    }
    for (a, allocation) in plan.allocations.iter().enumerate() {
        let wanted = if gang[a] { ZoneRule::Same } else { ZoneRule::Any };
        report.expect(
            "zone",
            allocation.zone == wanted,
            || format!("/allocations/{a}/zone"),
            || format!("{:?}", allocation.zone),
            || format!("{wanted:?}"),
        );
    }
}

/// What a node gains (true) or is freed of at an instant.
type Change = (Time, bool, Resources);

/// `changes` is room to work in, so that not every node asks for memory.
fn check_capacity(
    view: &View<'_>,
    report: &mut Report,
    node: &Node,
    offer: &Offer,
    out: &Schedule,
    changes: &mut Vec<Change>,
) {
    let capacity = view.market.type_of(offer).capacity;
    changes.clear();
    for part in &node.parts {
        if let Some((k, law)) = out.laws[part.placement] {
            let demand = view.workload.jobs()[k].demand;
            changes.push((part.start, true, demand));
            changes.push((part.start + law.reserved, false, demand));
        }
    }
    // At one instant releases come before launches: intervals are half open.
    changes.sort_unstable();
    let mut load = Resources::ZERO;
    for (i, &(now, launch, demand)) in changes.iter().enumerate() {
        if !launch {
            load -= demand;
            continue;
        }
        load += demand;
        // Load is greatest after the last launch of an instant.
        if changes.get(i + 1).is_some_and(|&(next, launch, _)| launch && next == now) {
            continue;
        }
        report.expect(
            "capacity",
            load.fits_in(capacity),
            || format!("/allocations/{}", node.allocation),
            || format!("{load:?} at {now}"),
            || format!("at most {capacity:?}"),
        );
    }
}
