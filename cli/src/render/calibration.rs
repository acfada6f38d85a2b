//! How a plan's intervals held, for people and programs.

use serde::Serialize;
use tradewind_sim::calibrate::Calibration;
use tradewind_sim::draws::GENERATOR;

use super::grid::{Grid, Side};
use super::report::Page;
use super::{percent, thousands};

/// What `tradewind bench calibrate` found: `docs/schema/calibration.schema.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    schema: &'static str,
    seed: u64,
    generator: &'static str,
    #[serde(flatten)]
    found: Calibration,
}

impl Report {
    /// Of one run.
    pub fn new(found: Calibration, seed: u64) -> Self {
        Self { schema: "tradewind.calibration/1", seed, generator: GENERATOR, found }
    }

    /// What was found.
    pub fn found(&self) -> &Calibration {
        &self.found
    }

    /// In one sentence.
    pub fn summary(&self) -> String {
        let c = &self.found;
        format!(
            "The 95 % interval of a plan's cost holds the truth in {} of {} worlds ({} to {})",
            percent(c.covered),
            thousands(c.scenarios),
            percent(c.covered_interval[0]),
            percent(c.covered_interval[1])
        )
    }

    /// The page.
    pub fn page(&self) -> Page {
        let c = &self.found;
        let mut page = Page::default();
        page.title(self.summary());
        page.line(format!(
            "Intervals from {} memoryless worlds each; {:.2} times as wide as those of an oracle that knows how the truth is drawn, which hold in {}. Missed tasks: {}.",
            thousands(c.sample),
            c.width_over_oracle,
            percent(c.oracle_covered),
            percent(c.missed_covered)
        ));
        page.line(format!("Seed {}, {}.", self.seed, self.generator));
        page.table("By tenths", table(c));
        page.table("By what the truth is made of", kinds(c));
        page
    }
}

/// A row for each tenth: where the truth lies in what is foreseen, and how often wide intervals hold.
pub fn table(c: &Calibration) -> Grid {
    let mut grid = Grid::new([
        ("tenth", Side::Right),
        ("truth in this tenth of the foreseen costs", Side::Right),
        ("held, of this tenth by risk", Side::Right),
    ]);
    for (i, (pit, held)) in c.pit.iter().zip(c.by_risk).enumerate() {
        grid.row([(i + 1).to_string(), percent(*pit), percent(held)]);
    }
    grid
}

/// A row for each kind of truth.
pub fn kinds(c: &Calibration) -> Grid {
    let mut grid = Grid::new([
        ("truth", Side::Left),
        ("worlds", Side::Right),
        ("held", Side::Right),
        ("missed tasks held", Side::Right),
        ("mean cost over the foreseen median", Side::Right),
    ]);
    for k in &c.by_kind {
        grid.row([
            k.kind.to_owned(),
            k.scenarios.to_string(),
            percent(k.covered),
            percent(k.missed_covered),
            format!("{:.3}", k.cost_over_median),
        ]);
    }
    grid
}
