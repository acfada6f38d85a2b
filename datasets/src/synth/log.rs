//! The rows of a log: gap, runtime and size of every job, in order of arrival.

use super::chance::{Chance, below};
use crate::columnar::{Column, Table, TableFile};
use crate::error::{DataError, Place};

const FILE: &str = "embedded/philly-2017.twd";
const BYTES: &[u8] = include_bytes!("../../embedded/philly-2017.twd");
const TABLE: &str = "jobs";

/// Jobs in order of arrival, in whole seconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    gaps: Vec<u64>,
    runtimes: Vec<u64>,
    sizes: Vec<u32>,
}

impl Log {
    /// The one log whose rows are shipped.
    pub(crate) fn embedded() -> Result<Self, DataError> {
        Self::from_file(&TableFile::decode(FILE, BYTES)?)
    }

    fn from_file(file: &TableFile) -> Result<Self, DataError> {
        let jobs = file.table(TABLE)?;
        let whole = |name: &str| -> Result<Vec<u64>, DataError> {
            let cell = |v: &Option<i64>| v.and_then(|n| u64::try_from(n).ok());
            let damaged = || DataError::damaged(Place::file(FILE), format!("a gap in {name}"), "whole numbers");
            jobs.int(name)?.iter().map(cell).collect::<Option<_>>().ok_or_else(damaged)
        };
        let sizes = whole("size")?.into_iter().map(|n| n as u32).collect::<Vec<_>>();
        let log = Self { gaps: whole("gap_s")?, runtimes: whole("runtime_s")?, sizes };
        if log.len() == 0 {
            return Err(DataError::damaged(Place::file(FILE), "no jobs".to_owned(), "at least one job"));
        }
        Ok(log)
    }

    pub(crate) fn to_table(&self) -> Table {
        let int = |values: &[u64]| Column::int(values.iter().map(|&v| v as i64));
        let size = Column::int(self.sizes.iter().map(|&v| i64::from(v)));
        Table::new(TABLE, vec![("gap_s", int(&self.gaps)), ("runtime_s", int(&self.runtimes)), ("size", size)])
    }

    pub(crate) fn push(&mut self, gap: u64, runtime: u64, size: u32) {
        self.gaps.push(gap);
        self.runtimes.push(runtime);
        self.sizes.push(size);
    }

    pub(crate) fn len(&self) -> usize {
        self.gaps.len()
    }

    /// Gap to the job before, runtime, size.
    pub(crate) fn row(&self, i: usize) -> (u64, u64, u32) {
        (self.gaps[i], self.runtimes[i], self.sizes[i])
    }

    /// A row by chance, all rows alike.
    pub(crate) fn draw(&self, chance: Chance) -> (u64, u64, u32) {
        self.row(below(chance.bits("synth log row"), self.len() as u64) as usize)
    }
}
