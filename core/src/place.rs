//! Where things are: clouds and regions by name.
//!
//! A cloud is a name and a row of facts, never an enum: code that must differ between clouds asks
//! for a fact (`market::CloudFacts`) and stays the same for a fourth cloud.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A region of a cloud, written `cloud/region`, e.g. `aws/us-east-1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionName {
    cloud: Box<str>,
    region: Box<str>,
}

impl RegionName {
    /// From its two parts.
    pub fn new(cloud: &str, region: &str) -> Self {
        Self { cloud: cloud.into(), region: region.into() }
    }
    /// `aws`, `azure`, `gcp`.
    pub fn cloud(&self) -> &str {
        &self.cloud
    }
    /// The cloud's own name of the region.
    pub fn region(&self) -> &str {
        &self.region
    }
}

impl fmt::Display for RegionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.cloud, self.region))
    }
}

/// The text is not of the form `cloud/region`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not of the form cloud/region, e.g. \"aws/us-east-1\"")]
pub struct RegionNameError(pub String);

impl FromStr for RegionName {
    type Err = RegionNameError;
    fn from_str(text: &str) -> Result<Self, RegionNameError> {
        match text.split_once('/') {
            Some((cloud, region)) if !cloud.is_empty() && !region.is_empty() && !region.contains('/') => {
                Ok(Self::new(cloud, region))
            }
            _ => Err(RegionNameError(text.to_owned())),
        }
    }
}

impl Serialize for RegionName {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for RegionName {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
