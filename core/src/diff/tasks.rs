//! Where the tasks of each job go: from which slot to which.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Comparable, Kind, Slot, UsdChange};
use crate::money::Usd;
use crate::notice::OnInterruption;
use crate::plan::{Allocation, Plan};
use crate::time::{Millis, Time};

/// Tasks of one job that go the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskFlow {
    /// How they differ.
    pub kind: Kind,
    /// How many tasks.
    pub tasks: u64,
    /// Where they ran in the old plan; `None` where they were not placed.
    pub from: Option<Slot>,
    /// Where they run in the new plan; `None` where they are not placed.
    pub to: Option<Slot>,
}

/// A job in both plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobChange {
    /// The job.
    pub job: String,
    /// Tasks placed by the old and the new plan.
    pub placed: [u64; 2],
    /// Tasks left out by the old and the new plan.
    pub unplaced: [u64; 2],
    /// Expected cost of its placed tasks, without staged copies.
    pub usd: UsdChange,
    /// What goes elsewhere; empty where only the cost differs.
    pub flows: Vec<TaskFlow>,
}

/// Where a task runs, down to what tells one node from another. Ordered from the coarse to the fine,
/// so that equal beginnings lie together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TaskKey {
    /// Place and start of the task.
    slot: Slot,
    interval: Option<Millis>,
    on_interruption: Option<OnInterruption>,
    launch: Time,
}

impl TaskKey {
    /// How many fields [`TaskKey::compare`] knows.
    const FIELDS: usize = 7;

    /// The slot of its node.
    pub(super) fn node(&self) -> Slot {
        Slot { start: self.launch, ..self.slot.clone() }
    }

    /// By the first `fields` of region, way of buying, type, start, checkpoint interval, what an
    /// interruption leaves, launch.
    fn compare(&self, other: &Self, fields: usize) -> Ordering {
        let (a, b) = (&self.slot, &other.slot);
        let steps: [Ordering; Self::FIELDS] = [
            a.region.cmp(&b.region),
            a.capacity_type.cmp(&b.capacity_type).then_with(|| a.commitment.cmp(&b.commitment)),
            a.instance_type.cmp(&b.instance_type),
            a.start.cmp(&b.start),
            self.interval.cmp(&other.interval),
            self.on_interruption.cmp(&other.on_interruption),
            self.launch.cmp(&other.launch),
        ];
        steps.into_iter().take(fields).find(|step| step.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// Tasks of a job from one node slot to another, the unmoved included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flow {
    pub from: Option<TaskKey>,
    pub to: Option<TaskKey>,
    pub tasks: u64,
}

type Runs = Vec<(TaskKey, u64)>;

/// The flows of every job that either plan places.
pub(super) fn flows<'p>(old: &'p Plan, new: &'p Plan) -> BTreeMap<&'p str, Vec<Flow>> {
    let (mut before, mut after) = (runs(old), runs(new));
    let jobs: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    jobs.into_iter()
        .map(|job| (job, pair(before.remove(job).unwrap_or_default(), after.remove(job).unwrap_or_default())))
        .collect()
}

/// How many tasks of each job run where.
fn runs(plan: &Plan) -> BTreeMap<&str, Runs> {
    let allocations: BTreeMap<&str, &Allocation> = plan.allocations.iter().map(|a| (a.id.as_str(), a)).collect();
    let mut counts: BTreeMap<&str, BTreeMap<TaskKey, u64>> = BTreeMap::new();
    for p in &plan.placements {
        // A placement on an allocation that is not there is `check`'s to report.
        let Some(a) = allocations.get(p.allocation.as_str()) else { continue };
        let key = TaskKey {
            slot: Slot::on(a, p.start),
            interval: p.checkpoint_interval_ms,
            on_interruption: p.on_interruption,
            launch: a.start,
        };
        *counts.entry(&p.job).or_default().entry(key).or_default() += tasks_of(p.tasks);
    }
    counts.into_iter().map(|(job, runs)| (job, runs.into_iter().collect())).collect()
}

fn tasks_of([first, last]: [u32; 2]) -> u64 {
    u64::from(last.saturating_sub(first)) + 1
}

/// Pairs the tasks of a job, which are interchangeable: first those that agree in everything, then
/// those that agree in less and less. In each round both sides are taken in their order, so that
/// swapping the plans swaps the pairs and nothing else.
fn pair(mut old: Runs, mut new: Runs) -> Vec<Flow> {
    let mut flows = Vec::new();
    for fields in [TaskKey::FIELDS, 4, 3, 2, 0] {
        let (mut i, mut j) = (0, 0);
        while i < old.len() && j < new.len() {
            match old[i].0.compare(&new[j].0, fields) {
                Ordering::Less => i += 1,
                Ordering::Greater => j += 1,
                Ordering::Equal => {
                    let tasks = old[i].1.min(new[j].1);
                    flows.push(Flow { from: Some(old[i].0.clone()), to: Some(new[j].0.clone()), tasks });
                    old[i].1 -= tasks;
                    new[j].1 -= tasks;
                    i += usize::from(old[i].1 == 0);
                    j += usize::from(new[j].1 == 0);
                }
            }
        }
        old.retain(|(_, tasks)| *tasks > 0);
        new.retain(|(_, tasks)| *tasks > 0);
    }
    flows.extend(old.into_iter().map(|(key, tasks)| Flow { from: Some(key), to: None, tasks }));
    flows.extend(new.into_iter().map(|(key, tasks)| Flow { from: None, to: Some(key), tasks }));
    flows
}

/// What a job's tasks cost, how many are placed and how many are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    placed: u64,
    unplaced: u64,
    usd: Usd,
}

fn tallies(plan: &Plan) -> BTreeMap<&str, Tally> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for p in &plan.placements {
        let tally = tallies.entry(&p.job).or_default();
        tally.placed += tasks_of(p.tasks);
        tally.usd += p.expected_cost_usd;
    }
    for u in &plan.unplaced {
        tallies.entry(&u.job).or_default().unplaced += u64::from(u.tasks);
    }
    tallies
}

