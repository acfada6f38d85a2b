//! Plans of one queue under changing configurations.

use std::path::Path;

use tradewind_core::plan::Plan;
use tradewind_datasets::load;
use tradewind_datasets::queue::Problem;
use tradewind_datasets::read_queue;

use super::Halt;
use crate::args::{MarketArgs, ReadArgs};
use crate::commands::plan::{self, Effort};
use crate::config::{Change, Config};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::{Inputs, Times, market_request, queue_options};

/// What every plan is made from, but for what an arm changes.
pub struct Planner<'a> {
    /// The queue; it is read again for each plan, since a configuration has a say in it.
    pub queue: &'a Path,
    /// How it is read.
    pub read: &'a ReadArgs,
    /// The market, and the configuration file.
    pub market: &'a MarketArgs,
    /// Horizon and window.
    pub times: Times,
    /// How hard to try.
    pub effort: Effort,
}

impl Planner<'_> {
    /// A plan and what is worth knowing of its inputs. With `most`, no job may miss its deadline more probably.
    pub fn plan(&self, changes: &[Change], most: Option<f64>) -> Result<(Plan, Vec<String>), Halt> {
        let inputs = self.inputs(changes)?;
        let workload = &inputs.queue.workload;
        if workload.jobs().is_empty() {
            let problem = Problem::of_file("TW1001", "the queue is empty", &self.queue.display().to_string());
            return Err(Failure::new(Exit::BadInput, problem.got("0 jobs").accepted("at least one job")).into());
        }
        let capped = most.map(|most| workload.at_most_missing(most));
        let (plan, signalled) = plan::make(&inputs, capped.as_ref().unwrap_or(workload), &self.effort)?;
        match signalled {
            Some(exit) => Err(Halt::Signal(exit)),
            None => Ok((plan, inputs.warnings)),
        }
    }

    /// A change wins over an argument that says the same.
    fn inputs(&self, changes: &[Change]) -> Result<Inputs, Failure> {
        let changed = |path: &[&str]| changes.iter().any(|c| c.steps.iter().eq(path));
        let mut market = self.market.clone();
        market.quotas = market.quotas.filter(|_| !changed(&["quotas"]));
        let mut times = self.times;
        times.horizon = times.horizon.filter(|_| !changed(&["horizon", "length"]));
        times.window = times.window.filter(|_| !changed(&["horizon", "window"]));
        let file = market.config.as_deref();
        // Without changes in the words of the file, with its lines.
        let config = if changes.is_empty() { Config::load(file)? } else { Config::varied(file, changes)? };
        let queue = read_queue(self.queue, &queue_options(&config, self.read))?;
        let loaded = load(&market_request(&market, &config)?)?;
        Inputs::join(queue, loaded, &config, times)
    }
}
