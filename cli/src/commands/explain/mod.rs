//! `tradewind explain`: why the plan is as it is.

mod question;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use tradewind_core::check::{Line, ledger};
use tradewind_core::offer_name::OfferName;
use tradewind_optimizer::OptimizerError;
use tradewind_optimizer::explain::{self, ExplainError, Relief};

use crate::args::{Format, MarketArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render::{self, report::Page};

use question::Question;

/// Explain a plan: choices, runners-up, what looks cheaper and why it lost, what would place the rest,
/// what each rule costs, where every dollar comes from.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// The plan.
    pub plan: PathBuf,
    /// One job: where it runs, the runner-up, what lost and why; what would place the rest of it.
    #[arg(long, value_name = "ID")]
    pub job: Option<String>,
    /// Why a job does not run on an offer, and what forcing it costs
    ///
    /// An offer is cloud/region/type/spot or cloud/region/type/on_demand.
    #[arg(long, num_args = 2, value_names = ["JOB", "OFFER"], conflicts_with = "job")]
    pub why_not: Option<Vec<String>>,
    /// Every dollar: its catalog row, date and rule; with --job of one job.
    #[arg(long, conflicts_with = "why_not")]
    pub cost: bool,
    /// What each quota, deadline, budget, residency rule and cap costs, and quotas to ask for
    ///
    /// Each price is confirmed by solving again without the rule.
    #[arg(long, conflicts_with_all = ["why_not", "job", "cost"])]
    pub prices: bool,
    #[command(flatten)]
    pub market: MarketArgs,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Explains and prints.
pub fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let question = Question::read(&args.plan, &args.market)?;
    match (&args.job, &args.why_not) {
        (_, Some(pair)) => why_not(&question, pair, args.format)?,
        (id, _) if args.cost => cost(&question, id.as_deref(), args.format)?,
        (Some(id), _) => job(&question, id, args.format)?,
        _ if args.prices => prices(&question, args.format)?,
        _ => overview(&question, args.format)?,
    }
    Ok(Exit::Done)
}

fn job(question: &Question, id: &str, format: Format) -> Result<(), Failure> {
    let report = question.answer(explain::explain_job(&question.plan, question.market(), id))?;
    let relief = question.answer(explain::explain_unplaced(&question.plan, question.market(), id))?;
    let value = serde_json::json!({"job": report, "relief": relief, "market": question.note});
    let (report, relief) = (&report, relief.as_ref());
    print(
        format,
        &value,
        || render::explain::job::page(report, relief, &question.note),
        || render::explain::csv::job(report, relief),
    )
}

fn why_not(question: &Question, pair: &[String], format: Format) -> Result<(), Failure> {
    let [id, offer] = pair else { return Err(Failure::usage("two values are needed", "", "--why-not JOB OFFER")) };
    let offer: OfferName = offer.parse().map_err(|e| {
        Failure::usage("no offer", &format!("{e}"), "for example aws/us-east-1/m6i.xlarge/spot; see `tradewind offers`")
    })?;
    let answer = question.answer(explain::why_not(&question.plan, question.market(), id, &offer))?;
    let value = serde_json::json!({"why_not": answer, "market": question.note});
    let csv = || render::explain::csv::why_not(&answer);
    print(format, &value, || render::explain::why_not::page(&answer, &question.note), csv)
}

fn prices(question: &Question, format: Format) -> Result<(), Failure> {
    let prices = explain::rule_prices(&question.plan, question.market()).map_err(OptimizerError::Solver)?;
    let value = serde_json::json!({"prices": prices, "market": question.note});
    let csv = || render::explain::csv::prices(&prices);
    print(format, &value, || render::explain::prices::page(&prices, &question.note), csv)
}

fn cost(question: &Question, job: Option<&str>, format: Format) -> Result<(), Failure> {
    let plan = &question.plan;
    if let Some(id) = job
        && plan.workload.index_of(id).is_none()
    {
        return question.answer(Err(ExplainError::UnknownJob(id.to_owned())));
    }
    let mut lines = ledger(plan);
    if let Some(id) = job {
        let nodes: BTreeSet<&str> =
            plan.placements.iter().filter(|p| p.job == id).map(|p| p.allocation.as_str()).collect();
        let node = |l: &Line| l.job.is_none() && l.of.split(' ').next().is_some_and(|a| nodes.contains(a));
        lines.retain(|l| l.job.as_deref() == Some(id) || node(l));
    }
    let value = serde_json::json!({"lines": lines, "market": question.note});
    let csv = || render::explain::cost::csv(&lines);
    print(format, &value, || render::explain::cost::page(plan, &lines, job, question.loaded()), csv)
}

/// Unplaced jobs that are worked out for the overview.
const RELIEVED: usize = 10;

fn overview(question: &Question, format: Format) -> Result<(), Failure> {
    let plan = &question.plan;
    let ids = plan.unplaced.iter().take(RELIEVED).map(|u| u.job.as_str());
    let reliefs: Result<Vec<Option<Relief>>, ExplainError> =
        ids.map(|id| explain::explain_unplaced(plan, question.market(), id)).collect();
    let reliefs: Vec<Relief> = question.answer(reliefs)?.into_iter().flatten().collect();
    let value =
        serde_json::json!({"summary": plan.summary, "cost": plan.cost, "reliefs": reliefs, "market": question.note});
    let csv = || render::explain::csv::reliefs(&reliefs);
    print(format, &value, || render::explain::overview::page(plan, &reliefs, &question.note), csv)
}

/// Prints a page, or the value behind it, or its table.
fn print(
    format: Format,
    value: &serde_json::Value,
    page: impl FnOnce() -> Page,
    csv: impl FnOnce() -> String,
) -> Result<(), Failure> {
    output::data(&match format {
        Format::Json => render::json(value),
        Format::Csv => csv(),
        _ => render::people(&page(), format, output::data_style()),
    })
}