/// Both tallies of every job that either plan names.
fn joined<'p>(old: &'p Plan, new: &'p Plan) -> Vec<(&'p str, Tally, Tally)> {
    let (before, after) = (tallies(old), tallies(new));
    let jobs: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let of = |side: &BTreeMap<&str, Tally>, job| side.get(job).copied().unwrap_or_default();
    jobs.into_iter().map(|job| (job, of(&before, job), of(&after, job))).collect()
}

/// The jobs that differ in where they run, in how many are placed, or in cost.
pub(super) fn changes(old: &Plan, new: &Plan, flows: &BTreeMap<&str, Vec<Flow>>) -> Vec<JobChange> {
    let change = |(job, a, b): (&str, Tally, Tally)| {
        let flows: Vec<TaskFlow> = flows.get(job).into_iter().flatten().filter_map(task_flow).collect();
        (a != b || !flows.is_empty()).then(|| JobChange {
            job: job.to_owned(),
            placed: [a.placed, b.placed],
            unplaced: [a.unplaced, b.unplaced],
            usd: UsdChange::new(a.usd, b.usd),
            flows,
        })
    };
    joined(old, new).into_iter().filter_map(change).collect()
}

/// The flow as it is shown; `None` where nothing differs that a task could tell.
fn task_flow(flow: &Flow) -> Option<TaskFlow> {
    let kind = match (&flow.from, &flow.to) {
        (Some(a), Some(b)) if a.compare(b, TaskKey::FIELDS - 1).is_eq() => return None,
        (Some(a), Some(b)) => a.slot.kind_to(&b.slot),
        (None, _) => Kind::Add,
        (_, None) => Kind::Remove,
    };
    let slot = |key: &Option<TaskKey>| key.as_ref().map(|k| k.slot.clone());
    Some(TaskFlow { kind, tasks: flow.tasks, from: slot(&flow.from), to: slot(&flow.to) })
}

/// What may be compared: see [`Comparable`].
pub(super) fn comparable(old: &Plan, new: &Plan) -> Comparable {
    let jobs = joined(old, new);
    let same_tasks = jobs.iter().all(|(_, a, b)| a.placed == b.placed);
    let both: Vec<_> = jobs.iter().filter(|(_, a, b)| a.placed == b.placed).collect();
    let tasks = both.iter().map(|(_, a, _)| a.placed).sum();
    let usd = if same_tasks {
        UsdChange::new(old.cost.total(), new.cost.total())
    } else {
        UsdChange::new(both.iter().map(|(_, a, _)| a.usd).sum(), both.iter().map(|(_, _, b)| b.usd).sum())
    };
    Comparable { same_tasks, tasks, usd }
}
