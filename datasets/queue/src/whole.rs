//! What only the whole queue can tell: unique ids, the task limit, dependencies, shared datasets.
//!
//! Jobs pass through and are not kept: a million of them cost their ids, lines and dependencies.

use std::collections::{BTreeMap, HashMap};

use tradewind_core::job::{Input, Job, Runtime, Workload, WorkloadError};
use tradewind_core::resources::Resources;
use tradewind_core::time::Millis;

use crate::MAX_TASKS;
use crate::fields::{At, Sink};
use crate::problem::{Collector, Problem, Problems};
use crate::suggest::did_you_mean;

/// Most ids that are searched for a similar one.
const MAX_SEARCHED: usize = 20_000;

/// What is known of the jobs so far. A job is a number in the order of the file.
#[derive(Default)]
pub(crate) struct Whole {
    numbers: HashMap<Box<str>, u32>,
    lines: Vec<u64>,
    /// A job and the id of one that must end first.
    waits: Vec<(u32, Box<str>)>,
    datasets: BTreeMap<String, (Input, u64)>,
    /// Datasets with two descriptions: told only if nothing else is wrong.
    clashes: Collector,
    tasks: u64,
}

impl Whole {
    pub(crate) fn jobs(&self) -> u64 {
        self.lines.len() as u64
    }

    pub(crate) fn tasks(&self) -> u64 {
        self.tasks
    }

    /// Adds a job of the sink's line; false where the queue is too large to go on.
    pub(crate) fn add(&mut self, job: &Job, sink: &mut Sink<'_>) -> bool {
        if let Some(first) = self.numbers.get(job.id.as_str()) {
            let problem = sink.problem("TW1008", "two jobs with one id", &At::Line.key("id"));
            let got = format!("{:?}, also on line {}", job.id, self.lines[*first as usize]);
            sink.push(problem.got(got).accepted("each id once").help("use \"count\" for identical tasks"));
            return true;
        }
        self.tasks += u64::from(job.count);
        if self.tasks > MAX_TASKS {
            let problem = sink.problem("TW1020", "more tasks than a queue may have", &At::Line);
            let got = format!("{} tasks up to this line", self.tasks);
            sink.push(problem.got(got).accepted("1000000 tasks in all").help("split the queue; reading stopped here"));
            return false;
        }
        // A job has a task at least, so the numbers stay below the limit of tasks.
        let number = self.lines.len() as u32;
        self.numbers.insert(job.id.as_str().into(), number);
        self.lines.push(sink.line);
        self.waits.extend(job.depends_on.iter().map(|id| (number, id.as_str().into())));
        self.add_datasets(job, sink);
        true
    }

    /// One dataset has one home and one size.
    fn add_datasets(&mut self, job: &Job, sink: &Sink<'_>) {
        for (name, input) in job.datasets() {
            let Some((first, first_line)) = self.datasets.get(name) else {
                self.datasets.insert(name.to_owned(), (input.clone(), sink.line));
                continue;
            };
            if (&first.location, first.size) == (&input.location, input.size) {
                continue;
            }
            let problem = sink.problem("TW1022", "one dataset, two descriptions", &At::Line.key("inputs"));
            self.clashes.push(
                problem
                    .got(format!("{name:?}: {} in {}", input.size, input.location))
                    .accepted(format!("{} in {}, as on line {first_line}", first.size, first.location))
                    .help("a dataset name stands for one shared copy; name different data differently"),
            );
        }
    }

    /// Whether the jobs are a queue; else everything that is wrong with them.
    pub(crate) fn finish(self, file: &str, mut problems: Collector) -> Result<(), Problems> {
        // Lines with errors are missing here; their ids would only look unknown.
        if problems.count() == 0 {
            let edges = self.edges(file, &mut problems);
            let sound = problems.count() == 0;
            let clashes = self.clashes;
            problems.absorb(clashes, |problem| problem);
            if sound && problems.count() == 0 {
                problems = cycle(&self.numbers, &self.lines, &edges, file);
            }
        }
        problems.into_result()
    }

