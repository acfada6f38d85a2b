//! `tradewind bench validate`.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tradewind_core::seed::Seed;
use tradewind_sim::calibrate::Size;
use tradewind_sim::validate::{Row, checks};

use super::calibrate::held;
use crate::args::{Format, share};
use crate::commands::demo;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::plan_file;
use crate::render::{self, calibration, validation};

/// Run models with a known answer on the event engine, hold a plan's intervals against the truth, and compare.
#[derive(Debug, Clone, Args)]
pub struct ValidateArgs {
    /// The plan whose intervals are held against the truth; none is the demo's.
    pub plan: Option<PathBuf>,
    /// Worlds of the truth that they are held against.
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(20..=1_000_000))]
    pub scenarios: u64,
    /// Worlds behind each of them.
    #[arg(long, value_name = "N", default_value_t = 999, value_parser = clap::value_parser!(u64).range(39..=1_000_000))]
    pub sample: u64,
    /// Replicate until each 99 % half-width is at most this share of its mean.
    #[arg(long, value_name = "SHARE", default_value = "0.5%", value_parser = half_width)]
    pub until_ci: f64,
    /// Of all draws.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// A share that some replications reach: from 0.05 % to 5 %.
fn half_width(text: &str) -> Result<f64, String> {
    let share = share(text)?;
    if (0.0005..=0.05).contains(&share) { Ok(share) } else { Err("write a share from 0.05% to 5%".to_owned()) }
}

/// Runs all checks and prints them.
pub fn run(args: &ValidateArgs) -> Result<Exit, Failure> {
    let (plan, name) = match &args.plan {
        Some(path) => (plan_file::read_sound(path)?, path.display().to_string()),
        None => match demo::planned()? {
            (_, Some(signal)) => return Ok(signal),
            (plan, None) => (plan, "demo".to_owned()),
        },
    };
    let seed = args.seed;
    let size = Size { scenarios: args.scenarios, sample: args.sample };
    let intervals = held(&plan, &name, Seed(seed), size)?;
    let rows = rows(Seed(seed), args.until_ci);
    let report = validation::Report::new(rows, calibration::Report::new(intervals, seed), seed, args.until_ci);
    output::data(&match args.format {
        Format::Json => render::json(&report),
        Format::Csv => validation::table(&report.rows).to_csv(),
        format => render::people(&report.page(), format, output::data_style()),
    })?;
    Ok(if !report.all_inside || !report.intervals_hold {
        Exit::Violation
    } else if report.rows.iter().any(|r| !r.sharp) {
        Exit::LimitMissed
    } else {
        Exit::Done
    })
}

/// What came out of each check; a bar tells how far it is, where somebody watches.
fn rows(seed: Seed, half_width: f64) -> Vec<Row> {
    let checks = checks();
    let bar = ProgressBar::new(checks.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    let run = |check: &tradewind_sim::validate::Check| {
        bar.set_message(check.name);
        let row = check.run(seed, half_width);
        bar.inc(1);
        row
    };
    let rows = checks.iter().map(run).collect();
    bar.finish_and_clear();
    rows
}
