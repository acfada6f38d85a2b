//! A simulated cloud with all its layers, opened for serving or for one call.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tradewind_core::market::Market;
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
use tradewind_datasets::queue::Problem;
use tradewind_mcp::folder::{Folder, FolderError};
use tradewind_mcp::layers::{Governed, Pace, RealTimer, Settings, SettingsError, Trace, VirtualTimer, matrix};
use tradewind_mcp::provider::{Caller, Provider};
use tradewind_mcp::server::Server;
use tradewind_mcp::simulated::{Keeper, Simulated, WorldError};
use tradewind_mcp::telemetry::Telemetry;

use super::cloud::{CloudName, Root};
use crate::args::MarketArgs;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::load_market;

/// Which cloud, and how it is governed.
#[derive(Debug, Clone, Args)]
pub struct OpenArgs {
    /// The cloud: aws, azure, gcp.
    #[arg(long, value_name = "NAME")]
    pub cloud: CloudName,
    #[command(flatten)]
    pub root: Root,
    /// Source of chance of a new world.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// What the caller may do: viewer, scheduler, operator, ... (`tradewind mcp iam --cloud aws` lists roles).
    #[arg(long, default_value = "operator", value_parser = role)]
    pub role: String,
    /// Rules in Rego, package tradewind; ours where none are given. Repeat it for more.
    #[arg(long, value_name = "FILE.rego")]
    pub policy: Vec<PathBuf>,
    /// Most that may be spent, in USD.
    #[arg(long, value_name = "USD")]
    pub budget: Option<Usd>,
    /// The caller drives the world's time, and is told when something happens next.
    #[arg(long)]
    pub driver: bool,
    /// Let the world's time run by itself, so many times as fast as the machine's; 1 is real time. Else callers drive it.
    #[arg(long, value_name = "N", conflicts_with = "driver", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub time_scale: Option<u32>,
    #[command(flatten)]
    pub market: MarketArgs,
}

/// A role that there is.
pub fn role(text: &str) -> Result<String, String> {
    let roles: Vec<&str> = matrix().keys().map(String::as_str).collect();
    if roles.contains(&text) { Ok(text.to_owned()) } else { Err(format!("one of {}", roles.join(", "))) }
}

/// An opened cloud; its folder is held while this lives.
pub struct Opened {
    /// Its server.
    pub server: Server,
    _folder: Folder,
}

/// Opens a cloud; what is called there is told of.
pub fn open(args: &OpenArgs, telemetry: Telemetry) -> Result<Opened, Failure> {
    open_with(args, telemetry, |backend| backend)
}

/// The same with something around the backend, below all layers.
pub fn open_with(
    args: &OpenArgs,
    telemetry: Telemetry,
    around: impl FnOnce(Box<dyn Provider>) -> Box<dyn Provider>,
) -> Result<Opened, Failure> {
    let cloud = &args.cloud.0;
    let folder = Folder::open(&args.root.path()?, cloud).map_err(folder_failure)?;
    let simulated = Arc::new(simulated(args, &folder)?);
    let clock = simulated.clone();
    let settings = Settings {
        cloud: cloud.clone(),
        timer: Arc::new(VirtualTimer(move || clock.now())),
        register: Arc::new(folder.register().map_err(folder_failure)?),
        audit: folder.audit(),
        rules: rules(&args.policy)?,
        approvals: folder.approvals(Arc::new(SystemClock)).map_err(folder_failure)?,
        budget: args.budget.unwrap_or(Usd::from_nanos(i64::MAX)),
        incident: folder.incident(),
        // It refuses by itself.
        limits: &[],
        seed: Seed(args.seed),
    };
    let backend: Box<dyn Provider> = match args.time_scale {
        Some(scale) => Box::new(Pace::new(simulated.clone(), Arc::new(SystemClock), simulated.now(), scale)),
        None => Box::new(simulated),
    };
    let governed = Governed::new(around(backend), settings).map_err(|e| settings_failure(&e))?;
    let caller = Caller { name: "local".to_owned(), role: args.role.clone(), drives_time: args.driver };
    let traced = Trace::new(governed, telemetry, Arc::new(SystemClock));
    let server = Server::new(cloud, Arc::new(traced), caller);
    let server = match args.time_scale {
        Some(_) => server.with_timer(Arc::new(RealTimer(Arc::new(SystemClock)))),
        None => server,
    };
    Ok(Opened { server, _folder: folder })
}

