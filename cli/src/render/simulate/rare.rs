//! Misses that no replication sees, for people and programs.

use serde::Serialize;
use tradewind_sim::plan::RareMiss;

use crate::render::grid::{Grid, Side};

/// A job and how probable it is that it misses its deadline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RareRow {
    /// The job.
    pub job: String,
    /// The plan's bound for one task.
    pub planned: f64,
    /// What the job allows.
    pub allowed: f64,
    /// What was found.
    #[serde(flatten)]
    pub miss: RareMiss,
}

/// A row for each job.
pub fn table(rows: &[RareRow]) -> Grid {
    let mut grid = Grid::new([
        ("job", Side::Left),
        ("any task late", Side::Right),
        ("95 %", Side::Left),
        ("no node taken", Side::Right),
        ("planned at most", Side::Right),
        ("allowed", Side::Right),
        ("fewer events", Side::Right),
    ]);
    for row in rows {
        let m = &row.miss;
        let is_seen = m.probability > 0.0;
        grid.row([
            row.job.clone(),
            if is_seen { format!("{:.2e}", m.probability) } else { "not seen".to_owned() },
            if is_seen {
                format!("{:.1e} to {:.1e}", m.interval[0], m.interval[1])
            } else {
                format!("below {:.1e}", m.interval[1])
            },
            if is_seen { format!("{:.2e}", m.undisturbed) } else { String::new() },
            format!("{:.2e}", row.planned),
            format!("{:.2e}", row.allowed),
            m.plain_events.map_or(String::new(), |plain| format!("{:.1} x", plain / m.events as f64)),
        ]);
    }
    grid
}
