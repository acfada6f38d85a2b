//! The simulator against closed forms, for people and programs.

use serde::Serialize;
use tradewind_sim::draws::GENERATOR;
use tradewind_sim::validate::Row;

use super::calibration;
use super::grid::{Grid, Side};
use super::report::Page;
use super::{percent, thousands};

/// What `tradewind bench validate` found: `docs/schema/validate.schema.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    schema: &'static str,
    seed: u64,
    generator: &'static str,
    /// The relative half-width asked for.
    until_ci: f64,
    /// Whether every closed form lies in its interval.
    pub all_inside: bool,
    /// A row for each check.
    pub rows: Vec<Row>,
    /// Whether a plan's 95 % intervals may hold the truth as often as [`BAND`] says.
    pub intervals_hold: bool,
    /// How often they do.
    calibration: calibration::Report,
}

/// Shares of the truth that 95 % intervals have to hold: fewer are too narrow, more too wide.
const BAND: [f64; 2] = [0.92, 0.98];

impl Report {
    /// Of these rows and intervals.
    pub fn new(rows: Vec<Row>, calibration: calibration::Report, seed: u64, until_ci: f64) -> Self {
        let [low, high] = calibration.found().covered_interval;
        Self {
            schema: "tradewind.validate/1",
            seed,
            generator: GENERATOR,
            until_ci,
            all_inside: rows.iter().all(|r| r.inside),
            rows,
            intervals_hold: high >= BAND[0] && low <= BAND[1],
            calibration,
        }
    }

    /// The page.
    pub fn page(&self) -> Page {
        let inside = self.rows.iter().filter(|r| r.inside).count();
        let replications = self.rows.iter().map(|r| r.replications).sum();
        let mut page = Page::default();
        page.title(format!(
            "{inside} of {} closed forms lie in the simulation's 99 % interval, {} wide to either side at most",
            self.rows.len(),
            percent(self.until_ci)
        ));
        page.line(format!("{} replications, seed {}, {}.", thousands(replications), self.seed, self.generator));
        page.table("Checks", table(&self.rows));
        let models: Vec<String> =
            self.rows.iter().map(|r| format!("{}: {}. Closed form: {}.", r.name, r.model, r.source)).collect();
        page.items("Models", &models);
        let intervals = &self.calibration;
        let verdict = if self.intervals_hold { "as they should" } else { "NOT AS THEY SHOULD" };
        let told = [intervals.summary(), format!("Held {verdict}: {} to {}.", percent(BAND[0]), percent(BAND[1]))];
        page.items("Intervals of a plan", &told);
        page.table("By what the truth is made of", calibration::kinds(intervals.found()));
        page
    }
}

/// A row for each check.
pub fn table(rows: &[Row]) -> Grid {
    let mut grid = Grid::new([
        ("check", Side::Left),
        ("closed form", Side::Right),
        ("simulated", Side::Right),
        ("99 % +-", Side::Right),
        ("off by", Side::Right),
        ("replications", Side::Right),
        ("verdict", Side::Left),
    ]);
    for r in rows {
        let verdict = match (r.inside, r.sharp) {
            (true, true) => "inside",
            (true, false) => "inside, but too wide",
            (false, _) => "OUTSIDE",
        };
        grid.row([
            r.name.to_owned(),
            format!("{:.5}", r.expected),
            format!("{:.5}", r.simulated),
            format!("{:.5}", r.half_width_99),
            format!("{:+.3} %", 100.0 * (r.simulated / r.expected - 1.0)),
            r.replications.to_string(),
            verdict.to_owned(),
        ]);
    }
    grid
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_sim::calibrate::{Calibration, KindRow};

    fn row(simulated: f64, inside: bool) -> Row {
        Row {
            name: "n",
            model: "m",
            source: "s",
            expected: 1.5,
            simulated,
            half_width_99: 0.002,
            inside,
            sharp: inside,
            replications: 1200,
        }
    }

    fn intervals(covered: f64, covered_interval: [f64; 2]) -> calibration::Report {
        let kind =
            KindRow { kind: "shocks", scenarios: 500, covered: 0.75, missed_covered: 0.5, cost_over_median: 1.25 };
        let found = Calibration {
            scenarios: 2000,
            sample: 999,
            covered,
            covered_interval,
            missed_covered: 0.5,
            oracle_covered: 0.95,
            width_over_oracle: 1.0,
            pit: [0.1; 10],
            by_risk: [covered; 10],
            by_kind: vec![kind],
        };
        calibration::Report::new(found, 7)
    }

    #[test]
    fn what_is_outside_is_told() {
        let rows = vec![row(1.501, true), row(1.6, false)];
        let report = Report::new(rows, intervals(0.9, [0.88, 0.91]), 7, 0.005);
        assert!(!report.all_inside && !report.intervals_hold);
        let text = report.page().to_text(crate::output::Style::PLAIN);
        for told in ["1 of 2 closed forms", "OUTSIDE", "in 90.0 % of 2,000 worlds", "NOT AS THEY SHOULD"] {
            assert!(text.contains(told), "{told}: {text}");
        }
    }

    #[test]
    fn intervals_are_blamed_only_where_it_is_sure() {
        let holds = |interval| Report::new(Vec::new(), intervals(0.95, interval), 7, 0.005).intervals_hold;
        assert_eq!([[0.9, 0.93], [0.9, 0.91], [0.97, 0.99], [0.985, 1.0]].map(holds), [true, false, true, false]);
    }
}
