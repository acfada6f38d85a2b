//! The folder of nights: `nights/DATE.NN.json` with what was answered, `plans/` with the plans, one holder at a time.
//!
//! A night is kept by one rename, after its plan is there: whatever happens, the state is the old or the new one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::time::Time;
use tradewind_datasets::queue::Problem;

use super::name;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::day;
use crate::render::reevaluate::report::Report;
use crate::{plan_file, render, whole_file};

/// The value of [`Record::schema`].
const SCHEMA: &str = "tradewind.night/1";
/// Nights that are looked back on.
const LOOKED_BACK: usize = 60;
/// Characters of a plan's hash in the name of its file.
const HASH: usize = 16;

/// A night that was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`SCHEMA`].
    schema: String,
    /// What it was asked: the same key has the same answer.
    pub key: String,
    /// File of its plan in `plans/`.
    plan: String,
    /// The answer.
    pub report: Report,
}

/// The folder, held until it is dropped.
pub struct State {
    folder: PathBuf,
    _lock: File,
}

impl State {
    /// Opens the folder, made where there is none, and holds it.
    ///
    /// # Errors
    /// `TW4006`, exit 75, where another night is under way; `TW4008` where it cannot be made.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        for part in ["nights", "plans"] {
            fs::create_dir_all(folder.join(part)).map_err(|e| Failure::unwritable(folder, &e))?;
        }
        let path = folder.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|e| Failure::unwritable(&path, &e))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                let problem = Problem::of_file("TW4006", "another night is under way", &name(folder));
                let problem =
                    problem.got("its lock is taken").help("try again when it is over, or take another --state");
                Err(Failure::new(Exit::Temporary, problem))
            }
            Err(TryLockError::Error(e)) => Err(Failure::unwritable(&path, &e)),
        }
    }

    /// The nights, oldest first; of many the latest.
    ///
    /// # Errors
    /// `TW4020` for a file that is no night.
    pub fn records(&self) -> Result<Vec<Record>, Failure> {
        let names = self.names()?;
        names[names.len().saturating_sub(LOOKED_BACK)..].iter().map(|n| self.record(n)).collect()
    }

    /// The plan of a night.
    ///
    /// # Errors
    /// Those of [`plan_file::read_sound`].
    pub fn plan(&self, record: &Record) -> Result<Plan, Failure> {
        plan_file::read_sound(&self.folder.join("plans").join(&record.plan))
    }

    /// Where a plan of this state is kept.
    pub fn file_of(&self, plan: &Plan) -> PathBuf {
        let hash: String = plan.content_hash.chars().take(HASH).collect();
        self.folder.join("plans").join(format!("{hash}.plan.json"))
    }

    /// Keeps a night.
    ///
    /// # Errors
    /// `TW4008`; the state is then as it was.
    pub fn keep(&self, key: &str, report: &Report, plan: &Plan) -> Result<Record, Failure> {
        let hash: String = plan.content_hash.chars().take(HASH).collect();
        let file = format!("{hash}.plan.json");
        whole_file::write(&self.folder.join("plans").join(&file), &plan_file::to_bytes(plan))?;
        let record = Record { schema: SCHEMA.to_owned(), key: key.to_owned(), plan: file, report: report.clone() };
        let date = day(report.night);
        let number = self.names()?.iter().filter(|n| n.starts_with(&date)).count();
        let path = self.folder.join("nights").join(format!("{date}.{number:02}.json"));
        whole_file::write(&path, render::json(&record).as_bytes())?;
        Ok(record)
    }

    fn names(&self) -> Result<Vec<String>, Failure> {
        let folder = self.folder.join("nights");
        let unread = |e: io::Error| Failure::new(Exit::BadInput, Problem::unreadable(&name(&folder), &e));
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unread)? {
            let file = entry.map_err(unread)?.file_name().to_string_lossy().into_owned();
            // What a killed night left half written begins with a dot.
            if file.ends_with(".json") && !file.starts_with('.') {
                names.push(file);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn record(&self, file: &str) -> Result<Record, Failure> {
        let path = self.folder.join("nights").join(file);
        let bytes = fs::read(&path).map_err(|e| Failure::new(Exit::BadInput, Problem::unreadable(&name(&path), &e)))?;
        let broken = |got: String| {
            let problem = Problem::of_file("TW4020", "a night of the state folder cannot be read", &name(&path));
            let help = "another version wrote it, or somebody edited it: take it away, or take another --state";
            Failure::new(Exit::BadInput, problem.got(got).accepted(SCHEMA).help(help))
        };
        let record: Record = serde_json::from_slice(&bytes).map_err(|e| broken(e.to_string()))?;
        if record.schema == SCHEMA { Ok(record) } else { Err(broken(record.schema)) }
    }
}

/// The newest of some nights that are not after `tonight`.
pub fn newest(records: &[Record], tonight: Time) -> Option<&Record> {
    records.iter().rev().find(|r| r.report.night <= tonight)
}

/// What the plans of the nights before cost, the last of each night.
pub fn spent(records: &[Record], tonight: Time) -> Vec<Usd> {
    let before: std::collections::BTreeMap<Time, Usd> =
        records.iter().filter(|r| r.report.night < tonight).map(|r| (r.report.night, r.report.plan.cost_usd)).collect();
    before.into_values().collect()
}
