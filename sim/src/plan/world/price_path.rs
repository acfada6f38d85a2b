//! Prices that change while a plan runs.

use serde::{Deserialize, Serialize};
use tradewind_core::select::Selector;

use super::shortage::MOST_HOURS;
use super::{Each, Problem, in_range};

/// A course of factors on prices. Bills follow it by the second, as all clouds here bill by the second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PricePath {
    /// Offers concerned; nothing said is all of them.
    #[serde(default)]
    pub offers: Selector,
    /// Who shares a course.
    #[serde(default)]
    pub each: Each,
    /// The course.
    pub course: Course,
}

/// A course of factors on the plan's price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Course {
    /// Given: each holds from so many hours after the horizon's start until the next; 1 before the first.
    Steps(Vec<[f64; 2]>),
    /// Drawn: at the end of each day the price changes by one of these shares (0.02 is 2 % up), drawn evenly.
    Daily(Vec<f64>),
}

/// No scenario has more of them, nor a course more entries.
const MOST: usize = 100;
const MOST_ENTRIES: usize = 20_000;

/// What makes no sense in them.
pub(super) fn problem(paths: &[PricePath]) -> Option<Problem> {
    if paths.len() > MOST {
        return Some(Problem::new("price_paths", format!("{} are more than {MOST}", paths.len())));
    }
    let of = |path: &PricePath| path.course.problem();
    paths.iter().enumerate().find_map(|(i, path)| of(path).map(|p| p.inside(&format!("price_paths/{i}/course"))))
}

impl Course {
    fn problem(&self) -> Option<Problem> {
        match self {
            Self::Steps(steps) => {
                let ordered = steps.windows(2).all(|w| w[0][0] < w[1][0]) && steps.len() <= MOST_ENTRIES;
                let unordered = || Problem::new("steps", format!("not up to {MOST_ENTRIES} in order of time"));
                let of = |step: &[f64; 2]| {
                    in_range("steps", step[0], 0.0, MOST_HOURS)
                        .or_else(|| in_range("steps", step[1], 0.0, super::MOST_FACTOR))
                };
                steps.iter().find_map(of).or_else(|| (!ordered).then(unordered))
            }
            Self::Daily(changes) => {
                let few = (1..=MOST_ENTRIES).contains(&changes.len());
                let wrong = || Problem::new("daily", format!("{} are not 1 to {MOST_ENTRIES}", changes.len()));
                changes.iter().find_map(|&c| in_range("daily", c, -0.9, 9.0)).or_else(|| (!few).then(wrong))
            }
        }
    }
}