fn simulated(args: &OpenArgs, folder: &Folder) -> Result<Simulated, Failure> {
    let market = Arc::new(market_of(&args.market, &args.cloud.0)?);
    resume(folder, market, &args.cloud.0, Seed(args.seed))
}

/// The world that a folder keeps, or a new one on this market.
pub fn resume(folder: &Folder, market: Arc<Market>, cloud: &str, seed: Seed) -> Result<Simulated, Failure> {
    let keeper: Box<dyn Keeper> = folder.keeper();
    let simulated = match folder.world().map_err(folder_failure)? {
        Some((world, steps)) => Simulated::resume(world, market, keeper).and_then(|s| s.again(steps)),
        None => Simulated::new(cloud, market, seed, keeper),
    };
    simulated.map_err(|e| world_failure(&e))
}

/// The offers of one cloud, with all regions that data can come from.
pub fn market_of(args: &MarketArgs, cloud: &str) -> Result<Market, Failure> {
    let config = Config::load(args.config.as_deref())?;
    let market = load_market(args, &config)?.market;
    let regions: Vec<u16> = (0..market.regions.len() as u16).collect();
    Ok(market.subset(|_, offer| market.cloud_of(offer).name == cloud, &regions))
}

/// The policy files by name and text.
fn rules(files: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let read = |path: &PathBuf| {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok((name, text)),
            Err(e) => Err(Failure::new(Exit::BadInput, Problem::unreadable(&name, &e))),
        }
    };
    files.iter().map(read).collect()
}

/// What is wrong with a state folder.
pub fn folder_failure(error: FolderError) -> Failure {
    match error {
        FolderError::Held(path) => {
            let problem = Problem::of_file("TW4006", "another server holds the cloud", &path.display().to_string());
            Failure::new(
                Exit::Temporary,
                problem.got("its lock is taken").help("end that server, or take another --world"),
            )
        }
        FolderError::Io(path, reason) => Failure::unwritable(&path, &reason),
        FolderError::World(path, what) => {
            let problem = Problem::of_file("TW4016", "the world cannot be read", &path.display().to_string()).got(what);
            Failure::new(Exit::BadInput, problem.help("load a world that was saved, or take another --world"))
        }
        FolderError::OpenKey(path) => {
            let problem = Problem::of_file("TW4017", "other users can read the key", &path.display().to_string());
            let problem = problem.got("whoever reads it can approve calls");
            Failure::new(Exit::Violation, problem.help("delete it: the server makes another; grants under it are void"))
        }
        FolderError::Register(reason) => {
            let problem = Problem::of_file("TW4012", "the register cannot be used", "").got(reason.to_string());
            Failure::new(Exit::Temporary, problem.help("free the disk, or take another --world"))
        }
    }
}

/// Why a world cannot be gone on with.
pub fn world_failure(error: &WorldError) -> Failure {
    let problem = Problem::of_file("TW4013", "the world does not fit the market", "").got(error.to_string());
    let help = "serve it with the market it was made on, or take another --world for a new one";
    Failure::new(Exit::Stale, problem.help(help))
}

fn settings_failure(error: &SettingsError) -> Failure {
    match error {
        SettingsError::Policy(e) => {
            let problem = Problem::of_file("TW4007", "the policy cannot be understood", &e.file).got(e.what.clone());
            Failure::new(Exit::Violation, problem.help("nothing is served under rules that are not known"))
        }
        SettingsError::Audit { file, broken } => {
            let problem = Problem::of_file("TW4014", "the audit log is broken", file).got(broken.to_string());
            Failure::new(Exit::Violation, problem.help("keep the file as evidence, and take another --world"))
        }
    }
}
