//! Where every format ends: a line, a row or a draft becomes a job by the same strict rules, the
//! whole is checked, and the job is handed on.

use tradewind_core::job::Job;

use crate::fields::{At, Sink};
use crate::import::draft::Draft;
use crate::node::Node;
use crate::notes::Notes;
use crate::problem::{Collector, Problem, Problems};
use crate::whole::Whole;
use crate::{Options, Scanned, job, settings};

/// Takes what a reader finds.
pub(crate) struct Intake<'a> {
    /// What problems call the input.
    pub(crate) file: &'a str,
    pub(crate) options: &'a Options,
    pub(crate) problems: Collector,
    pub(crate) notes: Notes,
    whole: Whole,
    each: &'a mut dyn FnMut(Job, u64),
}

/// The job of an object in our names; `None` where anything is wrong with it, which is then in the sink.
pub(crate) fn job_of(mut node: Node, options: &Options, sink: &mut Sink<'_>) -> Option<Job> {
    settings::fill(&options.settings, &mut node);
    job::read(&node, options, sink)
}

impl<'a> Intake<'a> {
    pub(crate) fn new(file: &'a str, options: &'a Options, each: &'a mut dyn FnMut(Job, u64)) -> Self {
        Self { file, options, problems: Collector::default(), notes: Notes::default(), whole: Whole::default(), each }
    }

    pub(crate) fn sink(&mut self, line: u64) -> Sink<'_> {
        Sink { file: self.file, line, problems: &mut self.problems }
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Takes an object in our names. False where the queue is too large to go on.
    pub(crate) fn node(&mut self, node: Node, line: u64) -> bool {
        let options = self.options;
        match job_of(node, options, &mut self.sink(line)) {
            Some(job) => self.job(job, line),
            None => true,
        }
    }

    /// Takes a job of another format. Its problems are told in the terms of that format. False where
    /// the queue is too large to go on.
    pub(crate) fn draft(&mut self, mut draft: Draft<'_>) -> bool {
        let line = draft.place.line;
        let node = draft.finish(|node| settings::fill(&self.options.settings, node));
        let mut problems = std::mem::take(&mut draft.problems);
        let mut own = Collector::default();
        let job = job::read(&node, self.options, &mut Sink { file: self.file, line, problems: &mut own });
        problems.absorb(own, |problem| draft.translate(problem));
        let sound = problems.count() == 0;
        self.problems.absorb(problems, |problem| problem);
        match job.filter(|_| sound) {
            Some(job) => self.job(job, line),
            None => true,
        }
    }

    /// Takes a job that stands on a line. False where the queue is too large to go on.
    pub(crate) fn job(&mut self, job: Job, line: u64) -> bool {
        let mut sink = Sink { file: self.file, line, problems: &mut self.problems };
        let goes_on = self.whole.add(&job, &mut sink);
        if goes_on {
            (self.each)(job, line);
        }
        goes_on
    }

    /// A problem of the whole file, or of a line.
    pub(crate) fn problem(&mut self, line: Option<u64>, code: &'static str, title: &str) -> Problem {
        match line {
            Some(line) => self.sink(line).problem(code, title, &At::Line),
            None => Problem::of_file(code, title, self.file),
        }
    }

    /// What was read, or everything that is wrong with it.
    pub(crate) fn finish(self) -> Result<Scanned, Problems> {
        let (jobs, tasks) = (self.whole.jobs(), self.whole.tasks());
        self.whole.finish(self.file, self.problems)?;
        Ok(Scanned { file: self.file.to_owned(), jobs, tasks, notes: self.notes })
    }
}
