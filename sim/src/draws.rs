//! Chance, drawn by name: a draw depends on (seed, replication, entity, purpose, index) and on nothing else.
//!
//! The generator is Philox4x32-10 (Salmon et al., SC 2011), counter-based: no state, so neither the order of
//! events nor the number of threads changes a draw, and two plans that share an entity share its luck
//! (common random numbers).

use rand_philox::{philox4x32_10, splitmix64};
use tradewind_core::seed::Seed;

/// The name of the generator, for the header of results.
pub const GENERATOR: &str = "philox4x32-10";

/// What a draw is for: a stream of its own for each entity. The numbers are part of the results' meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Purpose(pub u32);

/// The source of chance of one replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    key: [u32; 2],
}

impl Draws {
    /// Of one replication of a run.
    pub fn new(seed: Seed, replication: u64) -> Self {
        // The Weyl step keeps replication 0 apart from the bare seed.
        let mixed = splitmix64(seed.0 ^ splitmix64(replication.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        Self { key: [mixed as u32, (mixed >> 32) as u32] }
    }

    /// Two uniform numbers in (0, 1).
    pub fn pair(&self, entity: u64, purpose: Purpose, index: u32) -> [f64; 2] {
        let [a, b, c, d] = philox4x32_10([entity as u32, (entity >> 32) as u32, purpose.0, index], self.key);
        [unit(a, b), unit(c, d)]
    }

    /// A uniform number in (0, 1).
    ///
    /// ```
    /// use tradewind_core::seed::Seed;
    /// use tradewind_sim::draws::{Draws, Purpose};
    /// let draws = Draws::new(Seed(1), 0);
    /// let boot = Purpose(1);
    /// assert_eq!(draws.uniform(7, boot, 0), draws.uniform(7, boot, 0));
    /// assert_ne!(draws.uniform(7, boot, 0), draws.uniform(7, boot, 1));
    /// ```
    pub fn uniform(&self, entity: u64, purpose: Purpose, index: u32) -> f64 {
        self.pair(entity, purpose, index)[0]
    }

    /// An exponential number of mean 1.
    pub fn exponential(&self, entity: u64, purpose: Purpose, index: u32) -> f64 {
        -libm::log(self.uniform(entity, purpose, index))
    }

    /// A standard normal number (Box and Muller).
    pub fn normal(&self, entity: u64, purpose: Purpose, index: u32) -> f64 {
        let [u, v] = self.pair(entity, purpose, index);
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(core::f64::consts::TAU * v)
    }
}

/// 53 bits of two words, in the middle of their cell: never 0, never 1.
fn unit(low: u32, high: u32) -> f64 {
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 11;
    (bits as f64 + 0.5) * (1.0 / (1_u64 << 53) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_one_named() {
        // Known answer of Random123 for philox4x32-10.
        let all = u32::MAX;
        assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox4x32_10([all; 4], [all; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    }

    #[test]
    fn draws_are_uniform_and_apart() {
        let draws = Draws::new(Seed(3), 5);
        let n = 100_000;
        let mean = |f: &dyn Fn(u64) -> f64| (0..n).map(f).sum::<f64>() / n as f64;
        assert!((mean(&|e| draws.uniform(e, Purpose(1), 0)) - 0.5).abs() < 4.0 * 0.289 / (n as f64).sqrt());
        assert!((mean(&|e| draws.exponential(e, Purpose(2), 0)) - 1.0).abs() < 4.0 / (n as f64).sqrt());
        assert!(mean(&|e| draws.normal(e, Purpose(3), 0)).abs() < 4.0 / (n as f64).sqrt());
        // Streams of neighbours do not move together.
        let product =
            |e: u64| (draws.uniform(e, Purpose(1), 0) - 0.5) * (Draws::new(Seed(3), 6).uniform(e, Purpose(1), 0) - 0.5);
        assert!(mean(&product).abs() < 4.0 / 12.0 / (n as f64).sqrt());
    }
}
