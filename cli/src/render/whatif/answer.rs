//! The answer in one sentence, and one more where another arm endangers deadlines most.

use tradewind_core::money::Usd;
use tradewind_sim::whatif::Figures;

use super::report::{ArmRow, Compared, FrontierRow, Report};
use super::words::{capital, interval, phrase, signed_percent};
use crate::render::{percent, thousands};

/// Of the arm that changes the cost most; without arms, of the frontier.
pub fn answer(report: &Report) -> String {
    match report.largest() {
        Some((arm, compared)) => of_arm(report, arm, compared) + &riskiest(report, &compared.figures),
        None if !report.arms.is_empty() => {
            "No arm places any task: there is nothing to compare with the base.".to_owned()
        }
        None => of_frontier(&report.frontier),
    }
}

fn of_arm(report: &Report, arm: &ArmRow, compared: &Compared) -> String {
    let (d, base) = (&compared.difference, &report.base);
    let with = capital(&phrase(&report.axes, arm));
    let plan = if arm.replanned { "the queue, planned again, costs" } else { "the plan costs" };
    let size = Usd::from_nanos(d.usd.nanos().saturating_abs());
    let more = if d.usd < Usd::ZERO { "less" } else { "more" };
    let share = d.share.map_or_else(String::new, |s| format!("; {}", signed_percent(s)));
    // Less costs are told without a sign, and so is their interval.
    let range = if d.usd < Usd::ZERO { d.interval_usd.map(|[low, high]| [-high, -low]) } else { d.interval_usd };
    let cost = if d.is_certain() {
        format!("{with} {plan} USD {size:.2} {more} in the mean (95 %: {}{share})", interval(range))
    } else {
        let chance = "as much as before, as far as these replications can tell";
        format!("{with} {plan} {chance} (95 %: USD {} more)", interval(d.interval_usd))
    };
    format!("{cost}{}, and {}.", placed(base, compared), misses(base, &compared.figures))
}

/// Of the arm in which a deadline is missed most often, where that is more often than in the base and in the
/// arm told of.
fn riskiest(report: &Report, told: &Figures) -> String {
    let known = report.arms.iter().filter_map(|arm| Some((arm, arm.compared.as_ref()?.figures.any_miss.value)));
    let most = known.reduce(|a, b| if b.1 > a.1 { b } else { a });
    match most.filter(|(_, missed)| *missed > told.any_miss.value.max(report.base.any_miss.value)) {
        Some((arm, missed)) => {
            let phrase = phrase(&report.axes, arm);
            format!(" Deadlines are in most danger {phrase}: some is missed in {} of the runs.", percent(missed))
        }
        None => String::new(),
    }
}

/// Nothing where the same tasks are placed.
fn placed(base: &Figures, compared: &Compared) -> String {
    let (before, after, apart) = (base.placed, compared.figures.placed, compared.tasks_apart);
    match apart {
        0 => String::new(),
        _ if before == after => format!(", places other tasks ({} by one plan only)", thousands(apart)),
        _ => format!(", places {} tasks instead of {}", thousands(after), thousands(before)),
    }
}

fn misses(base: &Figures, arm: &Figures) -> String {
    let (before, after) = (base.any_miss.value, arm.any_miss.value);
    let share = |p: f64| if p == 0.0 { "none".to_owned() } else { percent(p) };
    match (before, after) {
        (0.0, 0.0) => "no deadline is missed in any of the runs".to_owned(),
        _ if before == after => format!("some deadline is missed in {} of the runs, as before", share(after)),
        _ => format!("some deadline is missed in {} of the runs instead of {}", share(after), share(before)),
    }
}

fn of_frontier(frontier: &[FrontierRow]) -> String {
    let planned = frontier.iter().filter(|row| row.allowed.is_some());
    let known: Vec<(f64, &Figures)> = planned.filter_map(|row| Some((row.allowed?, row.figures.as_ref()?))).collect();
    let (Some((loose, first)), Some((strict, last))) = (known.first(), known.last()) else {
        return "No plan on the frontier places any task.".to_owned();
    };
    let more = last.cost.mean_usd - first.cost.mean_usd;
    format!(
        "Allowing a miss probability of {strict} instead of {loose} costs USD {more:.2} more in the mean, and some \
         deadline is missed in {} of the runs instead of {}.",
        percent(last.any_miss.value),
        percent(first.any_miss.value)
    )
}
