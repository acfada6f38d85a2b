//! Geometry: every task on a node that may hold it, every node and quota within its limits at every
//! instant, every predecessor and dataset in time.

use std::collections::{BTreeMap, HashMap};

use super::Report;
use super::eligible;
use super::view::View;
use crate::cost;
use crate::job::Job;
use crate::market::Offer;
use crate::notice::OnInterruption;
use crate::plan::{Plan, ZoneRule};
use crate::resources::Resources;
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
    check_nodes(plan, view, report, &schedule);
    check_quotas(plan, view, report, &schedule);
    check_predecessors(plan, view, report, &schedule);
    check_stagings(plan, view, report, &schedule);
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

/// Node by node: launch and release as its tasks say, capacity kept at every instant.
fn check_nodes(plan: &Plan, view: &View<'_>, report: &mut Report, out: &Schedule) {
    let mut reserved: Vec<Option<Time>> = vec![None; plan.allocations.len()];
    let mut changes = Vec::new();
    for node in &out.nodes {
        let a = node.allocation;
        let allocation = &plan.allocations[a];
        let Some(o) = out.offers[a] else { continue };
        let offer = &view.market.offers[o];
        let used = report.expect(
            "used",
            !node.parts.is_empty(),
            || format!("/allocations/{a}"),
            || "a node without a task".to_owned(),
            || "tasks on every node".to_owned(),
        );
        if !used {
            continue;
        }
        let laws = || node.parts.iter().filter_map(|p| out.laws[p.placement].map(|(_, law)| (p, law)));
        let launch = node.parts.iter().map(|p| p.start).fold(Time::from_ms(i64::MAX), Time::min)
            - view.market.cloud_of(offer).boot.mean();
        let end = laws().map(|(p, l)| p.start + l.mean).fold(launch, Time::max);
        let held = laws().map(|(p, l)| p.start + l.reserved).fold(launch, Time::max);
        reserved[a] = reserved[a].max(Some(held));
        report.same("launch", || format!("/allocations/{a}/start"), &allocation.start, &launch);
        report.same("release", || format!("/allocations/{a}/end"), &allocation.end, &end);
        check_capacity(view, report, node, offer, out, &mut changes);
    }
    check_zones(plan, view, report, out);
    for (a, allocation) in plan.allocations.iter().enumerate() {
        if let Some(held) = reserved[a] {
            report.same("reserved-end", || format!("/allocations/{a}/reserved_end"), &allocation.reserved_end, &held);
        }
    }
}

/// The nodes of a gang go into one zone; others go anywhere.
fn check_zones(plan: &Plan, view: &View<'_>, report: &mut Report, out: &Schedule) {
    let mut gang = vec![false; plan.allocations.len()];
    for node in &out.nodes {
        gang[node.allocation] |= node.parts.iter().any(|p| view.workload.jobs()[p.job].nodes > 1);
    }
    for (a, allocation) in plan.allocations.iter().enumerate() {
        let wanted = if gang[a] { ZoneRule::Same } else { ZoneRule::Any };
        report.expect(
            "zone",
            allocation.zone == wanted,
            || format!("/allocations/{a}/zone"),
            || format!("{:?}", allocation.zone),
            || format!("{wanted:?}"),
        );
    }
}

/// What a node gains (true) or is freed of at an instant.
type Change = (Time, bool, Resources);

/// `changes` is room to work in, so that not every node asks for memory.
fn check_capacity(
    view: &View<'_>,
    report: &mut Report,
    node: &Node,
    offer: &Offer,
    out: &Schedule,
    changes: &mut Vec<Change>,
) {
    let capacity = view.market.type_of(offer).capacity;
    changes.clear();
    for part in &node.parts {
        if let Some((k, law)) = out.laws[part.placement] {
            let demand = view.workload.jobs()[k].demand;
            changes.push((part.start, true, demand));
            changes.push((part.start + law.reserved, false, demand));
        }
    }
    // At one instant releases come before launches: intervals are half open.
    changes.sort_unstable();
    let mut load = Resources::ZERO;
    for (i, &(now, launch, demand)) in changes.iter().enumerate() {
        if !launch {
            load -= demand;
            continue;
        }
        load += demand;
        // Load is greatest after the last launch of an instant.
        if changes.get(i + 1).is_some_and(|&(next, launch, _)| launch && next == now) {
            continue;
        }
        report.expect(
            "capacity",
            load.fits_in(capacity),
            || format!("/allocations/{}", node.allocation),
            || format!("{load:?} at {now}"),
            || format!("at most {capacity:?}"),
        );
    }
}

