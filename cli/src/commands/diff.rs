//! `tradewind diff`, and what `plan --diff` shares with it.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use tradewind_core::diff::{Comparable, PlanDiff, UsdChange, diff};
use tradewind_core::money::Usd;
use tradewind_datasets::queue::Problem;

use crate::args::{Format, share};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::plan_file;
use crate::render;

/// Compare two plan files; nothing is planned.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// The earlier plan.
    pub old: PathBuf,
    /// The later plan.
    pub new: PathBuf,
    /// Exit 5 if the same tasks cost so much more than in OLD, e.g. +5% or 20.00.
    #[arg(long, value_name = "LIMIT")]
    pub fail_over: Option<Limit>,
    /// Exit 2 if the plans decide something else.
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Reads, compares, prints.
pub fn run(args: DiffArgs) -> Result<Exit, Failure> {
    let (old, new) = (plan_file::read_sound(&args.old)?, plan_file::read_sound(&args.new)?);
    let changes = diff(&old, &new);
    print(&changes, args.format)?;
    guard(&changes, args.fail_over)?;
    Ok(if changes.has_changes && args.detailed_exitcode { Exit::Differs } else { Exit::Done })
}

/// Prints what changes.
pub fn print(changes: &PlanDiff, format: Format) -> Result<(), Failure> {
    output::data(&match format {
        Format::Json => render::json(changes),
        Format::Csv => render::diff::csv(changes),
        Format::Table | Format::Md | Format::Html => {
            render::people(&render::diff::page(changes), format, output::data_style())
        }
    })
}

/// How much more the same tasks may cost than in the old plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// A share of the old cost.
    Share(f64),
    /// An amount.
    Amount(Usd),
}

impl FromStr for Limit {
    type Err = String;

    /// Reads `5%`, `+5%`, `20.00`, `+20.00`.
    fn from_str(text: &str) -> Result<Self, String> {
        let help = || "write a share or dollars of at least 0, e.g. +5% or 20.00".to_owned();
        let number = text.strip_prefix('+').unwrap_or(text);
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(help());
        }
        if number.ends_with('%') {
            return share(number).map(Self::Share).map_err(|_| help());
        }
        match number.parse::<Usd>() {
            Ok(usd) if usd >= Usd::ZERO => Ok(Self::Amount(usd)),
            _ => Err(help()),
        }
    }
}

impl Limit {
    /// Whether the cost rises by more.
    fn is_exceeded(self, usd: UsdChange) -> bool {
        match self {
            Self::Share(share) => usd.delta.as_f64() > share * usd.old.as_f64(),
            Self::Amount(most) => usd.delta > most,
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Share(share) => write!(f, "{}", render::percent(*share)),
            Self::Amount(usd) => write!(f, "USD {usd}"),
        }
    }
}

/// The guardrail: `TW3008`, exit 5, where what both plans place costs more than allowed over the old
/// plan. Other tasks placed are no rise in cost.
pub fn guard(changes: &PlanDiff, limit: Option<Limit>) -> Result<(), Failure> {
    let Some(limit) = limit else { return Ok(()) };
    let Comparable { tasks, usd, .. } = changes.comparable;
    if tasks == 0 {
        output::warn("no task is placed by both plans: --fail-over has nothing to compare");
        return Ok(());
    }
    if !limit.is_exceeded(usd) {
        return Ok(());
    }
    let noun = render::count(tasks, "task");
    let problem = Problem::of_file("TW3008", "the plan costs more than --fail-over allows", "")
        .got(format!("USD {:.2} for {noun} that cost USD {:.2} in the old plan", usd.new, usd.old))
        .accepted(format!("at most {limit} more"))
        .help("look at what changed above; give a higher limit to accept it");
    Err(Failure::new(Exit::Violation, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_shares_or_dollars() {
        let usd = |text: &str| text.parse::<Usd>().expect("an amount");
        assert_eq!("+5%".parse(), Ok(Limit::Share(0.05)));
        assert_eq!("20".parse(), Ok(Limit::Amount(usd("20.00"))));
        for text in ["", "+", "-5%", "-1", "++5%", "5 %x", "NaN", "1e3"] {
            assert!(text.parse::<Limit>().is_err(), "{text:?}");
        }
        let rise = UsdChange::new(usd("100.00"), usd("105.00"));
        assert!(!Limit::Share(0.05).is_exceeded(rise) && Limit::Share(0.0499).is_exceeded(rise));
        assert!(!Limit::Amount(usd("5.00")).is_exceeded(rise) && Limit::Amount(usd("4.99")).is_exceeded(rise));
    }
}
