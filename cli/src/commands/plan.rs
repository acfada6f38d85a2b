//! `tradewind plan`.

mod quote;
mod times;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args};
use tradewind_core::diff::diff;
use tradewind_core::job::Workload;
use tradewind_core::plan::{Plan, Termination};
use tradewind_core::seed::Seed;
use tradewind_core::share::Share;
use tradewind_core::time::Millis;
use tradewind_datasets::queue::Problem;
use tradewind_optimizer::{Request, allocate};

use crate::args::{AsOf, Format, MarketArgs, ReadArgs, positive_duration, share};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::{Inputs, Times, same_file};
use crate::output::{self, Style};
use crate::render;
use crate::stop::Stopper;
use crate::{plan_file, whole_file};

use super::diff::{self as compare, Limit};
use super::progress::Spinner;

/// Plan a queue.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("earlier").args(["output", "diff"]).multiple(true))]
pub struct PlanArgs {
    /// The jobs, in any format of docs/formats.md; - reads standard input.
    pub queue: PathBuf,
    #[command(flatten)]
    pub read: ReadArgs,
    /// Write the plan here: whole, or not at all.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub market: MarketArgs,
    /// Tasks start within this time [default: 48h].
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    pub horizon: Option<Millis>,
    /// Length of a start window [default: 1h].
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    pub window: Option<Millis>,
    /// Most of the deadline-critical work on any one spot pool, e.g. 40% (docs/config.md).
    #[arg(long, value_name = "SHARE")]
    pub concentration: Option<Share>,
    /// Start of the horizon, or `now`; the prices must be young enough for it
    ///
    /// Without it the plan starts when there are both prices and work.
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<AsOf>,
    /// Stop when this gap is proven, e.g. 2%; exit 8 if it is not reached.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub gap: Option<f64>,
    /// Stop after this time with the best plan so far; exit 8
    ///
    /// Such a plan is not reproducible: another machine gets further in the same time.
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    pub time_limit: Option<Millis>,
    /// The one source of chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Threads; the plan is the same at any number [default: all].
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Print what changes against this earlier plan instead of the plan.
    #[arg(long, value_name = "OLD")]
    pub diff: Option<PathBuf>,
    /// Exit 5 if the same tasks cost so much more than in OLD, e.g. +5% or 20.00.
    #[arg(long, value_name = "LIMIT", requires = "diff")]
    pub fail_over: Option<Limit>,
    /// Exit 2 if the new plan decides something else than OLD, or than FILE where it was there.
    #[arg(long, requires = "earlier")]
    pub detailed_exitcode: bool,
    /// An empty queue is fine: exit 0.
    #[arg(long)]
    pub allow_empty: bool,
    #[command(flatten)]
    pub quote: quote::QuoteArgs,
}

/// Plans, writes, prints.
pub fn run(args: Box<PlanArgs>) -> Result<Exit, Failure> {
    quote::expect_alone(&args)?;
    if let Some(path) = &args.output {
        if same_file(path, &args.queue) {
            let got = path.display().to_string();
            return Err(Failure::usage("the plan would overwrite the queue", &got, "name another file"));
        }
        whole_file::expect_writable(path)?;
    }
    let earlier = args.diff.as_deref().map(plan_file::read_sound).transpose()?;
    let times = Times { as_of: args.as_of, horizon: args.horizon, window: args.window };
    let mut inputs = Inputs::read(&args.queue, &args.read, &args.market, times)?;
    inputs.rules.concentration = args.concentration.or(inputs.rules.concentration);
    if inputs.queue.workload.jobs().is_empty() {
        return empty(&args);
    }
    let effort =
        Effort { seed: Seed(args.seed), gap: args.gap, time_limit: args.time_limit, threads: threads(args.threads) };
    if args.quote.quote {
        return quote::run(&args, &inputs, &effort);
    }
    let (plan, signalled) = make(&inputs, &inputs.queue.workload, &effort)?;
    let overwrote_other = args.output.as_deref().map_or(Ok(false), |path| write_over(path, &plan))?;
    let verdict = signalled.unwrap_or_else(|| exit_of(&plan, &effort));
    let differs = match &earlier {
        Some(old) => {
            let changes = diff(old, &plan);
            tell(&inputs.warnings);
            compare::print(&changes, args.format)?;
            // A signal, and a plan without tasks, have a code of their own and no cost to guard.
            if signalled.is_none() && verdict != Exit::NothingPlaced {
                compare::guard(&changes, args.fail_over)?;
            }
            changes.has_changes
        }
        None => {
            print(&plan, &inputs.warnings, args.format)?;
            overwrote_other
        }
    };
    Ok(if verdict == Exit::Done && differs && args.detailed_exitcode { Exit::Differs } else { verdict })
}

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// The one source of chance.
    pub seed: Seed,
    /// Stop when this gap is proven.
    pub gap: Option<f64>,
    /// Stop after this time.
    pub time_limit: Option<Millis>,
    /// Threads.
    pub threads: usize,
}

