//! The simulator against closed forms, for people and programs.

use serde::Serialize;
use tradewind_sim::draws::GENERATOR;
use tradewind_sim::validate::Row;

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
}

impl Report {
    /// Of these rows.
    pub fn new(rows: Vec<Row>, seed: u64, until_ci: f64) -> Self {
        let all_inside = rows.iter().all(|r| r.inside);
        Self { schema: "tradewind.validate/1", seed, generator: GENERATOR, until_ci, all_inside, rows }
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

    #[test]
    fn what_is_outside_is_told() {
        let row = |simulated: f64, inside| Row {
            name: "n",
            model: "m",
            source: "s",
            expected: 1.5,
            simulated,
            half_width_99: 0.002,
            inside,
            sharp: inside,
            replications: 1200,
        };
        let report = Report::new(vec![row(1.501, true), row(1.6, false)], 7, 0.005);
        assert!(!report.all_inside);
        insta::assert_snapshot!(report.page().to_text(crate::output::Style::PLAIN), @r"
        1 of 2 closed forms lie in the simulation's 99 % interval, 0.5 % wide to either side at most
        2,400 replications, seed 7, philox4x32-10.

        Checks
          check  closed form  simulated  99 % +-    off by  replications  verdict
          -----  -----------  ---------  -------  --------  ------------  -------
          n          1.50000    1.50100  0.00200  +0.067 %          1200  inside
          n          1.50000    1.60000  0.00200  +6.667 %          1200  OUTSIDE

        Models
          - n: m. Closed form: s.
          - n: m. Closed form: s.
        ");
    }
}
