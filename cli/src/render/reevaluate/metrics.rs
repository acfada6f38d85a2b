//! The heartbeat: a night in the text format that Prometheus's node exporter collects from files.
//!
//! No label names a job or a machine: series would never end. A night that fails writes nothing, so that the time of
//! the last success grows old and an alarm on it tells of a night that is missing.

use tradewind_core::time::Time;

use super::report::Report;
use crate::render::exposition::Exposition;

/// The file, for a night that succeeded at `now`.
pub fn text(report: &Report, now: Time) -> String {
    let mut out = Exposition::default();
    let p = &report.plan;
    out.one("plan_cost_usd", "Expected cost of tonight's plan.", p.cost_usd.as_f64());
    out.one("plan_gap_ratio", "How far at most it is above any other.", p.gap.unwrap_or(f64::NAN));
    out.many(
        "jobs",
        "Tasks of tonight's queue.",
        "state",
        [
            ("placed", p.placed as f64),
            ("unplaced", p.unplaced as f64),
            ("started", report.running.tasks.iter().map(|s| u64::from(s.tasks)).sum::<u64>() as f64),
        ],
    );
    out.one("deadline_risk_ratio", "Largest probability of a task to miss its deadline.", p.deadline_risk);
    out.one("orphans", "Resources past their time to live.", report.leaks.orphans.len() as f64);
    let budgets = report.budgets.iter().map(|b| (b.project.as_str(), (b.limit_usd - b.planned_usd).as_f64()));
    out.many("budget_remaining_usd", "What the plan leaves of a project's budget.", "project", budgets);
    let duals: Vec<(String, f64)> =
        report.quotas.iter().map(|q| (format!("{}/{}", q.place, q.quota), q.usd_per_unit)).collect();
    let duals = duals.iter().map(|(name, usd)| (name.as_str(), *usd));
    out.many("quota_dual_usd", "What one more unit of a quota would save.", "quota", duals);
    out.one("price_age_seconds", "Age of the prices that were planned with.", report.prices.age_ms.get() as f64 / 1e3);
    out.one(
        "nightly_changes",
        "1 where tonight's plan decides something else.",
        f64::from(u8::from(report.has_changes)),
    );
    out.one("nightly_gaps", "What should have been looked at and could not be.", report.gaps.len() as f64);
    let regret = report.regret.as_ref().map_or(f64::NAN, |r| r.regret_usd.as_f64());
    out.one("nightly_regret_usd", "What foresight would have saved last night.", regret);
    out.one("nightly_last_success_timestamp_seconds", "When a night last succeeded.", (now.ms() / 1000) as f64);
    out.text()
}
