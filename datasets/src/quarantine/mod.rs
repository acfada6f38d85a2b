//! Prices that are not believed, each by a named rule.
//!
//! On demand, the sizes of a series in a region cost the same per vCPU, up to a factor that is the
//! size's own and the same in every region. A price is off its series when it departs from that; where
//! a size has no siblings, it is compared with its series elsewhere and the level of its region. Spot
//! is judged as a share of the on-demand price that is expected, so that a wrong on-demand price does
//! not condemn a right spot price.

mod memory;
mod on_demand;
mod series;
mod simple;
mod spot;

use std::fmt;

use serde::Serialize;
use tradewind_core::money::UsdPerHour;
use tradewind_core::place::RegionName;

use crate::offers::{Offers, PriceRow};
use crate::request::MarketSettings;

/// Which of a row's two prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Price {
    /// On demand.
    OnDemand,
    /// Spot.
    Spot,
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OnDemand => "on-demand",
            Self::Spot => "spot",
        })
    }
}

/// Why a price is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Zero, negative, or no number. `TW2001`.
    NotPositive,
    /// Spot above on-demand by more than 0.1 %. `TW2002`.
    InvertedSpot,
    /// Far from the same price before. `TW2003`.
    Jump,
    /// The same offer twice. `TW2007`.
    Duplicate,
    /// The machine's memory looks stated in GB, not GiB. `TW2010`.
    MemoryUnit,
    /// About 730 times its peers: a month's price. `TW2008`.
    UnitSuspected,
    /// On-demand price off its series. `TW2017`.
    OffSeries,
    /// Spot price, as share of on-demand, off its series. `TW2018`.
    SpotShareOffSeries,
}

impl Rule {
    /// All rules, in the order they are applied.
    pub const ALL: [Self; 8] = [
        Self::NotPositive,
        Self::Duplicate,
        Self::MemoryUnit,
        Self::UnitSuspected,
        Self::OffSeries,
        Self::InvertedSpot,
        Self::Jump,
        Self::SpotShareOffSeries,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotPositive => "TW2001",
            Self::InvertedSpot => "TW2002",
            Self::Jump => "TW2003",
            Self::Duplicate => "TW2007",
            Self::UnitSuspected => "TW2008",
            Self::MemoryUnit => "TW2010",
            Self::OffSeries => "TW2017",
            Self::SpotShareOffSeries => "TW2018",
        }
    }

    /// The name shown to people.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotPositive => "zero-or-negative",
            Self::InvertedSpot => "inverted-spot",
            Self::Jump => "jump",
            Self::Duplicate => "duplicate",
            Self::UnitSuspected => "unit-suspected",
            Self::MemoryUnit => "memory-unit",
            Self::OffSeries => "off-series",
            Self::SpotShareOffSeries => "spot-share-off-series",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A price that is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Quarantined {
    /// Where it is offered.
    pub region: RegionName,
    /// Vendor's name of the type.
    pub instance_type: String,
    /// Which of the row's prices.
    pub price: Price,
    /// Which rule.
    pub rule: Rule,
    /// The price as stated, dollars per hour.
    pub value: String,
    /// What was expected instead.
    pub expected: String,
    /// The reason in a sentence.
    pub reason: String,
    /// Line in the user's file; 0 if embedded.
    pub line: u32,
}

/// The rows with the prices that are believed, and the list of those that are not.
///
/// A row loses only the price that is suspect; it is left out when no price remains. The rules look at
/// nothing but the table itself and, for the jump rule, the prices before.
pub(crate) fn sift(offers: &Offers, settings: &MarketSettings) -> (Vec<PriceRow>, Vec<Quarantined>) {
    let mut rows = offers.rows.clone();
    let mut verdicts = simple::not_positive(&mut rows);
    verdicts.extend(simple::duplicates(&mut rows));
    verdicts.extend(memory::in_gb(offers, &mut rows));
    let standings = series::standings(offers, &rows);
    verdicts.extend(on_demand::judge(offers, &rows, &standings));
    verdicts.extend(spot::judge(offers, &rows, &standings, settings.allow_inverted));
    let mut quarantined = offers.unreadable.clone();
    quarantined.extend(verdicts.iter().map(|v| v.report(offers)));
    for verdict in &verdicts {
        match verdict.price {
            Price::OnDemand => rows[verdict.row].on_demand = None,
            Price::Spot => rows[verdict.row].spot = None,
        }
    }
    rows.retain(|r| r.on_demand.is_some() || r.spot.is_some());
    quarantined.sort();
    (rows, quarantined)
}

/// A price that a rule does not believe.
#[derive(Debug, Clone, PartialEq)]
struct Verdict {
    /// Index in the rows.
    row: usize,
    price: Price,
    rule: Rule,
    /// Nano-dollars per hour as stated.
    value: i64,
    /// Nano-dollars per hour expected, where the rule expects one.
    expected: Option<f64>,
    /// What it was compared with.
    against: String,
}

impl Verdict {
    fn report(&self, offers: &Offers) -> Quarantined {
        let row = offers.rows[self.row];
        let value = UsdPerHour::from_nanos(self.value);
        let expected = match self.expected {
            Some(nanos) => format!("about {:.6}", UsdPerHour::from_nanos(nanos.round() as i64)),
            None if self.rule == Rule::Duplicate => "one row per offer".to_owned(),
            None if self.rule == Rule::MemoryUnit => "memory_gib in GiB".to_owned(),
            None => "a price above zero".to_owned(),
        };
        let ratio = self.expected.map_or_else(String::new, |e| format!("{:.2}x ", self.value as f64 / e));
        Quarantined {
            region: offers.regions[usize::from(row.region)].clone(),
            instance_type: offers.types[row.kind as usize].name.clone(),
            price: self.price,
            rule: self.rule,
            value: value.to_string(),
            expected,
            reason: format!("the {} price is {ratio}{}", self.price, self.against),
            line: row.line,
        }
    }
}

/// The middle of the values, or the mean of the two in the middle; `None` of nothing.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(values[n / 2]),
        _ => Some(f64::midpoint(values[n / 2 - 1], values[n / 2])),
    }
}

/// The value below which a share of the sorted values lies.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}
