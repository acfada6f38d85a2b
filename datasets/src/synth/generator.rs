//! From a request to a queue, block by block.

use std::io::Write;

use rayon::prelude::*;
use tradewind_core::job::Job;
use tradewind_core::time::Millis;
use tradewind_queue::write_json_line;

use super::arrivals::Arrivals;
use super::chance::Chance;
use super::classes::Classes;
use super::request::{MAX_JOBS, SynthError, SynthRequest};
use super::rules::Rules;
use super::shape::{DrawnRow, Shape};
use super::source::{About, Source, Work};
use super::summary::Summary;
use super::tables::Tables;

/// Jobs that one thread makes at a time.
const BLOCK: u64 = 2048;
/// Blocks a thread makes before they are written: memory is bounded by these, about a megabyte each.
const BLOCKS_A_THREAD: u64 = 4;

/// A queue that is ready to be written. Memory: sixteen bytes a class, whatever the number of jobs.
#[derive(Debug, Clone)]
pub struct Generator {
    request: SynthRequest,
    tables: Tables,
    rules: Rules,
    source: Source,
    classes: Classes,
    arrivals: Arrivals,
}

impl Generator {
    /// Reads the tables and draws arrivals and weights of the classes.
    ///
    /// # Errors
    /// A request that cannot be met; a damaged table.
    pub fn new(request: &SynthRequest) -> Result<Self, SynthError> {
        if !(1..=MAX_JOBS).contains(&request.jobs) {
            return Err(SynthError::Jobs(request.jobs));
        }
        if request.classes == Some(0) {
            return Err(SynthError::Classes);
        }
        let rules = Rules::embedded()?;
        let source = Source::open(&request.source)?;
        let classes = Classes::new(request.seed, request.jobs, request.classes, rules.class_tail);
        let times = (request.start, request.span);
        let arrivals = Arrivals::new(&source, &rules, request.seed, classes.count, times)?;
        Ok(Self { request: request.clone(), tables: Tables::embedded()?, rules, source, classes, arrivals })
    }

    /// What is drawn from, and on what terms.
    pub fn about(&self) -> &About {
        &self.source.about
    }

    /// Classes of the queue: kinds of job that a planner can tell apart.
    pub fn classes(&self) -> u64 {
        self.classes.count
    }

    /// What the source says of a class, before anything is cut: seconds to the next arrival, size and
    /// runtime.
    pub fn drawn(&self, class: u64) -> (u64, Work) {
        let chance = self.chance(class);
        (self.source.gap_s(chance), self.source.work(chance))
    }

    /// The rows of our tables that a class is made of.
    ///
    /// # Errors
    /// A size of the source without a layout.
    pub fn rows(&self, class: u64) -> Result<Vec<DrawnRow>, SynthError> {
        self.shape(class).map(|shape| shape.rows())
    }

    /// A job by its index.
    ///
    /// # Errors
    /// A size of the source without a layout.
    pub fn job(&self, index: u64) -> Result<Job, SynthError> {
        self.job_and_work(index).map(|(job, _)| job)
    }

    fn job_and_work(&self, index: u64) -> Result<(Job, Work), SynthError> {
        let class = self.classes.of(index);
        let shape = self.shape(class)?;
        let mut job = shape.job(self.id(index), self.arrivals.of(class), &self.rules);
        if !self.classes.are_single() {
            job.labels.insert("class".to_owned(), class.to_string());
        } else if self.waits(index) {
            job.depends_on = vec![self.id(index - 1)];
            // Its time depends on another's: a deadline by its own runtime would mean nothing.
            job.deadline = None;
        }
        Ok((job, shape.work))
    }

    /// Writes the queue as JSON Lines on so many threads; the bytes do not depend on their number.
    ///
    /// # Errors
    /// `out` fails, or no threads can be started.
    pub fn write(&self, out: &mut impl Write, threads: usize) -> Result<Summary, SynthError> {
        let pool = pool(threads)?;
        let mut summary = Summary::of(self.classes.count, self.arrivals.cut);
        let blocks = self.request.jobs.div_ceil(BLOCK);
        let wave = threads.max(1) as u64 * BLOCKS_A_THREAD;
        for first in (0..blocks).step_by(wave as usize) {
            let range = first..(first + wave).min(blocks);
            let made = pool.install(|| range.into_par_iter().map(|b| self.block(b)).collect::<Result<Vec<_>, _>>())?;
            for (bytes, counts) in made {
                out.write_all(&bytes)?;
                summary.add(&counts);
            }
        }
        out.flush()?;
        Ok(summary)
    }

