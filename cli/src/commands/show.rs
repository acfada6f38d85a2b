//! `tradewind show`.

use std::path::PathBuf;

use clap::Args;

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::same_file;
use crate::output::{self, Style};
use crate::{plan_file, whole_file};

use super::plan;

/// Show a plan file as it was made: nothing is planned, nothing is checked but its hash.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// The plan.
    pub plan: PathBuf,
    /// Write to this file, whole or not at all, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Reads and prints.
pub fn run(args: ShowArgs) -> Result<Exit, Failure> {
    let plan = plan_file::read_sound(&args.plan)?;
    match &args.output {
        Some(path) if same_file(path, &args.plan) => {
            let got = path.display().to_string();
            return Err(Failure::usage("the page would overwrite the plan", &got, "name another file"));
        }
        Some(path) => whole_file::write(path, plan::text(&plan, &[], args.format, Style::PLAIN).as_bytes())?,
        None => output::data(&plan::text(&plan, &[], args.format, output::data_style()))?,
    }
    Ok(Exit::Done)
}
