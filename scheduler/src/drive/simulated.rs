//! Simulated clouds for a run: each with all its layers, behind an MCP server of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::clock::FixedClock;
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
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
        let mut clients = Clients::default();
        for cloud in script.clouds() {
            let server = self.server(script, cloud, &folder.join(cloud)).await?;
            clients.connect(cloud, server).await?;
        }
        Ok(clients)
    }

    /// The clouds as they began: without layers or files.
    ///
    /// # Errors
    /// They are not simulated, or not in the plan's market.
    pub fn clouds(&self, script: &Script) -> Result<BTreeMap<String, Arc<Simulated>>, OpenError> {
        script.clouds().iter().map(|cloud| Ok((cloud.clone(), self.cloud(script, cloud)?))).collect()
    }

    async fn server(&self, script: &Script, cloud: &str, folder: &Path) -> Result<Server, OpenError> {
        std::fs::create_dir_all(folder).map_err(|e| OpenError::Io(folder.to_owned(), e))?;
        let simulated = self.cloud(script, cloud)?;
        let path = folder.join("calls.jsonl");
        let logged = CallLog::open(simulated.clone(), &path).await.map_err(|e| OpenError::Io(path, e))?;
        let settings = Settings {
            cloud: cloud.to_owned(),
            timer: Arc::new(VirtualTimer(move || simulated.now())),
            register: Arc::new(Register::open(&folder.join("register.db"))?),
            audit: folder.join("audit.jsonl"),
            rules: Vec::new(),
            // Nobody is there to ask: what needs an approval is refused.
            approvals: Approvals::in_memory(Arc::new(FixedClock(script.begins())))
                .map_err(|e| OpenError::Io(folder.to_owned(), e))?,
            budget: self.budget,
            incident: Box::new(|| None),
            seed: self.seed,
        };
        Ok(Server::new(cloud, Arc::new(Governed::new(logged, settings)?), caller()))
    }

    /// A cloud as it began, with what will go wrong.
    fn cloud(&self, script: &Script, cloud: &str) -> Result<Arc<Simulated>, WorldError> {
        let market = Arc::new(script.plan.market.clone());
        let empty = Simulated::new(cloud, market.clone(), self.seed, Box::new(InMemory))?;
        // The first launches may come before the instant of the prices.
        let mut world = empty.world();
        world.now = script.begins();
        let simulated = Simulated::resume(world, market, Box::new(InMemory))?;
        let simulated = if self.limits { simulated } else { simulated.without_limits() };
        for trouble in self.troubles.iter().filter(|t| t.cloud == cloud) {
            // A world in memory is kept without fail.
            let _ = simulated.inject(trouble.fault(script));
        }
        Ok(Arc::new(simulated))
    }
}

impl Trouble {
    fn fault(&self, script: &Script) -> Fault {
        let at = |moment: Moment| script.at(moment.since(script.plan.rules.horizon.start));
        Fault { what: self.what.clone(), place: self.place.clone(), from: at(self.from), until: at(self.until) }
    }
}
