//! The file of replications: one row each, with what they were made from, so that a run can go on from it.

mod origin;
mod rows;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tradewind_core::plan::Plan;
use tradewind_datasets::figures::FigureTable;
use tradewind_datasets::queue::Problem;
use tradewind_sim::plan::{Shares, Simulated};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::whole_file;

pub use origin::Origin;

/// Largest file that is gone on from.
const MAX_BYTES: u64 = 4 << 30;

/// How the rows are written, by the end of the file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Parquet,
    Json,
    Csv,
}

/// A file of replications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replications {
    path: PathBuf,
    kind: Kind,
}

/// What is said of all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    origin: Origin,
    /// Exact sums by pool, for the report of a run that goes on.
    shares: Shares,
}

/// All of a JSON file: `docs/schema/replications.schema.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    origin: Origin,
    shares: Shares,
    replications: Vec<Map<String, Value>>,
}

impl std::str::FromStr for Replications {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let path = PathBuf::from(name);
        let kind = match path.extension().and_then(|e| e.to_str()) {
            Some("parquet") => Kind::Parquet,
            Some("json") => Kind::Json,
            Some("csv") => Kind::Csv,
            _ => return Err("write a name that ends in .parquet, .json or .csv".to_owned()),
        };
        Ok(Self { path, kind })
    }
}

impl Replications {
    /// As Parquet, whatever the name.
    pub fn parquet(path: PathBuf) -> Self {
        Self { path, kind: Kind::Parquet }
    }

    /// Writes all replications, whole or not at all.
    ///
    /// # Errors
    /// `TW4008` where it cannot be written.
    pub fn write(&self, plan: &Plan, origin: &Origin, simulated: &Simulated) -> Result<(), Failure> {
        let table = rows::table(plan, &simulated.outcomes);
        let head = Head { origin: origin.clone(), shares: simulated.shares.clone() };
        let bytes = match self.kind {
            // Our own columns are of one length, and our own types have string keys.
            Kind::Parquet => {
                let note = serde_json::to_string(&head).unwrap_or_default();
                FigureTable { note, ..table }.to_parquet().unwrap_or_default()
            }
            Kind::Json => {
                let whole = Whole { origin: head.origin, shares: head.shares, replications: rows::objects(&table) };
                let mut text = serde_json::to_vec(&whole).unwrap_or_default();
                text.push(b'\n');
                text
            }
            Kind::Csv => rows::csv(&table).into_bytes(),
        };
        whole_file::write(&self.path, &bytes)
    }

    /// Whether the file could be written.
    ///
    /// # Errors
    /// `TW4008`.
    pub fn expect_writable(&self) -> Result<(), Failure> {
        whole_file::expect_writable(&self.path)
    }

    /// The replications that an earlier run of the same plan, seed and scenario left; none where there is no file.
    ///
    /// # Errors
    /// `TW3010`, exit 6, where it was made from something else; `TW3011` where it is no such file; a usage error for
    /// CSV, which does not say what it was made from.
    pub fn earlier(&self, plan: &Plan, origin: &Origin) -> Result<Option<Simulated>, Failure> {
        if self.kind == Kind::Csv {
            let help = "name a .parquet or .json file: they say what they were made from";
            return Err(Failure::usage("--resume cannot go on from CSV", &self.name(), help));
        }
        let bytes = match read(&self.path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|e| Failure::new(Exit::BadInput, Problem::unreadable(&self.name(), &e)))?,
        };
        let (head, objects) = self.parsed(bytes)?;
        if let Some((what, theirs)) = origin.difference(&head.origin) {
            let problem = Problem::of_file("TW3010", format!("the replications are of another {what}"), &self.name());
            let help = "leave out --resume to begin anew, or name another file with -o";
            return Err(Failure::new(Exit::Stale, problem.got(theirs).help(help)));
        }
        let outcomes = rows::outcomes(plan, &objects).ok_or_else(|| self.broken("a row that does not fit the plan"))?;
        if outcomes.len() as u64 != head.shares.trials() {
            return Err(self.broken("rows that are not those it was closed with"));
        }
        Ok(Some(Simulated { seed: origin.seed(), outcomes, shares: head.shares }))
    }

    fn parsed(&self, bytes: Vec<u8>) -> Result<(Head, Vec<Map<String, Value>>), Failure> {
        let broken = |e: serde_json::Error| self.broken(&e.to_string());
        if self.kind == Kind::Json {
            let whole: Whole = serde_json::from_slice(&bytes).map_err(broken)?;
            return Ok((Head { origin: whole.origin, shares: whole.shares }, whole.replications));
        }
        let table = FigureTable::from_parquet(&self.name(), bytes)?;
        Ok((serde_json::from_str(&table.note).map_err(broken)?, rows::objects(&table)))
    }

    fn broken(&self, got: &str) -> Failure {
        let problem = Problem::of_file("TW3011", "these are no replications to go on from", &self.name());
        let accepted = "a file that `tradewind simulate -o` wrote";
        Failure::new(Exit::BadInput, problem.got(got).accepted(accepted).help("leave out --resume to begin anew"))
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.len() > MAX_BYTES {
        return Err(std::io::Error::other("it is larger than 4 GiB"));
    }
    std::fs::read(path)
}
