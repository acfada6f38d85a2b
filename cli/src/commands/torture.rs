//! `tradewind torture`.

use std::path::PathBuf;

use clap::Args;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_scheduler::torture::{Bug, Matrix, run_round};
use tradewind_sim::plan::ModelError;

use super::demo;
use super::progress::Counter;
use super::simulate::expect_to_hold;
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::render::bugs::Planted;
use crate::render::grid::Grid;
use crate::render::report::Page;
use crate::render::torture::Table;
use crate::{output, plan_file};

/// Run a plan in simulation while the scheduler is killed and the clouds fail, by seed, and look at every promise.
#[derive(Debug, Clone, Args)]
pub struct TortureArgs {
    /// The plan: small ones are looked at more often; none is the demo's.
    pub plan: Option<PathBuf>,
    /// Rounds.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed_start: u64,
    /// Kill at every place, on every tool's call, to every cloud, instead of anywhere by chance: so many seeds a
    /// cell, at most 1,000.
    #[arg(long, conflicts_with = "bugs")]
    pub matrix: bool,
    /// Plant known bugs, one after the other, and tell which seed and which promise found each.
    #[arg(long)]
    pub bugs: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// Most seeds a cell of the matrix.
const MOST_A_CELL: u64 = 1_000;

/// Tortures, and prints what was found; exit 5 where a promise was broken.
pub fn run(args: &TortureArgs) -> Result<Exit, Failure> {
    let plan = match &args.plan {
        Some(path) => plan_file::read_sound(path)?,
        None => match demo::planned()? {
            (_, Some(signal)) => return Ok(signal),
            (plan, None) => plan,
        },
    };
    expect_to_hold(&plan, &args.name())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::usage("torture cannot start", &e.to_string(), "try again"))?;
    if args.matrix {
        runtime.block_on(kill_matrix(args, &plan))
    } else if args.bugs {
        runtime.block_on(plant(args, &plan))
    } else {
        runtime.block_on(rounds(args, &plan))
    }
}

impl TortureArgs {
    /// What the plan is called.
    fn name(&self) -> String {
        self.plan.as_ref().map_or_else(|| "the demo's plan".to_owned(), |path| path.display().to_string())
    }

    fn all_seeds(&self, most: u64) -> impl Iterator<Item = u64> + use<> {
        (self.seed_start..).take(self.seeds.min(most) as usize)
    }

    fn print(&self, json: impl FnOnce() -> String, csv: Grid, page: &Page) -> Result<(), Failure> {
        output::data(&match self.format {
            Format::Json => json(),
            Format::Csv => csv.to_csv(),
            format => render::people(page, format, output::data_style()),
        })
    }
}

/// Anything, anywhere, by chance.
async fn rounds(args: &TortureArgs, plan: &Plan) -> Result<Exit, Failure> {
    let (counter, mut table) = (Counter::new(Some(args.seeds)), Table::new(args.plan.as_deref()));
    for seed in args.all_seeds(u64::MAX) {
        table.add(seed, &run_round(plan, Seed(seed), None).await);
        counter.add(1);
    }
    drop(counter);
    args.print(|| render::json(&table), table.promises(), &table.page())?;
    Ok(if table.holds() { Exit::Done } else { Exit::Violation })
}

/// Every cell of the kill matrix.
async fn kill_matrix(args: &TortureArgs, plan: &Plan) -> Result<Exit, Failure> {
    let failed = |e: ModelError| Failure::usage("torture cannot start", &e.to_string(), "plan it again");
    let seeds = args.all_seeds(MOST_A_CELL);
    let (counter, mut matrix) = (Counter::new(Some(args.seeds.min(MOST_A_CELL))), Matrix::new(plan).map_err(failed)?);
    for seed in seeds {
        matrix.play(plan, Seed(seed)).await.map_err(failed)?;
        counter.add(1);
    }
    drop(counter);
    let json = || render::json(&render::matrix::rows(&matrix));
    args.print(json, render::matrix::grid(&matrix), &render::matrix::page(&matrix, &args.name()))?;
    Ok(if matrix.tally.broken.is_empty() { Exit::Done } else { Exit::Violation })
}

/// Every planted bug, until a round finds it; exit 5 where none does.
async fn plant(args: &TortureArgs, plan: &Plan) -> Result<Exit, Failure> {
    let (counter, mut all) = (Counter::new(Some(Bug::ALL.len() as u64)), Vec::new());
    for &bug in Bug::ALL {
        let mut planted = Planted { bug, seed: None, promise: None, what: None };
        for seed in args.all_seeds(u64::MAX) {
            let broken = run_round(plan, Seed(seed), Some(bug)).await.tally.broken;
            if let Some((promise, what)) = broken.into_iter().next() {
                planted = Planted { bug, seed: Some(seed), promise: Some(promise), what: Some(what) };
                break;
            }
        }
        all.push(planted);
        counter.add(1);
    }
    drop(counter);
    args.print(|| render::json(&all), render::bugs::grid(&all), &render::bugs::page(&all, args.seeds))?;
    Ok(if all.iter().all(|p| p.seed.is_some()) { Exit::Done } else { Exit::Violation })
}
