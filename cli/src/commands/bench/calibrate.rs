//! `tradewind bench calibrate`.

use std::path::PathBuf;

use clap::Args;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_datasets::queue::Problem;
use tradewind_datasets::spot_bench::{self, SpotBench};
use tradewind_sim::calibrate::{Calibration, Planner, Scarcity, Size, Truth, calibrate};
use tradewind_sim::plan::When;

use crate::args::Format;
use crate::commands::progress::Counter;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::plan_file;
use crate::render::{self, calibration};

/// Issue intervals for a plan's cost, draw the truth from other processes, and see how often it lies inside.
#[derive(Debug, Clone, Args)]
pub struct CalibrateArgs {
    /// The plan.
    pub plan: PathBuf,
    /// Worlds of the truth, each with a part of the plan.
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(20..=1_000_000))]
    pub scenarios: u64,
    /// Worlds behind each interval.
    #[arg(long, value_name = "N", default_value_t = 999, value_parser = clap::value_parser!(u64).range(39..=1_000_000))]
    pub sample: u64,
    /// Of all draws.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Calibrates and prints.
pub fn run(args: &CalibrateArgs) -> Result<Exit, Failure> {
    let plan = plan_file::read_sound(&args.plan)?;
    let size = Size { scenarios: args.scenarios, sample: args.sample };
    print(&held(&plan, &args.plan.display().to_string(), Seed(args.seed), size)?, args)
}

/// How a plan's intervals hold, with the embedded traces: the planner's are of H100 zones, the truth's of others.
///
/// # Errors
/// `TW3006`, exit 5, where the plan does not hold together.
pub fn held(plan: &Plan, name: &str, seed: Seed, size: Size) -> Result<Calibration, Failure> {
    let bench = spot_bench::embedded()?;
    let planner = Planner::new(plan, &zones(&bench, "h100"));
    let no_traces = || Failure::new(Exit::BadInput, Problem::of_file("TW3006", "there are no spot traces", "embedded"));
    let truth = Truth::new(truth_traces(&bench)).ok_or_else(no_traces)?;
    let counter = Counter::new(Some(size.scenarios + 2 * size.sample));
    calibrate(plan, &planner, &truth, seed, size, &|done| counter.add(done)).map_err(|e| {
        let problem = Problem::of_file("TW3006", "the plan does not hold", name);
        Failure::new(Exit::Violation, problem.got(e.to_string()).help("`tradewind check` lists every violation"))
    })
}

fn print(found: &Calibration, args: &CalibrateArgs) -> Result<Exit, Failure> {
    let report = calibration::Report::new(found.clone(), args.seed);
    output::data(&match args.format {
        Format::Json => render::json(&report),
        Format::Csv => calibration::table(found).to_csv(),
        format => render::people(&report.page(), format, output::data_style()),
    })?;
    Ok(Exit::Done)
}

/// What the truth replays: the V100 zones, and every tenth window of "Can't Be Late", as often the one as the other. The
/// H100 zones are left to the planner's prior.
fn truth_traces(bench: &SpotBench) -> Vec<When> {
    const WINDOW_TICK_SECONDS: f64 = 600.0;
    let mut keys: Vec<_> = bench.windows.keys().collect();
    keys.sort_unstable();
    let windows = keys.iter().step_by(10).map(|key| trace(&bench.windows[*key], WINDOW_TICK_SECONDS));
    let windows: Vec<When> = windows.filter(is_there).collect();
    let zones: Vec<When> = zones(bench, "v100").into_iter().filter(is_there).collect();
    let as_often = zones.iter().cycle().take(if zones.is_empty() { 0 } else { windows.len() }).cloned();
    as_often.chain(windows.iter().cloned()).collect()
}

/// The zones of a benchmark in order of their names.
fn zones(bench: &SpotBench, name: &str) -> Vec<When> {
    let mut keys: Vec<_> = bench.zones.keys().filter(|(bench, _)| bench == name).collect();
    keys.sort_unstable();
    keys.iter().map(|key| trace(&bench.zones[*key].available, bench.zones[*key].tick_seconds)).collect()
}

/// Whether there was capacity in a tenth of the time at least: in less, a plan on spot is not carried out at all.
fn is_there(when: &When) -> bool {
    Scarcity::of(when).is_some_and(|s| s.tight <= 0.9)
}

/// Ticks with and without capacity as tight spells, which a world enters anywhere.
fn trace(available: &[bool], tick_seconds: f64) -> When {
    let hours = |tick: usize| tick as f64 * tick_seconds / 3600.0;
    let mut tight: Vec<[f64; 2]> = Vec::new();
    let mut at = 0;
    for run in available.chunk_by(|a, b| a == b) {
        if !run[0] {
            tight.push([hours(at), hours(at + run.len())]);
        }
        at += run.len();
    }
    When::Trace { hours: hours(available.len()), tight, shift: true }
}