/// Quota by quota: what is held at every instant is within the limit.
fn check_quotas(plan: &Plan, view: &View<'_>, report: &mut Report, out: &Schedule) {
    let mut changes: BTreeMap<u16, Vec<(Time, bool, i128, usize)>> = BTreeMap::new();
    for (a, allocation) in plan.allocations.iter().enumerate() {
        let Some(o) = out.offers[a] else { continue };
        let offer = &view.market.offers[o];
        for &q in view.market.quotas_of(offer) {
            let unit = view.market.quotas[usize::from(q)].unit;
            let taken = i128::from(view.market.taken_milli(unit, offer)) * i128::from(allocation.count);
            let list = changes.entry(q).or_default();
            list.push((allocation.start, true, taken, a));
            list.push((allocation.reserved_end.max(allocation.end), false, -taken, a));
        }
    }
    for (q, mut list) in changes {
        // At one instant releases come before launches: intervals are half open.
        list.sort_unstable_by_key(|&(t, launch, _, a)| (t, launch, a));
        let row = &view.market.quotas[usize::from(q)];
        let limit = i128::from(row.available) * 1000;
        let mut held = 0_i128;
        for (now, launch, delta, a) in list {
            held += delta;
            if launch {
                report.expect(
                    "quota",
                    held <= limit,
                    || format!("/allocations/{a}"),
                    || format!("{} of {} held at {now}", held as f64 / 1000.0, row.name),
                    || format!("at most {}", row.available),
                );
            }
        }
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

/// Every task finds its shared datasets; every copy is used, priced to its last use, made once.
fn check_stagings(plan: &Plan, view: &View<'_>, report: &mut Report, out: &Schedule) {
    let datasets = view.workload.datasets();
    let mut last_use: BTreeMap<(&str, u16), Time> = BTreeMap::new();
    let mut needed: BTreeMap<(&str, u16), Vec<(usize, Time)>> = BTreeMap::new();
    for (i, law) in out.laws.iter().enumerate() {
        let Some((k, law)) = law else { continue };
        let p = &plan.placements[i];
        let Some(allocation) = out.on[i].map(|a| &plan.allocations[a]) else { continue };
        let Some(region) = view.market.region_index(&allocation.region) else { continue };
        for (name, input) in view.workload.jobs()[*k].datasets() {
            if input.location != allocation.region {
                let end = p.start + law.mean;
                let last = last_use.entry((name, region)).or_insert(end);
                *last = (*last).max(end);
                needed.entry((name, region)).or_default().push((i, p.start));
            }
        }
    }
    let mut ready: BTreeMap<(&str, u16), Time> = BTreeMap::new();
    for (i, s) in plan.stagings.iter().enumerate() {
        let at = |field: &str| format!("/stagings/{i}/{field}");
        let known = datasets.get_key_value(s.dataset.as_str());
        let region = view.market.region_index(&s.region);
        let (Some((name, input)), Some(r)) = (known, region) else {
            report.expect(
                "reference",
                false,
                || at("dataset"),
                || format!("{} in {}", s.dataset, s.region),
                || "a dataset and a region".to_owned(),
            );
            continue;
        };
        report.equal("staging", &at("bytes"), &s.bytes.get(), &input.size.get());
        let horizon = view.rules.horizon;
        let in_time = s.start >= horizon.start;
        report.expect(
            "staging",
            in_time,
            || at("start"),
            || s.start.to_string(),
            || format!("not before {}", horizon.start),
        );
        report.equal("staging", &at("ready"), &s.ready, &(s.start + cost::staging_time(view.market, r, input.size)));
        let once = ready.insert((name, r), s.ready).is_none();
        report.expect("staging", once, || at("region"), || s.region.to_string(), || "each copy once".to_owned());
        let used = last_use.get(&(*name, r)).copied();
        report.expect(
            "staging",
            used == Some(s.until),
            || at("until"),
            || s.until.to_string(),
            || used.map_or("no copy, for nothing there reads it".to_owned(), |t| t.to_string()),
        );
    }
    for ((name, r), starts) in needed {
        let there = ready.get(&(name, r)).copied();
        for (i, start) in starts {
            report.expect(
                "staging",
                there.is_some_and(|t| t <= start),
                || format!("/placements/{i}/start"),
                || start.to_string(),
                || match there {
                    Some(t) => format!("not before {t}, when {name} is ready"),
                    None => format!("{name} staged in {}", view.market.regions[usize::from(r)].name),
                },
            );
        }
    }
}
