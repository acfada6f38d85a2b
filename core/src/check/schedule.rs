//! Geometry: every task on a node that may hold it, every node and quota within its limits at every
//! instant, every predecessor and dataset in time.

use std::collections::{BTreeMap, HashMap};

use super::view::View;
use super::{Report, eligible, nodes, quotas, stagings};
use crate::fallback::Behind;
use crate::job::Job;
use crate::notice::OnInterruption;
use crate::plan::{Fallback, Plan};
use crate::time::Time;
use crate::work::TaskLaw;

/// A task's part on one node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Index of the placement.
    pub placement: usize,
    /// Index of the job.
    pub job: usize,
    /// Its start.
    pub start: Time,
}

/// One node of an allocation with what runs on it, in plan order.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Index of the allocation.
    pub allocation: usize,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// What the money check needs of the schedule.
pub(super) struct Schedule {
    /// All nodes that were understood.
    pub nodes: Vec<Node>,
    /// The offer of each allocation.
    pub offers: Vec<Option<usize>>,
    /// Index of the allocation of each placement that was understood.
    pub on: Vec<Option<usize>>,
    /// Job and law of each placement.
    pub laws: Vec<Option<(usize, TaskLaw)>>,
    /// Tasks placed of each job.
    pub placed: Vec<u64>,
}

impl Schedule {
    /// What stands behind the tasks of a placement that was understood.
    pub fn behind<'v>(&self, view: &View<'v>, placement: usize) -> Option<Behind<'v>> {
        let (k, law) = self.laws[placement]?;
        let o = self.offers[self.on[placement]?]?;
        view.behind(k, &view.pools[view.pool_of[o]], &law)
    }
}

/// No allocation has more nodes.
const MOST_NODES: u32 = 1_000_000;

pub(super) fn check(plan: &Plan, view: &View<'_>, report: &mut Report) -> Schedule {
    let offers = find_offers(plan, view, report);
    let mut schedule = Schedule {
        nodes: Vec::new(),
        on: vec![None; plan.placements.len()],
        laws: vec![None; plan.placements.len()],
        placed: vec![0; view.workload.jobs().len()],
        offers,
    };
    let nodes: u64 = plan.allocations.iter().map(|a| u64::from(a.count)).sum();
    let most = most_nodes(view);
    report.expect(
        "allocation",
        nodes <= u64::from(most),
        || "/allocations".to_owned(),
        || format!("{nodes} nodes"),
        || format!("at most {most} in all, one for each part of a task"),
    );
    let mut first_node = vec![0; plan.allocations.len()];
    for (a, allocation) in plan.allocations.iter().enumerate() {
        first_node[a] = schedule.nodes.len();
        // A forged count must not fill the memory: nodes beyond the limit are not looked at, and the
        // count itself is a violation.
        let room = (most as usize).saturating_sub(schedule.nodes.len());
        let count = (allocation.count as usize).min(room);
        let node = Node { allocation: a, parts: Vec::new() };
        schedule.nodes.extend(std::iter::repeat_n(node, count));
    }
    check_placements(plan, view, report, &mut schedule, &first_node);
    check_tasks(plan, view, report, &mut schedule);
    nodes::check(plan, view, report, &schedule);
    quotas::check(plan, view, report, &schedule);
    check_predecessors(plan, view, report, &schedule);
    stagings::check(plan, view, report, &schedule);
    schedule
}

/// As many nodes as the queue has parts of tasks: more would stand empty.
fn most_nodes(view: &View<'_>) -> u32 {
    let parts = view.workload.jobs().iter().map(|j| u64::from(j.count) * u64::from(j.nodes)).sum::<u64>();
    parts.min(u64::from(MOST_NODES)) as u32
}

