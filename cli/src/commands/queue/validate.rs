//! `tradewind queue validate`: jobs pass through and are not kept.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tradewind_datasets::queue::{MarketCheck, Overview, Problems};
use tradewind_datasets::scan_queue;

use crate::args::{self, MarketArgs, ReadArgs};
use crate::commands::plan::no_jobs;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::{load_market, queue_notes, queue_options, sentence};
use crate::output;
use crate::render::{self, queue::Validated};

/// Say what is in a queue, and everything that is wrong with it; exit 4 if anything is.
#[derive(Debug, Clone, Args)]
pub struct ValidateArgs {
    /// The jobs, in any format (docs/formats.md); - reads standard input.
    pub queue: PathBuf,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub market: MarketArgs,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: TableOrJson,
    /// An empty queue is fine: exit 0.
    #[arg(long)]
    pub allow_empty: bool,
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TableOrJson {
    /// For people, 100 columns.
    #[default]
    Table,
    /// For programs.
    Json,
}

impl From<TableOrJson> for args::Format {
    fn from(format: TableOrJson) -> Self {
        match format {
            TableOrJson::Table => Self::Table,
            TableOrJson::Json => Self::Json,
        }
    }
}

/// Reads, checks, prints.
pub fn run(args: &ValidateArgs) -> Result<Exit, Failure> {
    let config = Config::load(args.market.config.as_deref())?;
    let loaded = load_market(&args.market, &config)?;
    let mut overview = Overview::default();
    let mut check = MarketCheck::new(&loaded.market, &args.queue.display().to_string());
    let scanned = scan_queue(&args.queue, &queue_options(&config, &args.read), &mut |job, line| {
        overview.add(&job);
        check.job(&job, line);
    });
    let (scanned, warnings) = both(scanned, check.finish())?;
    if scanned.jobs == 0 && !args.allow_empty {
        return Err(no_jobs(&args.queue));
    }
    overview.finish();
    let mut notes = queue_notes(&scanned.notes);
    notes.extend(warnings.iter().map(sentence));
    let validated = Validated { file: &scanned.file, overview: &overview, notes: &notes, as_of: loaded.market.as_of };
    output::data(&match args.format {
        TableOrJson::Table => validated.page().to_text(output::data_style()),
        TableOrJson::Json => render::json(&validated),
    })?;
    Ok(Exit::Done)
}

/// The values of both, or the problems of both.
fn both<A, B>(a: Result<A, Problems>, b: Result<B, Problems>) -> Result<(A, B), Problems> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(a.join(b)),
        (Err(problems), Ok(_)) | (Ok(_), Err(problems)) => Err(problems),
    }
}
