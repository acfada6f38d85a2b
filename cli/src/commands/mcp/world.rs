//! `tradewind mcp world`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_datasets::queue::Problem;
use tradewind_mcp::folder::{Folder, read_world};
use tradewind_mcp::simulated::{Fault, Simulated, World};

use super::cloud::{CloudName, Root};
use super::opened::{folder_failure, market_of, resume, world_failure};
use crate::args::{Format, MarketArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render;
use crate::whole_file;

/// Look at a simulated cloud, keep it, move its time, break something in it.
#[derive(Debug, Clone, Args)]
pub struct WorldArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with a world.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Say what is in it, and what time it is there.
    Show(ShowArgs),
    /// Write it to a file.
    Save(FileArgs),
    /// Take it from a file: what was there is gone.
    Load(FileArgs),
    /// Let its time pass.
    Advance(AdvanceArgs),
    /// Let something go wrong in it.
    Break(BreakArgs),
}

/// Which world.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// The cloud: aws, azure, gcp.
    #[arg(long, value_name = "NAME")]
    pub cloud: CloudName,
    #[command(flatten)]
    pub root: Root,
    #[command(flatten)]
    pub market: MarketArgs,
}

/// Which world, and how to print it.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub which: Which,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Which world, and which file.
#[derive(Debug, Clone, Args)]
pub struct FileArgs {
    /// The file.
    pub file: PathBuf,
    #[command(flatten)]
    pub which: Which,
}

/// Which world, and how far.
#[derive(Debug, Clone, Args)]
pub struct AdvanceArgs {
    #[command(flatten)]
    pub which: Which,
    /// To this instant.
    #[arg(long, value_name = "INSTANT", required_unless_present = "by")]
    pub to: Option<Time>,
    /// By so much, e.g. `6h`.
    #[arg(long, value_name = "DURATION", conflicts_with = "to", value_parser = crate::args::positive_duration)]
    pub by: Option<Millis>,
}

/// Which world, and what goes wrong.
#[derive(Debug, Clone, Args)]
pub struct BreakArgs {
    #[command(flatten)]
    pub which: Which,
    /// As JSON, e.g. {"what":{"kind":"outage"},"place":"us-east-1","from":"...Z","until":"...Z"}
    ///
    /// Kinds: capacity {left}, outage, interrupt, no_notice, price {instance_type, capacity_type, usd_per_hour},
    ///
    /// throttle {share}, unreachable {share}, reply_lost {share}. See docs/schema/fault.schema.json.
    #[arg(long, value_name = "JSON")]
    pub fault: String,
}

impl WorldArgs {
    /// How to print it.
    pub fn format(&self) -> Format {
        match &self.action {
            Action::Show(args) => args.format,
            _ => Format::Table,
        }
    }
}

/// Does it.
pub fn run(args: &WorldArgs) -> Result<Exit, Failure> {
    match &args.action {
        Action::Show(show) => {
            let world = kept(&show.which)?;
            output::data(&match show.format {
                Format::Json => render::json(&world),
                Format::Csv => render::mcp::census(&world).to_csv(),
                format => render::people(&render::mcp::world_page(&world), format, output::data_style()),
            })?;
        }
        Action::Save(save) => {
            let world = kept(&save.which)?;
            whole_file::write(&save.file, render::json(&world).as_bytes())?;
            output::talk(&format!("kept {} of {}\n", save.which.cloud.0, world.now));
        }
        Action::Load(load) => self::load(load)?,
        Action::Advance(advance) => self::advance(advance)?,
        Action::Break(broken) => self::inject(broken)?,
    }
    Ok(Exit::Done)
}

/// The world that is kept, or a new one; its folder is held while it is read.
fn kept(which: &Which) -> Result<World, Failure> {
    Ok(opened(which)?.0.world())
}

fn opened(which: &Which) -> Result<(Simulated, Folder), Failure> {
    let folder = Folder::open(&which.root.path()?, &which.cloud.0).map_err(folder_failure)?;
    let market = Arc::new(market_of(&which.market, &which.cloud.0)?);
    Ok((resume(&folder, market, &which.cloud.0, Seed(0))?, folder))
}

fn load(args: &FileArgs) -> Result<(), Failure> {
    let name = args.file.display().to_string();
    let text = std::fs::read(&args.file);
    let text = text.map_err(|e| Failure::new(Exit::BadInput, Problem::unreadable(&name, &e)))?;
    let world = read_world(&text).map_err(|what| {
        let problem = Problem::of_file("TW4016", "the world cannot be read", &name).got(what);
        Failure::new(Exit::BadInput, problem.help("`tradewind mcp world save` writes one"))
    })?;
    if world.cloud != args.which.cloud.0 {
        let got = format!("a world of {}, --cloud {}", world.cloud, args.which.cloud.0);
        return Err(Failure::usage("the world is of another cloud", &got, "name its cloud"));
    }
    let folder = Folder::open(&args.which.root.path()?, &args.which.cloud.0).map_err(folder_failure)?;
    let market = Arc::new(market_of(&args.which.market, &args.which.cloud.0)?);
    let (now, keeper) = (world.now, folder.keeper());
    let simulated = Simulated::resume(world, market, keeper).map_err(|e| world_failure(&e))?;
    simulated.pass(now).map_err(|e| Failure::unwritable(&args.file, &e))?;
    output::talk(&format!("{} is at {now}\n", args.which.cloud.0));
    Ok(())
}

fn advance(args: &AdvanceArgs) -> Result<(), Failure> {
    let (simulated, _folder) = opened(&args.which)?;
    let to = args.by.map_or(args.to.unwrap_or(simulated.now()), |by| simulated.now() + by);
    if to < simulated.now() {
        let got = format!("{to}, the world is at {}", simulated.now());
        return Err(Failure::usage("time does not go back", &got, "load a world that was saved before"));
    }
    let now = simulated.pass(to).map_err(|e| unkept(&args.which, &e))?;
    let next = simulated.world().next_event_at().map_or("nothing is due".to_owned(), |at| format!("next at {at}"));
    output::talk(&format!("{} is at {now}; {next}\n", args.which.cloud.0));
    Ok(())
}

fn inject(args: &BreakArgs) -> Result<(), Failure> {
    let fault: Fault = serde_json::from_str(&args.fault).map_err(|e| {
        let problem = Problem::of_file("TW4010", "the fault makes no sense", "--fault").got(e.to_string());
        Failure::new(Exit::BadInput, problem.help("docs/schema/fault.schema.json says what may stand there"))
    })?;
    let (simulated, _folder) = opened(&args.which)?;
    let (from, until) = (fault.from, fault.until);
    simulated.inject(fault).map_err(|e| unkept(&args.which, &e))?;
    output::talk(&format!("from {from} until {until}; {} is at {}\n", args.which.cloud.0, simulated.now()));
    Ok(())
}

fn unkept(which: &Which, reason: &std::io::Error) -> Failure {
    Failure::unwritable(&which.root.path().unwrap_or_default(), reason)
}
