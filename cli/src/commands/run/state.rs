//! The state of a watch: what was acknowledged, its runs, its clouds, and the settings that they were begun with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tradewind_core::market::Market;
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
use tradewind_datasets::LoadedMarket;
use tradewind_datasets::queue::Problem;
use tradewind_scheduler::drive::{Scene, Simulation, Trouble};

use super::RunArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::run_folder::StateArgs;
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

    /// The same on a market.
    pub fn on(&self, loaded: &LoadedMarket) -> Self {
        Self { market: loaded.hash.clone(), ..self.clone() }
    }

    /// Where its clouds begin: all of the market's, at the market's instant.
    pub fn scene(&self, market: &Market) -> Scene {
        let clouds = market.clouds.iter().map(|cloud| cloud.name.clone()).collect();
        Scene { market: Arc::new(market.clone()), clouds, begins: market.as_of, start: market.as_of }
    }

    /// How its clouds are simulated.
    pub fn simulation(&self) -> Simulation {
        let (troubles, budget) = (self.troubles.clone(), Usd::from_nanos(i64::MAX));
        Simulation { seed: self.seed, troubles, budget, limits: true }
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

    /// The state of a watch that a folder is, holds, or is the runs of.
    pub fn around(folder: &Path) -> Option<Self> {
        let candidates = [Some(folder.to_owned()), Some(folder.join(DEFAULT)), folder.parent().map(Path::to_owned)];
        let is_watch = |path: &PathBuf| path.join(SETTINGS).is_file();
        candidates.into_iter().flatten().find(is_watch).map(Self)
    }

    /// Why nobody but the watch goes on with its runs.
    fn owns(&self, runs: &Path) -> Failure {
        let problem = Problem::of_file("TW4040", "the runs here belong to a watch", &runs.display().to_string());
        let problem = problem.got(format!("the state of a watch at {}", self.0.display()));
        let help = "`tradewind run --watch` goes on with them; a plan of your own takes another --state";
        Failure::new(Exit::Violation, problem.accepted("a folder of runs that no watch leads").help(help))
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

    /// The settings that it was begun with.
    ///
    /// # Errors
    /// `TW4033`, exit 6, where they cannot be read.
    pub fn settings(&self) -> Result<Settings, Failure> {
        read(&self.0.join(SETTINGS)).ok_or_else(|| self.other_settings("unreadable"))
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
            before => Err(self.other_settings(before.map_or("unreadable", |b| b.differs(settings)))),
        }
    }

    fn other_settings(&self, got: &str) -> Failure {
        let name = self.0.join(SETTINGS).display().to_string();
        let problem = Problem::of_file("TW4033", "the watch was begun with other settings", &name);
        let help = "give the settings it was begun with, or another --state to begin anew";
        Failure::new(Exit::Stale, problem.got(got).accepted("the same market, seed and troubles").help(help))
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

/// Refuses runs that a watch leads: what it acknowledged is its own to carry out.
///
/// # Errors
/// `TW4040`, exit 5.
pub fn expect_no_watch(state: &StateArgs) -> Result<(), Failure> {
    let root = state.root()?;
    match WatchFolder::around(&root).filter(|watch| watch.runs() == root) {
        Some(watch) => Err(watch.owns(&root)),
        None => Ok(()),
    }
}

fn read(path: &Path) -> Option<Settings> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}
