//! Clouds that are kept together: those of a run, or those that the runs of a watch share. Who holds their lock may
//! look into them.

use tradewind_core::time::{Millis, Time};
use tradewind_scheduler::drive::{Clients, Scene, recover};
use tradewind_scheduler::gc::{Owner, Owners};
use tradewind_scheduler::journal::Sqlite;
use tradewind_scheduler::watch::store::{Store, StoreError};

use crate::args::MarketArgs;
use crate::commands::apply::open_failure;
use crate::commands::run::failures::store_failure;
use crate::commands::run::state::WatchFolder;
use crate::config::Config;
use crate::failure::Failure;
use crate::inputs::load_market;
use crate::run_folder::{RunFolder, StateArgs};

/// After the last time that anybody knew of: clouds show what is new late, at most minutes (a look every five, as R4 has
/// it).
const LATER: Millis = Millis::from_secs(5 * 60);

/// Where clouds are kept.
pub enum Place {
    /// A run by itself.
    Run(RunFolder),
    /// A watch with its runs.
    Watch(WatchFolder),
}

/// Clouds that nobody else uses while this lives.
pub struct Ground {
    /// Of the run, or `watch`.
    pub name: String,
    /// Clients of the clouds' servers.
    pub hands: Clients,
    /// The clouds that were ever called.
    pub clouds: Vec<String>,
    /// The runs that are known there.
    pub owners: Owners,
    /// When they are looked at.
    pub now: Time,
    _lock: Lock,
}

/// What keeps leaders out.
enum Lock {
    Run { _journal: Sqlite },
    Watch { _store: Store },
}

/// What was found at a place.
pub enum Found {
    /// It is ours.
    Ours(Box<Ground>),
    /// A process leads there.
    Led(String),
    /// No cloud was ever called.
    Untouched,
}

/// Where the state keeps clouds: a watch, where the folder is one or belongs to one, else its runs.
pub fn places(state: &StateArgs) -> Result<Vec<Place>, Failure> {
    match WatchFolder::around(&state.root()?) {
        Some(watch) => Ok(vec![Place::Watch(watch)]),
        None => Ok(RunFolder::all(state)?.into_iter().map(Place::Run).collect()),
    }
}

/// Takes the lock of a place and opens its clouds.
///
/// # Errors
/// Something there is not what was written.
pub async fn enter(place: &Place, market: &MarketArgs) -> Result<Found, Failure> {
    match place {
        Place::Run(folder) => enter_run(folder).await,
        Place::Watch(folder) => enter_watch(folder, market).await,
    }
}

async fn enter_run(folder: &RunFolder) -> Result<Found, Failure> {
    let name = folder.record.run.clone();
    if !folder.has_begun() {
        return Ok(Found::Untouched);
    }
    let Some(journal) = folder.journal_unless_led()? else { return Ok(Found::Led(name)) };
    let run = recover(folder.script()?, &journal).map_err(|e| folder.failure(&e))?.run;
    let mut scene = Scene::of(run.script());
    scene.clouds.retain(|cloud| folder.path.join(cloud).is_dir());
    if scene.clouds.is_empty() {
        return Ok(Found::Untouched);
    }
    let hands = folder.record.simulation().open_scene(&scene, &folder.path).await.map_err(|e| open_failure(&e))?;
    let owners = Owners::from([(name.clone(), Owner::of(&run))]);
    let lock = Lock::Run { _journal: journal };
    Ok(Found::Ours(Box::new(Ground {
        name,
        hands,
        clouds: scene.clouds,
        owners,
        now: run.state().now + LATER,
        _lock: lock,
    })))
}

async fn enter_watch(folder: &WatchFolder, market: &MarketArgs) -> Result<Found, Failure> {
    let name = "watch".to_owned();
    let store = match Store::open(&folder.file()) {
        Err(StoreError::Held) => return Ok(Found::Led(name)),
        opened => opened.map_err(|e| store_failure(folder, &e))?,
    };
    let loaded = load_market(market, &Config::load(market.config.as_deref())?)?;
    let settings = folder.settings()?;
    folder.expect_same(&settings.on(&loaded))?;
    let mut scene = settings.scene(&loaded.market);
    scene.clouds.retain(|cloud| folder.clouds().join(cloud).is_dir());
    let mut now = store.now().map_err(|e| store_failure(folder, &e))?.unwrap_or(scene.begins);
    let mut owners = Owners::new();
    for run in RunFolder::all(&StateArgs { state: Some(folder.runs()) })? {
        let told = run.recovered()?;
        now = now.max(told.state().now);
        owners.insert(run.record.run.clone(), Owner::of(&told));
    }
    let hands = settings.simulation().open_scene(&scene, &folder.clouds()).await.map_err(|e| open_failure(&e))?;
    let lock = Lock::Watch { _store: store };
    Ok(Found::Ours(Box::new(Ground { name, hands, clouds: scene.clouds, owners, now: now + LATER, _lock: lock })))
}
