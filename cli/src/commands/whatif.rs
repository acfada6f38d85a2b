//! `tradewind whatif`.

mod arm;
mod assemble;
mod axis;
mod change;
mod command_line;
mod field;
mod frontier;
mod key;
mod laboratory;
mod planner;
mod subject;
mod target;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use tradewind_core::time::Millis;

use crate::args::{AsOf, Format, MarketArgs, ReadArgs, positive_duration};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::same_file;
use crate::output;
use crate::scenario;
use crate::whole_file;

use super::simulate::{MOST_TRIALS, share};
use axis::Axis;
use frontier::Levels;
use target::Target;

/// Ask what if: each change beside the base, on common random numbers, with intervals
///
/// `scenario.` keys change the simulated world and keep the plan: what would happen to it; `scenario=NAME` is a whole one.
///
/// `config.` keys plan the queue again: what one would do then. Both are named in docs/whatif.md.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = scenario::help())]
#[command(group = ArgGroup::new("question").args(["vary", "frontier"]).required(true).multiple(true))]
pub struct WhatIfArgs {
    /// A queue, which is planned, or a plan.
    #[arg(value_name = "QUEUE|PLAN")]
    pub input: PathBuf,
    /// A key and its values, e.g. scenario.hazard_factor=0.5,2; repeat it for more.
    #[arg(long, value_name = "KEY=V1,V2")]
    pub vary: Vec<Axis>,
    /// Every combination of the values instead of one change at a time.
    #[arg(long, requires = "vary")]
    pub grid: bool,
    /// The world of the base: a ready-made one, or a file (docs/schema/scenario.schema.json).
    #[arg(long, value_name = "NAME|FILE")]
    pub scenario: Option<String>,
    /// Cost against deadline risk: plans that allow each job a miss probability of at most 0.1 to 0.001
    ///
    /// `risk=P1,P2` are probabilities of your own.
    #[arg(long, value_name = "risk")]
    pub frontier: Option<Levels>,
    /// Replications of each arm [default: 1000].
    #[arg(long, value_name = "N", conflicts_with = "until_ci", value_parser = clap::value_parser!(u64).range(1..=MOST_TRIALS))]
    pub trials: Option<u64>,
    /// Until the 95 % intervals of the base's mean cost and of every change to it are so narrow to either side, as a
    /// share of that mean, e.g. `1%`.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub until_ci: Option<f64>,
    /// Keep the replications of every arm in this folder, and go on from those that are there: the answer is the same.
    #[arg(long, value_name = "FOLDER")]
    pub resume: Option<PathBuf>,
    /// The one source of chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Threads; the result is the same with any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub market: MarketArgs,
    /// Tasks start within this time [default: 48h].
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    pub horizon: Option<Millis>,
    /// Length of a start window [default: 1h].
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    pub window: Option<Millis>,
    /// Start of the horizon, or `now`; the prices must be young enough for it.
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<AsOf>,
    /// Write it here too: .html, .json, .md, .csv, .parquet or .txt by the name; repeat it for more.
    #[arg(short, long, value_name = "REPORT")]
    pub output: Vec<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Why a what-if ended early.
#[derive(Debug)]
pub enum Halt {
    /// It cannot be done.
    Failed(Failure),
    /// A signal came.
    Signal(Exit),
    /// The base places nothing: there is nothing to compare with.
    NothingPlaced,
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Asks, writes, prints.
pub fn run(args: &WhatIfArgs) -> Result<Exit, Failure> {
    let targets = targets(args)?;
    let report = match assemble::report(args) {
        Ok(report) => report,
        Err(Halt::Failed(failure)) => return Err(failure),
        Err(Halt::Signal(exit)) => return Ok(exit),
        Err(Halt::NothingPlaced) => {
            output::talk("The base places no task: there is nothing to compare with. `tradewind plan` says why.\n");
            return Ok(Exit::NothingPlaced);
        }
    };
    for (path, target) in &targets {
        whole_file::write(path, &target.bytes(&report))?;
    }
    output::data(&target::text(&report, args.format, output::data_style()))?;
    Ok(Exit::Done)
}

/// What is written where, found out before the work is done.
fn targets(args: &WhatIfArgs) -> Result<Vec<(PathBuf, Target)>, Failure> {
    let scenario = args.scenario.as_ref().map(PathBuf::from);
    let inputs = [Some(&args.input), scenario.as_ref(), args.market.config.as_ref()];
    let target = |path: &PathBuf| {
        if inputs.iter().flatten().any(|input| same_file(path, input)) {
            let got = path.display().to_string();
            return Err(Failure::usage("the report would overwrite its input", &got, "name another file"));
        }
        let target = Target::of(path)?;
        whole_file::expect_writable(path)?;
        Ok((path.clone(), target))
    };
    args.output.iter().map(target).collect()
}
