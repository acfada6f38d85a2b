//! `tradewind bench spot`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rayon::prelude::*;
use tradewind_datasets::DataError;
use tradewind_datasets::spot_bench::{self, Golden, OneZoneRow, SpotBench, ZonesRow};

use super::runs::{OneZoneRun, ZonesRun};
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render::{self, bench_spot};
use bench_spot::{OursRun, PolicyRun, Report};

/// Replays the public spot benchmarks.
#[derive(Debug, Clone, Args)]
pub struct SpotArgs {
    /// A table of published runs, with the columns of golden_spot_deadline.csv or golden_spot_nsdi24.csv
    #[arg(long, value_name = "FILE")]
    pub golden: Option<PathBuf>,
    /// The folder of its traces and prices; without it the ones that ship with Tradewind.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Run only the published policies, or only ours.
    #[arg(long, value_name = "WHOSE")]
    pub only: Option<Whose>,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Whose policies are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Whose {
    /// Those of the tables.
    Published,
    /// Tradewind's.
    Ours,
}

/// Reads, runs, prints.
pub fn run(args: &SpotArgs) -> Result<Exit, Failure> {
    let bench = args.data.as_deref().map_or_else(spot_bench::embedded, spot_bench::read_folder)?;
    let tables = match &args.golden {
        Some(path) => vec![spot_bench::read_golden(path)?],
        None => spot_bench::embedded_golden()?.into(),
    };
    let (mut policies, mut ours) = (Vec::new(), Vec::new());
    for table in &tables {
        if args.only != Some(Whose::Ours) {
            policies.extend(run_published(&bench, table)?);
        }
        if args.only != Some(Whose::Published) {
            ours.extend(run_ours(&bench, table)?);
        }
    }
    let report = Report::of(&policies, &ours);
    output::data(&match args.format {
        Format::Json => render::json(&report),
        Format::Csv => report.csv(),
        Format::Table | Format::Md | Format::Html => render::people(&report.page(), args.format, output::data_style()),
    })?;
    Ok(Exit::Done)
}

fn run_published(bench: &SpotBench, table: &Golden) -> Result<Vec<PolicyRun>, DataError> {
    match table {
        Golden::Zones(rows) => rows.par_iter().map(|row| published_zones(bench, row)).collect(),
        Golden::OneZone(rows) => rows.par_iter().map(|row| published_one(bench, row)).collect(),
    }
}

fn run_ours(bench: &SpotBench, table: &Golden) -> Result<Vec<OursRun>, DataError> {
    match table {
        Golden::Zones(rows) => distinct(rows, same_zones_run).par_iter().map(|row| ours_zones(bench, row)).collect(),
        Golden::OneZone(rows) => distinct(rows, same_one_run).par_iter().map(|row| ours_one(bench, row)).collect(),
    }
}

/// The first row of each run, whatever its policy.
fn distinct<T>(rows: &[T], same: impl Fn(&T) -> String) -> Vec<&T> {
    let mut seen = std::collections::HashSet::new();
    rows.iter().filter(|row| seen.insert(same(row))).collect()
}

fn same_zones_run(row: &ZonesRow) -> String {
    let ZonesRow { sweep, bench, zones, window, start_tick, task_hours, deadline_hours, .. } = row;
    let ZonesRow { restart_hours, checkpoint_gb, .. } = row;
    format!(
        "{sweep}|{bench}|{zones:?}|{window}|{start_tick}|{task_hours}|{deadline_hours}|{restart_hours}|{checkpoint_gb}"
    )
}

fn same_one_run(row: &OneZoneRow) -> String {
    let OneZoneRow { trace, window, task_hours, deadline_hours, restart_hours, .. } = row;
    format!("{trace}|{window}|{task_hours}|{deadline_hours}|{restart_hours}")
}

fn published_zones(bench: &SpotBench, row: &ZonesRow) -> Result<PolicyRun, DataError> {
    let outcome = ZonesRun::of(bench, row)?.published(row)?;
    let moved = row.migrations.is_some_and(|n| n != outcome.migrations);
    Ok(PolicyRun {
        benchmark: row.bench.clone(),
        policy: row.policy.clone(),
        difference: (outcome.cost - row.cost).abs().max((outcome.cost_all_ticks - row.cost_all_ticks).abs()),
        otherwise_equal: outcome.finish_tick == row.finish_tick && !moved,
    })
}

fn ours_zones(bench: &SpotBench, row: &ZonesRow) -> Result<OursRun, DataError> {
    let run = ZonesRun::of(bench, row)?;
    let (ours, optimal) = (run.ours(), run.optimal());
    Ok(OursRun {
        benchmark: row.bench.clone(),
        point: format!("R/C {}", row.ratio),
        window: format!("{} (tick {})", row.window, row.start_tick),
        cost: ours.cost,
        optimal: optimal.cost,
        missed: run.is_feasible() && !ours.met_deadline,
    })
}

fn published_one(bench: &SpotBench, row: &OneZoneRow) -> Result<PolicyRun, DataError> {
    let outcome = OneZoneRun::of(bench, row)?.published(row)?;
    Ok(PolicyRun {
        benchmark: "one zone".to_owned(),
        policy: row.policy.clone(),
        difference: (outcome.cost - row.cost).abs(),
        otherwise_equal: outcome.met_deadline == row.met_deadline,
    })
}

fn ours_one(bench: &SpotBench, row: &OneZoneRow) -> Result<OursRun, DataError> {
    let run = OneZoneRun::of(bench, row)?;
    let (ours, optimal) = (run.ours(), run.optimal());
    Ok(OursRun {
        benchmark: "one zone".to_owned(),
        point: format!("deadline {} h", row.deadline_hours),
        window: format!("{} {}", row.trace, row.window),
        cost: ours.cost,
        optimal: optimal.cost,
        missed: optimal.met_deadline && !ours.met_deadline,
    })
}