/// As many threads as wished, or as the machine has.
pub fn threads(wished: Option<NonZeroUsize>) -> usize {
    wished.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

/// Makes the plan of a workload under the inputs' market and rules. The second value is the exit code of the signal that cut it short, if one came.
pub fn make(inputs: &Inputs, workload: &Workload, effort: &Effort) -> Result<(Plan, Option<Exit>), Failure> {
    let limit = effort.time_limit.map(|t| Duration::from_millis(t.get().unsigned_abs()));
    let stopper = Stopper::new(limit);
    let spinner = Spinner::new();
    let plan = allocate(&Request {
        workload,
        market: &inputs.loaded.market,
        rules: &inputs.rules,
        market_hash: inputs.loaded.hash.clone(),
        as_of: inputs.rules.horizon.start,
        seed: effort.seed,
        gap: effort.gap,
        threads: effort.threads,
        assumptions: inputs.assumptions.clone(),
        stop: &|| stopper.poll(),
        progress: &|progress| spinner.tell(&progress),
    })?;
    Ok((plan, stopper.signalled()))
}

/// Writes the plan; whether a plan was there that decides something else.
fn write_over(path: &Path, plan: &Plan) -> Result<bool, Failure> {
    let differs = path.is_file() && plan_file::read(path).map_or(true, |old| diff(&old, plan).has_changes);
    whole_file::write(path, &plan_file::to_bytes(plan))?;
    Ok(differs)
}

fn empty(args: &PlanArgs) -> Result<Exit, Failure> {
    if args.allow_empty {
        output::talk("0 jobs: nothing to plan\n");
        return Ok(Exit::Done);
    }
    Err(no_jobs(&args.queue))
}

/// A queue without a job: `TW1001`.
pub fn no_jobs(queue: &Path) -> Failure {
    let problem = Problem::of_file("TW1001", "the queue is empty", &queue.display().to_string());
    let help = "--allow-empty makes this exit 0";
    Failure::new(Exit::BadInput, problem.got("0 jobs").accepted("at least one job").help(help))
}

/// Prints the plan; warnings stand in the page, or on standard error beside data for programs.
pub fn print(plan: &Plan, warnings: &[String], format: Format) -> Result<(), Failure> {
    if matches!(format, Format::Json | Format::Csv) {
        tell(warnings);
    }
    output::data(&text(plan, warnings, format, output::data_style()))
}

fn tell(warnings: &[String]) {
    warnings.iter().for_each(|w| output::warn(w));
}

/// The plan in a format.
pub fn text(plan: &Plan, warnings: &[String], format: Format, style: Style) -> String {
    match format {
        Format::Json => String::from_utf8_lossy(&plan_file::to_bytes(plan)).into_owned(),
        Format::Csv => render::plan_tables::placements(plan).to_csv(),
        Format::Html => render::html::plan::document(plan, warnings),
        Format::Table | Format::Md => render::people(&render::plan::page(plan, warnings), format, style),
    }
}

/// What the shell is told about a plan.
pub fn exit_of(plan: &Plan, effort: &Effort) -> Exit {
    let s = &plan.summary;
    let gap_missed = effort.gap.is_some_and(|wished| s.gap.is_none_or(|gap| gap > wished));
    if s.placed == 0 && s.tasks > 0 {
        Exit::NothingPlaced
    } else if gap_missed || s.termination == Termination::TimeLimit {
        Exit::LimitMissed
    } else if s.placed < s.placed_upper_bound && s.one_more_fits {
        Exit::Partial
    } else {
        Exit::Done
    }
}