fn find_offers(plan: &Plan, view: &View<'_>, report: &mut Report) -> Vec<Option<usize>> {
    let mut seen = HashMap::new();
    let mut offers = Vec::with_capacity(plan.allocations.len());
    for (i, a) in plan.allocations.iter().enumerate() {
        let at = |field: &str| format!("/allocations/{i}/{field}");
        let first = *seen.entry(a.id.as_str()).or_insert(i);
        report.expect("allocation", first == i, || at("id"), || a.id.clone(), || "a unique id".to_owned());
        report.expect(
            "allocation",
            (1..=MOST_NODES).contains(&a.count),
            || at("count"),
            || a.count.to_string(),
            || format!("1 to {MOST_NODES} nodes"),
        );
        let against = a.commitment.as_deref();
        let offer = view.market.find_offer(&a.region, &a.instance_type, a.capacity_type, against);
        report.expect(
            "offer",
            offer.is_some(),
            || at("instance_type"),
            || {
                let against = against.map_or(String::new(), |c| format!(" against {c:?}"));
                format!("{} {} {}{against}", a.region, a.instance_type, a.capacity_type)
            },
            || "an offer of the market".to_owned(),
        );
        if let Some(o) = offer {
            let price = view.market.offers[o].price;
            report.same("price", || at("usd_per_hour"), &a.usd_per_hour, &price);
        }
        offers.push(offer);
    }
    offers
}

fn check_placements(plan: &Plan, view: &View<'_>, report: &mut Report, out: &mut Schedule, first_node: &[usize]) {
    let allocation_of: HashMap<&str, usize> =
        plan.allocations.iter().enumerate().map(|(i, a)| (a.id.as_str(), i)).collect();
    let overruns = eligible::overruns(view);
    for (i, p) in plan.placements.iter().enumerate() {
        let at = |field: &str| format!("/placements/{i}/{field}");
        let job = view.workload.index_of(&p.job);
        let allocation = allocation_of.get(p.allocation.as_str()).copied();
        let known = report.expect(
            "reference",
            job.is_some(),
            || at("job"),
            || p.job.clone(),
            || "a job of the queue".to_owned(),
        );
        let known = known
            & report.expect(
                "reference",
                allocation.is_some(),
                || at("allocation"),
                || p.allocation.clone(),
                || "an allocation of the plan".to_owned(),
            );
        let (Some(k), Some(a), true) = (job, allocation, known) else { continue };
        let wanted = &view.workload.jobs()[k];
        if !check_ranges(plan, report, i, wanted, a) {
            continue;
        }
        let Some(o) = out.offers[a] else { continue };
        let Some(law) = check_place(view, report, i, k, o) else { continue };
        out.laws[i] = Some((k, law));
        out.on[i] = Some(a);
        check_times(plan, view, report, i, k, o, &law, overruns[k]);
        check_fallback(plan, view, report, i, k, out.behind(view, i));
        put_on_nodes(p, wanted, k, i, &mut out.nodes[first_node[a]..]);
    }
}

/// Task and node ranges in order, inside their job and allocation, and matching each other.
fn check_ranges(plan: &Plan, report: &mut Report, i: usize, job: &Job, a: usize) -> bool {
    let p = &plan.placements[i];
    let allocation = &plan.allocations[a];
    let tasks_ok = p.tasks[0] <= p.tasks[1] && p.tasks[1] < job.count;
    let ok = report.expect(
        "range",
        tasks_ok,
        || format!("/placements/{i}/tasks"),
        || format!("{:?}", p.tasks),
        || format!("within 0..{}", job.count),
    );
    let nodes_ok = p.nodes[0] <= p.nodes[1] && p.nodes[1] < allocation.count.min(MOST_NODES);
    let ok = ok
        & report.expect(
            "range",
            nodes_ok,
            || format!("/placements/{i}/nodes"),
            || format!("{:?}", p.nodes),
            || format!("within 0..{}", allocation.count),
        );
    if !ok {
        return false;
    }
    let tasks = u64::from(p.tasks[1] - p.tasks[0]) + 1;
    let nodes = u64::from(p.nodes[1] - p.nodes[0]) + 1;
    let gang = u64::from(job.nodes);
    let ok = report.expect(
        "range",
        nodes == gang || nodes == gang * tasks,
        || format!("/placements/{i}/nodes"),
        || format!("{nodes} nodes for {tasks} tasks of {gang} nodes"),
        || format!("{gang} shared or {} in all", gang * tasks),
    );
    ok
}

