//! Simulated clouds for a run: each with all its layers, behind an MCP server of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::clock::FixedClock;
use tradewind_core::market::Market;
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_mcp::approval::Approvals;
use tradewind_mcp::layers::{Governed, Register, RegisterError, Settings, SettingsError, VirtualTimer};
use tradewind_mcp::server::Server;
use tradewind_mcp::simulated::{Fault, InMemory, Simulated, What, WorldError};
use tradewind_sim::plan::Moment;

use super::clients::{ClientError, Clients};
use super::hands::caller;
use super::log::CallLog;
use crate::run::Script;

/// Something that goes wrong while a plan runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    /// On this cloud.
    pub cloud: String,
    /// What, as in `tradewind mcp world break`.
    #[schemars(with = "serde_json::Value")]
    pub what: What,
    /// A region or zone; left out is the whole cloud.
    #[serde(default)]
    pub place: String,
    /// From here: `+2h` after the horizon's start, or an instant.
    #[schemars(with = "String")]
    pub from: Moment,
    /// Until here, exclusive.
    #[schemars(with = "String")]
    pub until: Moment,
}

/// Clouds that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No such cloud, or the plan's market lacks it.
    #[error(transparent)]
    World(#[from] WorldError),
    /// What the layers remember cannot be read.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The layers cannot be set up.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Client and server do not understand each other.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A file cannot be used.
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
}

/// Where simulated clouds begin.
pub struct Scene {
    /// What they sell.
    pub market: Arc<Market>,
    /// Which of them.
    pub clouds: Vec<String>,
    /// Their first instant.
    pub begins: Time,
    /// What times of troubles count from.
    pub start: Time,
}

impl Scene {
    /// That of a plan.
    pub fn of(script: &Script) -> Self {
        Self {
            market: Arc::new(script.plan.market.clone()),
            clouds: script.clouds().to_vec(),
            begins: script.begins(),
            start: script.plan.rules.horizon.start,
        }
    }
}

/// How clouds are simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// Source of chance: the simulator's replication 0 of this seed is the same world.
    pub seed: Seed,
    /// What goes wrong.
    pub troubles: Vec<Trouble>,
    /// Most that may be set aside and spent on each cloud.
    pub budget: Usd,
    /// Whether the clouds' limits on calls hold: the simulator of plans makes no calls, and knows none.
    pub limits: bool,
}

impl Simulation {
    /// The clouds of a script, kept in a folder, with clients of their servers.
    ///
    /// # Errors
    /// They cannot be opened.
    pub async fn open(&self, script: &Script, folder: &Path) -> Result<Clients, OpenError> {
        self.open_scene(&Scene::of(script), folder).await
    }

    /// The clouds of a scene, kept in a folder, with clients of their servers: several runs may share them.
    ///
    /// # Errors
    /// They cannot be opened.
    pub async fn open_scene(&self, scene: &Scene, folder: &Path) -> Result<Clients, OpenError> {
        let mut clients = Clients::default();
        for cloud in &scene.clouds {
            let server = self.server(scene, cloud, &folder.join(cloud)).await?;
            clients.connect(cloud, server).await?;
        }
        Ok(clients)
    }

    /// The clouds as they began: without layers or files.
    ///
    /// # Errors
    /// They are not simulated, or not in the plan's market.
    pub fn clouds(&self, script: &Script) -> Result<BTreeMap<String, Arc<Simulated>>, OpenError> {
        let scene = Scene::of(script);
        scene.clouds.iter().map(|cloud| Ok((cloud.clone(), self.cloud(&scene, cloud)?))).collect()
    }

    async fn server(&self, scene: &Scene, cloud: &str, folder: &Path) -> Result<Server, OpenError> {
        std::fs::create_dir_all(folder).map_err(|e| OpenError::Io(folder.to_owned(), e))?;
        let simulated = self.cloud(scene, cloud)?;
        let path = folder.join("calls.jsonl");
        let logged = CallLog::open(simulated.clone(), &path).await.map_err(|e| OpenError::Io(path, e))?;
        let settings = Settings {
            cloud: cloud.to_owned(),
            timer: Arc::new(VirtualTimer(move || simulated.now())),
            // The list of calls that is the cloud is not synced either.
            register: Arc::new(Register::open_unsynced(&folder.join("register.db"))?),
            audit: folder.join("audit.jsonl"),
            rules: Vec::new(),
            // Nobody is there to ask: what needs an approval is refused.
            approvals: Approvals::in_memory(Arc::new(FixedClock(scene.begins)))
                .map_err(|e| OpenError::Io(folder.to_owned(), e))?,
            budget: self.budget,
            incident: Box::new(|| None),
            // It refuses by itself.
            limits: &[],
            seed: self.seed,
        };
        Ok(Server::new(cloud, Arc::new(Governed::new(logged, settings)?), caller()))
    }

    /// A cloud as it began, with what will go wrong.
    fn cloud(&self, scene: &Scene, cloud: &str) -> Result<Arc<Simulated>, WorldError> {
        let market = scene.market.clone();
        let empty = Simulated::new(cloud, market.clone(), self.seed, Box::new(InMemory))?;
        // The first launches may come before the instant of the prices.
        let mut world = empty.world();
        world.now = scene.begins;
        let simulated = Simulated::resume(world, market, Box::new(InMemory))?;
        let simulated = if self.limits { simulated } else { simulated.without_limits() };
        for trouble in self.troubles.iter().filter(|t| t.cloud == cloud) {
            // A world in memory is kept without fail.
            let _ = simulated.inject(trouble.fault(scene.start));
        }
        Ok(Arc::new(simulated))
    }
}

impl Trouble {
    fn fault(&self, start: Time) -> Fault {
        let at = |moment: Moment| start + Millis::new(moment.since(start));
        Fault { what: self.what.clone(), place: self.place.clone(), from: at(self.from), until: at(self.until) }
    }
}
