//! What can be typed. Each command's own arguments stand in its file.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tradewind_core::time::Time;
use tradewind_datasets::queue;

use crate::commands::{
    apply, audit, bench, check, config, demo, diff, explain, gc, mcp, offers, plan, prices, queue as queue_command,
    reevaluate, run, runs, show, simulate, torture, whatif,
};

/// Plans batch and ML jobs across AWS, Azure and GCP at least cost.
///
/// On demand and spot, with deadlines, data, quotas, budgets and residency, and with
/// a proven bound on what was missed. Works without credentials and without a
/// network: real prices of 2024-03-31 are inside.
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
#[command(name = "tradewind", version, propagate_version = true)]
#[command(after_help = "Exit codes: 0 done, 1 defect, 2 differs, 3 nothing placed, 4 bad input, 5 violation,\n\
                        6 stale, 7 partial, 8 own limit missed, 64 usage, 75 try again, 130 and 143 signals.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Plan a queue: what runs where, when, on what; its cost, the proven bound, and why.
    Plan(Box<plan::PlanArgs>),
    /// Re-prove a plan: every constraint, every cost line, the bound.
    Check(check::CheckArgs),
    /// Say why: choices, what lost, what is not placed, what each rule costs, every dollar.
    Explain(Box<explain::ExplainArgs>),
    /// Show a plan file, as text or as a page.
    Show(show::ShowArgs),
    /// Simulate a plan: what it costs and which deadlines it misses, with intervals.
    Simulate(simulate::SimulateArgs),
    /// What if: each change beside the base on common random numbers, as tables or a page.
    #[command(name = "whatif")]
    WhatIf(Box<whatif::WhatIfArgs>),
    /// The nightly: a queue again at tonight's prices, what moves, what last night was worth.
    Reevaluate(Box<reevaluate::ReevaluateArgs>),
    /// Carry a plan out on simulated clouds in virtual time; the same command resumes it.
    Apply(apply::ApplyArgs),
    /// Watch a folder: jobs that arrive are acknowledged, planned with what runs, carried out.
    Run(Box<run::RunArgs>),
    /// List the runs: how far they are, what they cost.
    Runs(runs::RunsArgs),
    /// Tell a run again from its journal, step by step.
    Replay(runs::ReplayArgs),
    /// End a run before its time: nothing of it is left.
    Cancel(runs::CancelArgs),
    /// What we own on the clouds, why, until when; and the end of what nobody needs.
    Gc(Box<gc::GcArgs>),
    /// Kill, throttle and starve runs of a plan, by seed, and hold them to what is promised.
    Torture(torture::TortureArgs),
    /// Compare two plan files: what is launched, moved, released, and for how much.
    Diff(diff::DiffArgs),
    /// List what can be bought.
    Offers(Box<offers::OffersArgs>),
    /// The price snapshot: where it is from, how old it is, what was not believed.
    Prices(prices::PricesArgs),
    /// The settings in force, and where each was said.
    Config(config::ConfigArgs),
    /// Look into a queue of any format, rewrite it, or make one of any size.
    Queue(Box<queue_command::QueueArgs>),
    /// Serve a cloud to agents by the Model Context Protocol, or call its tools.
    Mcp(Box<mcp::McpArgs>),
    /// Hold an audit log against its own chain of hashes.
    Audit(audit::AuditArgs),
    /// Hold the simulator and the spot policies against what is known.
    Bench(bench::BenchArgs),
    /// Plan, check, simulate and carry out the queue that ships with Tradewind.
    Demo(demo::DemoArgs),
}

impl Command {
    /// Whether errors should be written for programs too.
    pub fn wants_json(&self) -> bool {
        let format = match self {
            Self::Plan(args) => args.format,
            Self::Check(args) => args.format,
            Self::Explain(args) => args.format,
            Self::Show(args) => args.format,
            Self::Simulate(args) => args.format,
            Self::WhatIf(args) => args.format,
            Self::Reevaluate(args) => args.format,
            Self::Diff(args) => args.format,
            Self::Offers(args) => args.format,
            Self::Prices(args) => args.format(),
            Self::Queue(args) => args.format(),
            Self::Config(args) => args.format(),
            Self::Bench(args) => args.format(),
            Self::Mcp(args) => args.format(),
            Self::Apply(args) => args.format,
            Self::Run(args) => args.format,
            Self::Runs(args) => args.format,
            Self::Cancel(args) => args.format,
            Self::Gc(args) => args.format,
            Self::Torture(args) => args.format,
            Self::Replay(_) | Self::Audit(_) | Self::Demo(_) => Format::Table,
        };
        format == Format::Json
    }
}

