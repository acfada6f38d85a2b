//! The state of a watch: what was acknowledged, its runs, its clouds, and the settings that they were begun with.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tradewind_core::seed::Seed;
use tradewind_datasets::LoadedMarket;
use tradewind_datasets::queue::Problem;
use tradewind_scheduler::drive::Trouble;

use super::RunArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::whole_file;

const SCHEMA: &str = "tradewind.watch/1";
/// Within the folder that is watched: its name ends in nothing that is read.
const DEFAULT: &str = ".tradewind";
const SETTINGS: &str = "watch.json";

/// What a watch is begun with: its clouds are no others later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `tradewind.watch/1`.
    schema: String,
    /// Content hash of the market.
    market: String,
    /// Source of chance.
    seed: Seed,
    /// What goes wrong.
    troubles: Vec<Trouble>,
}

impl Settings {
    /// Of the arguments.
    pub fn new(args: &RunArgs, loaded: &LoadedMarket, troubles: &[Trouble]) -> Self {
        let (schema, market) = (SCHEMA.to_owned(), loaded.hash.clone());
        Self { schema, market, seed: Seed(args.seed), troubles: troubles.to_vec() }
    }
}

/// The folder of the state.
pub struct WatchFolder(PathBuf);

impl WatchFolder {
    /// The folder, made where there is none.
    ///
    /// # Errors
    /// `TW4030`, exit 4, where there is nothing to watch; `TW4008`.
    pub fn open(args: &RunArgs) -> Result<Self, Failure> {
        if !args.watch.is_dir() {
            let problem = Problem::of_file("TW4030", "the folder cannot be watched", &args.watch.display().to_string());
            let problem = problem.got("no such folder").accepted("a folder that queues are dropped into");
            return Err(Failure::new(Exit::BadInput, problem.help("make it, and let the batch scheduler write there")));
        }
        let folder = args.state.clone().unwrap_or_else(|| args.watch.join(DEFAULT));
        std::fs::create_dir_all(folder.join("runs")).map_err(|e| Failure::unwritable(&folder, &e))?;
        Ok(Self(folder))
    }

    /// The store.
    pub fn file(&self) -> PathBuf {
        self.0.join("watch.db")
    }

    /// The runs.
    pub fn runs(&self) -> PathBuf {
        self.0.join("runs")
    }

    /// The simulated clouds.
    pub fn clouds(&self) -> PathBuf {
        self.0.join("clouds")
    }

    /// The settings that it was begun with, written where there are none.
    ///
    /// # Errors
    /// `TW4033`, exit 6, where they are others.
    pub fn expect_same(&self, settings: &Settings) -> Result<(), Failure> {
        let path = self.0.join(SETTINGS);
        if !path.exists() {
            return whole_file::write(&path, &serde_json::to_vec_pretty(settings).unwrap_or_default());
        }
        match read(&path) {
            Some(before) if before == *settings => Ok(()),
            before => {
                let problem =
                    Problem::of_file("TW4033", "the watch was begun with other settings", &path.display().to_string());
                let got = before.map_or("unreadable", |b| b.differs(settings));
                let help = "give the settings it was begun with, or another --state to begin anew";
                Err(Failure::new(
                    Exit::Stale,
                    problem.got(got).accepted("the same market, seed and troubles").help(help),
                ))
            }
        }
    }
}

impl Settings {
    fn differs(&self, other: &Self) -> &'static str {
        match () {
            () if self.market != other.market => "another market",
            () if self.seed != other.seed => "another seed",
            () => "other troubles",
        }
    }
}

fn read(path: &Path) -> Option<Settings> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}
