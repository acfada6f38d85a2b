//! What waits tonight: a queue, or the queue of a plan.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use tradewind_core::job::Workload;
use tradewind_core::market::Market;
use tradewind_core::plan::Plan;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_datasets::queue::Queue;
use tradewind_datasets::read_queue;

use super::{ReevaluateArgs, name};
use crate::commands::plan::no_jobs;
use crate::config::Config;
use crate::failure::Failure;
use crate::inputs::{queue_notes, queue_options, told};
use crate::plan_file;

/// So much of a file tells a plan from a queue.
const HEAD: u64 = 512;

/// What waits.
pub enum Subject {
    /// As its lines say.
    Queue(Box<Queue>),
    /// The queue of a plan, with its rules where no configuration says others.
    Plan(Box<Plan>),
}

impl Subject {
    /// Reads it.
    ///
    /// # Errors
    /// Those of the readers; `TW1001` for a queue without jobs.
    pub fn open(args: &ReevaluateArgs, config: &Config) -> Result<Self, Failure> {
        if args.input == Path::new("-") || !is_plan(&args.input) {
            let queue = read_queue(&args.input, &queue_options(config, &args.read))?;
            return if queue.workload.jobs().is_empty() {
                Err(no_jobs(&args.input))
            } else {
                Ok(Self::Queue(queue.into()))
            };
        }
        Ok(Self::Plan(plan_file::read_sound(&args.input)?.into()))
    }

    /// Its jobs.
    pub fn workload(&self) -> &Workload {
        match self {
            Self::Queue(queue) => &queue.workload,
            Self::Plan(plan) => &plan.workload,
        }
    }

    /// Its rules over a horizon.
    pub fn rules(&self, args: &ReevaluateArgs, config: &Config, horizon: Horizon) -> Rules {
        match self {
            Self::Plan(plan) if args.market.config.is_none() => Rules { horizon, ..plan.rules.clone() },
            _ => config.rules(horizon),
        }
    }

    /// What is worth knowing of it beside a market.
    ///
    /// # Errors
    /// Jobs that no machine of the market can run.
    pub fn warnings(&self, market: &Market, horizon: Horizon) -> Result<Vec<String>, Failure> {
        let Self::Queue(queue) = self else { return Ok(Vec::new()) };
        let mut all = queue_notes(&queue.notes);
        all.extend(told(&queue.check_against(market)?));
        all.extend(told(&queue.check_times(market, horizon.start)));
        Ok(all)
    }
}

/// Its name for people: the last part of the path, so that the answer is the same wherever it lies.
pub fn label(args: &ReevaluateArgs) -> String {
    args.input.file_name().map_or_else(|| name(&args.input), |n| n.to_string_lossy().into_owned())
}

/// Whether a file says of itself that it is a plan, of whatever version.
fn is_plan(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let text = String::from_utf8_lossy(&head);
    read.is_ok() && text.trim_start().starts_with('{') && text.contains("\"tradewind.plan/")
}
