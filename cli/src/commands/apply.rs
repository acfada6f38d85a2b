//! `tradewind apply`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
use tradewind_datasets::queue::Problem;
use tradewind_scheduler::drive::{DriveError, Driver, OpenError, Place, Point, Trouble, Watch};
use tradewind_scheduler::journal::Entry;
use tradewind_scheduler::run::{Run, Script};
use tradewind_sim::plan::{Stop, simulate};

use super::live_run::LiveRun;
use super::run::state::expect_no_watch;
use super::simulate::expect_to_hold;
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::run_folder::{Record, RunFolder, StateArgs};
use crate::stop::Stopper;
use crate::{output, plan_file, whole_file};

/// Replications that the bill is set beside.
const TRIALS: u64 = 100;
/// Largest file of troubles that is read.
const MOST_BYTES: u64 = 1 << 20;

/// Which clouds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// Simulated clouds in virtual time: no account, no cost.
    Sim,
    /// Your accounts.
    Live,
}

/// Carry a plan out through the MCP servers. The same command goes on after any crash.
#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    /// The plan.
    pub plan: PathBuf,
    /// The clouds that it runs on.
    #[arg(long, value_enum, default_value = "sim")]
    pub backend: Backend,
    /// Source of chance of simulated clouds: the simulator's first replication of it has the same luck.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// What goes wrong on simulated clouds: a JSON list (docs/schema/troubles.schema.json).
    #[arg(long, value_name = "FILE")]
    pub troubles: Option<PathBuf>,
    /// Most that may be set aside and spent on each cloud, in USD.
    #[arg(long, value_name = "USD")]
    pub budget: Option<Usd>,
    /// Figures for Prometheus's textfile collector, once the run is over.
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    #[command(flatten)]
    pub state: StateArgs,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// Carries the plan out.
pub fn run(args: &ApplyArgs) -> Result<Exit, Failure> {
    if args.backend == Backend::Live {
        let help = "simulated clouds are here: --backend sim";
        return Err(Failure::usage("no live backend is in this version", "--backend live", help));
    }
    expect_no_watch(&args.state)?;
    let plan = plan_file::read_sound(&args.plan)?;
    let troubles = args.troubles.as_deref().map(read_troubles).transpose()?.unwrap_or_default();
    let record = Record::new(&plan, Seed(args.seed), args.budget, troubles);
    // A run of this very plan began: it held then.
    if !RunFolder::has_begun_as(&args.state, &record)? {
        expect_to_hold(&plan, &args.plan.display().to_string())?;
    }
    let folder = RunFolder::begin(&args.state, record, &plan)?;
    let script = folder.script_of(plan)?;
    on_a_runtime(carry_on(&folder, script, args.metrics.as_deref(), false, args.format))
}

/// Carries a run on from where it is; `cancel` ends it before its time. `metrics` is written once it is over.
pub fn carry_out(folder: &RunFolder, metrics: Option<&Path>, cancel: bool, format: Format) -> Result<Exit, Failure> {
    on_a_runtime(carry_on(folder, folder.script()?, metrics, cancel, format))
}

fn on_a_runtime(run: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::usage("the run cannot start", &e.to_string(), "try again"))?;
    runtime.block_on(run)
}

async fn carry_on(
    folder: &RunFolder,
    script: Arc<Script>,
    metrics: Option<&Path>,
    cancel: bool,
    format: Format,
) -> Result<Exit, Failure> {
    // Held before the clouds are touched: one leader at a time.
    let journal = folder.journal()?;
    let clients = folder.record.simulation().open(&script, &folder.path).await.map_err(|e| open_failure(&e))?;
    let mut live = Live { stopper: Stopper::new(None), shown: LiveRun::new(script.tasks().len() as u64) };
    let failure = |e: &DriveError| folder.failure(e);
    let mut driver = Driver::open(script, journal, clients, &mut live).map_err(|e| failure(&e))?;
    if cancel {
        driver.cancel().map_err(|e| failure(&e))?;
    }
    let ended = driver.finish().await;
    match ended {
        Ok(()) => {
            let done = driver.run();
            if let Some(path) = metrics {
                whole_file::write(path, render::run_metrics::text(done).as_bytes())?;
            }
            print(folder, done, format)?;
            Ok(exit(done))
        }
        Err(DriveError::Stopped) => {
            drop(driver);
            output::talk("Stopped. The same command goes on from here.\n");
            Ok(live.stopper.signalled().unwrap_or(Exit::Interrupted))
        }
        Err(e) => Err(failure(&e)),
    }
}

fn print(folder: &RunFolder, run: &Run, format: Format) -> Result<(), Failure> {
    let simulated = simulate(run.script().model(), folder.record.seed, Stop::Trials(TRIALS), 1, &|_| ());
    let bill = render::run::Bill::new(&folder.record.run, run, &simulated);
    output::data(&match format {
        Format::Json => render::json(&bill),
        Format::Csv => render::run::csv(&bill),
        format => render::people(&render::run::page(&bill), format, output::data_style()),
    })
}

/// Done; or some tasks were not.
fn exit(run: &Run) -> Exit {
    let tasks = run.figures().tasks;
    if tasks.failed + tasks.cancelled == 0 { Exit::Done } else { Exit::Partial }
}

/// Shows the run while it goes on, and stops it on a signal.
struct Live {
    stopper: Stopper,
    shown: LiveRun,
}

impl Watch for Live {
    fn at(&mut self, place: Place<'_>, run: &Run) -> bool {
        if place.point == Point::Settled {
            self.shown.show(run);
        }
        self.stopper.signalled().is_none()
    }

    fn noted(&mut self, entry: &Entry, _: &Run) {
        self.shown.tell(entry);
    }
}

/// Reads what goes wrong.
///
/// # Errors
/// `TW4010`, exit 4, where it makes no sense.
pub fn read_troubles(path: &std::path::Path) -> Result<Vec<Trouble>, Failure> {
    let name = path.display().to_string();
    let unreadable = |e: &std::io::Error| Failure::new(Exit::BadInput, Problem::unreadable(&name, e));
    if std::fs::metadata(path).map_err(|e| unreadable(&e))?.len() > MOST_BYTES {
        return Err(unreadable(&std::io::Error::other("it is larger than 1 MiB")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(&e))?;
    serde_json::from_str(&text).map_err(|e| {
        let problem = Problem::of_file("TW4010", "the troubles make no sense", &name);
        let problem = problem.line(e.line() as u64).column(e.column() as u64).got(e.to_string());
        Failure::new(Exit::BadInput, problem.help("docs/schema/troubles.schema.json says what may stand there"))
    })
}

/// Clouds that cannot be opened.
pub fn open_failure(error: &OpenError) -> Failure {
    let (exit, code, title) = match error {
        OpenError::World(_) => (Exit::Stale, "TW4013", "a cloud of the plan cannot be simulated"),
        OpenError::Register(_) => (Exit::Temporary, "TW4012", "the register of a cloud cannot be used"),
        OpenError::Settings(_) => (Exit::Violation, "TW4014", "the audit log of a cloud is broken"),
        OpenError::Client(_) | OpenError::Io(..) => (Exit::Temporary, "TW4015", "a server could not start"),
    };
    let problem = Problem::of_file(code, title, "").got(error.to_string());
    Failure::new(exit, problem.help("another --state begins anew"))
}
