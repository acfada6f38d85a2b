//! A queue of many unlike jobs, sketched by few: what the relaxation is solved on when classes are too
//! many for it.
//!
//! Jobs that ask for much the same share a cluster; the cluster's middle job stands for all of them, as
//! often as their work says. The sketch's prices are prices for the whole queue too, and any prices prove
//! a bound: only how tight it is depends on the sketch.

use std::collections::BTreeMap;

use tradewind_core::job::{Job, Workload};
use tradewind_core::market::Market;
use tradewind_core::rules::Rules;

use crate::classes::Classes;
use crate::master::MasterError;
use crate::problem::{Class, Problem};
use crate::relaxation::{self, Narrower, Objective, Relaxation, Rounds, Way};

/// Queues of more classes are sketched.
const MOST_CLASSES: usize = 2_500;
/// Most clusters of a sketch; where the finest has more, a coarser one is taken.
const MOST_CLUSTERS: usize = 700;
/// Choices of a class that are kept, anywhere and again at its data.
const SHORTLIST: usize = 32;

/// The relaxation of a sketch is solved to this share of its value: what it says of the queue is no closer, and
/// the last percent takes four fifths of the rounds.
const GAP: f64 = 0.01;

/// The clusters of a queue, and the queue of the jobs that stand for them.
pub(crate) struct Sketch {
    /// One job a cluster, with the number of its tasks.
    pub workload: Workload,
    /// Index in it of what stands for each job.
    pub cluster: Vec<u32>,
}

impl Sketch {
    /// The sketch of a queue, if it has too many classes.
    pub fn of(workload: &Workload, market: &Market, rules: &Rules) -> Option<Self> {
        let jobs = workload.jobs();
        if jobs.len() <= MOST_CLASSES || Classes::of(workload, rules).len() <= MOST_CLASSES {
            return None;
        }
        let coarse = [0, 1, 2, 3].into_iter().map(|grain| clusters(jobs, market, rules, grain));
        let members = coarse.reduce(|fine, coarse| if fine.len() <= MOST_CLUSTERS { fine } else { coarse })?;
        let stands = |of: &Vec<usize>| {
            let work: f64 = of.iter().map(|&j| work(&jobs[j]) * f64::from(jobs[j].count)).sum();
            let tasks: f64 = of.iter().map(|&j| f64::from(jobs[j].count)).sum();
            let middle = work / tasks;
            let off = |j: &usize| (work_of(jobs, *j) / middle).ln().abs();
            let first = *of.iter().min_by(|a, b| off(a).total_cmp(&off(b)))?;
            let count = (work / work_of(jobs, first)).round().clamp(1.0, 1e9) as u32;
            Some(Job { count, depends_on: Vec::new(), ..jobs[first].clone() })
        };
        let standing: Vec<Job> = members.values().filter_map(stands).collect();
        let ids: Vec<String> = standing.iter().map(|j| j.id.clone()).collect();
        let workload = Workload::new(standing).ok()?;
        let mut cluster = vec![0; jobs.len()];
        for (of, id) in members.values().zip(&ids) {
            let at = workload.index_of(id)? as u32;
            of.iter().for_each(|&j| cluster[j] = at);
        }
        Some(Self { workload, cluster })
    }
}

/// Useful work of a task in proportion.
fn work(job: &Job) -> f64 {
    job.runtime.p50.hours() * f64::from(job.nodes) * job.demand.vcpu_milli as f64
}

fn work_of(jobs: &[Job], j: usize) -> f64 {
    work(&jobs[j]).max(1e-9)
}

/// Useful work of a task of a class in proportion.
pub(crate) fn class_work(problem: &Problem<'_>, k: usize) -> f64 {
    work_of(problem.workload.jobs(), problem.classes[k].jobs[0])
}

