//! `tradewind bench`.

mod runs;
mod spot;

use clap::{Args, Subcommand};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;

/// Measures Tradewind against published benchmarks.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// Which benchmark.
    #[command(subcommand)]
    pub action: Action,
}

/// The benchmarks.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Spot under a deadline: every published policy against its published cost, and ours against Optimal.
    Spot(spot::SpotArgs),
}

impl BenchArgs {
    /// What to print.
    pub fn format(&self) -> Format {
        match &self.action {
            Action::Spot(args) => args.format,
        }
    }
}

/// Runs a benchmark.
pub fn run(args: &BenchArgs) -> Result<Exit, Failure> {
    match &args.action {
        Action::Spot(args) => spot::run(args),
    }
}
