//! `tradewind config`.

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, Subcommand};

use crate::args::{Cli, Format, MarketArgs, SnapshotYear};
use crate::config::{Config, Setting, in_force};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render::grid::{Grid, Side};
use crate::render::report::Page;
use crate::render::{self, count};

/// The settings.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be asked about settings.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Every setting in force, its value, and where it was said.
    Show(ShowArgs),
}

/// Which settings, and how to print them.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub market: MarketArgs,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl ConfigArgs {
    /// What to print.
    pub fn format(&self) -> Format {
        let Action::Show(args) = &self.action;
        args.format
    }
}

/// Reads and prints.
pub fn run(args: ConfigArgs) -> Result<Exit, Failure> {
    let Action::Show(show) = args.action;
    let config = Config::load(show.market.config.as_deref())?;
    let mut settings = arguments(&show.market);
    settings.extend(in_force(&config).into_iter().filter(|s| s.key != "quotas" || show.market.quotas.is_none()));
    output::data(&match show.format {
        Format::Json => render::json(&settings),
        Format::Csv => grid(&settings).to_csv(),
        format => render::people(&page(&settings), format, output::data_style()),
    })?;
    Ok(Exit::Done)
}

/// What only arguments say, and what they say instead of the file.
fn arguments(args: &MarketArgs) -> Vec<Setting> {
    let typed = Cli::command().try_get_matches_from(std::env::args_os()).ok();
    let show = typed.as_ref().and_then(|m| m.subcommand_matches("config")?.subcommand_matches("show"));
    let origin = |name: &str| origin(show, name);
    let file = args.config.as_ref().map_or_else(|| "none".to_owned(), |path| path.display().to_string());
    let market = match (&args.market, args.snapshot) {
        (Some(folder), _) => Setting::new("market", folder.display(), origin("market")),
        (None, year) => {
            let year = match year.unwrap_or(SnapshotYear::Y2024) {
                SnapshotYear::Y2024 => "2024",
                SnapshotYear::Y2026 => "2026",
            };
            Setting::new("market", format!("embedded snapshot of {year}"), origin("snapshot"))
        }
    };
    let mut all = vec![Setting::new("config", file, origin("config")), market];
    all.extend(args.quotas.as_ref().map(|path| Setting::new("quotas", path.display(), origin("quotas"))));
    all
}

fn origin(typed: Option<&ArgMatches>, name: &str) -> String {
    match typed.and_then(|m| m.value_source(name)) {
        Some(ValueSource::CommandLine) => format!("argument --{name}"),
        Some(ValueSource::EnvVariable) => "environment TRADEWIND_CONFIG".to_owned(),
        _ => "default".to_owned(),
    }
}

fn page(settings: &[Setting]) -> Page {
    let mut page = Page::default();
    let said = settings.iter().filter(|s| s.origin != "default").count();
    page.title(format!("{} in force, {said} of them said by you", count(settings.len() as u64, "setting")));
    page.table("Settings", grid(settings));
    page
}

fn grid(settings: &[Setting]) -> Grid {
    let mut grid = Grid::new([("setting", Side::Left), ("value", Side::Left), ("origin", Side::Left)]);
    for s in settings {
        grid.row([s.key.clone(), s.value.clone(), s.origin.clone()]);
    }
    grid
}