/// Jobs by what they ask for, the coarser the higher the grain.
fn clusters(jobs: &[Job], market: &Market, rules: &Rules, grain: u32) -> BTreeMap<String, Vec<usize>> {
    let mut clusters: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (j, job) in jobs.iter().enumerate() {
        clusters.entry(likeness(job, market, rules, grain)).or_default().push(j);
    }
    clusters
}

/// Where a positive number lies on a logarithmic grid of so many steps an octave; 0 is apart.
fn octave(x: f64, steps: f64) -> i64 {
    if x > 0.0 { (x.log2() * steps).floor() as i64 } else { i64::MIN }
}

/// What jobs of one cluster have in common: all that decides where they may run, and the rest in steps.
fn likeness(job: &Job, market: &Market, rules: &Rules, grain: u32) -> String {
    let steps = [1.0, 0.5, 0.5, 0.25][grain as usize];
    let start = rules.horizon.start;
    let sizes = (
        octave(job.demand.vcpu_milli as f64, if grain < 2 { 1.0 } else { 0.5 }),
        octave(job.demand.memory_mib as f64 / job.demand.vcpu_milli as f64, if grain < 2 { 1.0 } else { 0.5 }),
        octave(job.runtime.p50.hours(), steps),
        job.nodes > 1,
    );
    let slack =
        job.deadline.map(|d| octave((d - job.earliest().unwrap_or(start)).hours() / job.runtime.p95.hours(), steps));
    let from = job.earliest().map_or(0, |t| ((t - start).hours() / [6.0, 12.0, 24.0, 48.0][grain as usize]) as i64);
    let data: Vec<(Option<&str>, Option<&str>)> =
        job.inputs.iter().map(|i| (i.dataset.as_deref(), (grain < 3).then(|| i.location.cloud()))).collect();
    let known = job.inputs.first().and_then(|i| market.region_index(&i.location)).filter(|_| grain == 0);
    let kind = (&job.gpu, &job.arch, job.burstable, job.interruptible, job.checkpoint.is_some());
    let place = (&job.clouds, &job.regions, &job.residency, rules.concerning(job));
    let project = job.project.as_ref().filter(|p| rules.budgets.contains_key(*p));
    let rest = (slack, from, data, known, job.priority, project);
    serde_json::to_string(&(sizes, kind, place, rest)).unwrap_or_default()
}

/// The problem of a sketch, relaxed.
struct Small<'p, 'a> {
    problem: &'p Problem<'a>,
    /// The class in it that stands for each class of the queue.
    stands: Vec<usize>,
    /// For so many tasks of its classes.
    counts: &'p [u32],
    solved: &'p Relaxation,
}

/// A problem that is relaxed as it is, or by a sketch of it.
pub(crate) struct Relaxable<'p, 'a> {
    problem: &'p Problem<'a>,
    sketch: Option<Small<'p, 'a>>,
}

impl<'p, 'a> Relaxable<'p, 'a> {
    /// As it is.
    pub fn whole(problem: &'p Problem<'a>) -> Self {
        Self { problem, sketch: None }
    }

    /// By the problem `small` of a sketch, relaxed by [`relax`].
    pub fn sketched(
        problem: &'p Problem<'a>,
        small: &'p Problem<'a>,
        sketch: &Sketch,
        (counts, solved): &'p (Vec<u32>, Relaxation),
    ) -> Self {
        let stands = problem.classes.iter().map(|c| small.class_of[sketch.cluster[c.jobs[0]] as usize]).collect();
        Self { problem, sketch: Some(Small { problem: small, stands, counts, solved }) }
    }

