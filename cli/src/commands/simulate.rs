//! `tradewind simulate`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use tradewind_core::check::check;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_datasets::queue::Problem;
use tradewind_sim::plan::{Model, ModelError, Report, Stop, World, simulate, timeline};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::plan_file;
use crate::render;
use crate::whole_file;

/// Replications where nothing else is said.
pub const TRIALS: u64 = 1000;
/// No simulation has more.
pub const MOST_TRIALS: u64 = 10_000_000;
/// Largest scenario file that is read.
const MAX_SCENARIO: u64 = 1 << 20;

/// Simulate a plan many times: what it costs, which deadlines it misses, where its own figures lie in that.
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// The plan.
    pub plan: PathBuf,
    /// Replications [default: 1000].
    #[arg(long, value_name = "N", conflicts_with = "until_ci", value_parser = clap::value_parser!(u64).range(1..=MOST_TRIALS))]
    pub trials: Option<u64>,
    /// Until the 95 % interval of the mean cost is so narrow to either side, e.g. `1%`.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub until_ci: Option<f64>,
    /// A world that differs from the plan's figures (docs/schema/scenario.schema.json).
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Write the first replication as a timeline for Perfetto or Chrome (trace event format).
    #[arg(long, value_name = "OUT.json")]
    pub trace: Option<PathBuf>,
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
fn share(text: &str) -> Result<f64, String> {
    let share = text.strip_suffix('%').and_then(|n| n.trim().parse::<f64>().ok()).map(|p| p / 100.0);
    share.filter(|s| (1e-6..=1.0).contains(s)).ok_or_else(|| "not a share such as 1%, from 0.0001% to 100%".to_owned())
}

/// Simulates and prints.
pub fn run(args: &SimulateArgs) -> Result<Exit, Failure> {
    let plan = plan_file::read_sound(&args.plan)?;
    let world = args.scenario.as_deref().map(scenario).transpose()?.unwrap_or_default();
    warn_of_unknown_places(&plan, &world);
    let report = report(&plan, &args.plan, &world, args)?;
    if let Some(path) = &args.trace {
        let model = model(&plan, &args.plan.display().to_string(), &world)?;
        let spans = timeline(&model, Seed(args.seed), 0);
        whole_file::write(path, render::trace::json(&plan, &model, &spans).as_bytes())?;
    }
    output::data(&match args.format {
        Format::Json => render::json(&report),
        Format::Csv => render::simulate::csv(&report),
        Format::Table | Format::Md | Format::Html => {
            render::people(&render::simulate::page(&report), args.format, output::data_style())
        }
    })?;
    Ok(Exit::Done)
}

fn report(plan: &Plan, path: &Path, world: &World, args: &SimulateArgs) -> Result<Report, Failure> {
    let stop = match args.until_ci {
        Some(share) => Stop::HalfWidth { share, most: MOST_TRIALS },
        None => Stop::Trials(args.trials.unwrap_or(TRIALS)),
    };
    of_plan(plan, &path.display().to_string(), world, Seed(args.seed), stop, args.threads)
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
    expect_to_hold(plan, name)?;
    let model = model(plan, name, world)?;
    let simulated = simulate(&model, seed, stop, super::plan::threads(threads), &|_| ());
    Ok(Report::new(plan, &simulated))
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

/// A plan in a world, ready to be simulated.
///
/// # Errors
/// `TW3006`, exit 5, where the plan does not hold together.
pub fn model(plan: &Plan, name: &str, world: &World) -> Result<Model, Failure> {
    Model::new(plan, world).map_err(|error: ModelError| {
        let problem = Problem::of_file("TW3006", "the plan does not hold", name).got(error.to_string());
        Failure::new(Exit::Violation, problem.help("`tradewind check` lists every violation"))
    })
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
    let known = |place: &str| regions.iter().any(|r| r.name.cloud() == place || r.name.to_string() == place);
    world.outages.iter().map(|o| o.place.as_str()).filter(|place| !known(place)).collect()
}

/// Reads a scenario: `TW4010` where it makes no sense.
pub fn scenario(path: &Path) -> Result<World, Failure> {
    let name = path.display().to_string();
    let unreadable = |e: &std::io::Error| Failure::new(Exit::BadInput, Problem::unreadable(&name, e));
    let size = std::fs::metadata(path).map_err(|e| unreadable(&e))?.len();
    if size > MAX_SCENARIO {
        return Err(unreadable(&std::io::Error::other("it is larger than 1 MiB")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(&e))?;
    let bad = || Problem::of_file("TW4010", "the scenario makes no sense", &name);
    let world: World = serde_json::from_str(&text).map_err(|e| {
        let told = e.to_string();
        let what = told.rsplit_once(" at line ").map_or(told.as_str(), |(what, _)| what).to_owned();
        let problem = bad().line(e.line() as u64).column(e.column() as u64).got(what);
        Failure::new(Exit::BadInput, problem.help("docs/schema/scenario.schema.json says what may stand there"))
    })?;
    match world.problem() {
        None => Ok(world),
        Some((field, what)) => Err(Failure::new(Exit::BadInput, bad().at(format!("/{field}")).got(what))),
    }
}
