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

/// Whether prices that are feasible on a node of `big` (capacity and rate) are so on one of `small`,
/// whatever they are: as many of `small` as fit in `big` together cost no less. For what fits a node of
/// `small` then fits so many times in `big`, where it is worth no more than that costs.
///
/// As cheap per unit is not enough: of eight nodes' worth in twenty a third part stays over, and a task
/// that takes 8 of 20 takes half of the step of 2 parts.
pub(crate) fn covers((big, rate): (Resources, i64), (small, small_rate): (Resources, i64)) -> bool {
    let copies = small.copies_in(big);
    copies > 0 && i128::from(small_rate) * i128::from(copies) >= i128::from(rate)
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

    /// What fits a node that another covers is worth no more there than it costs, at any prices.
    #[test]
    fn prices_of_a_node_hold_on_those_it_covers() {
        let mut rng = StdRng::seed_from_u64(6);
        let (mut covered, mut tight) = (0, 0);
        while covered < 2_000 {
            let mut size = || {
                let (vcpus, gib) = (rng.random_range(1..=24), rng.random_range(1..=24));
                Resources { vcpu_milli: vcpus * 1000, memory_mib: gib * 1024, gpu_milli: 0 }
            };
            let (big, small) = (size(), size());
            let (rate, small_rate) = (rng.random_range(0..2_000_000_000), rng.random_range(0..1_000_000_000));
            if !covers((big, rate), (small, small_rate)) {
                continue;
            }
            covered += 1;
            let mut price = || if rng.random_bool(0.3) { rng.random_range(0..1_000_000_000) } else { 0 };
            let resources = ResourcePrices { vcpu: price(), gib: price(), gpu: 0 };
            let prices = NodePrice { resources, steps: [(); STEPS.len()].map(|()| price()) }.feasible(big, rate);
            let (mut free, mut worth) = (small, 0);
            for _ in 0..20 {
                let demand = Resources {
                    vcpu_milli: rng.random_range(1..=small.vcpu_milli),
                    memory_mib: rng.random_range(1..=small.memory_mib),
                    gpu_milli: 0,
                };
                if demand.fits_in(free) {
                    free -= demand;
                    worth += prices.hourly_scaled(demand, big);
                }
            }
            let most = i128::from(small_rate) * RESOURCE_SCALE;
            assert!(worth <= most, "{small:?} in {big:?}: {prices:?}");
            tight += u32::from(worth * 2 > most);
        }
        assert!(tight > 100, "near the limit now and then: {tight}");
    }

    #[test]
    fn as_cheap_per_unit_is_not_enough() {
        let of = |n: u64| Resources { vcpu_milli: n * 1000, memory_mib: n * 8192, gpu_milli: 0 };
        assert!(covers((of(16), 160), (of(8), 80)));
        assert!(!covers((of(20), 200), (of(8), 80)) && covers((of(20), 200), (of(8), 100)));
        assert!(!covers((of(8), 80), (of(16), 160)), "what is larger does not fit");
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
