//! Which offers something concerns: by cloud, place, machine and market.

use serde::{Deserialize, Serialize};

use crate::market::{CapacityType, Market, Offer};

/// Whether `text` is named by `pattern`: the same, or what stands before a final `*`.
///
/// ```
/// use tradewind_core::select::named;
/// assert!(named("m6i*", "m6id") && named("*", "x") && named("m5", "m5"));
/// assert!(!named("m6i*", "m5") && !named("m5", "m5a"));
/// ```
pub fn named(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => pattern == text,
    }
}

/// Whether a list of patterns names `text`; an empty list names everything.
pub fn any_named(patterns: &[String], text: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|p| named(p, text))
}

/// Offers that match in everything that is given. A pattern may end in `*`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selector {
    /// Clouds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clouds: Vec<String>,
    /// Regions, `cloud/region`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Residency groups, of which the region must have one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub residency: Vec<String>,
    /// Instance families.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub families: Vec<String>,
    /// Instance types.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instance_types: Vec<String>,
    /// How it is bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityType>,
}

impl Selector {
    /// Whether it names the offer.
    pub fn matches(&self, market: &Market, offer: &Offer) -> bool {
        let (region, kind) = (market.region_of(offer), market.type_of(offer));
        self.capacity.is_none_or(|c| c == offer.capacity_type)
            && any_named(&self.clouds, region.name.cloud())
            && (self.regions.is_empty() || any_named(&self.regions, &region.name.to_string()))
            && (self.residency.is_empty() || region.residency.iter().any(|g| any_named(&self.residency, g)))
            && any_named(&self.families, &kind.family)
            && any_named(&self.instance_types, &kind.name)
    }
}
