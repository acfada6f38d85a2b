//! `tradewind bench`: one file a subcommand.

mod calibrate;
mod runs;
mod spot;
mod validate;

use clap::{Args, Subcommand};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;

/// Hold the simulator and the spot policies against what is known.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// Against what.
    #[command(subcommand)]
    pub action: Action,
}

/// What they can be held against.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Closed forms of queues, checkpoints and renewals; a plan's intervals
    ///
    /// Exit 5 where a form lies outside the simulation's 99 % interval, or the plan's 95 % intervals surely
    /// hold the truth in less than 92 % or more than 98 %; 8 where an interval stayed wider than asked.
    Validate(validate::ValidateArgs),
    /// A plan's cost intervals against truth from other processes than the planner's
    Calibrate(calibrate::CalibrateArgs),
    /// Spot under a deadline: every published policy against its published cost, and ours against Optimal.
    Spot(spot::SpotArgs),
}

impl BenchArgs {
    /// What to print.
    pub fn format(&self) -> Format {
        match &self.action {
            Action::Validate(args) => args.format,
            Action::Calibrate(args) => args.format,
            Action::Spot(args) => args.format,
        }
    }
}

/// Does it.
pub fn run(args: &BenchArgs) -> Result<Exit, Failure> {
    match &args.action {
        Action::Validate(args) => validate::run(args),
        Action::Calibrate(args) => calibrate::run(args),
        Action::Spot(args) => spot::run(args),
    }
}