/// Whether the job may run on the offer; its time law there.
fn check_place(view: &View<'_>, report: &mut Report, i: usize, k: usize, o: usize) -> Option<TaskLaw> {
    let job = &view.workload.jobs()[k];
    let offer = &view.market.offers[o];
    let pool = &view.pools[view.pool_of[o]];
    let region = view.market.region_of(offer);
    let at = || format!("/placements/{i}/allocation");
    report.expect(
        "eligible",
        eligible::allowed(job, view.rules, pool, region),
        at,
        || format!("job {} on {} {}", job.id, pool.key, view.market.type_of(offer).name),
        || "an architecture, GPU, market, place and residency that the job allows".to_owned(),
    );
    for policy in view.rules.policies.iter().filter(|p| p.when.concerns(job)) {
        report.expect(
            "policy",
            policy.admits(view.market, offer),
            at,
            || format!("job {} on {} {}", job.id, pool.key, view.market.type_of(offer).name),
            || format!("what policy {:?} admits: {}", policy.id, policy.text),
        );
    }
    let price = view.market.hourly(offer);
    report.expect(
        "max-price",
        job.max_price.is_none_or(|m| price <= m),
        at,
        || price.to_string(),
        || format!("at most {} per hour", job.max_price.unwrap_or_default()),
    );
    let law = view.law(k, pool);
    report.expect(
        "rework",
        law.is_some(),
        at,
        || pool.key.clone(),
        || "a pool on which the task ends within 60 days".to_owned(),
    );
    law
}

#[expect(clippy::too_many_arguments, reason = "one call site, each a different noun")]
fn check_times(
    plan: &Plan,
    view: &View<'_>,
    report: &mut Report,
    i: usize,
    k: usize,
    o: usize,
    law: &TaskLaw,
    overrun: f64,
) {
    let p = &plan.placements[i];
    let job = &view.workload.jobs()[k];
    let at = |field: &str| format!("/placements/{i}/{field}");
    report.same("end", || at("end"), &p.end, &(p.start + law.mean));
    report.same("reserved-end", || at("reserved_end"), &p.reserved_end, &(p.start + law.reserved));
    let (got, want) = (p.checkpoint_interval_ms, law.checkpoint_interval);
    report.expect(
        "checkpoint",
        got == want,
        || at("checkpoint_interval_ms"),
        || format!("{got:?}"),
        || format!("{want:?}"),
    );
    let (got, want) = (p.on_interruption, OnInterruption::on(job, view.market, &view.market.offers[o]));
    report.expect("notice", got == want, || at("on_interruption"), || said(got), || said(want));
    let horizon = view.rules.horizon;
    let boot = view.market.cloud_of(&view.market.offers[o]).boot.mean();
    let earliest = (horizon.start + boot).max(job.earliest().unwrap_or(horizon.start));
    report.expect(
        "start",
        p.start >= earliest && p.start < horizon.end,
        || at("start"),
        || p.start.to_string(),
        || format!("from {earliest} to before {}", horizon.end),
    );
    let (opens, closes) = eligible::in_force(view, view.market.offers[o].commitment(), boot, law.reserved);
    report.expect(
        "commitment",
        (opens..=closes).contains(&p.start),
        || at("start"),
        || p.start.to_string(),
        || "a node within the time that its commitment is in force".to_owned(),
    );
    let miss = job.deadline.map(|d| (law.miss_probability(d - p.start) + overrun).min(1.0));
    report.expect(
        "deadline",
        miss.is_none_or(|m| m <= job.max_miss_probability) && job.deadline.is_none_or(|d| d - p.start >= law.required),
        || at("start"),
        || format!("miss probability {}", miss.unwrap_or_default()),
        || format!("at most {}", job.max_miss_probability),
    );
    report.expect(
        "miss-probability",
        p.miss_probability == miss,
        || at("miss_probability"),
        || format!("{:?}", p.miss_probability),
        || format!("{miss:?}"),
    );
}

