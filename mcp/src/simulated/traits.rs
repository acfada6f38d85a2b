//! How a simulated cloud behaves where clouds differ: a row of facts, read from `mcp/data/clouds.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use tradewind_core::time::Millis;

use crate::limits::Limit;

/// What becomes of a spot node that the cloud takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInterruption {
    /// It is gone.
    Terminate,
    /// Its disk is kept, its quota is free.
    Stop,
    /// Its disk and its quota are kept.
    Deallocate,
}

/// What the timer in the guest does to a node at the end of its time to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndOfTtl {
    /// It is gone.
    Terminate,
    /// It is shut down, and billed on.
    Stop,
}

/// By what a cloud knows a repeated launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A token of the caller's, valid while what it made lives and for a window after that.
    ClientToken,
    /// An id of the request, valid for a window after it; then names protect.
    RequestId,
    /// The name of the resource.
    ResourceName,
}

/// What a cloud does with a repeated launch that asks for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOtherArguments {
    /// It says so.
    Refuse,
    /// It answers as if nothing were different.
    Ignore,
    /// It changes what is there.
    Update,
}

/// A cloud's own idempotency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRule {
    /// By what it knows a repeat.
    pub kind: TokenKind,
    /// How long, in seconds.
    pub window_s: i64,
    /// What if the repeat asks for something else.
    pub on_other_arguments: OnOtherArguments,
}

/// Whether names of jobs may be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobNames {
    /// Never.
    Unique,
    /// Always: the id is the server's.
    Repeat,
}

/// What a second create of an own bucket is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BucketAgain {
    /// That it exists.
    Refuse,
    /// That it is done.
    Done,
}

/// Names of buckets: lower-case letters, digits, and what else.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketRule {
    /// Shortest name.
    pub least: usize,
    /// Longest name.
    pub most: usize,
    /// Other characters, not at the ends.
    pub extra: String,
    /// What a second create is answered.
    pub again: BucketAgain,
}

/// How versions of secrets are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionNames {
    /// 8-4-4-4-12 hexadecimal digits.
    Uuid,
    /// 32 hexadecimal digits.
    Hex,
    /// 1, 2, 3.
    Number,
}

/// A reason for which a cloud refuses, in no cloud's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Too many calls.
    Throttled,
    /// No such machine left there.
    NoCapacity,
    /// A limit of the account, on demand.
    QuotaOnDemand,
    /// A limit of the account, on spot.
    QuotaSpot,
    /// A repeat that asks for something else.
    OtherArguments,
    /// No such machine, region or zone.
    NoSuchType,
    /// No such node.
    NoSuchNode,
    /// No such volume, pool, route, secret, job, endpoint.
    NoSuchThing,
    /// A name that the cloud does not admit.
    BadName,
    /// A name that is in use.
    NameTaken,
    /// A job of that name was submitted.
    JobExists,
    /// Volume and node in different zones.
    WrongZone,
    /// A volume on another node.
    AttachedElsewhere,
    /// More nodes wished than the pool's maximum.
    AboveMaximum,
    /// The cloud has no such thing on offer.
    NotOffered,
    /// Weights that the cloud does not admit.
    BadWeight,
    /// The place is out.
    Outage,
}

/// The facts of one cloud.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traits {
    /// Between region and zone.
    pub zone_separator: String,
    /// Zones have letters, else numbers.
    pub zone_letters: bool,
    /// What becomes of an interrupted node.
    pub on_interruption: OnInterruption,
    /// How long before the notice a rebalance signal comes; 0 is none.
    pub rebalance_before_s: i64,
    /// What the guest's timer does.
    pub end_of_ttl: EndOfTtl,
    /// Whether spot takes a maximum price.
    pub has_max_price: bool,
    /// Whether shared-core machines are sold as spot.
    pub has_burstable_spot: bool,
    /// How long a new node is not listed.
    pub hidden_s: i64,
    /// How long an ended node is still listed.
    pub shown_after_end_s: i64,
    /// Sizes that volumes are billed by, rounded up; empty is by the GiB.
    pub volume_tiers_gib: Vec<u32>,
    /// Whether job names may be used again.
    pub job_names: JobNames,
    /// Largest weight of a route.
    pub most_weight: u16,
    /// Until a change of a route is known everywhere.
    pub route_sync_s: i64,
    /// Names of versions.
    pub secret_versions: VersionNames,
    /// Words for the newest version, the one before, older ones.
    pub secret_stages: [String; 3],
    /// Its idempotency.
    pub token: TokenRule,
    /// Names of buckets.
    pub bucket: BucketRule,
    /// Limits on calls.
    #[serde(rename = "limit")]
    pub limits: Vec<Limit>,
    /// Its code and HTTP status for each reason.
    pub says: BTreeMap<Reason, (String, u16)>,
}

const CLOUDS: &str = include_str!("../../data/clouds.toml");

static TABLE: LazyLock<BTreeMap<String, Traits>> =
    LazyLock::new(|| toml::from_str(CLOUDS).expect("mcp/data/clouds.toml is tested"));

impl Traits {
    /// Of a cloud; `None` if none of that name is simulated.
    pub fn of(cloud: &str) -> Option<&'static Self> {
        TABLE.get(cloud)
    }

    /// The clouds that are simulated, by name.
    pub fn clouds() -> impl Iterator<Item = &'static str> {
        TABLE.keys().map(String::as_str)
    }

    /// The name of a zone of a region, counted from 0.
    pub fn zone(&self, region: &str, index: u16) -> String {
        let index = u32::from(index);
        let name = match char::from_u32(u32::from('a') + index) {
            Some(letter) if self.zone_letters => letter.to_string(),
            _ => (index + 1).to_string(),
        };
        format!("{region}{}{name}", self.zone_separator)
    }

    /// Whether the guest's timer ends a node, and its bill.
    pub fn ends_by_ttl(&self) -> bool {
        self.end_of_ttl == EndOfTtl::Terminate
    }

    /// What is billed for a volume.
    pub fn billed_gib(&self, size_gib: u32) -> u32 {
        self.volume_tiers_gib.iter().copied().find(|tier| *tier >= size_gib).unwrap_or(size_gib)
    }

    /// How long before the notice a rebalance signal comes.
    pub fn rebalance_before(&self) -> Option<Millis> {
        (self.rebalance_before_s > 0).then(|| Millis::from_secs(self.rebalance_before_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_has_a_word_for_every_reason() {
        let clouds: Vec<&str> = Traits::clouds().collect();
        assert_eq!(clouds, ["aws", "azure", "gcp"]);
        let all: std::collections::BTreeSet<Reason> = TABLE.values().flat_map(|t| t.says.keys().copied()).collect();
        for (cloud, traits) in TABLE.iter() {
            let said: std::collections::BTreeSet<Reason> = traits.says.keys().copied().collect();
            assert_eq!(said, all, "{cloud}");
        }
    }

    #[test]
    fn zones_are_named_as_the_clouds_name_them() {
        let zone = |cloud, region| Traits::of(cloud).expect("simulated").zone(region, 1);
        assert_eq!(
            [zone("aws", "us-east-1"), zone("azure", "eastus"), zone("gcp", "us-central1")],
            ["us-east-1b", "eastus-2", "us-central1-b"]
        );
    }

    #[test]
    fn some_clouds_bill_volumes_by_tier() {
        let billed = |cloud| Traits::of(cloud).expect("simulated").billed_gib(100);
        assert_eq!([billed("aws"), billed("azure"), billed("gcp")], [100, 128, 100]);
    }
}
