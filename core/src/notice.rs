//! What an interruption costs: whether the notice before it is long enough to save.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::job::Job;
use crate::market::{CapacityType, CloudFacts, Market, Offer};
use crate::time::Millis;

/// From where a task goes on after an interruption. Costs and risk always count the work since the
/// last periodic checkpoint as lost: a notice is a promise of best effort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInterruption {
    /// From a checkpoint saved within the notice.
    AtNotice,
    /// From the last periodic checkpoint: the notice is shorter than a save.
    LastPeriodic,
    /// From the beginning: it does not checkpoint.
    Restart,
}

impl OnInterruption {
    /// For a task of `job` on spot capacity of `cloud`.
    pub fn of(job: &Job, cloud: &CloudFacts) -> Self {
        match &job.checkpoint {
            None => Self::Restart,
            Some(c) if cloud.notice > Millis::ZERO && c.save <= cloud.notice => Self::AtNotice,
            Some(_) => Self::LastPeriodic,
        }
    }

    /// For a task of `job` on a node of `offer`; `None` where nothing interrupts it.
    pub fn on(job: &Job, market: &Market, offer: &Offer) -> Option<Self> {
        (offer.capacity_type == CapacityType::Spot).then(|| Self::of(job, market.cloud_of(offer)))
    }
}

impl fmt::Display for OnInterruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AtNotice => "at_notice",
            Self::LastPeriodic => "last_periodic",
            Self::Restart => "restart",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Checkpoint, Runtime};
    use crate::market::Delay;
    use crate::money::{UsdPerGbMonth, UsdPerHour};
    use crate::resources::Resources;
    use crate::size::Bytes;

    #[test]
    fn a_save_must_fit_in_the_notice() {
        let runtime = Runtime { p50: Millis::HOUR, p95: Millis::HOUR };
        let mut job = Job::new("j", Resources { vcpu_milli: 1000, memory_mib: 1024, gpu_milli: 0 }, runtime);
        let cloud = |notice: i64| CloudFacts {
            name: "c".to_owned(),
            boot: Delay::default(),
            billing_minimum: Millis::ZERO,
            free_if_interrupted_within: Millis::ZERO,
            notice: Millis::from_secs(notice),
            address: UsdPerHour::ZERO,
            disk: UsdPerGbMonth::ZERO,
            storage: UsdPerGbMonth::ZERO,
            staging_bytes_per_second: 1,
        };
        assert_eq!(OnInterruption::of(&job, &cloud(120)), OnInterruption::Restart);
        let save = Millis::from_secs(60);
        job.checkpoint = Some(Checkpoint { interval: None, save, restore: Millis::ZERO, size: Bytes::ZERO });
        assert_eq!(OnInterruption::of(&job, &cloud(60)), OnInterruption::AtNotice);
        assert_eq!(OnInterruption::of(&job, &cloud(30)), OnInterruption::LastPeriodic);
        assert_eq!(OnInterruption::of(&job, &cloud(0)).to_string(), "last_periodic");
    }
}
