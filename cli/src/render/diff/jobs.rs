//! Jobs that go elsewhere.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tradewind_core::diff::{Edit, JobChange, Kind, PlanDiff, Slot, TaskFlow};
use tradewind_core::time::Millis;

use super::mark;
use super::slots::{between, later, minute, place, shape};
use crate::render::grid::{Grid, Side};
use crate::render::{signed, thousands};

/// A row for each way that tasks of a job go; the jobs whose cost changes most come first.
pub fn grid(d: &PlanDiff) -> Grid {
    let edits: BTreeMap<&str, Edit> = d.queue.iter().map(|e| (e.job.as_str(), e.edit)).collect();
    let mut moved: Vec<&JobChange> = d.jobs.iter().filter(|j| decides(j)).collect();
    moved.sort_by_key(|j| (Reverse(j.usd.delta.nanos().unsigned_abs()), j.job.as_str()));
    let mut grid = Grid::new([
        ("job", Side::Left),
        ("tasks", Side::Right),
        ("change", Side::Left),
        ("where", Side::Left),
        ("USD", Side::Right),
        ("change in USD", Side::Right),
    ]);
    for j in moved {
        // The money is the job's; it stands beside the job's first row.
        let mut money = [format!("{:.2}", j.usd.new), signed(j.usd.delta)];
        let mut name = j.job.clone();
        for flow in &j.flows {
            let [usd, delta] = std::mem::take(&mut money);
            let change = change_of(flow, edits.get(j.job.as_str()));
            grid.row([std::mem::take(&mut name), thousands(flow.tasks), change, places_of(flow), usd, delta]);
        }
        if j.flows.is_empty() {
            let [was, is] = j.unplaced;
            let change = if is > was { "- left out" } else { "+ not left out" };
            let [usd, delta] = money;
            grid.row([name, thousands(is.abs_diff(was)), change.to_owned(), String::new(), usd, delta]);
        }
    }
    grid
}

/// Whether more than its cost differs.
fn decides(j: &JobChange) -> bool {
    !j.flows.is_empty() || j.unplaced[0] != j.unplaced[1]
}

fn change_of(flow: &TaskFlow, edit: Option<&Edit>) -> String {
    let verb = match flow.kind {
        Kind::Add if edit == Some(&Edit::Added) => "new in the queue",
        Kind::Add => "placed",
        Kind::Remove if edit == Some(&Edit::Removed) => "left the queue",
        Kind::Remove => "no longer placed",
        Kind::Move => "moved",
        Kind::Resize => "another type",
        Kind::Shift => "shifted",
        Kind::Checkpoint => "other checkpoints",
    };
    format!("{} {verb}", mark(flow.kind))
}

fn places_of(flow: &TaskFlow) -> String {
    let at = |s: &Slot| format!("{}, {}", place(&shape(s)), minute(s.start));
    match (&flow.from, &flow.to) {
        (Some(a), Some(b)) => {
            let places = if shape(a) == shape(b) { place(&shape(b)) } else { between(&shape(a), &shape(b)) };
            let by = b.start - a.start;
            let shift = if by == Millis::ZERO { String::new() } else { format!(", {}", later(by)) };
            format!("{places}, {}{shift}", minute(b.start))
        }
        (a, b) => b.as_ref().or(a.as_ref()).map_or(String::new(), at),
    }
}
