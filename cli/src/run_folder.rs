//! Where runs are kept: a folder each, with the plan, the settings, the journal and the simulated clouds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use tradewind_core::hash;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_datasets::queue::{Problem, nearest};
use tradewind_scheduler::drive::{DriveError, Simulation, Trouble, recover, replay, tell_again};
use tradewind_scheduler::journal::{Chain, Entry, Journal, JournalError, Sqlite};
use tradewind_scheduler::run::{Run, Script};

use crate::commands::mcp::cloud::Root;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{plan_file, whole_file};

/// The value of [`Record::schema`].
const SCHEMA: &str = "tradewind.run/1";
const RECORD: &str = "run.json";
const PLAN: &str = "plan.json";
const JOURNAL: &str = "journal.db";

/// Where runs are kept.
#[derive(Debug, Clone, Default, Args)]
pub struct StateArgs {
    /// The folder of the runs [default: tradewind/runs in $XDG_STATE_HOME or ~/.local/state].
    #[arg(long, value_name = "DIR", env = "TRADEWIND_STATE")]
    pub state: Option<PathBuf>,
}

impl StateArgs {
    /// The folder.
    ///
    /// # Errors
    /// Nothing says where it could be.
    pub fn root(&self) -> Result<PathBuf, Failure> {
        match &self.state {
            Some(folder) => Ok(folder.clone()),
            None => Ok(Root::default().path()?.join("runs")),
        }
    }
}

/// What a run is of: written once, when it begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// `tradewind.run/1`.
    pub schema: String,
    /// Its name: the owner of all that it makes.
    pub run: String,
    /// Content hash of its plan.
    pub plan: String,
    /// Source of chance of the simulated clouds.
    pub seed: Seed,
    /// Most that may be spent on each cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_usd: Option<Usd>,
    /// What goes wrong on them.
    pub troubles: Vec<Trouble>,
}

impl Record {
    /// Of a plan under settings: the same plan under the same settings is the same run.
    pub fn new(plan: &Plan, seed: Seed, budget_usd: Option<Usd>, troubles: Vec<Trouble>) -> Self {
        let plan = plan.content_hash.clone();
        let name = hash::of(&(&plan, seed, budget_usd, &troubles));
        Self { schema: SCHEMA.to_owned(), run: format!("run-{}", &name[..10]), plan, seed, budget_usd, troubles }
    }

    /// The clouds that it runs on.
    pub fn simulation(&self) -> Simulation {
        let budget = self.budget_usd.unwrap_or(Usd::from_nanos(i64::MAX));
        Simulation { seed: self.seed, troubles: self.troubles.clone(), budget, limits: true }
    }
}

/// The folder of a run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    /// Where it is.
    pub path: PathBuf,
    /// What it is of.
    pub record: Record,
}

