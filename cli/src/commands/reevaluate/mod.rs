//! `tradewind reevaluate`: the nightly.

mod assemble;
mod backtest;
mod history;
mod leaks;
mod nights;
mod state;
mod subject;
mod tonight;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use tradewind_core::clock::Clock;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::share::Share;
use tradewind_core::time::Millis;
use tradewind_scheduler::nightly::churn::Rule;
use tradewind_scheduler::nightly::verdict::Verdict;

use crate::args::{AsOf, Format, MarketArgs, ReadArgs, positive_duration};
use crate::clock::SystemClock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::same_file;
use crate::output::{self, Style};
use crate::render;
use crate::render::reevaluate::{metrics, page, report::Report};
use crate::{plan_file, whole_file};

use super::mcp::Root;
use state::State;

/// Look at a queue again at tonight's prices: what moves, what last night was worth
///
/// The answer and the plan are kept in the state folder; asked again for the same night, queue and prices, it answers
/// the same and does nothing new. Exit 0 nothing to do, 2 changes, 6 stale prices, 7 partial, 75 another one is at it.
#[derive(Debug, Clone, Args)]
pub struct ReevaluateArgs {
    /// The queue as it waits tonight, or a plan, for its queue.
    #[arg(value_name = "QUEUE|PLAN")]
    pub input: PathBuf,
    /// The plan of last night [default: the newest in the state folder].
    #[arg(long, value_name = "PLAN")]
    pub last: Option<PathBuf>,
    /// The night: a date, an instant, or `now` [default: that of the newest prices]
    ///
    /// Without --market the prices are the embedded ones of that day, 2024-01-09 to 2024-03-31.
    #[arg(long, value_name = "DATE|INSTANT|now", value_parser = night)]
    pub as_of: Option<AsOf>,
    /// Where nights are kept [default: nightly in the folder of the simulated clouds].
    #[arg(long, value_name = "DIR", env = "TRADEWIND_STATE")]
    pub state: Option<PathBuf>,
    #[command(flatten)]
    pub clouds: Root,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub market: MarketArgs,
    /// Tasks start within this time [default: 48h].
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    pub horizon: Option<Millis>,
    /// Length of a start window [default: 1h].
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    pub window: Option<Millis>,
    /// Charged for each task that moves, in dollars: a move has to save more.
    #[arg(long, value_name = "USD", default_value = "0.01")]
    pub change_cost: Usd,
    /// Charged besides: this share of what the moved work costs where it is; 0% is nothing.
    #[arg(long, value_name = "SHARE", default_value = "2.5%", value_parser = margin)]
    pub margin: Margin,
    /// Move nothing, whatever it would save.
    #[arg(long)]
    pub hold: bool,
    /// Stop each search after this time with the best plan so far.
    #[arg(long, value_name = "TIME", value_parser = positive_duration)]
    pub time_limit: Option<Millis>,
    /// Threads; the plan is the same at any number [default: all].
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Write the digest here instead of standard output: whole, or not at all.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write tonight's plan here too.
    #[arg(long, value_name = "FILE")]
    pub plan_output: Option<PathBuf>,
    /// Write the heartbeat here, for Prometheus's node exporter: only where the night succeeds.
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// A share, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Margin(Option<Share>);

fn margin(text: &str) -> Result<Margin, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(0.0) if text.ends_with('%') => Ok(Margin(None)),
        _ => text.parse().map(|share| Margin(Some(share))).map_err(|e| format!("{e}; or 0%")),
    }
}

/// A date is its midnight, UTC.
fn night(text: &str) -> Result<AsOf, String> {
    let is_date = text.len() == 10 && text.as_bytes()[4] == b'-';
    if is_date { format!("{text}T00:00:00Z").parse() } else { text.parse() }
}

impl ReevaluateArgs {
    /// When a move is made.
    fn rule(&self) -> Rule {
        Rule { per_task: self.change_cost, margin: self.margin.0, hold: self.hold }
    }

    fn state_folder(&self) -> Result<PathBuf, Failure> {
        match &self.state {
            Some(folder) => Ok(folder.clone()),
            None => Ok(self.clouds.path()?.join("nightly")),
        }
    }

    /// Everything that is written, found out to be writable and no input before the work is done.
    fn expect_writable(&self) -> Result<(), Failure> {
        let inputs = [Some(&self.input), self.last.as_ref(), self.market.config.as_ref(), self.market.quotas.as_ref()];
        for path in [&self.output, &self.plan_output, &self.metrics].into_iter().flatten() {
            if inputs.iter().flatten().any(|input| same_file(path, input)) {
                let got = path.display().to_string();
                return Err(Failure::usage("the night would overwrite its input", &got, "name another file"));
            }
            whole_file::expect_writable(path)?;
        }
        Ok(())
    }
}

/// Holds the state, catches up, plans, keeps, prints.
pub fn run(args: &ReevaluateArgs) -> Result<Exit, Failure> {
    args.expect_writable()?;
    let state = State::open(&args.state_folder()?)?;
    let (report, plan) = match nights::through(args, &state)? {
        nights::Outcome::Done(report, plan) => (report, plan),
        nights::Outcome::Signal(exit) => return Ok(exit),
    };
    write(args, &report, &plan)?;
    output::talk(&format!("Tonight's plan: {}\n", name(&state.file_of(&plan))));
    Ok(match report.verdict {
        Verdict::Nothing => Exit::Done,
        Verdict::Changes => Exit::Differs,
        Verdict::Partial => Exit::Partial,
        Verdict::NothingPlaced => Exit::NothingPlaced,
    })
}

fn write(args: &ReevaluateArgs, report: &Report, plan: &Plan) -> Result<(), Failure> {
    if let Some(path) = &args.plan_output {
        whole_file::write(path, &plan_file::to_bytes(plan))?;
    }
    if let Some(path) = &args.metrics {
        whole_file::write(path, metrics::text(report, SystemClock.now()).as_bytes())?;
    }
    match &args.output {
        Some(path) => whole_file::write(path, text(report, args.format, Style::PLAIN).as_bytes()),
        None => output::data(&text(report, args.format, output::data_style())),
    }
}

/// The digest in a format.
fn text(report: &Report, format: Format, style: Style) -> String {
    match format {
        Format::Json => render::json(report),
        Format::Csv => report.changes.as_ref().map(render::diff::csv).unwrap_or_default(),
        format => render::people(&page::page(report), format, style),
    }
}

/// A path as people read it.
fn name(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nights_and_margins_are_read() {
        let at = |text: &str| AsOf::At(text.parse().expect("an instant"));
        assert_eq!(night("2024-03-29"), Ok(at("2024-03-29T00:00:00Z")));
        assert_eq!(night("2024-03-29T05:00:00Z"), Ok(at("2024-03-29T05:00:00Z")));
        assert_eq!(night("now"), Ok(AsOf::Now));
        assert!(["2024-3-29", "2024-02-30", "29.03.2024", "tonight"].iter().all(|t| night(t).is_err()));
        assert_eq!(margin("0%"), Ok(Margin(None)));
        assert_eq!(margin("2.5%"), Ok(Margin("2.5%".parse().ok())));
        assert!(["0", "-1%", "101%", "", "%"].iter().all(|t| margin(t).is_err()));
    }
}
