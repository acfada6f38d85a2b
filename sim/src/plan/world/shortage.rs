//! Capacity that comes and goes: tight spells in which nodes are lost more often and launches are refused.

use serde::{Deserialize, Serialize};
use tradewind_core::select::Selector;

use super::moment::Moment;
use super::{Each, Problem, in_range};

/// Spells of plenty and tight spells in turn. Shortages of several kinds (of regions, of zones, of single pools) may
/// concern one offer: their factors multiply, and a launch must be refused by none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shortage {
    /// Offers concerned; nothing said is all of them.
    pub offers: Selector,
    /// Who shares a course of spells.
    pub each: Each,
    /// When capacity is tight.
    pub when: When,
    /// On the interruption rate in spells of plenty.
    pub hazard_in_plenty: f64,
    /// On the interruption rate in tight spells.
    pub hazard_in_tight: f64,
    /// Probability that a node is lost at the moment at which a tight spell begins.
    pub loses: f64,
    /// Probability that a launch is refused in a tight spell.
    pub refuses: f64,
}

impl Default for Shortage {
    fn default() -> Self {
        Self {
            offers: Selector::default(),
            each: Each::default(),
            when: When::default(),
            hazard_in_plenty: 1.0,
            hazard_in_tight: 1.0,
            loses: 0.0,
            refuses: 1.0,
        }
    }
}

/// When capacity is tight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// Spells of lognormal length in turn, begun long ago: a semi-Markov process in its steady state.
    Random {
        /// Mean length of plenty, hours.
        plenty_hours: f64,
        /// Mean length of a tight spell, hours.
        tight_hours: f64,
        /// Standard deviation of the logarithm of both.
        #[serde(default = "sigma")]
        sigma: f64,
    },
    /// Once.
    Window {
        /// From here.
        start: Moment,
        /// Until here.
        end: Moment,
    },
    /// What was seen, again and again.
    Trace {
        /// Length of what was seen, hours.
        hours: f64,
        /// Tight spells in it: from and until, hours from its start, in order and apart. One that is empty is a
        /// loss without a spell.
        tight: Vec<[f64; 2]>,
        /// Whether each replication begins at another time of it, drawn evenly.
        shift: bool,
    },
}

/// Of the availability spells of nine V100 zones over 45 days, the traces of SkyNomad (NSDI '27 artifact): a lognormal
/// is the nearest of five laws, with this.
fn sigma() -> f64 {
    1.47
}

impl Default for When {
    /// Never within a plan's time.
    fn default() -> Self {
        Self::Trace { hours: MOST_HOURS, tight: Vec::new(), shift: false }
    }
}

/// No scenario has more of them, nor a trace more spells.
const MOST: usize = 100;
const MOST_SPELLS: usize = 20_000;
/// Spells are no shorter in the mean than some seconds, and nothing is longer than a hundred years.
const LEAST_HOURS: f64 = 0.01;
pub(super) const MOST_HOURS: f64 = 876_600.0;

/// What makes no sense in them.
pub(super) fn problem(shortages: &[Shortage]) -> Option<Problem> {
    if shortages.len() > MOST {
        return Some(Problem::new("shortages", format!("{} are more than {MOST}", shortages.len())));
    }
    shortages.iter().enumerate().find_map(|(i, s)| s.problem().map(|p| p.inside(&format!("shortages/{i}"))))
}

impl Shortage {
    fn problem(&self) -> Option<Problem> {
        in_range("hazard_in_plenty", self.hazard_in_plenty, 0.0, super::MOST_FACTOR)
            .or_else(|| in_range("hazard_in_tight", self.hazard_in_tight, 0.0, super::MOST_FACTOR))
            .or_else(|| in_range("loses", self.loses, 0.0, 1.0))
            .or_else(|| in_range("refuses", self.refuses, 0.0, 1.0))
            .or_else(|| self.when.problem().map(|p| p.inside("when")))
    }
}

impl When {
    fn problem(&self) -> Option<Problem> {
        match self {
            Self::Random { plenty_hours, tight_hours, sigma } => {
                in_range("random/plenty_hours", *plenty_hours, LEAST_HOURS, MOST_HOURS)
                    .or_else(|| in_range("random/tight_hours", *tight_hours, LEAST_HOURS, MOST_HOURS))
                    .or_else(|| in_range("random/sigma", *sigma, 0.0, 3.0))
            }
            Self::Window { start, end } => {
                end.is_surely_not_after(*start).then(|| Problem::new("window", "it ends before it starts".to_owned()))
            }
            Self::Trace { hours, tight, .. } => in_range("trace/hours", *hours, LEAST_HOURS, MOST_HOURS)
                .or_else(|| spells_problem(*hours, tight).map(|what| Problem::new("trace/tight", what))),
        }
    }
}

fn spells_problem(hours: f64, tight: &[[f64; 2]]) -> Option<String> {
    if tight.len() > MOST_SPELLS {
        return Some(format!("{} are more than {MOST_SPELLS}", tight.len()));
    }
    let mut last = 0.0;
    for (i, &[from, until]) in tight.iter().enumerate() {
        let is_apart = from >= last && until >= from && until <= hours;
        if !is_apart {
            return Some(format!(
                "spell {i}, from {from} until {until}, is not after the one before and within {hours}"
            ));
        }
        last = until;
    }
    None
}
