//! What only the whole queue can tell: unique ids, the task limit, dependencies, shared datasets.

use std::collections::{BTreeMap, HashMap};

use tradewind_core::job::{Input, Job, Workload, WorkloadError};

use crate::fields::{At, Sink};
use crate::problem::{Collector, Problem, Problems};
use crate::suggest::did_you_mean;
use crate::{MAX_TASKS, Queue};

/// Most ids that are searched for a similar one.
const MAX_SEARCHED: usize = 20_000;

/// The jobs read so far.
pub(crate) struct Gathered<'a> {
    file: &'a str,
    jobs: Vec<(Job, u64)>,
    lines: HashMap<String, u64>,
    tasks: u64,
}

impl<'a> Gathered<'a> {
    pub(crate) fn new(file: &'a str) -> Self {
        Self { file, jobs: Vec::new(), lines: HashMap::new(), tasks: 0 }
    }

    /// Adds a job of the sink's line; false where the queue is too large to go on.
    pub(crate) fn add(&mut self, job: Job, sink: &mut Sink<'_>) -> bool {
        if let Some(first) = self.lines.get(&job.id) {
            let problem = sink.problem("TW1008", "two jobs with one id", &At::Line.key("id"));
            let got = format!("{:?}, also on line {first}", job.id);
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
        self.lines.insert(job.id.clone(), sink.line);
        self.jobs.push((job, sink.line));
        true
    }

    /// The queue, or everything that is wrong with it.
    pub(crate) fn finish(mut self, mut problems: Collector) -> Result<Queue, Problems> {
        // Lines with errors are missing here; their ids would only look unknown.
        if problems.count() == 0 {
            self.check_dependencies(&mut problems);
            self.check_datasets(&mut problems);
        }
        problems.into_result()?;
        self.jobs.sort_by(|a, b| a.0.id.cmp(&b.0.id));
        let (jobs, lines) = self.jobs.into_iter().unzip();
        match Workload::new(jobs) {
            Ok(workload) => Ok(Queue { workload, file: self.file.to_owned(), lines }),
            Err(error) => Err(Problems::one(whole_problem(self.file, &self.lines, &error))),
        }
    }

    fn check_dependencies(&self, problems: &mut Collector) {
        for (job, line) in &self.jobs {
            for name in job.depends_on.iter().filter(|n| !self.lines.contains_key(*n)) {
                let help = if problems.is_open() {
                    let ids = self.jobs.iter().take(MAX_SEARCHED).map(|(j, _)| j.id.as_str());
                    did_you_mean(name, ids, || "every predecessor must be in the same queue".to_owned())
                } else {
                    String::new()
                };
                problems.push(
                    Problem::of_file("TW1019", "a dependency that is not in the queue", self.file)
                        .line(*line)
                        .at("/depends_on")
                        .got(format!("{name:?}"))
                        .accepted("ids of jobs in this queue")
                        .help(help),
                );
            }
        }
    }

    /// One dataset has one home and one size.
    fn check_datasets(&self, problems: &mut Collector) {
        let mut seen: BTreeMap<&str, (&Input, u64)> = BTreeMap::new();
        for (job, line) in &self.jobs {
            for (name, input) in job.datasets() {
                let (first, first_line) = *seen.entry(name).or_insert((input, *line));
                if (&first.location, first.size) == (&input.location, input.size) {
                    continue;
                }
                problems.push(
                    Problem::of_file("TW1022", "one dataset, two descriptions", self.file)
                        .line(*line)
                        .at(At::Line.key("inputs"))
                        .got(format!("{name:?}: {} in {}", input.size, input.location))
                        .accepted(format!("{} in {}, as on line {first_line}", first.size, first.location))
                        .help("a dataset name stands for one shared copy; name different data differently"),
                );
            }
        }
    }
}

fn whole_problem(file: &str, lines: &HashMap<String, u64>, error: &WorkloadError) -> Problem {
    let problem = match error {
        WorkloadError::Cycle(ids) => {
            let title = "jobs that wait for each other";
            let problem = Problem::of_file("TW1019", title, file).got(ids.join(" -> ")).accepted("no cycles");
            match ids.first().and_then(|id| lines.get(id)) {
                Some(line) => problem.line(*line).at("/depends_on"),
                None => problem,
            }
        }
        // The others are found above, with their lines.
        other => Problem::of_file("TW1019", other.to_string(), file),
    };
    problem.help("remove one of the dependencies")
}