/// What the plan says of the on-demand capacity behind a placement.
fn check_fallback(plan: &Plan, view: &View<'_>, report: &mut Report, i: usize, k: usize, behind: Option<Behind<'_>>) {
    let (p, job) = (&plan.placements[i], &view.workload.jobs()[k]);
    let of = |(b, deadline): (Behind<'_>, Time)| Fallback::of(&b, job, p.start, deadline, p.count());
    let want = behind.zip(job.deadline).map(of);
    report.expect(
        "fallback",
        p.fallback == want,
        || format!("/placements/{i}/fallback"),
        || format!("{:?}", p.fallback),
        || format!("{want:?}"),
    );
}

fn said(on_interruption: Option<OnInterruption>) -> String {
    on_interruption.map_or_else(|| "nothing: it is not interrupted".to_owned(), |what| what.to_string())
}

fn put_on_nodes(p: &crate::plan::Placement, job: &Job, k: usize, i: usize, nodes: &mut [Node]) {
    let tasks = p.tasks[1] - p.tasks[0] + 1;
    let range = p.nodes[0] as usize..=(p.nodes[1] as usize).min(nodes.len().saturating_sub(1));
    let shared = u64::from(p.nodes[1] - p.nodes[0]) + 1 == u64::from(job.nodes);
    let each = if shared { tasks } else { 1 };
    if range.is_empty() || nodes.is_empty() {
        return;
    }
    for node in &mut nodes[range] {
        for _ in 0..each {
            node.parts.push(Part { placement: i, job: k, start: p.start });
        }
    }
}

/// Every task at most once; what is not placed is listed.
fn check_tasks(plan: &Plan, view: &View<'_>, report: &mut Report, out: &mut Schedule) {
    let mut ranges: BTreeMap<usize, Vec<(u32, u32, usize)>> = BTreeMap::new();
    for (i, law) in out.laws.iter().enumerate() {
        if let Some((k, _)) = law {
            let [a, b] = plan.placements[i].tasks;
            ranges.entry(*k).or_default().push((a, b, i));
        }
    }
    for (k, mut list) in ranges {
        list.sort_unstable();
        out.placed[k] = list.iter().map(|(a, b, _)| u64::from(b - a) + 1).sum();
        for pair in list.windows(2) {
            let (_, end, _) = pair[0];
            let (start, _, i) = pair[1];
            report.expect(
                "once",
                end < start,
                || format!("/placements/{i}/tasks"),
                || format!("task {start} again"),
                || "each task at most once".to_owned(),
            );
        }
    }
    let mut listed: HashMap<usize, u64> = HashMap::new();
    for (i, u) in plan.unplaced.iter().enumerate() {
        let at = || format!("/unplaced/{i}/job");
        let k = view.workload.index_of(&u.job);
        if report.expect("reference", k.is_some(), at, || u.job.clone(), || "a job of the queue".to_owned()) {
            *listed.entry(k.unwrap_or_default()).or_default() += u64::from(u.tasks);
        }
    }
    for (k, job) in view.workload.jobs().iter().enumerate() {
        let missing = u64::from(job.count).saturating_sub(out.placed[k]);
        let said = listed.get(&k).copied().unwrap_or(0);
        report.expect(
            "unplaced",
            missing == said,
            || "/unplaced".to_owned(),
            || format!("{said} tasks of {} listed", job.id),
            || missing.to_string(),
        );
    }
}

/// Successors start after every task they wait for has reached its reserved end.
fn check_predecessors(plan: &Plan, view: &View<'_>, report: &mut Report, out: &Schedule) {
    let mut ready: Vec<Option<Time>> = vec![None; view.workload.jobs().len()];
    for (i, law) in out.laws.iter().enumerate() {
        if let Some((k, _)) = law {
            ready[*k] = ready[*k].max(Some(plan.placements[i].reserved_end));
        }
    }
    for (i, law) in out.laws.iter().enumerate() {
        let Some((k, _)) = law else { continue };
        for p in eligible::predecessors(view, *k) {
            let whole = out.placed[p] == u64::from(view.workload.jobs()[p].count);
            let start = plan.placements[i].start;
            report.expect(
                "predecessor",
                whole && ready[p].is_some_and(|t| t <= start),
                || format!("/placements/{i}/start"),
                || start.to_string(),
                || match (whole, ready[p]) {
                    (true, Some(t)) => format!("not before {t}, when {} ends", view.workload.jobs()[p].id),
                    _ => format!("all of {} placed", view.workload.jobs()[p].id),
                },
            );
        }
    }
}