    /// Solves the relaxation for `counts[k]` tasks of each class; see [`relaxation::solve`]. Where it is not by a
    /// sketch, it begins `from` what solved it for other counts.
    pub fn solve(
        &self,
        counts: &[u32],
        penalty: &[f64],
        objective: Objective,
        from: Option<&Relaxation>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Relaxation, MasterError> {
        let Some(small) = &self.sketch else {
            let ways = from.map_or_else(Vec::new, |f| ways(f, counts));
            let rounds = Rounds { prices: from.map(|f| &f.prices), ..Rounds::from(&ways) };
            return relaxation::solve(self.problem, counts, penalty, objective, rounds, stop);
        };
        let (sums, means) = self.shrink(small.problem, &small.stands, counts, penalty);
        let lift =
            |solved| relaxation::lift(self.problem, counts, penalty, objective, (small.problem, solved), &small.stands);
        if objective == Objective::Cost && sums == small.counts {
            return Ok(lift(small.solved));
        }
        let ways = ways(small.solved, &sums);
        let rounds = Rounds { seeds: &ways, prices: Some(&small.solved.prices), gap: GAP };
        Ok(lift(&relaxation::solve(small.problem, &sums, &means, objective, rounds, stop)?))
    }

    /// Tasks of each class of the sketch in proportion to work, and their mean penalties.
    fn shrink(&self, small: &Problem<'_>, stands: &[usize], counts: &[u32], penalty: &[f64]) -> (Vec<u32>, Vec<f64>) {
        let mut work = vec![0.0; small.classes.len()];
        let (mut all, mut tasks) = (vec![0.0; work.len()], vec![0.0; work.len()]);
        let mut dear = vec![0.0; work.len()];
        for (k, class) in self.problem.classes.iter().enumerate() {
            let one = work_of(self.problem.workload.jobs(), class.jobs[0]);
            let s = stands[k];
            work[s] += one * f64::from(counts[k]);
            all[s] += one * f64::from(class.tasks);
            tasks[s] += f64::from(class.tasks);
            dear[s] += penalty[k] * f64::from(class.tasks);
        }
        let count = |s: usize| {
            let share = if all[s] > 0.0 { work[s] / all[s] } else { 0.0 };
            let open = !small.classes[s].choices.is_empty() && share > 0.0;
            if open { (share * f64::from(small.classes[s].tasks)).round().max(1.0) as u32 } else { 0 }
        };
        let mean = |s: usize| if tasks[s] > 0.0 { dear[s] / tasks[s] } else { 1.0 };
        ((0..work.len()).map(count).collect(), (0..work.len()).map(mean).collect())
    }
}

/// The ways that a relaxation runs classes of which there are tasks.
fn ways(solved: &Relaxation, counts: &[u32]) -> Vec<(usize, Way)> {
    solved.columns.iter().filter(|c| counts[c.class] > 0).map(|c| (c.class, c.way)).collect()
}

/// The relaxation of a sketch: its prices narrow the classes of the queue.
pub(crate) fn relax(
    small: &Problem<'_>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<(Vec<u32>, Relaxation), MasterError> {
    let counts: Vec<u32> = small.classes.iter().map(|c| if c.choices.is_empty() { 0 } else { c.tasks }).collect();
    let penalty = crate::request::penalties(small, &crate::singles::Singles::new(small));
    let rounds = Rounds { gap: GAP, ..Rounds::from(&[]) };
    let solved = relaxation::solve(small, &counts, &penalty, Objective::Cost, rounds, stop)?;
    Ok((counts, solved))
}

/// The queue's problem, its classes narrowed to what is cheapest at the prices of its sketch.
pub(crate) fn narrowed<'a>(
    workload: &'a Workload,
    market: &'a Market,
    rules: &'a Rules,
    small: &Problem<'_>,
    (counts, solved): &(Vec<u32>, Relaxation),
) -> Problem<'a> {
    let narrower = Narrower::new(small, counts, &solved.prices);
    let narrow = |class: &mut Class| {
        let inputs = &workload.jobs()[class.jobs[0]].inputs;
        let homes: Vec<u16> = inputs.iter().filter_map(|i| market.region_index(&i.location)).collect();
        narrower.narrow(class, &homes, SHORTLIST);
    };
    Problem::narrowed(workload, market, rules, Some(&narrow))
}
