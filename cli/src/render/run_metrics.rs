//! A run in the text format that Prometheus's node exporter collects from files. No label names a job or a machine:
//! series would never end.

use std::collections::BTreeMap;

use tradewind_scheduler::ledger::Scope;
use tradewind_scheduler::run::node::Phase;
use tradewind_scheduler::run::{BudgetRow, Run};

use super::bought_as;
use super::exposition::Exposition;

/// The file.
pub fn text(run: &Run) -> String {
    let (figures, summary) = (run.figures(), &run.script().plan.summary);
    let t = figures.tasks;
    let mut out = Exposition::default();
    out.one("plan_cost_usd", "Expected cost of the plan.", summary.cost_usd.as_f64());
    out.one("plan_gap_ratio", "How far at most it is above any other.", summary.gap.unwrap_or(f64::NAN));
    out.one("run_cost_usd", "What the run has been billed, and data as planned.", figures.cost_usd.as_f64());
    let states = [
        ("waiting", t.waiting),
        ("running", t.running),
        ("done", t.done),
        ("failed", t.failed),
        ("cancelled", t.cancelled),
    ];
    out.many("jobs", "Tasks of the run.", "state", states.map(|(state, n)| (state, f64::from(n))));
    let risk = f64::from(figures.at_risk) / f64::from(run.state().undone.max(1));
    out.one("deadline_risk_ratio", "Share of the tasks that are not over and will be late as things are.", risk);
    out.by_three("instances", "Nodes that are there.", ["cloud", "market", "state"], &instances(run));
    budgets(&mut out, run);
    out.one("intents_open", "Calls without an answer.", run.state().open.len() as f64);
    out.one("interruptions", "Nodes that the clouds took back.", f64::from(figures.interruptions));
    out.text()
}

/// What budgets have that is neither spent nor set aside.
fn budgets(out: &mut Exposition, run: &Run) {
    let rows = run.budgets();
    let left = |b: &BudgetRow| (b.limit_usd - b.spent_usd - b.set_aside_usd).as_f64();
    let projects = rows.iter().filter_map(|b| match &b.scope {
        Scope::Project(name) => Some((name.as_str(), left(b))),
        Scope::Tenant(_) => None,
    });
    out.many("budget_remaining_usd", "What a project has neither spent nor set aside.", "project", projects);
    let tenants = rows.iter().filter_map(|b| match &b.scope {
        Scope::Tenant(name) => Some((name.as_str(), left(b))),
        Scope::Project(_) => None,
    });
    out.many("tenant_budget_remaining_usd", "What a tenant has neither spent nor set aside.", "tenant", tenants);
}

/// Nodes that are there, by cloud, how they are bought and whether they can be used.
fn instances(run: &Run) -> BTreeMap<[String; 3], f64> {
    let mut instances = BTreeMap::new();
    for node in run.state().nodes.iter().filter(|n| n.life.is_some()) {
        let site = run.script().site(node.home);
        let state = if node.phase == Phase::Up { "up" } else { "booting" };
        let labels = [site.cloud, bought_as(site.capacity_type, false).replace(' ', "_"), state.to_owned()];
        *instances.entry(labels).or_insert(0.0) += 1.0;
    }
    instances
}
