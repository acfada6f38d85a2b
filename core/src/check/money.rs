//! Money: every node's bill, every task's share, every cost line and budget, to the nano-dollar.

use super::Report;
use super::schedule::{Node, Schedule};
use super::view::View;
use crate::cost::{self, Busy, NodeBill, OwnCost};
use crate::money::Usd;
use crate::plan::{CostBreakdown, Plan, gap};
use crate::time::Time;

pub(super) fn check(plan: &Plan, view: &View<'_>, schedule: &Schedule, report: &mut Report) {
    let owed = view.market.owed(view.rules.horizon);
    let mut cost = CostBreakdown { commitment_usd: owed, ..CostBreakdown::default() };
    let mut shares = vec![Usd::ZERO; plan.placements.len()];
    check_allocations(plan, view, schedule, report, &mut cost, &mut shares);
    let expected = check_placements(plan, view, schedule, report, &mut cost, &shares);
    check_stagings(plan, view, report, &mut cost);
    for ((name, got), (_, want)) in plan.cost.lines().iter().zip(cost.lines()) {
        report.equal("cost-line", &format!("/cost/{name}_usd"), got, &want);
    }
    check_summary(plan, view, schedule, report, cost.total());
    check_budgets(plan, view, schedule, report, &expected, &shares);
}

fn check_allocations(
    plan: &Plan,
    view: &View<'_>,
    schedule: &Schedule,
    report: &mut Report,
    cost: &mut CostBreakdown,
    shares: &mut [Usd],
) {
    let mut bills = vec![Usd::ZERO; plan.allocations.len()];
    for node in &schedule.nodes {
        let Some(bill) = node_bill(plan, view, schedule, node, shares) else { continue };
        bills[node.allocation] += bill.total();
        cost.compute_usd += bill.compute;
        cost.rework_usd += bill.rework;
        cost.boot_usd += bill.boot;
        cost.idle_usd += bill.idle;
        cost.address_usd += bill.address;
    }
    for (a, bill) in bills.iter().enumerate() {
        let at = || format!("/allocations/{a}/expected_cost_usd");
        report.same("bill", at, &plan.allocations[a].expected_cost_usd, bill);
    }
}

/// The bill of a node, its shares added to the placements on it.
fn node_bill(plan: &Plan, view: &View<'_>, schedule: &Schedule, node: &Node, shares: &mut [Usd]) -> Option<NodeBill> {
    let o = schedule.offers[node.allocation]?;
    let allocation = &plan.allocations[node.allocation];
    let pool = &view.pools[view.pool_of[o]];
    let mut busy = Vec::with_capacity(node.parts.len());
    let mut weights = Vec::with_capacity(node.parts.len());
    for part in &node.parts {
        let (k, law) = schedule.laws[part.placement]?;
        busy.push(Busy { start: part.start, mean: law.mean, useful: law.useful });
        weights.push(cost::share_weight(pool.reference, &view.workload.jobs()[k], &law));
    }
    let bill = cost::node_bill(view.market, &view.market.offers[o], allocation.start, allocation.end, &busy);
    for (part, share) in node.parts.iter().zip(cost::split(bill.total(), &weights)) {
        shares[part.placement] += share;
    }
    Some(bill)
}

/// Expected cost of each placement, recomputed.
fn check_placements(
    plan: &Plan,
    view: &View<'_>,
    schedule: &Schedule,
    report: &mut Report,
    cost: &mut CostBreakdown,
    shares: &[Usd],
) -> Vec<Usd> {
    let mut expected = vec![Usd::ZERO; plan.placements.len()];
    let regions: Vec<Option<u16>> = plan.allocations.iter().map(|a| view.market.region_index(&a.region)).collect();
    for (i, p) in plan.placements.iter().enumerate() {
        let region = schedule.on[i].and_then(|a| regions[a]);
        let (Some((k, law)), Some(region)) = (schedule.laws[i], region) else { continue };
        let job = &view.workload.jobs()[k];
        let own = cost::own_cost(view.market, region, job, &law, schedule.behind(view, i));
        report.expect(
            "transfer-price",
            own.is_some(),
            || format!("/placements/{i}/allocation"),
            || "no transfer price for its data".to_owned(),
            || "a region with known transfer prices".to_owned(),
        );
        let own = own.unwrap_or_default();
        let tasks = i64::from(p.tasks[1] - p.tasks[0]) + 1;
        let times = |usd: Usd| Usd::from_nanos(usd.nanos().saturating_mul(tasks));
        let OwnCost { egress, disk, storage, fallback } = own;
        cost.egress_usd += times(egress);
        cost.disk_usd += times(disk);
        cost.storage_usd += times(storage);
        cost.fallback_usd += times(fallback);
        expected[i] = times(own.total()) + shares[i];
        report.same("cost", || format!("/placements/{i}/expected_cost_usd"), &p.expected_cost_usd, &expected[i]);
        report.expect(
            "job-budget",
            job.budget.is_none_or(|b| expected[i] <= times(b)),
            || format!("/placements/{i}/expected_cost_usd"),
            || expected[i].to_string(),
            || format!("at most {} a task", job.budget.unwrap_or_default()),
        );
    }
    expected
}

