//! `tradewind runs`, `tradewind replay`, `tradewind cancel`: what there is of runs, what they cost, the end of one.

use clap::{Args, ValueEnum};
use tradewind_scheduler::ledger::By;

use super::apply::carry_out;
use super::run::state::expect_no_watch;
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render;
use crate::run_folder::{RunFolder, StateArgs};

/// List the runs: how far they are, what they cost. Or show what one of them cost whom.
#[derive(Debug, Clone, Args)]
pub struct RunsArgs {
    /// The name of one, or the beginning of it: what it cost whom, beside the plan.
    pub run: Option<String>,
    /// Whom.
    #[arg(long, value_enum, default_value = "project", requires = "run")]
    pub by: Whom,
    #[command(flatten)]
    pub state: StateArgs,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// Whom a cost is shown to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Whom {
    /// Projects.
    Project,
    /// Tenants: the label `tenant` of a job.
    Tenant,
    /// Clouds.
    Cloud,
}

/// Tell a run again from its journal: every entry is held against the chain, the calls and the choices.
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// Its name, or the beginning of it.
    pub run: String,
    /// Show every entry: what happened, what was called, what was chosen instead of what, and why.
    #[arg(long)]
    pub step: bool,
    #[command(flatten)]
    pub state: StateArgs,
}

/// End a run: what runs is stopped, every node is released and its bill read.
#[derive(Debug, Clone, Args)]
pub struct CancelArgs {
    /// Its name, or the beginning of it.
    pub run: String,
    #[command(flatten)]
    pub state: StateArgs,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// Lists the runs, or shows one.
pub fn list(args: &RunsArgs) -> Result<Exit, Failure> {
    if let Some(name) = &args.run {
        return show(&RunFolder::find(&args.state, name)?, args.by, args.format);
    }
    let mut rows = Vec::new();
    for folder in RunFolder::all(&args.state)? {
        rows.push(render::run::Row::new(&folder.record, &folder.recovered()?));
    }
    output::data(&match args.format {
        Format::Json => render::json(&rows),
        Format::Csv => render::run::rows(&rows).to_csv(),
        format => render::people(&render::run::list(&rows), format, output::data_style()),
    })?;
    Ok(Exit::Done)
}

/// What a run cost whom.
fn show(folder: &RunFolder, by: Whom, format: Format) -> Result<Exit, Failure> {
    let run = folder.recovered()?;
    let by = match by {
        Whom::Project => By::Project,
        Whom::Tenant => By::Tenant,
        Whom::Cloud => By::Cloud,
    };
    let report = render::showback::Report::new(&folder.record.run, &run, by);
    output::data(&match format {
        Format::Json => render::json(&report),
        Format::Csv => render::showback::csv(&report),
        format => render::people(&render::showback::page(&report), format, output::data_style()),
    })?;
    Ok(Exit::Done)
}

/// Tells a run again.
pub fn replay(args: &ReplayArgs) -> Result<Exit, Failure> {
    let folder = RunFolder::find(&args.state, &args.run)?;
    if args.step {
        for entry in &folder.entries()? {
            output::data(&render::run::entry(entry))?;
        }
    }
    let (run, chain) = folder.told_again()?;
    output::data(&render::run::replayed(&folder.record.run, &run, &chain))?;
    Ok(Exit::Done)
}

/// Ends a run before its time.
pub fn cancel(args: &CancelArgs) -> Result<Exit, Failure> {
    expect_no_watch(&args.state)?;
    carry_out(&RunFolder::find(&args.state, &args.run)?, None, true, args.format)
}
