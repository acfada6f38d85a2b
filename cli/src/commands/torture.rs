//! `tradewind torture`.

use std::path::PathBuf;

use clap::Args;
use tradewind_core::seed::Seed;
use tradewind_scheduler::torture::run_round;

use super::progress::Counter;
use super::simulate::expect_to_hold;
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::render::torture::Table;
use crate::{output, plan_file};

/// Run a plan in simulation while the scheduler is killed and the clouds fail, by seed, and look at every promise.
#[derive(Debug, Clone, Args)]
pub struct TortureArgs {
    /// The plan: small ones are looked at more often.
    pub plan: PathBuf,
    /// Rounds.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed_start: u64,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// Tortures, and prints what was found; exit 5 where a promise was broken.
pub fn run(args: &TortureArgs) -> Result<Exit, Failure> {
    let plan = plan_file::read_sound(&args.plan)?;
    let name = args.plan.display().to_string();
    expect_to_hold(&plan, &name)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::usage("torture cannot start", &e.to_string(), "try again"))?;
    let (counter, mut table) = (Counter::new(Some(args.seeds)), Table::new(&name));
    for seed in (args.seed_start..).take(args.seeds as usize) {
        table.add(seed, &runtime.block_on(run_round(&plan, Seed(seed), None)));
        counter.add(1);
    }
    drop(counter);
    output::data(&match args.format {
        Format::Json => render::json(&table),
        Format::Csv => table.promises().to_csv(),
        format => render::people(&table.page(), format, output::data_style()),
    })?;
    Ok(if table.holds() { Exit::Done } else { Exit::Violation })
}
