//! What a caller asks of [`load`](crate::load).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tradewind_core::contract::Contract;
use tradewind_core::time::Time;

use crate::programme::Egress;
use crate::scaled::QuotaScale;

/// Which market, with which limits, read how.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarketRequest {
    /// Where the prices come from.
    pub source: MarketSource,
    /// Which account limits hold.
    pub quotas: QuotaChoice,
    /// How the figures are read.
    pub settings: MarketSettings,
    /// Discounts and commitments, applied to the prices that are believed.
    pub contract: Contract,
    /// The transfer programme.
    pub egress: Egress,
}

/// Where the prices come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarketSource {
    /// A snapshot inside the binary.
    Embedded(Snapshot),
    /// The snapshot of 2024 at the spot prices of an earlier day, midnight UTC: [`Daily::days`](crate::Daily::days).
    Daily(Time),
    /// A folder of tables: `offers.csv[.gz]` or `offers.parquet` at least. See `datasets/SCHEMA.md`.
    Folder(PathBuf),
}

impl Default for MarketSource {
    fn default() -> Self {
        Self::Embedded(Snapshot::default())
    }
}

/// A snapshot inside the binary. The two are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Snapshot {
    /// 2024-03-31: on-demand and spot, three clouds.
    #[default]
    S2024,
    /// 2026-07-20: on-demand only, Azure (2026-06-18) and AWS us-east-1.
    S2026,
}

/// Which account limits hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum QuotaChoice {
    /// The embedded `mid-size-account`, complete for every family.
    #[default]
    Scenario,
    /// A user's CSV: cloud,scope,quota,market,unit,limit,usage.
    File(PathBuf),
    /// No limits.
    Unlimited,
    /// The embedded account scaled to the queue.
    Scaled(QuotaScale),
}

/// How the figures are read. The default is the careful reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarketSettings {
    /// Which memory meets a request.
    pub memory: MemoryBasis,
    /// Whether nodes take time to boot.
    pub boot: bool,
    /// Whether scratch disk costs.
    pub disk: bool,
    /// Whether public addresses cost.
    pub address: bool,
    /// Which reading of the interruption figures.
    pub hazard: HazardReading,
    /// Speed of a family relative to 1; absent is 1. 0.001 to 1000.
    pub speed: BTreeMap<String, f64>,
    /// Keep spot prices above on-demand instead of quarantining them.
    pub allow_inverted: bool,
}

impl Default for MarketSettings {
    fn default() -> Self {
        Self {
            memory: MemoryBasis::Usable,
            boot: true,
            disk: true,
            address: true,
            hazard: HazardReading::Default,
            speed: BTreeMap::new(),
            allow_inverted: false,
        }
    }
}

/// Which memory meets a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryBasis {
    /// Nominal less what kernel and agents keep, by the rule in `facts.csv`.
    #[default]
    Usable,
    /// What the vendor states.
    Nominal,
}

/// Which reading of the interruption figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HazardReading {
    /// AWS bands per month, GCP per day, Azure per month.
    #[default]
    Default,
    /// Azure's percentage as the chance within an hour.
    AzurePerHour,
    /// AWS bands as the share of launches that end in an interruption.
    AwsPerLaunch,
    /// No interruptions.
    None,
}
