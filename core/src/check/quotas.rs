//! Quotas: what nodes hold, and what is reserved behind spot, within the limits at every instant.

use std::collections::BTreeMap;

use super::Report;
use super::schedule::Schedule;
use super::view::View;
use crate::market::Offer;
use crate::plan::Plan;
use crate::time::Time;

/// Quota row -> (instant, launch?, thousandths gained or freed, where the plan says so).
type Changes = BTreeMap<u16, Vec<(Time, bool, i128, Holder)>>;

/// What holds a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Allocation(usize),
    Placement(usize),
}

/// Quota by quota: what is held at every instant is within the limit.
pub(super) fn check(plan: &Plan, view: &View<'_>, report: &mut Report, out: &Schedule) {
    let mut changes = BTreeMap::new();
    for (a, allocation) in plan.allocations.iter().enumerate() {
        let Some(o) = out.offers[a] else { continue };
        let until = allocation.reserved_end.max(allocation.end);
        hold(
            view,
            &mut changes,
            &view.market.offers[o],
            allocation.count,
            (allocation.start, until),
            Holder::Allocation(a),
        );
    }
    for (i, placement) in plan.placements.iter().enumerate() {
        let (Some(behind), Some((k, law))) = (out.behind(view, i), out.laws[i]) else { continue };
        let nodes = placement.count() * view.workload.jobs()[k].nodes;
        let span = (placement.start + behind.law.on_demand_from, placement.start + law.done());
        hold(view, &mut changes, behind.offer, nodes, span, Holder::Placement(i));
    }
    for (q, mut list) in changes {
        // At one instant releases come before launches: intervals are half open.
        list.sort_unstable_by_key(|&(t, launch, _, holder)| (t, launch, holder));
        let row = &view.market.quotas[usize::from(q)];
        let limit = i128::from(row.available) * 1000;
        let mut held = 0_i128;
        for (now, launch, delta, holder) in list {
            held += delta;
            if launch {
                report.expect(
                    "quota",
                    held <= limit,
                    || match holder {
                        Holder::Allocation(a) => format!("/allocations/{a}"),
                        Holder::Placement(i) => format!("/placements/{i}/fallback"),
                    },
                    || format!("{} of {} held at {now}", held as f64 / 1000.0, row.name),
                    || format!("at most {}", row.available),
                );
            }
        }
    }
}

/// Notes that `nodes` nodes of an offer hold their quotas from and until an instant.
fn hold(
    view: &View<'_>,
    changes: &mut Changes,
    offer: &Offer,
    nodes: u32,
    (from, until): (Time, Time),
    holder: Holder,
) {
    for &q in view.market.quotas_of(offer) {
        let unit = view.market.quotas[usize::from(q)].unit;
        let taken = i128::from(view.market.taken_milli(unit, offer)) * i128::from(nodes);
        changes.entry(q).or_default().extend([(from, true, taken, holder), (until, false, -taken, holder)]);
    }
}
