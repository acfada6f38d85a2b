//! What only the market can tell: regions, clouds, residency groups, GPU models.

use std::collections::BTreeSet;

use tradewind_core::job::Job;
use tradewind_core::market::Market;
use tradewind_core::place::RegionName;
use tradewind_core::time::Millis;

use crate::Queue;
use crate::fields::{At, Sink};
use crate::possible::Possible;
use crate::problem::{Collector, MAX_SHOWN, Problem, Problems};
use crate::suggest::did_you_mean;

impl Queue {
    /// Checks every name against a market. Returns warnings: things that will work, but hardly as
    /// meant, and jobs that no offer can take, which the plan lists as not placed.
    ///
    /// # Errors
    /// Regions, clouds, residency groups and GPU models that the market does not know.
    pub fn check_against(&self, market: &Market) -> Result<Vec<Problem>, Problems> {
        let mut check = MarketCheck::new(market, &self.file);
        for (job, line) in self.workload.jobs().iter().zip(&self.lines) {
            check.job(job, *line);
        }
        check.finish()
    }
}

/// Checks the names of one job after the other against a market.
pub struct MarketCheck<'m> {
    names: Names<'m>,
    possible: Possible<'m>,
    file: String,
    problems: Collector,
    warnings: Vec<Problem>,
}

impl<'m> MarketCheck<'m> {
    /// For the jobs of a file.
    pub fn new(market: &'m Market, file: &str) -> Self {
        Self {
            names: Names::of(market),
            possible: Possible::new(market),
            file: file.to_owned(),
            problems: Collector::default(),
            warnings: Vec::new(),
        }
    }

    /// Checks a job that stands on a line.
    pub fn job(&mut self, job: &Job, line: u64) {
        let mut sink = Sink { file: &self.file, line, problems: &mut self.problems };
        self.names.check(job, &mut sink);
        if self.warnings.len() < MAX_SHOWN {
            self.warnings.extend(self.names.slow_checkpoint(job, &sink));
            self.warnings.extend(self.possible.objection(job, &sink));
        }
    }

    /// The warnings.
    ///
    /// # Errors
    /// What [`Queue::check_against`] refuses.
    pub fn finish(self) -> Result<Vec<Problem>, Problems> {
        self.problems.into_result().map(|()| self.warnings)
    }
}

/// What the market knows.
struct Names<'m> {
    clouds: BTreeSet<&'m str>,
    regions: BTreeSet<&'m RegionName>,
    groups: BTreeSet<&'m str>,
    gpus: BTreeSet<&'m str>,
    /// The longest notice before an interruption.
    notice: Millis,
}

impl<'m> Names<'m> {
    fn of(market: &'m Market) -> Self {
        Self {
            clouds: market.clouds.iter().map(|c| c.name.as_str()).collect(),
            regions: market.regions.iter().map(|r| &r.name).collect(),
            groups: market.regions.iter().flat_map(|r| r.residency.iter().map(String::as_str)).collect(),
            gpus: market.types.iter().map(|t| t.gpu.as_str()).filter(|g| !g.is_empty()).collect(),
            notice: market.clouds.iter().map(|c| c.notice).max().unwrap_or(Millis::ZERO),
        }
    }

    fn check(&self, job: &Job, sink: &mut Sink<'_>) {
        let line = At::Line;
        for cloud in &job.clouds {
            unknown("TW1018", "cloud", cloud, &self.clouds, &line.key("clouds"), sink);
        }
        for group in &job.residency {
            unknown("TW1018", "residency group", group, &self.groups, &line.key("residency"), sink);
        }
        for region in &job.regions {
            self.region(region, &line.key("regions"), sink);
        }
        for input in &job.inputs {
            self.region(&input.location, &line.key("inputs"), sink);
        }
        for output in &job.outputs {
            self.region(&output.location, &line.key("outputs"), sink);
        }
        if let Some(gpu) = &job.gpu {
            let at = line.key("gpu");
            unknown("TW1013", "GPU model", &gpu.model, &self.gpus, &at.key("model"), sink);
            for model in gpu.alternatives.keys() {
                unknown("TW1013", "GPU model", model, &self.gpus, &at.key("alternatives").key(model), sink);
            }
        }
    }

    fn region(&self, name: &RegionName, at: &At<'_>, sink: &mut Sink<'_>) {
        if self.regions.contains(name) {
            return;
        }
        let help = if sink.problems.is_open() { self.region_help(name) } else { String::new() };
        let problem = sink.problem("TW1018", "unknown region", at).got(format!("{:?}", name.to_string()));
        sink.push(problem.accepted("a region of this market").help(help));
    }

    /// The same region under another cloud first, then a similar spelling.
    fn region_help(&self, name: &RegionName) -> String {
        let elsewhere = self.regions.iter().find(|r| r.region() == name.region());
        if let Some(region) = elsewhere {
            return format!("did you mean {:?}?", region.to_string());
        }
        let known: Vec<String> = self.regions.iter().map(ToString::to_string).collect();
        did_you_mean(&name.to_string(), known.iter().map(String::as_str), || {
            "`tradewind offers --cloud CLOUD` lists regions".to_owned()
        })
    }

    /// An interruptible job whose checkpoint takes longer than any cloud's notice loses the work
    /// since its last periodic one: allowed, worth knowing.
    fn slow_checkpoint(&self, job: &Job, sink: &Sink<'_>) -> Option<Problem> {
        let checkpoint = job.checkpoint.as_ref().filter(|c| job.interruptible && c.save > self.notice)?;
        let problem = sink.problem("TW1016w", "a checkpoint takes longer than the notice", &At::Line.key("checkpoint"));
        let got = format!("save {}, longest notice {}", checkpoint.save, self.notice);
        Some(problem.got(got).help("an interruption loses the work since the last periodic checkpoint"))
    }
}

fn unknown(code: &'static str, kind: &str, got: &str, known: &BTreeSet<&str>, at: &At<'_>, sink: &mut Sink<'_>) {
    if known.contains(got) {
        return;
    }
    let list = known.iter().copied().collect::<Vec<_>>().join(", ");
    let help = did_you_mean(got, known.iter().copied(), String::new);
    let problem = sink.problem(code, format!("unknown {kind}"), at).got(format!("{got:?}"));
    sink.push(problem.accepted(list).help(help));
}
