//! `tradewind simulate`.

mod rare;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use tradewind_core::check::check;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_datasets::queue::Problem;
use tradewind_sim::plan::{
    BUSIEST_REGION, Model, ModelError, Report, Shares, Simulated, Stop, World, resume, timeline,
};

use super::progress::Counter;
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::plan_file;
use crate::render;
use crate::render::report::Page;
use crate::render::simulate::rare::RareRow;
use crate::replications::{Origin, Replications};
use crate::scenario;
use crate::whole_file;

/// Replications where nothing else is said.
pub const TRIALS: u64 = 1000;
/// Replications after which a file of them is written first.
const FIRST_STAGE: u64 = 1024;
/// No simulation has more.
pub const MOST_TRIALS: u64 = 10_000_000;

/// Simulate a plan many times: what it costs, which deadlines it misses, where its own figures lie in that.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = scenario::help())]
pub struct SimulateArgs {
    /// The plan.
    pub plan: PathBuf,
    /// Replications [default: 1000].
    #[arg(long, value_name = "N", conflicts_with = "until_ci", value_parser = clap::value_parser!(u64).range(1..=MOST_TRIALS))]
    pub trials: Option<u64>,
    /// Until the 95 % interval of the mean cost is so narrow to either side, e.g. `1%`.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub until_ci: Option<f64>,
    /// A world that differs from the plan's figures: a ready-made one, or a file (docs/schema/scenario.schema.json).
    #[arg(long, value_name = "NAME|FILE")]
    pub scenario: Option<String>,
    /// Write the first replication as a timeline for Perfetto or Chrome (trace event format).
    #[arg(long, value_name = "OUT.json")]
    pub trace: Option<PathBuf>,
    /// Write the replications, one a row: .parquet, .json or .csv.
    #[arg(short, long, value_name = "OUT.parquet")]
    pub output: Option<Replications>,
    /// Go on from the replications that an earlier run of the same plan, seed and scenario left in that file.
    #[arg(long, requires = "output")]
    pub resume: bool,
    /// Misses that no replication sees.
    #[command(flatten)]
    pub rare: rare::RareArgs,
    /// Source of chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Threads; the result is the same with any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `1%` as 0.01.
pub fn share(text: &str) -> Result<f64, String> {
    let share = text.strip_suffix('%').and_then(|n| n.trim().parse::<f64>().ok()).map(|p| p / 100.0);
    share.filter(|s| (1e-6..=1.0).contains(s)).ok_or_else(|| "not a share such as 1%, from 0.0001% to 100%".to_owned())
}

/// Simulates and prints.
pub fn run(args: &SimulateArgs) -> Result<Exit, Failure> {
    let plan = plan_file::read_sound(&args.plan)?;
    let world = args.scenario.as_deref().map(scenario::read).transpose()?.unwrap_or_default();
    warn_of_unknown_places(&plan, &world);
    let report = report(&plan, &args.plan, &world, args)?;
    let report = WithRare { rare: rare(&plan, &world, args)?, report };
    if let Some(path) = &args.trace {
        let model = Model::new(&plan, &world).map_err(|e| broken(&args.plan.display().to_string(), &e))?;
        let spans = timeline(&model, Seed(args.seed), 0);
        whole_file::write(path, render::trace::json(&plan, &model, &spans).as_bytes())?;
    }
    output::data(&match args.format {
        Format::Json => render::json(&report),
        Format::Csv => render::simulate::csv(&report.report, &report.rare),
        Format::Table | Format::Md | Format::Html => render::people(&page(&report), args.format, output::data_style()),
    })?;
    Ok(Exit::Done)
}

/// What is printed: the report, and the jobs whose misses are rare, where they are asked for.
#[derive(Debug, Serialize)]
struct WithRare {
    #[serde(flatten)]
    report: Report,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rare: Vec<RareRow>,
}

fn page(found: &WithRare) -> Page {
    let mut page = render::simulate::page(&found.report);
    if !found.rare.is_empty() {
        page.table("Rare misses", render::simulate::rare::table(&found.rare));
    }
    page
}

/// How probable rare misses are, of the jobs asked for.
fn rare(plan: &Plan, world: &World, args: &SimulateArgs) -> Result<Vec<RareRow>, Failure> {
    if args.rare.rare.is_none() && args.rare.rare_job.is_empty() {
        return Ok(Vec::new());
    }
    let name = args.plan.display().to_string();
    let model = unchecked_model(plan, &name, world)?;
    rare::rows(&args.rare, plan, &model, (&name, Seed(args.seed)), args.threads)
}

fn report(plan: &Plan, path: &Path, world: &World, args: &SimulateArgs) -> Result<Report, Failure> {
    let stop = match args.until_ci {
        Some(share) => Stop::HalfWidth { share, most: MOST_TRIALS },
        None => Stop::Trials(args.trials.unwrap_or(TRIALS)),
    };
    let name = path.display().to_string();
    let seed = Seed(args.seed);
    let Some(file) = &args.output else { return of_plan(plan, &name, world, seed, stop, args.threads) };
    let model = model(plan, &name, world)?;
    let origin = Origin::new(plan, seed, world);
    file.expect_writable()?;
    let earlier = if args.resume { file.earlier(plan, &origin)? } else { None };
    let mut simulated = earlier.unwrap_or(Simulated { seed, outcomes: Vec::new(), shares: Shares::default() });
    for stop in stages(stop, simulated.outcomes.len() as u64) {
        simulated = run_on(&model, simulated, stop, args.threads);
        file.write(plan, &origin, &simulated)?;
    }
    Ok(Report::new(plan, &simulated))
}

/// The same in stages that double, after each of which the file is written: a long run that is cut short loses half of
/// itself at most.
fn stages(stop: Stop, done: u64) -> Vec<Stop> {
    let Stop::Trials(trials) = stop else { return vec![stop] };
    let doublings = std::iter::successors(Some(FIRST_STAGE), |n| Some(n * 2));
    let before = doublings.take_while(|&n| n < trials).filter(|&n| n > done);
    before.chain([trials]).map(Stop::Trials).collect()
}

/// The report on a plan in a world.
///
/// # Errors
/// `TW3006`, exit 5, where the plan does not pass its check: what is forged is not simulated.
pub fn of_plan(
    plan: &Plan,
    name: &str,
    world: &World,
    seed: Seed,
    stop: Stop,
    threads: Option<NonZeroUsize>,
) -> Result<Report, Failure> {
    let model = model(plan, name, world)?;
    let none = Simulated { seed, outcomes: Vec::new(), shares: Shares::default() };
    Ok(Report::new(plan, &run_on(&model, none, stop, threads)))
}

/// The model of a plan that passes its check.
fn model(plan: &Plan, name: &str, world: &World) -> Result<Model, Failure> {
    expect_to_hold(plan, name)?;
    unchecked_model(plan, name, world)
}

/// That a plan passes its check.
///
/// # Errors
/// `TW3006`, exit 5.
pub fn expect_to_hold(plan: &Plan, name: &str) -> Result<(), Failure> {
    let Some(v) = check(plan).violations.into_iter().next() else { return Ok(()) };
    let problem = Problem::of_file("TW3006", "the plan does not hold", name).at(v.at);
    let problem = problem.got(v.got).accepted(v.expected).help("`tradewind check` lists every violation");
    Err(Failure::new(Exit::Violation, problem))
}

/// The model of a plan that was checked before, or was just made.
///
/// # Errors
/// `TW3006`, exit 5, where the plan does not hold together.
pub fn unchecked_model(plan: &Plan, name: &str, world: &World) -> Result<Model, Failure> {
    Model::new(plan, world).map_err(|e| broken(name, &e))
}

/// Goes on, and tells how far it is where it takes long.
fn run_on(model: &Model, earlier: Simulated, stop: Stop, threads: Option<NonZeroUsize>) -> Simulated {
    let total = match stop {
        Stop::Trials(trials) => Some(trials.saturating_sub(earlier.outcomes.len() as u64)),
        Stop::HalfWidth { .. } => None,
    };
    let counter = Counter::new(total);
    resume(model, earlier, stop, super::plan::threads(threads), &|done| counter.add(done))
}

fn broken(name: &str, error: &ModelError) -> Failure {
    let problem = Problem::of_file("TW3006", "the plan does not hold", name).got(error.to_string());
    Failure::new(Exit::Violation, problem.help("`tradewind check` lists every violation"))
}

/// Warns of outages that change nothing.
pub fn warn_of_unknown_places(plan: &Plan, world: &World) {
    for place in unknown_places(plan, world) {
        output::warn(&format!(
            "the outage of {place:?} changes nothing: no cloud or region of this plan has that name"
        ));
    }
}

/// Places of outages that the plan's market does not know.
fn unknown_places<'w>(plan: &Plan, world: &'w World) -> Vec<&'w str> {
    let regions = &plan.market.regions;
    let known = |place: &str| {
        place == BUSIEST_REGION || regions.iter().any(|r| r.name.cloud() == place || r.name.to_string() == place)
    };
    world.outages.iter().map(|o| o.place.as_str()).filter(|place| !known(place)).collect()
}
