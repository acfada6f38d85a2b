//! `tradewind queue`: one file a subcommand.

mod convert;
mod synth;
mod target;
mod validate;

use clap::{Args, Subcommand};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;

/// Look into a queue of any format, rewrite it, or make one of any size.
#[derive(Debug, Clone, Args)]
pub struct QueueArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with queues.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Say what is in a queue, and everything that is wrong with it.
    Validate(Box<validate::ValidateArgs>),
    /// Rewrite a queue of any format as ours.
    Convert(Box<convert::ConvertArgs>),
    /// Make a queue of any size, by seed, from public job logs and weighted tables.
    Synth(Box<synth::SynthArgs>),
}

impl QueueArgs {
    /// What to print.
    pub fn format(&self) -> Format {
        match &self.action {
            Action::Validate(args) => args.format.into(),
            Action::Convert(_) => Format::Table,
            Action::Synth(args) => args.format,
        }
    }
}

/// Does it.
pub fn run(args: QueueArgs) -> Result<Exit, Failure> {
    match args.action {
        Action::Validate(args) => validate::run(&args),
        Action::Convert(args) => convert::run(&args),
        Action::Synth(args) => synth::run(*args),
    }
}
