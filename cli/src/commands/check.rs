//! `tradewind check`.

use std::path::PathBuf;

use clap::Args;
use tradewind_core::check::{Report, check, compare_with_inputs};
use tradewind_core::plan::Plan;
use tradewind_core::rules::Rules;
use tradewind_datasets::read_queue;

use crate::args::{Format, MarketArgs, ReadArgs};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::{load_market_for, queue_options};
use crate::output;
use crate::plan_file;
use crate::render;

/// Re-prove a plan from its file alone; with --queue, --market, --snapshot, --quotas or --config also
/// compare it with what it was made from.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The plan.
    pub plan: PathBuf,
    /// Compare with this queue.
    #[arg(long, value_name = "QUEUE")]
    pub queue: Option<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub market: MarketArgs,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Checks and prints.
pub fn run(args: CheckArgs) -> Result<Exit, Failure> {
    let plan = plan_file::read(&args.plan)?;
    plan_file::expect_schema(&plan, &args.plan)?;
    let mut report = check(&plan);
    join(&mut report, compare(&plan, &args)?);
    print(&report, &args.plan.display().to_string(), args.format)?;
    Ok(if report.is_clean() { Exit::Done } else { Exit::Violation })
}

/// The plan against the originals that were named.
fn compare(plan: &Plan, args: &CheckArgs) -> Result<Report, Failure> {
    let config = Config::load(args.market.config.as_deref())?;
    let queue = args.queue.as_deref().map(|path| read_queue(path, &queue_options(&config, &args.read))).transpose()?;
    let m = &args.market;
    let market_named = m.market.is_some() || m.snapshot.is_some() || m.quotas.is_some() || m.config.is_some();
    // The horizon was chosen when the plan was made, and so was a concentration cap of which the
    // configuration says nothing; budgets and policies stand there.
    let concentration = config.concentration.or(plan.rules.concentration);
    let rules = m.config.as_ref().map(|_| Rules { concentration, ..config.rules(plan.rules.horizon) });
    let workload = queue.as_ref().map_or(&plan.workload, |q| &q.workload);
    let load = || load_market_for(m, &config, workload, rules.as_ref().unwrap_or(&plan.rules));
    let loaded = if market_named { Some(load()?) } else { None };
    Ok(compare_with_inputs(
        plan,
        queue.as_ref().map(|q| &q.workload),
        loaded.as_ref().map(|l| (&l.market, l.hash.as_str())),
        rules.as_ref(),
    ))
}

fn join(report: &mut Report, more: Report) {
    report.violations.extend(more.violations);
    for (rule, n) in more.examined {
        *report.examined.entry(rule).or_default() += n;
    }
}

/// Prints what a check found.
pub fn print(report: &Report, name: &str, format: Format) -> Result<(), Failure> {
    output::data(&match format {
        Format::Json => render::json(report),
        Format::Csv => render::check::csv(report),
        Format::Table | Format::Md | Format::Html => {
            render::people(&render::check::page(report, name), format, output::data_style())
        }
    })
}