/// How data is written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people, 100 columns.
    #[default]
    Table,
    /// For programs.
    Json,
    /// For pull requests and chats.
    Md,
    /// For spreadsheets.
    Csv,
    /// One self-contained page for a browser.
    Html,
}

/// Which market, with which limits.
#[derive(Debug, Clone, Default, Args)]
pub struct MarketArgs {
    /// A folder with your own tables: offers.csv[.gz] at least; the rest falls back to ours.
    #[arg(long, value_name = "DIR")]
    pub market: Option<PathBuf>,
    /// The embedded snapshot: 2024 (on-demand and spot, three clouds) or 2026 (on-demand only).
    #[arg(long, value_name = "YEAR", conflicts_with = "market")]
    pub snapshot: Option<SnapshotYear>,
    /// A table of your account's limits, or `none`. Without it: the embedded mid-size account
    ///
    /// `scaled:F` is the embedded account, scaled to the queue (docs/config.md).
    ///
    /// Each task at its cheapest place at its earliest start, F/2 lies within the limits:
    ///
    /// at scaled:1.33 all but a third, at scaled:2 everything.
    #[arg(long, value_name = "FILE|none|scaled:F")]
    pub quotas: Option<PathBuf>,
    /// Budgets, contracts, policies, settings: tradewind.toml (see docs/config.md).
    #[arg(long, value_name = "FILE", env = "TRADEWIND_CONFIG")]
    pub config: Option<PathBuf>,
}

/// How a queue is read.
#[derive(Debug, Clone, Default, Args)]
pub struct ReadArgs {
    /// The queue's format, where name and content do not tell it (docs/formats.md)
    ///
    /// jsonl, csv, parquet, swf, slurm, sacct, hpc-simulator, aws-batch, gcp-batch.
    ///
    /// kubernetes, skypilot.
    #[arg(long, value_name = "FORMAT")]
    pub from: Option<queue::Format>,
    /// A field for the jobs that lack it, e.g. runtime=2h; repeat it for more
    ///
    /// What a job says itself is never overridden.
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<queue::Setting>,
    /// Where the clock of times without an offset stands: Z, +01:00.
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
    pub utc_offset: Option<queue::Offset>,
}

/// An embedded snapshot by its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SnapshotYear {
    /// 2024-03-31.
    #[value(name = "2024")]
    Y2024,
    /// 2026-07-20.
    #[value(name = "2026")]
    Y2026,
}

/// The instant a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// The machine's clock.
    Now,
    /// As given.
    At(Time),
}

impl FromStr for AsOf {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "now" => Ok(Self::Now),
            other => other.parse().map(Self::At).map_err(|e| e.to_string()),
        }
    }
}

/// A share as `0.05` or `5%`.
pub fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = text.strip_suffix('%').map_or((text, 1.0), |n| (n, 100.0));
    match number.trim().parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value / scale),
        _ => Err("write a share of at least 0, e.g. 0.05 or 5%".to_owned()),
    }
}

/// A duration above zero.
pub fn positive_duration(text: &str) -> Result<tradewind_core::time::Millis, String> {
    let duration: tradewind_core::time::Millis = text.parse().map_err(|e| format!("{e}"))?;
    if duration.get() > 0 { Ok(duration) } else { Err("write a duration above zero".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn shares() {
        assert_eq!(share("5%"), Ok(0.05));
        assert_eq!(share("0.05"), Ok(0.05));
        for text in ["", "%", "-1", "NaN", "inf", "x"] {
            assert!(share(text).is_err(), "{text:?}");
        }
    }
}
