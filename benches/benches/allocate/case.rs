//! Which queue a row is about.

use std::fmt;
use std::str::FromStr;

use tradewind_core::job::Workload;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::synth::{Generator, SynthRequest};

/// A synthetic queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// A source of the generator.
    pub source: String,
    /// The generator's seed.
    pub seed: u64,
    /// Jobs, of one task each.
    pub jobs: u64,
    /// Kinds of job; `None` makes no two alike.
    pub classes: Option<u64>,
}

impl Case {
    /// The queue: jobs that arrive over 24 hours.
    pub fn queue(&self) -> Workload {
        let request = SynthRequest {
            source: self.source.clone(),
            jobs: self.jobs,
            classes: self.classes,
            span: Millis::from_hours(24),
            start: tradewind_benches::start(),
            seed: Seed(self.seed),
        };
        let generator = Generator::new(&request).unwrap_or_else(|e| panic!("{self}: {e}"));
        let jobs = (0..self.jobs).map(|i| generator.job(i).unwrap_or_else(|e| panic!("{self}: {e}")));
        Workload::new(jobs.collect()).expect("a sound queue")
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes = self.classes.map_or("distinct".to_owned(), |k| k.to_string());
        write!(f, "{} {} {} {classes}", self.source, self.seed, self.jobs)
    }
}

impl FromStr for Case {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split(' ').collect();
        let [source, seed, jobs, classes] = words[..] else { return Err("not four words".to_owned()) };
        let number = |w: &str| w.parse::<u64>().map_err(|e| format!("{w:?}: {e}"));
        let classes = if classes == "distinct" { None } else { Some(number(classes)?) };
        Ok(Self { source: source.to_owned(), seed: number(seed)?, jobs: number(jobs)?, classes })
    }
}
