//! `tradewind prices`.

use clap::{Args, Subcommand};
use tradewind_core::clock::Clock;

use crate::args::{Format, MarketArgs};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::load_market;
use crate::output;
use crate::render::{self, prices};

/// Rows of the quarantine shown to people before the list is cut.
const MAX_ROWS: usize = 50;

/// The price snapshot.
#[derive(Debug, Clone, Args)]
pub struct PricesArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be asked about prices.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Snapshot, age, tables with sources and licences, assumptions.
    Show(ShowArgs),
    /// Prices that are not believed, by rule, each with its reason.
    Check(ShowArgs),
}

/// Which market, and how to print it.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub market: MarketArgs,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl PricesArgs {
    /// What to print.
    pub fn format(&self) -> Format {
        match &self.action {
            Action::Show(args) | Action::Check(args) => args.format,
        }
    }
}

/// Loads and prints.
pub fn run(args: PricesArgs) -> Result<Exit, Failure> {
    let (Action::Show(show) | Action::Check(show)) = &args.action;
    let config = Config::load(show.market.config.as_deref())?;
    let loaded = load_market(&show.market, &config)?;
    let snapshot = || prices::Snapshot::of(&loaded, SystemClock.now());
    let text = match (&args.action, show.format) {
        (Action::Show(_), Format::Json) => render::json(&snapshot()),
        (Action::Show(_), Format::Csv) => prices::sources(&loaded.sources).to_csv(),
        (Action::Show(_), format) => render::people(&snapshot().page(), format, output::data_style()),
        (Action::Check(_), Format::Json) => render::json(&loaded.quarantine),
        (Action::Check(_), Format::Csv) => prices::quarantine(&loaded.quarantine).to_csv(),
        (Action::Check(_), format) => {
            render::people(&prices::quarantine_page(&loaded, MAX_ROWS), format, output::data_style())
        }
    };
    output::data(&text)?;
    Ok(Exit::Done)
}
