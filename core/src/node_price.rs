//! What a node's capacity is worth to the tasks on it: prices of its resources, and of its steps.
//!
//! Tasks cannot be cut: of tasks that need more than half a node's vCPUs only one fits, though their
//! vCPUs alone would say otherwise. A *step* counts that: task k takes u(x) of it, where x is its share
//! of the node in one resource and, for a step of n parts,
//!
//! ```text
//! u(x) = x                      where (n + 1) x is a whole number
//!      = floor((n + 1) x) / n   otherwise
//! ```
//!
//! Tasks that fit a node together never take more than 1 (a dual feasible function: Fekete and
//! Schepers, "New classes of fast lower bounds for bin packing problems", 2001). So a step is a
//! resource of which every node has 1, and a bound may price it like any other.

use serde::{Deserialize, Serialize};

use crate::resources::{RESOURCE_SCALE, ResourcePrices, Resources};

/// The resource that a step counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOf {
    /// vCPUs.
    Vcpu,
    /// Memory.
    Memory,
}

/// A step: what it counts and into how many parts it cuts a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The resource.
    pub of: StepOf,
    /// Parts of a node, 1 or more.
    pub parts: u32,
}

/// The steps that are priced.
pub const STEPS: [Step; 8] = [
    Step { of: StepOf::Vcpu, parts: 1 },
    Step { of: StepOf::Vcpu, parts: 2 },
    Step { of: StepOf::Vcpu, parts: 3 },
    Step { of: StepOf::Vcpu, parts: 5 },
    Step { of: StepOf::Vcpu, parts: 7 },
    Step { of: StepOf::Memory, parts: 1 },
    Step { of: StepOf::Memory, parts: 2 },
    Step { of: StepOf::Memory, parts: 3 },
];

impl Step {
    /// What a task takes of the step on a node, as a fraction: numerator and denominator.
    ///
    /// ```
    /// use tradewind_core::node_price::{Step, StepOf};
    /// use tradewind_core::resources::Resources;
    /// let of = |vcpus: u64| Resources { vcpu_milli: vcpus * 1000, memory_mib: 1024, gpu_milli: 0 };
    /// let step = Step { of: StepOf::Vcpu, parts: 1 };
    /// assert_eq!(step.taken(of(64), of(120)), (1, 1), "no two of 64 fit 120");
    /// assert_eq!(step.taken(of(32), of(120)), (0, 1));
    /// ```
    pub fn taken(self, demand: Resources, capacity: Resources) -> (u64, u64) {
        let (part, whole) = match self.of {
            StepOf::Vcpu => (demand.vcpu_milli, capacity.vcpu_milli),
            StepOf::Memory => (demand.memory_mib, capacity.memory_mib),
        };
        let parts = u64::from(self.parts);
        let scaled = part.saturating_mul(parts + 1);
        if whole == 0 || scaled.is_multiple_of(whole) { (part, whole.max(1)) } else { (scaled / whole, parts) }
    }
}

/// Prices of a node's resources and steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodePrice {
    /// Of its resources.
    pub resources: ResourcePrices,
    /// Of each of [`STEPS`], nano-dollars per hour of a whole node.
    pub steps: [i64; STEPS.len()],
}

impl NodePrice {
    /// Nano-dollars per hour for a task on a node, times [`RESOURCE_SCALE`]; steps rounded down.
    pub fn hourly_scaled(&self, demand: Resources, capacity: Resources) -> i128 {
        let step = |(step, &price): (&Step, &i64)| {
            if price == 0 {
                return 0;
            }
            let (part, whole) = step.taken(demand, capacity);
            i128::from(price) * i128::from(part) / i128::from(whole)
        };
        let steps: i128 = STEPS.iter().zip(&self.steps).map(step).sum();
        self.resources.hourly_scaled(demand) + steps * RESOURCE_SCALE
    }

    /// The same prices, none negative, scaled down until a whole node of `capacity` is not worth more
    /// than `rate` nano-dollars per hour: a feasible dual of its capacity.
    pub fn feasible(&self, capacity: Resources, rate: i64) -> Self {
        let ResourcePrices { vcpu, gib, gpu } = self.resources;
        let resources = ResourcePrices { vcpu: vcpu.max(0), gib: gib.max(0), gpu: gpu.max(0) };
        let steps = self.steps.map(|s| s.max(0));
        let value =
            resources.hourly_scaled(capacity) + steps.iter().map(|s| i128::from(*s)).sum::<i128>() * RESOURCE_SCALE;
        let rate = i128::from(rate.max(0)) * RESOURCE_SCALE;
        if value <= rate {
            return Self { resources, steps };
        }
        // Rounded down and over a denominator rounded up, so that it holds exactly after.
        let shift = (128 - value.leading_zeros()).saturating_sub(70);
        let down = |p: i64| (i128::from(p) * (rate >> shift) / ((value >> shift) + 1)) as i64;
        let resources =
            ResourcePrices { vcpu: down(resources.vcpu), gib: down(resources.gib), gpu: down(resources.gpu) };
        Self { resources, steps: steps.map(down) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    /// Tasks that fit together, drawn at random, against every step.
    #[test]
    fn tasks_that_fit_together_never_take_more_than_a_whole_step() {
        let mut rng = StdRng::seed_from_u64(4);
        let mut tight = [0_u32; STEPS.len()];
        for _ in 0..20_000 {
            let capacity =
                Resources { vcpu_milli: rng.random_range(1..97), memory_mib: rng.random_range(1..97), gpu_milli: 0 };
            let mut free = capacity;
            let mut taken = [0.0_f64; STEPS.len()];
            for _ in 0..40 {
                let d = Resources {
                    vcpu_milli: rng.random_range(1..=capacity.vcpu_milli),
                    memory_mib: rng.random_range(1..=capacity.memory_mib),
                    gpu_milli: 0,
                };
                if d.fits_in(free) {
                    free -= d;
                    for (sum, step) in taken.iter_mut().zip(STEPS) {
                        let (part, whole) = step.taken(d, capacity);
                        *sum += part as f64 / whole as f64;
                    }
                }
            }
            for (n, sum) in tight.iter_mut().zip(taken) {
                assert!(sum <= 1.0 + 1e-9, "{capacity:?} {taken:?}");
                *n += u32::from(sum > 1.0 - 1e-9);
            }
        }
        assert!(tight.iter().all(|n| *n > 100), "each step is used up now and then: {tight:?}");
    }

    #[test]
    fn feasible_prices_are_worth_no_more_than_the_node() {
        let mut rng = StdRng::seed_from_u64(5);
        for _ in 0..2_000 {
            let capacity = Resources { vcpu_milli: 8_000, memory_mib: 32_768, gpu_milli: 1_000 };
            let mut price = || rng.random_range(-1_000_i64..2_000_000_000);
            let resources = ResourcePrices { vcpu: price(), gib: price(), gpu: price() };
            let wanted = NodePrice { resources, steps: [(); STEPS.len()].map(|()| price()) };
            let rate = rng.random_range(0..20_000_000_000);
            let worth = wanted.feasible(capacity, rate).hourly_scaled(capacity, capacity);
            assert!(worth <= i128::from(rate) * RESOURCE_SCALE);
        }
    }
}
