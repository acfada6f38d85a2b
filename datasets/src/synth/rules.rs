//! `datasets/synth/rules.csv`: the figures of the rules, each with its reason.

use std::collections::BTreeMap;
use std::str::FromStr;

use tradewind_core::money::Usd;
use tradewind_core::time::Millis;

use super::weighted::closed;
use crate::csv_table;
use crate::error::{DataError, Place};

const FILE: &str = "synth/rules.csv";
const BYTES: &[u8] = include_bytes!("../../synth/rules.csv");
const COLUMNS: [&str; 3] = ["rule", "value", "reason"];

/// What holds for every queue.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Shortest median runtime.
    pub(crate) runtime_min: Millis,
    /// Longest median runtime.
    pub(crate) runtime_max: Millis,
    /// Longest gap between two arrivals, before they are fitted into the span.
    pub(crate) gap_max: Millis,
    /// Distances of the slots on which arrivals may stand, coarsest first.
    pub(crate) arrival_grid: Vec<Millis>,
    /// Tail exponent of a class's weight.
    pub(crate) class_tail: f64,
    /// Jobs of a hundred that wait for the job before them.
    pub(crate) waiting_percent: f64,
    /// Added to every deadline.
    pub(crate) deadline_floor: Millis,
    /// Added to every budget.
    pub(crate) budget_floor: Usd,
    /// Added to a budget per GB moved.
    pub(crate) budget_per_gb: Usd,
    /// Reference price of a vCPU-hour.
    pub(crate) usd_per_vcpu_hour: Usd,
    reasons: BTreeMap<String, String>,
}

impl Rules {
    /// The embedded rules.
    pub(crate) fn embedded() -> Result<Self, DataError> {
        Self::read(FILE, BYTES)
    }

    fn read(file: &str, bytes: &[u8]) -> Result<Self, DataError> {
        let mut cells = Cells { file: file.to_owned(), values: BTreeMap::new() };
        let mut reasons = BTreeMap::new();
        let header = csv_table::for_each_row(file, bytes, &COLUMNS, |row| {
            let rule = row.required("rule")?.to_owned();
            reasons.insert(rule.clone(), row.required("reason")?.to_owned());
            match cells.values.insert(rule, (row.line, row.required("value")?.to_owned())) {
                None => Ok(()),
                Some(_) => Err(row.malformed("rule", "one row a rule", "remove one of the two")),
            }
        })?;
        closed(file, &header, &COLUMNS)?;
        let rules = Self {
            runtime_min: cells.take("runtime_min")?,
            runtime_max: cells.take("runtime_max")?,
            gap_max: cells.take("gap_max")?,
            arrival_grid: cells.list("arrival_grid")?,
            class_tail: cells.take("class_tail")?,
            waiting_percent: cells.take("waiting_percent")?,
            deadline_floor: cells.take("deadline_floor")?,
            budget_floor: cells.take("budget_floor")?,
            budget_per_gb: cells.take("budget_per_gb")?,
            usd_per_vcpu_hour: cells.take("usd_per_vcpu_hour")?,
            reasons,
        };
        match cells.values.first_key_value() {
            None => Ok(rules),
            Some((rule, (line, _))) => {
                let place = Place::cell(file, *line, "rule");
                Err(DataError::malformed(place, format!("{rule:?}"), "the rules of datasets/SCHEMA.md", "remove it"))
            }
        }
    }

    /// Why a rule is as it is.
    pub(crate) fn reason(&self, rule: &str) -> &str {
        self.reasons.get(rule).map_or("", String::as_str)
    }
}

/// Values not yet taken, with their lines.
struct Cells {
    file: String,
    values: BTreeMap<String, (u64, String)>,
}

impl Cells {
    fn text(&mut self, rule: &str) -> Result<(u64, String), DataError> {
        let missing = || DataError::malformed(Place::file(&*self.file), format!("no rule {rule}"), rule, "add the row");
        self.values.remove(rule).ok_or_else(missing)
    }

    fn take<T: FromStr>(&mut self, rule: &str) -> Result<T, DataError> {
        let (line, text) = self.text(rule)?;
        text.parse().map_err(|_| self.wrong(line, &text))
    }

    /// Items separated by `;`.
    fn list<T: FromStr>(&mut self, rule: &str) -> Result<Vec<T>, DataError> {
        let (line, text) = self.text(rule)?;
        text.split(';').map(str::parse).collect::<Result<_, _>>().map_err(|_| self.wrong(line, &text))
    }

    fn wrong(&self, line: u64, text: &str) -> DataError {
        let place = Place::cell(&*self.file, line, "value");
        DataError::malformed(place, format!("{text:?}"), "a value with the rule's unit", "see datasets/SCHEMA.md")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_known_whole_and_unique() {
        let text = std::str::from_utf8(BYTES).unwrap();
        let read = |text: &str| Rules::read("r.csv", text.as_bytes()).map(|r| r.gap_max);
        assert_eq!(read(text).unwrap(), Millis::from_hours(6));
        assert!(read(&text.replace("gap_max", "gap_most")).is_err(), "a missing and a strange rule");
        assert!(read(&format!("{text}strange,1,why\n")).is_err(), "a strange rule");
        assert!(read(&format!("{text}gap_max,6h,again\n")).is_err(), "a rule twice");
        assert!(read(&text.replace("6h", "6")).is_err(), "a duration without a unit");
    }
}