fn check_stagings(plan: &Plan, view: &View<'_>, report: &mut Report, cost: &mut CostBreakdown) {
    let datasets = view.workload.datasets();
    for (i, s) in plan.stagings.iter().enumerate() {
        let ends = datasets.get(s.dataset.as_str()).and_then(|input| {
            Some((view.market.region_index(&input.location)?, view.market.region_index(&s.region)?, input.size))
        });
        let Some((from, to, size)) = ends else {
            report.expect(
                "transfer-price",
                false,
                || format!("/stagings/{i}"),
                || format!("{} to {}", s.dataset, s.region),
                || "a dataset of the queue between two regions of the market".to_owned(),
            );
            continue;
        };
        let Some(price) = cost::staging_cost(view.market, from, to, size, s.start, s.until) else {
            report.expect(
                "transfer-price",
                false,
                || format!("/stagings/{i}"),
                || "no price".to_owned(),
                || "a known transfer price".to_owned(),
            );
            continue;
        };
        report.equal("cost", &format!("/stagings/{i}/egress_usd"), &s.egress_usd, &price.egress);
        report.equal("cost", &format!("/stagings/{i}/storage_usd"), &s.storage_usd, &price.storage);
        cost.egress_usd += price.egress;
        cost.storage_usd += price.storage;
    }
}

fn check_summary(plan: &Plan, view: &View<'_>, schedule: &Schedule, report: &mut Report, cost: Usd) {
    let s = &plan.summary;
    let placed: u64 = schedule.placed.iter().sum();
    let tasks = view.workload.tasks();
    report.equal("summary", "/summary/jobs", &s.jobs, &(view.workload.jobs().len() as u64));
    report.equal("summary", "/summary/tasks", &s.tasks, &tasks);
    report.equal("summary", "/summary/placed", &s.placed, &placed);
    report.equal("summary", "/summary/unplaced", &s.unplaced, &tasks.saturating_sub(placed));
    report.equal("summary", "/summary/cost_usd", &s.cost_usd, &cost);
    let identity: Usd = plan.placements.iter().map(|p| p.expected_cost_usd).sum::<Usd>()
        + plan.stagings.iter().map(|s| s.egress_usd + s.storage_usd).sum::<Usd>()
        + plan.cost.commitment_usd;
    report.equal("identity", "/summary/cost_usd", &s.cost_usd, &identity);
    let want = gap(s.cost_usd, s.lower_bound_usd);
    report.expect(
        "summary",
        s.gap == want,
        || "/summary/gap".to_owned(),
        || format!("{:?}", s.gap),
        || format!("{want:?}"),
    );
}

/// Project by project: expected cost plus the largest concurrent escrow within the budget.
fn check_budgets(
    plan: &Plan,
    view: &View<'_>,
    schedule: &Schedule,
    report: &mut Report,
    expected: &[Usd],
    shares: &[Usd],
) {
    for (project, budget) in &view.rules.budgets {
        let mut spent = Usd::ZERO;
        let mut escrows: Vec<(Time, bool, Usd)> = Vec::new();
        for (i, p) in plan.placements.iter().enumerate() {
            let Some((k, law)) = schedule.laws[i] else { continue };
            if view.workload.jobs()[k].project.as_deref() == Some(project) {
                spent += expected[i];
                let risked = schedule.behind(view, i).map_or(Usd::ZERO, |b| b.at_risk(&view.workload.jobs()[k]));
                let risked = Usd::from_nanos(risked.nanos().saturating_mul(i64::from(p.count())));
                let escrow = cost::escrow(shares[i], &law) + risked;
                escrows.push((p.start, true, escrow));
                escrows.push((p.start + law.done(), false, -escrow));
            }
        }
        escrows.sort_unstable_by_key(|&(t, launch, usd)| (t, launch, usd));
        let (mut held, mut most) = (Usd::ZERO, Usd::ZERO);
        for (_, _, usd) in escrows {
            held += usd;
            most = most.max(held);
        }
        report.expect(
            "budget",
            spent + most <= *budget,
            || format!("/rules/budgets/{project}"),
            || format!("{spent} expected and {most} in escrow"),
            || format!("at most {budget}"),
        );
    }
}
