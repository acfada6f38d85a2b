//! What was decided for jobs, in a line: what is placed by which run, what waits and why, what moves.

use serde_json::{Value, json};
use tradewind_core::job::Job;
use tradewind_core::plan::Plan;
use tradewind_core::time::Time;

use super::closed::Closed;
use super::moves::Move;

/// A plan, and what led to it.
pub(super) struct Told<'a> {
    /// When.
    pub at: Time,
    /// The plan.
    pub plan: &'a Plan,
    /// What was to be planned.
    pub jobs: &'a [Job],
    /// Where nothing could be launched.
    pub closed: &'a Closed,
    /// What goes elsewhere than it was to go.
    pub moves: &'a [Move],
}

impl Told<'_> {
    /// A line of `decisions.out`; the wave and its run where something was placed.
    pub fn line(&self, wave: Option<(u32, &str)>) -> String {
        let summary = &self.plan.summary;
        let mut line = json!({
            "at": self.at, "is": "planned", "wave": wave.map(|(number, _)| number), "run": wave.map(|(_, run)| run),
            "placed": summary.placed, "cost_usd": summary.cost_usd, "lower_bound_usd": summary.lower_bound_usd,
            "waiting": self.waiting(),
        });
        if !self.closed.0.is_empty() {
            line["closed"] = json!(self.closed);
        }
        if !self.moves.is_empty() {
            line["moved"] = json!(self.moves);
        }
        format!("{line}\n")
    }

    fn waiting(&self) -> Vec<Value> {
        let unplaced = self.plan.unplaced.iter().map(|u| {
            let reasons: Vec<_> = u.reasons.iter().map(|r| &r.reason).collect();
            json!({ "job": u.job, "tasks": u.tasks, "reasons": reasons })
        });
        let left_out = self.jobs.iter().filter(|job| self.plan.workload.index_of(&job.id).is_none());
        let left_out = left_out.map(|job| json!({ "job": job.id, "tasks": job.count, "reasons": ["no_queue"] }));
        unplaced.chain(left_out).collect()
    }
}
