//! `tradewind.toml`: budgets, settings, contracts, policies. Strict: an unknown key is an error with its
//! line. `docs/config.md` describes every key.

mod callers;
mod contract;
mod egress;
mod keys;
mod origins;
mod policy;
mod read;
mod secrets;
mod settings;
mod source;
mod value;
mod varied;

use std::collections::BTreeMap;
use std::path::Path;

use tradewind_core::contract::Contract;
use tradewind_core::money::Usd;
use tradewind_core::policy::Policy;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::share::Share;
use tradewind_core::spending::Spending;
use tradewind_core::time::Millis;
use tradewind_datasets::queue::{Problem, Problems};
use tradewind_datasets::{Egress, MarketSettings, QuotaChoice};
use tradewind_mcp::server::SpiffeId;

pub use origins::Origins;
pub use policy::CODE as POLICY_CODE;
pub use settings::{Setting, in_force};
pub use varied::Change;

/// What the file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Most that each project may spend.
    pub budgets: BTreeMap<String, Usd>,
    /// How a run keeps them, and what each tenant may spend.
    pub spending: Spending,
    /// The account's limits.
    pub quotas: Option<QuotaChoice>,
    /// How the market's figures are read.
    pub settings: MarketSettings,
    /// Allowed probability of missing a deadline, for jobs that do not say.
    pub max_miss_probability: f64,
    /// Most of the deadline-critical work on one spot pool.
    pub concentration: Option<Share>,
    /// Length of the horizon.
    pub horizon: Option<Millis>,
    /// Length of a window.
    pub window: Option<Millis>,
    /// Oldest usable spot prices.
    pub spot_age: Option<Millis>,
    /// Oldest usable on-demand prices.
    pub on_demand_age: Option<Millis>,
    /// Discounts and commitments.
    pub contract: Contract,
    /// The transfer programme.
    pub egress: Egress,
    /// The rules of the policy files, in their order.
    pub policies: Vec<Policy>,
    /// The roles of those who may call the MCP servers by mutual TLS.
    pub callers: BTreeMap<SpiffeId, String>,
    /// Where each of these was said.
    pub origins: Origins,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            budgets: BTreeMap::new(),
            spending: Spending::default(),
            quotas: None,
            settings: MarketSettings::default(),
            max_miss_probability: 0.01,
            concentration: None,
            horizon: None,
            window: None,
            spot_age: None,
            on_demand_age: None,
            contract: Contract::default(),
            egress: Egress::default(),
            policies: Vec::new(),
            callers: BTreeMap::new(),
            origins: Origins::default(),
        }
    }
}

impl Config {
    /// Reads the file, or gives the defaults where there is none.
    ///
    /// # Errors
    /// `TW1000` if it cannot be read, `TW4001` for everything in it that is not understood, `TW4003` for
    /// secrets, `TW4007` for policy files.
    pub fn load(path: Option<&Path>) -> Result<Self, Problems> {
        let Some(path) = path else { return Ok(Self::default()) };
        let name = path.display().to_string();
        let text = source::text_of(path).map_err(|e| Problems::one(Problem::unreadable(&name, &e)))?;
        Self::parse(&name, &text, path.parent().unwrap_or(Path::new("")))
    }

    /// What a plan over this horizon must keep.
    pub fn rules(&self, horizon: Horizon) -> Rules {
        Rules {
            horizon,
            budgets: self.budgets.clone(),
            policies: self.policies.clone(),
            concentration: self.concentration,
            spending: self.spending.clone(),
        }
    }

    /// Reads the text of a file called `name`; relative paths in it start at `folder`. Policy files that
    /// it names are read.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(name: &str, text: &str, folder: &Path) -> Result<Self, Problems> {
        read::parse(name, text, folder)
    }
}

#[cfg(test)]
mod mutations;
#[cfg(test)]
mod tests;
