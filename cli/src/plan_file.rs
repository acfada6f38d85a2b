//! Plan files: read with care, written so that a line-wise diff is readable.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tradewind_core::check;
use tradewind_core::plan::{Plan, SCHEMA};
use tradewind_datasets::queue::Problem;

use crate::exit::Exit;
use crate::failure::Failure;

/// Largest plan file that is read.
const MAX_BYTES: u64 = 1 << 30;

/// Reads a plan as it stands, without judging its content.
///
/// # Errors
/// `TW1000` where it cannot be read, `TW3003` where a newer Tradewind wrote it, `TW3007` where it is
/// cut off or no plan.
pub fn read(path: &Path) -> Result<Plan, Failure> {
    let name = path.display().to_string();
    let bytes = read_bounded(path).map_err(|e| Failure::new(Exit::BadInput, Problem::unreadable(&name, &e)))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::new(Exit::BadInput, unreadable_plan(&name, &bytes, &error)))
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let meta = fs::metadata(path)?;
    if meta.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    if meta.len() > MAX_BYTES {
        return Err(io::Error::other("it is larger than 1 GiB"));
    }
    let mut bytes = Vec::new();
    // Of a device or a pipe the length is not known before.
    fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES { Err(io::Error::other("it is larger than 1 GiB")) } else { Ok(bytes) }
}

fn unreadable_plan(name: &str, bytes: &[u8], error: &serde_json::Error) -> Problem {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head = serde_json::from_slice::<Head>(bytes).ok().map(|h| h.schema);
    if let Some(schema) = head.filter(|s| s != SCHEMA) {
        let known = schema.starts_with("tradewind.plan/");
        let (code, title) =
            if known { ("TW3003", "the plan is of another version") } else { ("TW3007", "the file is no plan") };
        return Problem::of_file(code, title, name)
            .got(format!("{schema:?}"))
            .accepted(format!("{SCHEMA:?}"))
            .help("read it with the version that wrote it, or plan again");
    }
    let (title, help) = if bytes.is_empty() {
        ("the file is empty", "plan again")
    } else if error.is_eof() {
        ("the plan is cut off", "the file ends in the middle; plan again")
    } else {
        ("the file is no plan", "give a file that `tradewind plan -o` wrote")
    };
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    let problem = Problem::of_file("TW3007", title, name).got(what).accepted(format!("a whole {SCHEMA:?}")).help(help);
    if bytes.is_empty() { problem } else { problem.line(error.line() as u64).column(error.column() as u64) }
}

/// Whether a plan with another schema slipped through: `TW3003`, exit 4.
pub fn expect_schema(plan: &Plan, path: &Path) -> Result<(), Failure> {
    if plan.schema == SCHEMA {
        return Ok(());
    }
    let problem = Problem::of_file("TW3003", "the plan is of another version", &path.display().to_string())
        .got(format!("{:?}", plan.schema))
        .accepted(format!("{SCHEMA:?}"))
        .help("read it with the version that wrote it, or plan again");
    Err(Failure::new(Exit::BadInput, problem))
}

/// The bytes of a plan file: valid JSON, one line an item of each table, so that `diff` is readable.
pub fn to_bytes(plan: &Plan) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, ItemPerLine { depth: 0 });
    // A plan has string keys and finite numbers, and memory does not fail.
    let written = plan.serialize(&mut writer);
    debug_assert!(written.is_ok(), "{written:?}");
    bytes.push(b'\n');
    bytes
}

/// Reads a plan whose content is what its hash says and whose inputs hold together: what every command
/// that builds on a plan needs. Whether the plan is right is the business of `check`.
///
/// # Errors
/// As [`read`]; `TW3001`, exit 6, where it was edited; `TW3006`, exit 5, where its inputs make no sense.
pub fn read_sound(path: &Path) -> Result<Plan, Failure> {
    let plan = read(path)?;
    expect_schema(&plan, path)?;
    let name = path.display().to_string();
    let computed = plan.computed_hash();
    if plan.content_hash != computed {
        let problem = Problem::of_file("TW3001", "the plan was changed after it was made", &name)
            .got(format!("content of hash {computed}"))
            .accepted(format!("content of hash {}", plan.content_hash))
            .help("plan again; `tradewind check` says what does not hold");
        return Err(Failure::new(Exit::Stale, problem));
    }
    match check::check_inputs(&plan).violations.into_iter().next() {
        None => Ok(plan),
        Some(v) => {
            let problem = Problem::of_file("TW3006", "the plan does not hold together", &name).at(v.at);
            let problem = problem.got(v.got).accepted(v.expected).help("`tradewind check` lists every violation");
            Err(Failure::new(Exit::Violation, problem))
        }
    }
}

/// Breaks lines at the first two levels only.
struct ItemPerLine {
    depth: usize,
}

impl ItemPerLine {
    /// Deepest level whose items get a line of their own.
    const LEVELS: usize = 2;

    fn begin<W: ?Sized + Write>(&mut self, w: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        w.write_all(bracket)
    }

    fn item<W: ?Sized + Write>(&self, w: &mut W, first: bool) -> io::Result<()> {
        if !first {
            w.write_all(b",")?;
        }
        if self.depth <= Self::LEVELS {
            w.write_all(b"\n")?;
            (1..self.depth).try_for_each(|_| w.write_all(b" "))?;
        }
        Ok(())
    }

    fn end<W: ?Sized + Write>(&mut self, w: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        w.write_all(bracket)
    }
}

impl serde_json::ser::Formatter for ItemPerLine {
    fn begin_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.begin(w, b"[")
    }
    fn end_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.end(w, b"]")
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.item(w, first)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.begin(w, b"{")
    }
    fn end_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.end(w, b"}")
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.item(w, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        w.write_all(b":")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn items_stand_on_lines_of_their_own() {
        let value = serde_json::json!({"a": [{"x": [1, 2]}, {"y": {}}], "b": [], "c": {"d": {"e": 1}}});
        let mut bytes = Vec::new();
        let mut writer = serde_json::Serializer::with_formatter(&mut bytes, ItemPerLine { depth: 0 });
        value.serialize(&mut writer).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text, "{\n\"a\":[\n {\"x\":[1,2]},\n {\"y\":{}}],\n\"b\":[],\n\"c\":{\n \"d\":{\"e\":1}}}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