impl RunFolder {
    /// The folder of a run, made where there is none.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(state: &StateArgs, record: Record, plan: &Plan) -> Result<Self, Failure> {
        let path = state.root()?.join(&record.run);
        fs::create_dir_all(&path).map_err(|e| Failure::unwritable(&path, &e))?;
        let folder = Self { path, record };
        // The record comes last: a folder without one holds no run.
        if !folder.path.join(RECORD).exists() {
            whole_file::write(&folder.path.join(PLAN), &plan_file::to_bytes(plan))?;
            let text = serde_json::to_vec_pretty(&folder.record).unwrap_or_default();
            whole_file::write(&folder.path.join(RECORD), &text)?;
        }
        Ok(folder)
    }

    /// Whether a leader ever began a run of this record.
    ///
    /// # Errors
    /// Nothing says where runs are.
    pub fn has_begun_as(state: &StateArgs, record: &Record) -> Result<bool, Failure> {
        let path = state.root()?.join(&record.run);
        Ok(Self::at(&path).is_some_and(|folder| folder.record == *record && folder.has_begun()))
    }

    /// All runs, by name.
    ///
    /// # Errors
    /// The folder cannot be found out.
    pub fn all(state: &StateArgs) -> Result<Vec<Self>, Failure> {
        let entries = fs::read_dir(state.root()?).into_iter().flatten().flatten();
        let mut all: Vec<Self> = entries.filter_map(|e| Self::at(&e.path())).collect();
        all.sort_by(|a, b| a.record.run.cmp(&b.record.run));
        Ok(all)
    }

    /// A run by its name, or by the beginning of it.
    ///
    /// # Errors
    /// `TW4022`, exit 4, where there is none, or more than one.
    pub fn find(state: &StateArgs, name: &str) -> Result<Self, Failure> {
        let all = Self::all(state)?;
        let mut matching: Vec<Self> = all.iter().filter(|f| f.record.run.starts_with(name)).cloned().collect();
        if let (1, Some(found)) = (matching.len(), matching.pop()) {
            return Ok(found);
        }
        let names: Vec<&str> = all.iter().map(|f| f.record.run.as_str()).collect();
        let problem = Problem::of_file("TW4022", "no such run", &state.root()?.display().to_string());
        let problem =
            problem.got(name).accepted(if names.is_empty() { "none yet".to_owned() } else { names.join(", ") });
        let near = nearest(name, names.iter().copied());
        let help = near.map_or("`tradewind runs` lists them".to_owned(), |near| format!("did you mean {near:?}?"));
        Err(Failure::new(Exit::BadInput, problem.help(help)))
    }

    fn at(path: &Path) -> Option<Self> {
        let record: Record = serde_json::from_slice(&fs::read(path.join(RECORD)).ok()?).ok()?;
        (record.schema == SCHEMA).then(|| Self { path: path.to_owned(), record })
    }

    /// What the run follows.
    ///
    /// # Errors
    /// Its plan cannot be read.
    pub fn script(&self) -> Result<Arc<Script>, Failure> {
        self.script_of(plan_file::read_sound(&self.path.join(PLAN))?)
    }

    /// What the run follows, of its plan as it was read.
    ///
    /// # Errors
    /// `TW3006`, exit 5: the plan does not hold.
    pub fn script_of(&self, plan: Plan) -> Result<Arc<Script>, Failure> {
        let script = Script::new(&self.record.run, plan).map_err(|e| {
            let problem = Problem::of_file("TW3006", "the plan does not hold", &self.name(PLAN)).got(e.to_string());
            Failure::new(Exit::Violation, problem.help("`tradewind check` lists every violation"))
        })?;
        Ok(Arc::new(script))
    }

    /// Its journal, held.
    ///
    /// # Errors
    /// `TW4006`, exit 75, while another process leads the run; `TW4021` where it is broken.
    pub fn journal(&self) -> Result<Sqlite, Failure> {
        Sqlite::open(&self.path.join(JOURNAL)).map_err(|e| self.failure(&e.into()))
    }

    /// Whether a leader ever began it.
    pub fn has_begun(&self) -> bool {
        self.path.join(JOURNAL).exists()
    }

    /// Its journal, held; nothing while another process leads the run.
    ///
    /// # Errors
    /// `TW4021` where it is broken, `TW4023` where its store failed.
    pub fn journal_unless_led(&self) -> Result<Option<Sqlite>, Failure> {
        match Sqlite::open(&self.path.join(JOURNAL)) {
            Err(JournalError::Held) => Ok(None),
            opened => opened.map(Some).map_err(|e| self.failure(&e.into())),
        }
    }

    /// The entries of its journal; none before it began.
    ///
    /// # Errors
    /// As [`RunFolder::journal`].
    pub fn entries(&self) -> Result<Vec<Entry>, Failure> {
        let read = self.read()?.map_or(Ok(Vec::new()), |journal| journal.entries());
        read.map_err(|e| self.failure(&e.into()))
    }

    /// The run as its journal leaves it.
    ///
    /// # Errors
    /// As [`RunFolder::journal`] and [`RunFolder::script`].
    pub fn recovered(&self) -> Result<Run, Failure> {
        let script = self.script()?;
        match self.read()? {
            None => Ok(Run::new(script)),
            Some(journal) => Ok(recover(script, &journal).map_err(|e| self.failure(&e))?.run),
        }
    }

    /// The run and the end of its chain, told from the start of its journal.
    ///
    /// # Errors
    /// As [`RunFolder::recovered`].
    pub fn told_again(&self) -> Result<(Run, Chain), Failure> {
        let script = self.script()?;
        let told = match self.read()? {
            None => replay(script, &[]),
            Some(journal) => tell_again(script, &journal),
        };
        told.map_err(|e| self.failure(&e))
    }

    /// Its journal, to be read while another process may lead; nothing before it began.
    fn read(&self) -> Result<Option<Sqlite>, Failure> {
        let path = self.path.join(JOURNAL);
        let journal = path.exists().then(|| Sqlite::read(&path)).transpose();
        journal.map_err(|e| self.failure(&e.into()))
    }

    /// A file in it, for messages.
    pub fn name(&self, file: &str) -> String {
        self.path.join(file).display().to_string()
    }

    /// Why a run does not go on.
    pub fn failure(&self, error: &DriveError) -> Failure {
        drive_failure(&self.name(JOURNAL), error)
    }
}

/// Why a run does not go on, or one of the runs in a folder.
pub fn drive_failure(place: &str, error: &DriveError) -> Failure {
    let of = |code, title: &str| Problem::of_file(code, title, place).got(error.to_string());
    match error {
        DriveError::Journal(JournalError::Held) | DriveError::Fenced(_) => {
            let problem = of("TW4006", "another process leads the run");
            Failure::new(Exit::Temporary, problem.help("wait for it, or end it; the same command goes on"))
        }
        DriveError::Journal(JournalError::Store(_)) => {
            let problem = of("TW4023", "the run cannot go on");
            Failure::new(Exit::Temporary, problem.help("free the disk; the same command goes on"))
        }
        DriveError::Journal(_) | DriveError::Unlike(_) => {
            let problem = of("TW4021", "the journal is not what was written");
            Failure::new(Exit::Violation, problem.help("keep the folder as evidence; another --state begins anew"))
        }
        DriveError::Stopped | DriveError::Stuck(_) => {
            let problem = of("TW4023", "the run cannot go on");
            Failure::new(Exit::Temporary, problem.help("`tradewind replay` tells what happened; please report it"))
        }
    }
}
