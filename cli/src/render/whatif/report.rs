//! A what-if as data: what every format shows, and the JSON that programs read (docs/schema/whatif.schema.json).

use serde::Serialize;
use tradewind_core::money::Usd;
use tradewind_core::plan::ShadowPrice;
use tradewind_core::time::Time;
use tradewind_sim::whatif::{Difference, Figures, Row, Shift, Step};

/// The value of [`Report::schema`].
pub const SCHEMA: &str = "tradewind.whatif/1";

/// A key and a value, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// E.g. `scenario.hazard_factor`.
    pub key: String,
    /// E.g. `2`.
    pub value: String,
}

/// What kind of change a value is: how a sentence says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A number that figures are multiplied by.
    Factor,
    /// On or off.
    Switch,
    /// Anything else.
    Value,
}

/// What is varied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AxisRow {
    /// The key.
    pub key: String,
    /// What it is, in words.
    pub about: String,
    /// What kind of change a value is.
    pub kind: Kind,
    /// What it is in the base; none where nothing is said and nothing is the default.
    pub base: Option<String>,
}

/// An arm that could be simulated, beside the base.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// The arm by itself.
    pub figures: Figures,
    /// How much more it costs.
    pub difference: Difference,
    /// How much more often some deadline is missed.
    pub any_miss_change: Shift,
    /// Tasks that only one of base and arm places; the costs compare as they are where there are none.
    pub tasks_apart: u64,
    /// The difference by cause.
    pub steps: Vec<Step>,
}

/// An arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmRow {
    /// What is changed.
    pub settings: Vec<Setting>,
    /// Whether the queue was planned again.
    pub replanned: bool,
    /// None where its plan places nothing.
    pub compared: Option<Compared>,
}

impl ArmRow {
    /// In few words, without the first step of each key.
    pub fn label(&self) -> String {
        let short = |s: &Setting| format!("{} {}", s.key.split_once('.').map_or(s.key.as_str(), |(_, k)| k), s.value);
        self.settings.iter().map(short).collect::<Vec<_>>().join(", ")
    }
}

/// A plan with less deadline risk allowed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FrontierRow {
    /// No job may miss its deadline with a larger probability; none is the base.
    pub allowed: Option<f64>,
    /// Its replications; none where its plan places nothing.
    pub figures: Option<Figures>,
    /// Tasks that only one of the base and this plan places.
    pub tasks_apart: u64,
    /// Whether another plan is no worse in tasks placed, mean cost and risk, and better in one.
    pub dominated: bool,
}

/// The replication of the base whose cost is the median.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Median {
    /// Its number.
    pub replication: u64,
    /// What it cost.
    pub cost_usd: Usd,
    /// The start of the horizon, from which lives count.
    pub start: Time,
    /// Nodes by region, way of buying and type; those with most node time where there are many.
    pub rows: Vec<Row>,
    /// Rows that are left out.
    pub rows_left_out: u64,
}

/// How it was made, so that anyone can make it again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Made {
    /// Version of Tradewind.
    pub version: &'static str,
    /// The exact command, without what changes no result: threads and names of outputs.
    pub command: String,
    /// Source of chance.
    pub seed: u64,
    /// Replications of each arm.
    pub trials: u64,
    /// The generator.
    pub generator: &'static str,
    /// Name of the market snapshot.
    pub snapshot: String,
    /// The instant its prices held.
    pub prices_as_of: Time,
    /// How old they are for the plan, in words.
    pub prices_age: String,
    /// Content hash of the market.
    pub market_hash: String,
    /// Content hash of the base plan.
    pub plan_hash: String,
    /// How far at most the base plan is from the cheapest, relative; none where that is not known.
    pub gap: Option<f64>,
}

/// The whole what-if.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The answer in one sentence.
    pub answer: String,
    /// What was asked about: the queue or the plan, as it was named.
    pub subject: String,
    /// The base.
    pub base: Figures,
    /// What is varied.
    pub axes: Vec<AxisRow>,
    /// Whether the axes are varied together instead of one at a time.
    pub grid: bool,
    /// The arms, in the order of the axes and their values.
    pub arms: Vec<ArmRow>,
    /// The arm whose cost differs most, by its place in `arms`.
    pub largest: Option<usize>,
    /// Cost against deadline risk, the largest risk first.
    pub frontier: Vec<FrontierRow>,
    /// The middle of the base.
    pub median: Median,
    /// What one more unit of something scarce would save the base plan.
    pub shadow_prices: Vec<ShadowPrice>,
    /// How it was made.
    pub made: Made,
}

impl Report {
    /// The arms that could be simulated, with their places.
    pub fn compared(&self) -> impl Iterator<Item = (usize, &ArmRow, &Compared)> {
        self.arms.iter().enumerate().filter_map(|(n, arm)| Some((n, arm, arm.compared.as_ref()?)))
    }

    /// The arm whose cost differs most.
    pub fn largest(&self) -> Option<(&ArmRow, &Compared)> {
        let arm = self.arms.get(self.largest?)?;
        Some((arm, arm.compared.as_ref()?))
    }

    /// The axes with their arms, the one that moves the cost most first. None of a grid, whose arms have no one axis.
    pub fn tornado(&self) -> Vec<(&AxisRow, Vec<(usize, &Setting, &Compared)>)> {
        if self.grid {
            return Vec::new();
        }
        let of = |axis: &AxisRow| -> Vec<(usize, &Setting, &Compared)> {
            let own = self.compared().filter_map(|(n, arm, c)| Some((n, arm.settings.first()?, c)));
            own.filter(|(_, s, _)| s.key == axis.key).collect()
        };
        let mut all: Vec<_> =
            self.axes.iter().map(|axis| (axis, of(axis))).filter(|(_, arms)| !arms.is_empty()).collect();
        all.sort_by_key(|(_, arms)| std::cmp::Reverse(swing(arms.iter().map(|(_, _, c)| c.difference.usd))));
        all
    }
}

/// From the least to the most of some differences and of none at all.
fn swing(differences: impl Iterator<Item = Usd> + Clone) -> Usd {
    let (low, high) = (differences.clone().min(), differences.max());
    high.unwrap_or_default().max(Usd::ZERO) - low.unwrap_or_default().min(Usd::ZERO)
}
