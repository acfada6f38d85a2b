//! What the plans were made from, where it differs.

use tradewind_core::diff::{Edit, PlanDiff};

use crate::render::grid::{Grid, Side};

/// Characters of a hash that tell it from others.
const HASH: usize = 12;

/// Snapshot, dates, seed, rules, quotas.
pub fn values(d: &PlanDiff) -> Grid {
    let mut grid = Grid::new([("what", Side::Left), ("was", Side::Left), ("is", Side::Left)]);
    for i in &d.inputs {
        let short = |value: &Option<String>| {
            let value = value.as_deref().unwrap_or("not set");
            if i.name.ends_with("_hash") { value.chars().take(HASH).collect() } else { value.to_owned() }
        };
        grid.row([i.name.clone(), short(&i.old), short(&i.new)]);
    }
    grid
}

/// Jobs of the queues.
pub fn queue(d: &PlanDiff) -> Grid {
    let mut grid = Grid::new([("change", Side::Left), ("job", Side::Left), ("fields", Side::Left)]);
    for e in &d.queue {
        let change = match e.edit {
            Edit::Added => "+ added",
            Edit::Changed => "~ changed",
            Edit::Removed => "- removed",
        };
        grid.row([change.to_owned(), e.job.clone(), e.fields.join(", ")]);
    }
    grid
}