    /// Every dependency as (job, predecessor); those that are not in the queue are problems.
    fn edges(&self, file: &str, problems: &mut Collector) -> Vec<(u32, u32)> {
        let mut edges = Vec::with_capacity(self.waits.len());
        for (job, id) in &self.waits {
            match self.numbers.get(id) {
                Some(before) => edges.push((*job, *before)),
                None => {
                    let problem = self.unknown(id, problems.is_open());
                    let line = self.lines[*job as usize];
                    problems.push(Problem { file: file.to_owned(), ..problem.line(line) });
                }
            }
        }
        edges
    }

    fn unknown(&self, id: &str, helped: bool) -> Problem {
        let help = if helped {
            // By line, so that the answer does not depend on the order of a hash table.
            let mut ids: Vec<(u32, &str)> = self.numbers.iter().map(|(id, number)| (*number, &**id)).collect();
            ids.sort_unstable();
            let ids = ids.into_iter().take(MAX_SEARCHED).map(|(_, id)| id);
            did_you_mean(id, ids, || "every predecessor must be in the same queue".to_owned())
        } else {
            String::new()
        };
        Problem::of_file("TW1019", "a dependency that is not in the queue", "")
            .at("/depends_on")
            .got(format!("{id:?}"))
            .accepted("ids of jobs in this queue")
            .help(help)
    }
}

/// The problem of jobs that wait for each other, if there are such.
fn cycle(numbers: &HashMap<Box<str>, u32>, lines: &[u64], edges: &[(u32, u32)], file: &str) -> Collector {
    let mut problems = Collector::default();
    let stuck = stuck(lines.len(), edges);
    if !stuck.contains(&true) {
        return problems;
    }
    let ids: HashMap<u32, &str> = numbers.iter().map(|(id, number)| (*number, &**id)).collect();
    let mut jobs: BTreeMap<u32, Job> = BTreeMap::new();
    let instant = Runtime { p50: Millis::ZERO, p95: Millis::ZERO };
    let both_stuck = |(job, before): &&(u32, u32)| stuck[*job as usize] && stuck[*before as usize];
    for (job, before) in edges.iter().filter(both_stuck) {
        for number in [job, before] {
            jobs.entry(*number).or_insert_with(|| Job::new(ids[number], Resources::ZERO, instant));
        }
        if let Some(job) = jobs.get_mut(job) {
            job.depends_on.push(ids[before].to_owned());
        }
    }
    // `core` knows how to name a cycle.
    if let Err(error) = Workload::new(jobs.into_values().collect()) {
        let problem = Problem::of_file("TW1019", "jobs that wait for each other", file);
        let problem = match &error {
            WorkloadError::Cycle(names) => {
                let line = names.first().and_then(|id| numbers.get(id.as_str())).map(|n| lines[*n as usize]);
                let problem = problem.got(names.join(" -> ")).accepted("no cycles");
                line.map_or(problem.clone(), |line| problem.line(line).at("/depends_on"))
            }
            other => problem.got(other.to_string()),
        };
        problems.push(problem.help("remove one of the dependencies"));
    }
    problems
}

/// The jobs that can never start: on a cycle or behind one.
fn stuck(jobs: usize, edges: &[(u32, u32)]) -> Vec<bool> {
    let mut waiting = vec![0_u32; jobs];
    let mut after = edges.iter().map(|(job, before)| (*before, *job)).collect::<Vec<_>>();
    after.sort_unstable();
    edges.iter().for_each(|(job, _)| waiting[*job as usize] += 1);
    let mut ready: Vec<u32> = (0..jobs as u32).filter(|job| waiting[*job as usize] == 0).collect();
    while let Some(done) = ready.pop() {
        let first = after.partition_point(|(before, _)| *before < done);
        for (_, job) in after[first..].iter().take_while(|(before, _)| *before == done) {
            waiting[*job as usize] -= 1;
            if waiting[*job as usize] == 0 {
                ready.push(*job);
            }
        }
    }
    waiting.into_iter().map(|n| n > 0).collect()
}
