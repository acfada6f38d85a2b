//! `tradewind run --watch`.

pub mod failures;
mod house;
pub mod state;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tradewind_core::time::Millis;
use tradewind_scheduler::watch::intake::Count;
use tradewind_scheduler::watch::store::Store;
use tradewind_scheduler::watch::watcher::{Status, Turn, Watcher};

use super::apply::{open_failure, read_troubles};
use crate::args::{Format, MarketArgs, ReadArgs, positive_duration};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::load_market;
use crate::output;
use crate::render;
use crate::stop::Stopper;
use failures::{store_failure, watch_failure};
use house::House;
use state::{Settings, WatchFolder};

/// How often the folder is looked at when nothing else is to be done.
const REST: Duration = Duration::from_millis(50);
/// And while runs go on: after so many turns.
const LOOK_EVERY: u32 = 64;

/// Watch a folder: jobs that arrive are acknowledged, planned with what runs, carried out.
///
/// Queues are files DIR/*.jsonl, dropped or appended to. DIR/NAME.ack tells what is taken: it is on disk
/// by then. DIR/NAME.bad tells what is not, and why; DIR/decisions.out what is planned and done.
#[derive(Debug, Clone, Args)]
#[command(verbatim_doc_comment)]
pub struct RunArgs {
    /// The folder that queues are dropped into.
    #[arg(long, value_name = "DIR")]
    pub watch: PathBuf,
    /// What was acknowledged, its runs and its clouds [default: .tradewind in DIR].
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// End when nothing is left to do, instead of waiting for more.
    #[arg(long)]
    pub until_idle: bool,
    /// How long arrivals are gathered before they are planned, in the time of the clouds.
    #[arg(long, value_name = "TIME", value_parser = positive_duration, default_value = "15m")]
    pub every: Millis,
    #[command(flatten)]
    pub market: MarketArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    /// Source of chance of the simulated clouds.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// What goes wrong on them: a JSON list (docs/schema/troubles.schema.json).
    #[arg(long, value_name = "FILE")]
    pub troubles: Option<PathBuf>,
    /// Threads; the plans are the same at any number [default: all].
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// Watches until nothing is left to do, or until it is stopped.
pub fn run(args: &RunArgs) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::usage("the run cannot start", &e.to_string(), "try again"))?;
    runtime.block_on(watch(args))
}

async fn watch(args: &RunArgs) -> Result<Exit, Failure> {
    let folder = WatchFolder::open(args)?;
    let store = Store::open(&folder.file()).map_err(|e| store_failure(&folder, &e))?;
    let config = Config::load(args.market.config.as_deref())?;
    let loaded = load_market(&args.market, &config)?;
    let troubles = args.troubles.as_deref().map(read_troubles).transpose()?.unwrap_or_default();
    let settings = Settings::new(args, &loaded, &troubles);
    folder.expect_same(&settings)?;
    let scene = settings.scene(&loaded.market);
    let hands = settings.simulation().open_scene(&scene, &folder.clouds()).await.map_err(|e| open_failure(&e))?;
    let begins = scene.begins;
    let stopper = Arc::new(Stopper::new(None));
    let house = House::new(args, config, loaded, troubles, &folder, Arc::clone(&stopper));
    let watcher = Watcher::open(house, store, args.watch.clone(), hands, begins, args.every);
    let mut watcher = watcher.map_err(|e| watch_failure(&folder, e))?;
    let stopped = go_on(args, &folder, &mut watcher, &stopper).await?;
    let status = watcher.status().map_err(|e| store_failure(&folder, &e))?;
    print(&status, args.format)?;
    Ok(stopped.unwrap_or(if status.jobs.done == status.jobs.tasks { Exit::Done } else { Exit::Partial }))
}

/// Turns until nothing is left to do; the exit code of the signal that came, if one did.
async fn go_on<H: tradewind_scheduler::drive::Hands>(
    args: &RunArgs,
    folder: &WatchFolder,
    watcher: &mut Watcher<House, H>,
    stopper: &Stopper,
) -> Result<Option<Exit>, Failure> {
    let mut turns_to_look = 0;
    loop {
        if let Some(exit) = stopper.signalled() {
            return Ok(Some(exit));
        }
        let mut arrived = 0;
        if turns_to_look == 0 {
            let count = watcher.take().map_err(|e| watch_failure(folder, e.into()))?;
            (arrived, turns_to_look) = (count.accepted, LOOK_EVERY);
            tell(&count);
        }
        match watcher.turn().await.map_err(|e| watch_failure(folder, e))? {
            Turn::Busy => turns_to_look -= 1,
            // Acknowledging does not wait for the solver.
            Turn::Planning => turns_to_look = 0,
            Turn::Idle if turns_to_look < LOOK_EVERY || arrived > 0 => turns_to_look = 0,
            Turn::Idle if args.until_idle => return Ok(None),
            Turn::Idle => {
                tokio::time::sleep(REST).await;
                turns_to_look = 0;
            }
        }
    }
}

/// Tells people what was taken.
fn tell(count: &Count) {
    if count.accepted + count.refused > 0 {
        let aside = format!(", {} put aside", render::count(count.refused, "line"));
        let aside = if count.refused > 0 { aside } else { String::new() };
        output::talk(&format!("{} acknowledged{aside}\n", render::count(count.accepted, "job")));
    }
}

fn print(status: &Status, format: Format) -> Result<(), Failure> {
    output::data(&match format {
        Format::Json => render::json(status),
        Format::Csv => render::watch::csv(status),
        format => render::people(&render::watch::page(status), format, output::data_style()),
    })
}
