//! `tradewind queue`: one file a subcommand.

mod convert;
mod validate;

use clap::{Args, Subcommand};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;

/// Look into a queue of any format, or rewrite it.
#[derive(Debug, Clone, Args)]
pub struct QueueArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with a queue.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Say what is in a queue, and everything that is wrong with it.
    Validate(validate::ValidateArgs),
    /// Rewrite a queue of any format as ours.
    Convert(convert::ConvertArgs),
}

impl QueueArgs {
    /// What to print.
    pub fn format(&self) -> Format {
        match &self.action {
            Action::Validate(args) => args.format.into(),
            Action::Convert(_) => Format::Table,
        }
    }
}

/// Does it.
pub fn run(args: &QueueArgs) -> Result<Exit, Failure> {
    match &args.action {
        Action::Validate(args) => validate::run(args),
        Action::Convert(args) => convert::run(args),
    }
}
