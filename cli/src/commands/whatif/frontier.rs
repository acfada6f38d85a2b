//! `--frontier risk`: what it costs to allow less deadline risk.

use std::rc::Rc;
use std::str::FromStr;

use tradewind_core::plan::Plan;
use tradewind_sim::whatif::{Figures, Point, dominated};

use super::Halt;
use super::subject::Subject;
use crate::render::whatif::FrontierRow;

/// Probabilities of a missed deadline that are tried where none are given.
const LEVELS: [f64; 5] = [0.1, 0.03, 0.01, 0.003, 0.001];
/// Most levels: each is a plan.
const MOST_LEVELS: usize = 50;

/// The probabilities that are allowed, the largest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels(pub Vec<f64>);

impl FromStr for Levels {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let accepted = "write risk, or risk=P1,P2 with probabilities above 0, at most 0.5";
        let mut levels = match text.split_once('=') {
            None if text == "risk" => LEVELS.to_vec(),
            Some(("risk", list)) => {
                list.split(',').map(|p| p.trim().parse().map_err(|_| accepted)).collect::<Result<Vec<f64>, _>>()?
            }
            _ => return Err(accepted.to_owned()),
        };
        if levels.len() > MOST_LEVELS || !levels.iter().all(|p| *p > 0.0 && *p <= 0.5) {
            return Err(accepted.to_owned());
        }
        levels.sort_by(|a, b| b.total_cmp(a));
        levels.dedup();
        Ok(Self(levels))
    }
}

/// A plan for each level: no job may miss its deadline more probably, and none more than it allows itself.
pub fn plans(subject: &Subject<'_>, levels: &Levels) -> Result<Vec<(f64, Rc<Plan>)>, Halt> {
    let planner = subject.planner("--frontier")?;
    let plan = |&level: &f64| planner.plan(&[], Some(level)).map(|(plan, _)| (level, Rc::new(plan)));
    levels.0.iter().map(plan).collect()
}

/// The rows behind the base, which is a point of the frontier too; those that nobody would choose are marked. Nothing
/// where no frontier was asked for.
pub fn marked(rows: Vec<FrontierRow>, base: &Figures) -> Vec<FrontierRow> {
    if rows.is_empty() {
        return rows;
    }
    let base = FrontierRow { allowed: None, figures: Some(base.clone()), tasks_apart: 0, dominated: false };
    let mut rows: Vec<FrontierRow> = [base].into_iter().chain(rows).collect();
    let point = |f: &Figures| Point { placed: f.placed, cost: f.cost.mean_usd.nanos(), risk: f.any_miss.value };
    let points: Vec<Point> = rows.iter().filter_map(|row| row.figures.as_ref().map(point)).collect();
    let known = rows.iter_mut().filter(|row| row.figures.is_some());
    known.zip(dominated(&points)).for_each(|(row, dominated)| row.dominated = dominated);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_sorted_and_bounded() {
        assert_eq!("risk".parse(), Ok(Levels(LEVELS.to_vec())));
        assert_eq!("risk=0.01,0.2, 0.01".parse(), Ok(Levels(vec![0.2, 0.01])));
        for wrong in ["", "cost", "risk=", "risk=0", "risk=0.6", "risk=x", "risk=NaN"] {
            assert!(wrong.parse::<Levels>().is_err(), "{wrong}");
        }
    }
}
