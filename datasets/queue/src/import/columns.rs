//! Tables of other schedulers: cells by the names of their columns.

use csv::StringRecord;

use super::draft::{Draft, Place};
use crate::intake::Intake;
use crate::problem::Problem;

/// The names of a header.
pub(crate) struct Columns(Vec<String>);

impl Columns {
    /// Those of a header that has all of `required`; columns outside `known` are noted as ignored.
    pub(crate) fn of(
        header: &StringRecord,
        line: u64,
        required: &[&str],
        known: &[&str],
        intake: &mut Intake<'_>,
    ) -> Option<Self> {
        let columns = Self(header.iter().map(|name| name.trim().to_owned()).collect());
        let missing: Vec<&str> = required.iter().copied().filter(|name| columns.index(name).is_none()).collect();
        if !missing.is_empty() {
            let problem = Problem::of_file("TW1029", "columns are missing", intake.file).line(line);
            intake.push(problem.got(format!("no {}", missing.join(", "))).accepted(required.join(", ")));
            return None;
        }
        // A trailing delimiter makes an empty name.
        let unknown =
            columns.0.iter().filter(|name| !name.is_empty() && !known.iter().any(|k| k.eq_ignore_ascii_case(name)));
        unknown.for_each(|name| intake.notes.ignore(name));
        Some(columns)
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|n| n.eq_ignore_ascii_case(name))
    }

    pub(crate) fn row<'r>(&'r self, record: &'r StringRecord, line: u64) -> Row<'r> {
        Row { columns: self, record, line }
    }
}

/// A row.
pub(crate) struct Row<'r> {
    columns: &'r Columns,
    record: &'r StringRecord,
    line: u64,
}

impl<'r> Row<'r> {
    /// A cell that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&'r str> {
        let cell = self.record.get(self.columns.index(name)?)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    pub(crate) fn place(&self, name: &str) -> Place {
        Place::new(self.line, name)
    }

    pub(crate) fn draft<'a>(&self, file: &'a str) -> Draft<'a> {
        Draft::new(file, Place::new(self.line, ""))
    }

    /// A whole number; a cell that is none refuses `field`.
    pub(crate) fn count(&self, name: &str, field: &str, draft: &mut Draft<'_>) -> Option<u64> {
        let cell = self.get(name)?;
        let number = cell.parse::<u64>().ok().filter(|n| *n <= u64::from(u32::MAX));
        if number.is_none() {
            draft.refuse(field, &self.place(name), "not a count", cell, "a whole number");
        }
        number
    }
}
