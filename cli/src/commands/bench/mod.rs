//! `tradewind bench`: one file a subcommand.

mod validate;

use clap::{Args, Subcommand};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;

/// Hold the simulator against what is known.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// Against what.
    #[command(subcommand)]
    pub action: Action,
}

/// What the simulator can be held against.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Closed forms of queues, checkpoints and renewals
    ///
    /// Exit 5 where one lies outside the simulation's 99 % interval, 8 where an interval stayed
    ///
    /// wider than asked.
    Validate(validate::ValidateArgs),
}

impl BenchArgs {
    /// What to print.
    pub fn format(&self) -> Format {
        match &self.action {
            Action::Validate(args) => args.format,
        }
    }
}

/// Does it.
pub fn run(args: &BenchArgs) -> Result<Exit, Failure> {
    match &args.action {
        Action::Validate(args) => validate::run(args),
    }
}
