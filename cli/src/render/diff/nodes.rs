//! Changes of capacity.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tradewind_core::diff::{Kind, NodeChange, PlanDiff, Slot, UsdChange};
use tradewind_core::time::{Millis, Time};

use super::mark;
use super::slots::{Shape, between, later, minute, place, shape};
use crate::render::grid::{Grid, Side};
use crate::render::{signed, thousands};

/// Node changes between the same places: what a row shows.
#[derive(Default)]
struct Group {
    nodes: u64,
    usd: UsdChange,
    times: Vec<(Option<Time>, Option<Time>)>,
}

/// A row for each kind of change and pair of places; what costs or saves most comes first in its kind.
pub fn grid(changes: &[NodeChange]) -> Grid {
    let mut groups: BTreeMap<(Kind, Option<Shape>, Option<Shape>), Group> = BTreeMap::new();
    for c in changes {
        let key = (c.kind, c.from.as_ref().map(shape), c.to.as_ref().map(shape));
        let group = groups.entry(key).or_default();
        group.nodes += c.nodes;
        group.usd = UsdChange::new(group.usd.old + c.usd.old, group.usd.new + c.usd.new);
        group.times.push((c.from.as_ref().map(|s| s.start), c.to.as_ref().map(|s| s.start)));
    }
    let mut rows: Vec<_> = groups.into_iter().collect();
    rows.sort_by_key(|((kind, ..), g)| (*kind, Reverse(g.usd.delta.nanos().unsigned_abs())));
    let mut grid = Grid::new([
        ("change", Side::Left),
        ("nodes", Side::Right),
        ("where", Side::Left),
        ("when", Side::Left),
        ("USD", Side::Right),
        ("change in USD", Side::Right),
    ]);
    for ((kind, from, to), g) in rows {
        let verb = match kind {
            Kind::Add => "launch",
            Kind::Remove => "release",
            Kind::Move => "move",
            Kind::Resize => "resize",
            Kind::Shift | Kind::Checkpoint => "shift",
        };
        let places = match (&from, &to) {
            (Some(a), Some(b)) if a != b => between(a, b),
            (a, b) => b.as_ref().or(a.as_ref()).map_or(String::new(), place),
        };
        let usd = if kind == Kind::Remove { g.usd.old } else { g.usd.new };
        grid.row([
            format!("{} {verb}", mark(kind)),
            thousands(g.nodes),
            places,
            when(&g.times),
            format!("{usd:.2}"),
            signed(g.usd.delta),
        ]);
    }
    grid
}

/// Launches from the earliest to the latest, or how far they shift.
fn when(times: &[(Option<Time>, Option<Time>)]) -> String {
    let shifts: Option<Vec<Millis>> = times.iter().map(|(a, b)| Some((*b)? - (*a)?)).collect();
    if let Some(shifts) = shifts.filter(|s| s.iter().any(|by| *by != Millis::ZERO)) {
        let (least, most) = (shifts.iter().min(), shifts.iter().max());
        let (Some(&least), Some(&most)) = (least, most) else { return String::new() };
        return if least == most { later(most) } else { format!("{} to {}", later(least), later(most)) };
    }
    let starts = || times.iter().filter_map(|(a, b)| b.or(*a));
    match (starts().min(), starts().max()) {
        (Some(a), Some(b)) if a == b => minute(a),
        (Some(a), Some(b)) => format!("{} to {}", minute(a), minute(b)),
        _ => String::new(),
    }
}

/// Every change of nodes, for a spreadsheet.
pub fn csv(d: &PlanDiff) -> String {
    let names = [
        "change",
        "nodes",
        "from_region",
        "from_capacity_type",
        "from_instance_type",
        "from_launch",
        "to_region",
        "to_capacity_type",
        "to_instance_type",
        "to_launch",
        "old_usd",
        "new_usd",
        "delta_usd",
    ];
    let mut grid = Grid::new(names.map(|n| (n, Side::Left)));
    let kind = |k: Kind| serde_json::to_value(k).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    let cells = |slot: &Option<Slot>| match slot {
        None => <[String; 4]>::default(),
        Some(s) => [s.region.to_string(), s.capacity_type.to_string(), s.instance_type.clone(), s.start.to_string()],
    };
    for c in &d.nodes.changes {
        let usd = [c.usd.old, c.usd.new, c.usd.delta].map(|u| u.to_string());
        let row = [kind(c.kind), c.nodes.to_string()].into_iter().chain(cells(&c.from)).chain(cells(&c.to)).chain(usd);
        grid.row(row);
    }
    grid.to_csv()
}
