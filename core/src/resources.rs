//! A demand or a capacity: vCPU, memory, GPU.

use std::ops::{Add, AddAssign, SubAssign};

use serde::{Deserialize, Serialize};

/// What a task needs of a node, or what a node has. Componentwise order: `fits_in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resources {
    /// Thousandths of a vCPU.
    pub vcpu_milli: u64,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Thousandths of a GPU (some Azure sizes carry a sixth of one).
    pub gpu_milli: u64,
}

impl Resources {
    /// Nothing.
    pub const ZERO: Self = Self { vcpu_milli: 0, memory_mib: 0, gpu_milli: 0 };

    /// Whether every component is at most the other's.
    pub fn fits_in(self, capacity: Self) -> bool {
        self.vcpu_milli <= capacity.vcpu_milli
            && self.memory_mib <= capacity.memory_mib
            && self.gpu_milli <= capacity.gpu_milli
    }

    /// How many of it fit in `capacity` together; `u64::MAX` of nothing.
    pub fn copies_in(self, capacity: Self) -> u64 {
        let of = |part: u64, whole: u64| whole.checked_div(part).unwrap_or(u64::MAX);
        of(self.vcpu_milli, capacity.vcpu_milli)
            .min(of(self.memory_mib, capacity.memory_mib))
            .min(of(self.gpu_milli, capacity.gpu_milli))
    }

    /// The same, so many times.
    pub fn times(self, n: u64) -> Self {
        Self {
            vcpu_milli: self.vcpu_milli.saturating_mul(n),
            memory_mib: self.memory_mib.saturating_mul(n),
            gpu_milli: self.gpu_milli.saturating_mul(n),
        }
    }
}

impl Add for Resources {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}
impl AddAssign for Resources {
    fn add_assign(&mut self, other: Self) {
        self.vcpu_milli = self.vcpu_milli.saturating_add(other.vcpu_milli);
        self.memory_mib = self.memory_mib.saturating_add(other.memory_mib);
        self.gpu_milli = self.gpu_milli.saturating_add(other.gpu_milli);
    }
}
impl SubAssign for Resources {
    fn sub_assign(&mut self, other: Self) {
        self.vcpu_milli = self.vcpu_milli.saturating_sub(other.vcpu_milli);
        self.memory_mib = self.memory_mib.saturating_sub(other.memory_mib);
        self.gpu_milli = self.gpu_milli.saturating_sub(other.gpu_milli);
    }
}

/// Prices of a vCPU-hour, a GiB-hour and a GPU-hour in nano-dollars: the dual of a pool's capacity,
/// or its reference prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ResourcePrices {
    /// Nano-dollars per vCPU-hour.
    pub vcpu: i64,
    /// Nano-dollars per GiB-hour.
    pub gib: i64,
    /// Nano-dollars per GPU-hour.
    pub gpu: i64,
}

/// The common denominator of [`ResourcePrices::hourly_scaled`].
pub const RESOURCE_SCALE: i128 = 1_024_000;

impl ResourcePrices {
    /// Nano-dollars per hour for `r`, times [`RESOURCE_SCALE`] so that it is exact.
    pub fn hourly_scaled(self, r: Resources) -> i128 {
        i128::from(self.vcpu) * i128::from(r.vcpu_milli) * 1024
            + i128::from(self.gib) * i128::from(r.memory_mib) * 1000
            + i128::from(self.gpu) * i128::from(r.gpu_milli) * 1024
    }
}
