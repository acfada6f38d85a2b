//! Which static rules keep a job off a kind of node: all of them, not only the first.

use tradewind_core::job::{Arch, Job};
use tradewind_core::market::{CapacityType, InstanceType, Region};
use tradewind_core::pool::Pool;
use tradewind_core::rejection::Rejection;

/// What the static rules look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind<'m> {
    pub arch: Arch,
    /// GPU model; empty is none.
    pub gpu: &'m str,
    pub burstable: bool,
    pub capacity_type: CapacityType,
    pub region: &'m Region,
}

impl<'m> Kind<'m> {
    /// The kind of a pool's nodes.
    pub fn of_pool(pool: &'m Pool, region: &'m Region) -> Self {
        let Pool { arch, gpu, burstable, capacity_type, .. } = pool;
        Self { arch: *arch, gpu, burstable: *burstable, capacity_type: *capacity_type, region }
    }

    /// The kind of a type's nodes, bought one way in a region.
    pub fn of_type(instance_type: &'m InstanceType, capacity_type: CapacityType, region: &'m Region) -> Self {
        let InstanceType { arch, gpu, burstable, .. } = instance_type;
        Self { arch: *arch, gpu, burstable: *burstable, capacity_type, region }
    }
}

/// A set of criteria that stand in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Bars(u32);

impl Bars {
    /// Nothing stands in the way.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether this one is among them.
    pub fn has(self, reason: Rejection) -> bool {
        self.0 & (1 << reason as u32) != 0
    }

    /// Adds one unless `holds`.
    pub fn unless(&mut self, holds: bool, reason: Rejection) {
        if !holds {
            self.0 |= 1 << reason as u32;
        }
    }

    /// Both.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// They, in the order of [`Rejection`].
    pub fn iter(self) -> impl Iterator<Item = Rejection> {
        Rejection::ALL.into_iter().filter(move |r| self.has(*r))
    }
}

/// The static rules that keep `job` off nodes of `kind`: everything but size, time, quota and money.
pub(crate) fn bars(job: &Job, kind: &Kind<'_>) -> Bars {
    let region = kind.region;
    let gpu_ok = match &job.gpu {
        None => kind.gpu.is_empty(),
        Some(gpu) => !kind.gpu.is_empty() && gpu.speed_on(kind.gpu).is_some(),
    };
    let mut bars = Bars::default();
    bars.unless(gpu_ok, Rejection::Gpu);
    bars.unless(job.arch.contains(&kind.arch), Rejection::Arch);
    bars.unless(job.burstable || !kind.burstable, Rejection::Burstable);
    bars.unless(job.interruptible || kind.capacity_type == CapacityType::OnDemand, Rejection::NotInterruptible);
    bars.unless(job.clouds.is_empty() || job.clouds.iter().any(|c| c == region.name.cloud()), Rejection::Cloud);
    bars.unless(job.regions.is_empty() || job.regions.contains(&region.name), Rejection::Region);
    let resident = job.residency.is_empty() || job.residency.iter().any(|g| region.residency.contains(g));
    bars.unless(resident, Rejection::Residency);
    bars
}
