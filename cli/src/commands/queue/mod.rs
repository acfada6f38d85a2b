//! `tradewind queue`: job queues as files.

pub mod synth;

use clap::{Args, Subcommand};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;

/// Job queues as files.
#[derive(Debug, Clone, Args)]
pub struct QueueArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with queues.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Make a queue of any size, by seed, from public job logs and weighted tables.
    Synth(Box<synth::SynthArgs>),
}

impl QueueArgs {
    /// What to print.
    pub fn format(&self) -> Format {
        match &self.action {
            Action::Synth(args) => args.format,
        }
    }
}

/// Does it.
pub fn run(args: QueueArgs) -> Result<Exit, Failure> {
    match args.action {
        Action::Synth(args) => synth::run(*args),
    }
}
