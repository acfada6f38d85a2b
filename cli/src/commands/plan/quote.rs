//! `tradewind plan --quote`: what it costs to be done by each of several times, and how likely it is.

use clap::Args;
use tradewind_core::plan::Plan;
use tradewind_core::time::Time;

use super::times::{By, finishing_times};
use super::{Effort, PlanArgs, exit_of, make, tell};
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::output;
use crate::render;
use crate::render::quote::{Quote, Row};

/// Quoting instead of planning.
#[derive(Debug, Clone, Args)]
pub struct QuoteArgs {
    /// Print cost and risk by finishing time instead of a plan
    ///
    /// The whole queue is planned for each time, every job due by then at the latest.
    #[arg(long)]
    pub quote: bool,
    /// A finishing time, 06:00 (UTC) or an instant; repeat it for more [default: about six].
    #[arg(long, value_name = "TIME", requires = "quote")]
    pub by: Vec<By>,
    /// Allowed probability to be late for jobs without a deadline of their own.
    #[arg(long, value_name = "P", default_value_t = 0.01, requires = "quote", value_parser = risk)]
    pub quote_risk: f64,
}

fn risk(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if p > 0.0 && p <= 0.5 => Ok(p),
        _ => Err("write a probability above 0, at most 0.5".to_owned()),
    }
}

/// A quote is no plan: what writes or compares one is refused before any work is done.
pub(super) fn expect_alone(args: &PlanArgs) -> Result<(), Failure> {
    let path = args.output.as_deref().map(|p| ("-o", p)).or(args.diff.as_deref().map(|p| ("--diff", p)));
    match path {
        Some((flag, path)) if args.quote.quote => {
            let help = "choose a finishing time, give it as the jobs' deadline, and plan without --quote";
            Err(Failure::usage("a quote makes no plan file", &format!("{flag} {}", path.display()), help))
        }
        _ => Ok(()),
    }
}

/// Plans the whole queue once for each finishing time, and prints a row for each.
pub(super) fn run(args: &PlanArgs, inputs: &Inputs, effort: &Effort) -> Result<Exit, Failure> {
    let workload = &inputs.queue.workload;
    let mut rows = Vec::new();
    let mut exits = Vec::new();
    for by in finishing_times(workload, inputs.rules.horizon, &args.quote.by)? {
        let due = workload.due_by(by, args.quote.quote_risk);
        let (plan, signalled) = make(inputs, &due, effort)?;
        if let Some(exit) = signalled {
            return Ok(exit);
        }
        exits.push(exit_of(&plan, effort));
        rows.push(row(by, &plan));
    }
    nest(&mut rows);
    let quote = Quote::of(workload, inputs.rules.horizon, args.quote.quote_risk, rows);
    if matches!(args.format, Format::Json | Format::Csv) {
        tell(&inputs.warnings);
    }
    output::data(&match args.format {
        Format::Json => render::json(&quote),
        Format::Csv => quote.grid().to_csv(),
        format => render::people(&quote.page(&inputs.warnings), format, output::data_style()),
    })?;
    Ok(match () {
        () if exits.iter().all(|e| *e == Exit::NothingPlaced) => Exit::NothingPlaced,
        () if exits.contains(&Exit::LimitMissed) => Exit::LimitMissed,
        () => Exit::Done,
    })
}

fn row(by: Time, plan: &Plan) -> Row {
    let misses = plan.placements.iter().map(|p| (p.miss_probability.unwrap_or(0.0), f64::from(p.count())));
    let late: f64 = misses.clone().map(|(miss, tasks)| miss * tasks).sum();
    let s = &plan.summary;
    Row {
        by,
        placed: s.placed,
        not_placed: s.unplaced,
        cost_usd: s.cost_usd,
        lower_bound_usd: s.lower_bound_usd,
        gap: s.gap,
        largest_miss_probability: misses.map(|(miss, _)| miss).fold(0.0, f64::max),
        expected_late_tasks: late,
        // Whatever tasks have in common, some is late with no more than the sum of their probabilities.
        late_probability: late.min(1.0),
        over_cheapest: None,
    }
}

/// A plan that is done by six is done by noon: of rows that place every task, an earlier one's plan also
/// answers a later one, and a later one's bound also holds for an earlier one.
fn nest(rows: &mut [Row]) {
    for i in 1..rows.len() {
        let (earlier, later) = rows.split_at_mut(i);
        let (earlier, later) = (&earlier[i - 1], &mut later[0]);
        if earlier.not_placed == 0 && (later.not_placed > 0 || earlier.cost_usd < later.cost_usd) {
            let bound = if later.not_placed == 0 { later.lower_bound_usd } else { Default::default() };
            *later = Row { by: later.by, lower_bound_usd: bound, ..earlier.clone() };
        }
    }
    for i in (1..rows.len()).rev() {
        let bound = rows[i].lower_bound_usd;
        let earlier = &mut rows[i - 1];
        if earlier.not_placed == 0 {
            earlier.lower_bound_usd = earlier.lower_bound_usd.max(bound);
        }
    }
    for row in rows.iter_mut() {
        row.gap = tradewind_core::plan::gap(row.cost_usd, row.lower_bound_usd);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_core::money::Usd;

    fn row(hour: i64, not_placed: u64, cost: i64, bound: i64) -> Row {
        Row {
            by: Time::from_ms(hour * 3_600_000),
            placed: 10 - not_placed,
            not_placed,
            cost_usd: Usd::from_nanos(cost),
            lower_bound_usd: Usd::from_nanos(bound),
            gap: None,
            largest_miss_probability: 0.0,
            expected_late_tasks: 0.0,
            late_probability: 0.0,
            over_cheapest: None,
        }
    }

    #[test]
    fn neither_cost_nor_bound_falls_as_the_time_comes_earlier() {
        let mut rows = [row(1, 3, 50, 40), row(2, 0, 90, 60), row(3, 0, 95, 70), row(4, 0, 80, 65)];
        nest(&mut rows);
        let figures = rows.clone().map(|r| (r.not_placed, r.cost_usd.nanos(), r.lower_bound_usd.nanos()));
        assert_eq!(figures, [(3, 50, 40), (0, 90, 70), (0, 90, 70), (0, 80, 65)]);
    }
}