    /// All jobs in memory, for formats that are written as a whole; its bytes are not counted.
    ///
    /// # Errors
    /// No threads can be started.
    pub fn jobs(&self, threads: usize) -> Result<(Vec<Job>, Summary), SynthError> {
        let blocks = (0..self.request.jobs.div_ceil(BLOCK)).into_par_iter();
        let made: Vec<(Vec<Job>, Summary)> =
            pool(threads)?.install(|| blocks.map(|b| self.block_of_jobs(b)).collect::<Result<_, _>>())?;
        let mut summary = Summary::of(self.classes.count, self.arrivals.cut);
        made.iter().for_each(|(_, counts)| summary.add(counts));
        Ok((made.into_iter().flat_map(|(jobs, _)| jobs).collect(), summary))
    }

    /// The rules the queue was made by, each with its figures and its reason.
    pub fn rules(&self) -> Vec<String> {
        let rules = &self.rules;
        let because = |rule: &str, what: String| format!("{what}: {}", rules.reason(rule));
        let span = self.request.span;
        let grid = self.arrivals.grid;
        let mut sentences = vec![
            because("arrival_grid", format!("arrivals are fitted into {span} by one factor, on slots of {grid}")),
            because("gap_max", format!("gaps between arrivals count {} at most", rules.gap_max)),
            because("runtime_min", format!("median runtimes are {} at least", rules.runtime_min)),
            because("runtime_max", format!("median runtimes are {} at most", rules.runtime_max)),
            because("deadline_floor", format!("a deadline is {} and so many times p95 away", rules.deadline_floor)),
            because("budget_floor", format!("a budget has {} USD over its reference price", rules.budget_floor)),
        ];
        if self.classes.are_single() {
            let percent = rules.waiting_percent;
            sentences.push(because("waiting_percent", format!("{percent} jobs of 100 wait for the one before")));
        } else {
            let tail = rules.class_tail;
            let what = format!("all jobs of a class arrive at once; classes weigh as Pareto with exponent {tail}");
            sentences.push(because("class_tail", what));
        }
        sentences
    }

    fn chance(&self, index: u64) -> Chance {
        Chance { seed: self.request.seed, index }
    }

    fn shape(&self, class: u64) -> Result<Shape<'_>, SynthError> {
        let chance = self.chance(class);
        Shape::draw(&self.tables, self.source.work(chance), chance)
    }

    fn id(&self, index: u64) -> String {
        format!("{}-{index:06}", self.request.source)
    }

    /// Whether a job waits for the one before it, which never waits itself: a chain of more would not
    /// fit a day.
    fn waits(&self, index: u64) -> bool {
        let drawn = |i: u64| self.chance(i).uniform("synth waiting") * 100.0 < self.rules.waiting_percent;
        index > 0 && drawn(index) && !drawn(index - 1)
    }

    /// The lines of a block and their counts.
    fn block(&self, block: u64) -> Result<(Vec<u8>, Summary), SynthError> {
        let (jobs, mut counts) = self.block_of_jobs(block)?;
        let mut bytes = Vec::with_capacity(BLOCK as usize * 512);
        jobs.iter().for_each(|job| write_json_line(job, &mut bytes));
        counts.bytes = bytes.len() as u64;
        Ok((bytes, counts))
    }

    /// The jobs of a block and their counts.
    fn block_of_jobs(&self, block: u64) -> Result<(Vec<Job>, Summary), SynthError> {
        let mut counts = Summary::default();
        let mut jobs = Vec::with_capacity(BLOCK as usize);
        for index in block * BLOCK..((block + 1) * BLOCK).min(self.request.jobs) {
            let (job, work) = self.job_and_work(index)?;
            counts.count(&job);
            let runtime = Millis::from_secs(work.runtime_s as i64);
            counts.runtimes_raised += u64::from(runtime < self.rules.runtime_min);
            counts.runtimes_cut += u64::from(runtime > self.rules.runtime_max);
            jobs.push(job);
        }
        Ok((jobs, counts))
    }
}

fn pool(threads: usize) -> Result<rayon::ThreadPool, SynthError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
    pool.map_err(|e| SynthError::Threads(e.to_string()))
}
