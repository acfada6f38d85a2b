//! `tradewind demo`: the shipped queue, planned, checked, simulated, first launched by an agent and carried out.

use std::path::{Path, PathBuf};

use clap::Args;
use tradewind_core::check::check;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_datasets::queue;
use tradewind_sim::plan::{Stop, World};

use crate::args::{Format, MarketArgs, ReadArgs};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::{Inputs, Times, load_market, queue_options};
use crate::output;
use crate::render;
use crate::{plan_file, whole_file};

use super::{check as check_command, demo_launches, demo_run, plan, simulate};

/// Made by `cargo run --example demo_queue`.
const QUEUE: &str = include_str!("../../demo/queue.jsonl");
const CONFIG: &str = include_str!("../../demo/tradewind.toml");
/// Replications of its simulation.
const DEMO_TRIALS: u64 = 1000;
const DEFAULT_OUTPUT: &str = "target/demo/night.plan.json";

/// Plan, check, simulate and carry out the queue that ships with Tradewind, through an outage, a storm and a kill.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Write the plan here.
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_OUTPUT)]
    pub output: PathBuf,
    /// Print the demo's queue instead, to start one's own from.
    #[arg(long)]
    pub print_queue: bool,
    /// Print the demo's configuration instead.
    #[arg(long, conflicts_with = "print_queue")]
    pub print_config: bool,
}

/// Where the demo keeps its clouds, runs and troubles: a folder named after the plan, so that nothing else is in it.
fn beside(plan: &Path) -> PathBuf {
    plan.with_extension("demo")
}

/// Plans, prints, checks, prints.
pub fn run(args: DemoArgs) -> Result<Exit, Failure> {
    if args.print_queue {
        return output::data(QUEUE).map(|()| Exit::Done);
    }
    if args.print_config {
        return output::data(CONFIG).map(|()| Exit::Done);
    }
    if let Some(folder) = args.output.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|reason| Failure::unwritable(folder, &reason))?;
    }
    whole_file::expect_writable(&args.output)?;
    let inputs = inputs()?;
    let (made, signalled) = plan::make(&inputs, &inputs.queue.workload, &effort())?;
    whole_file::write(&args.output, &plan_file::to_bytes(&made))?;
    plan::print(&made, &inputs.warnings, Format::Table)?;
    output::data("\n")?;
    // From the file, as anyone else would.
    let read = plan_file::read(&args.output)?;
    let report = check(&read);
    check_command::print(&report, &args.output.display().to_string(), Format::Table)?;
    output::data("\n")?;
    let stop = Stop::Trials(DEMO_TRIALS);
    let simulated = simulate::of_plan(&read, "demo", &World::default(), Seed(0), stop, None)?;
    output::data(&render::people(&render::simulate::page(&simulated), Format::Table, output::data_style()))?;
    output::data("\n")?;
    demo_launches::launch_first(&beside(&args.output).join("clouds"), &read.allocations)?;
    output::data("\n")?;
    let carried = demo_run::carry_out_in_trouble(&args.output, &beside(&args.output), &read)?;
    let path = args.output.display();
    output::talk(&format!("As a page for a browser: tradewind show {path} --format html -o night.html\n"));
    Ok(match signalled {
        Some(signal) => signal,
        None if report.is_clean() => carried,
        None => Exit::Violation,
    })
}

/// The plan of the shipped queue, without a file. The second value is the exit code of the signal that cut it short, if
/// one came.
pub fn planned() -> Result<(Plan, Option<Exit>), Failure> {
    let inputs = inputs()?;
    plan::make(&inputs, &inputs.queue.workload, &effort())
}

/// As many threads as there are, no limit but of work.
fn effort() -> plan::Effort {
    plan::Effort { seed: Seed(0), gap: None, time_limit: None, threads: plan::threads(None) }
}

fn inputs() -> Result<Inputs, Failure> {
    let config = Config::parse("demo/tradewind.toml", CONFIG, Path::new(""))?;
    let format = queue::Format::JsonLines;
    let queue =
        queue::read("demo/queue.jsonl", QUEUE.as_bytes(), format, &queue_options(&config, &ReadArgs::default()))?;
    let loaded = load_market(&MarketArgs::default(), &config)?;
    Inputs::join(queue, loaded, &config, Times::default())
}
