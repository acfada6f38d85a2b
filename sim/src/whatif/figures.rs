//! What the replications of one arm come to.

use serde::Serialize;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;

use super::CONFIDENCE;
use super::causes::{Cause, causes};
use crate::plan::{CostFigures, Report, Simulated};
use crate::stats::{Estimate, Moments, proportion};

/// An arm in figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Tasks placed by its plan.
    pub placed: u64,
    /// Tasks that are not.
    pub unplaced: u64,
    /// Cost of a replication.
    pub cost: CostFigures,
    /// Mean cost by cause.
    pub causes: Vec<Cause>,
    /// Share of the replications in which some deadline is missed, with its 95 % interval.
    pub any_miss: Estimate,
    /// Tasks that miss their deadline, in the mean.
    pub late_tasks: f64,
    /// Nodes the clouds take back, in the mean.
    pub interruptions: f64,
    /// Tasks that move from spot to on-demand, in the mean.
    pub moved: f64,
    /// Tasks that never end, in the mean.
    pub unfinished: f64,
    /// Hours of work lost or spent on saving and restoring, in the mean.
    pub rework_hours: f64,
    /// Nodes that wait, in the mean.
    pub idle_usd: Usd,
    /// Data moved, as planned.
    pub egress_usd: Usd,
}

impl Figures {
    /// Of at least one replication.
    pub fn new(plan: &Plan, simulated: &Simulated) -> Self {
        let report = Report::new(plan, simulated);
        let all = &simulated.outcomes;
        let missed = all.iter().filter(|o| !o.missed.is_empty()).count() as u64;
        let late: Moments = all.iter().map(|o| o.missed.iter().map(|(_, n)| f64::from(*n)).sum()).collect();
        let causes = causes(plan, simulated);
        let of = |name: &str| causes.iter().find(|c| c.cause == name).map_or(Usd::ZERO, |c| c.mean_usd);
        Self {
            placed: plan.summary.placed,
            unplaced: plan.summary.unplaced,
            cost: report.cost,
            any_miss: proportion(missed, all.len() as u64, CONFIDENCE),
            late_tasks: late.mean(),
            interruptions: report.interruptions,
            moved: report.moved,
            unfinished: report.unfinished,
            rework_hours: report.rework_hours,
            idle_usd: of("idle"),
            egress_usd: of("egress"),
            causes,
        }
    }
}
