//! Rows of separated text under a header, one at a time, with bounded lines.

use std::io::{BufRead, Read};

use csv::StringRecord;

use crate::MAX_LINE;
use crate::fields::At;
use crate::intake::Intake;
use crate::problem::Problem;
use crate::source;

/// How cells are separated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// Whether a cell may stand in double quotes.
    pub(crate) quoting: bool,
}

/// Commas, with quotes.
pub(crate) const CSV: Dialect = Dialect { delimiter: b',', quoting: true };

/// Reads a header by `header`, then each row by `row`, until one of them says stop. What is wrong with
/// the table itself goes to the intake.
pub(crate) fn read<H>(
    input: impl BufRead,
    dialect: Dialect,
    intake: &mut Intake<'_>,
    header: impl Fn(&StringRecord, u64, &mut Intake<'_>) -> Option<H>,
    mut row: impl FnMut(&H, &StringRecord, u64, &mut Intake<'_>) -> bool,
) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(dialect.delimiter)
        .quoting(dialect.quoting)
        .from_reader(LineLimit { input, run: 0 });
    let mut record = StringRecord::new();
    let mut columns: Option<H> = None;
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => {
                let stop = error.is_io_error() || columns.is_none();
                intake.push(problem_of(intake.file, line, &error));
                if stop {
                    return;
                }
                continue;
            }
        }
        let line = record.position().map_or(line, csv::Position::line);
        if let Some(at) = record.iter().position(|cell| cell.contains('\0')) {
            let problem = intake.sink(line).problem("TW1002", "a NUL byte", &At::Line);
            return intake.push(problem.got(format!("in column {}", at + 1)).accepted("UTF-8 without NUL bytes"));
        }
        match &columns {
            None => columns = header(&record, line, intake),
            Some(columns) => {
                if !row(columns, &record, line, intake) {
                    return;
                }
                continue;
            }
        }
        if columns.is_none() {
            return;
        }
    }
}

fn problem_of(name: &str, line: u64, error: &csv::Error) -> Problem {
    match error.kind() {
        csv::ErrorKind::Utf8 { pos, err } => {
            let (line, offset) = pos.as_ref().map_or((line, 0), |p| (p.line(), p.byte()));
            Problem::of_file("TW1002", "not UTF-8 text", name)
                .line(line)
                .got(format!("field {} of the row that starts at offset {offset}", err.field() + 1))
                .accepted("UTF-8 without NUL bytes")
        }
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            Problem::of_file("TW1003", "a row of another length than the header", name)
                .line(pos.as_ref().map_or(line, csv::Position::line))
                .got(format!("{len} cells"))
                .accepted(format!("{expected_len} cells"))
                .help("the file may be cut off, or a cell with a comma lacks its quotes")
        }
        csv::ErrorKind::Io(reason) if reason.get_ref().is_some_and(|r| r.is::<LongLine>()) => {
            Problem::of_file("TW1025", "a line longer than 1 MiB", name)
                .line(line)
                .got("more than 1048576 bytes")
                .accepted("shorter lines")
                .help("a quote may be missing; reading stopped here")
        }
        csv::ErrorKind::Io(reason) => source::unreadable(name, reason),
        _ => Problem::of_file("TW1003", "broken CSV", name).line(line).got(error.to_string()),
    }
}

/// Stops at a line that is too long, so that a binary file or a missing quote cannot fill memory.
struct LineLimit<R> {
    input: R,
    run: usize,
}

/// Raised by [`LineLimit`].
#[derive(Debug, thiserror::Error)]
#[error("a line longer than 1 MiB")]
struct LongLine;

impl<R: BufRead> Read for LineLimit<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.input.read(out)?;
        for run in out[..n].split_inclusive(|b| *b == b'\n') {
            self.run += run.len();
            if self.run > MAX_LINE {
                return Err(std::io::Error::other(LongLine));
            }
            if run.ends_with(b"\n") {
                self.run = 0;
            }
        }
        Ok(n)
    }
}
