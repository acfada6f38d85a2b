//! Chance, drawn by name: a draw depends on (seed, replication, entity, purpose, index) and on nothing else.
//!
//! The generator is Philox4x32-10 (Salmon et al., SC 2011), counter-based: no state, so neither the order of
//! events nor the number of threads changes a draw, and two plans that share an entity share its luck
//! (common random numbers).

mod many;
mod nudge;
mod series;

use std::sync::Arc;

use rand_philox::{philox4x32_10, splitmix64};
use tradewind_core::seed::Seed;

use nudge::Nudge;

pub use many::MANY;
pub use series::Series;

/// The name of the generator, for the header of results.
pub const GENERATOR: &str = "philox4x32-10";

/// What a draw is for: a stream of its own for each entity. The numbers are part of the results' meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Purpose(pub u32);

/// The source of chance of one replication.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    key: [u32; 2],
    /// Of draws that can be moved a little: how they were, in order.
    nudges: Option<Arc<[Nudge]>>,
}

impl Draws {
    /// Of one replication of a run.
    pub fn new(seed: Seed, replication: u64) -> Self {
        // The Weyl step keeps replication 0 apart from the bare seed.
        let mixed = splitmix64(seed.0 ^ splitmix64(replication.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        Self { key: [mixed as u32, (mixed >> 32) as u32], nudges: None }
    }

    /// Another source, by its name among those that come from this one.
    pub fn other(&self, name: u64) -> Self {
        let own = u64::from(self.key[1]) << 32 | u64::from(self.key[0]);
        Self::new(Seed(own), name)
    }

    /// A source whose draws [`Draws::nudged`] can move; of the same law, though other numbers.
    pub fn movable(self) -> Self {
        Self { nudges: Some(Arc::new([])), ..self }
    }

    /// All draws moved a little, the more the nearer `angle` comes to a right one, where they are drawn anew from
    /// `towards`. Of the same law, and as likely to be moved the other way: a step of a Markov chain over all chance.
    pub fn nudged(&self, towards: &Self, angle: f64) -> Self {
        let step = Nudge::new(towards.key, angle);
        let nudges = self.nudges.iter().flat_map(|n| n.iter()).copied().chain([step]).collect();
        Self { key: self.key, nudges: Some(nudges) }
    }

    /// Two uniform numbers in (0, 1).
    pub fn pair(&self, entity: u64, purpose: Purpose, index: u32) -> [f64; 2] {
        let place = [entity as u32, (entity >> 32) as u32, purpose.0, index];
        match &self.nudges {
            None => uniforms(place, self.key),
            Some(nudges) => nudge::moved(place, self.key, nudges).map(nudge::below),
        }
    }

    /// The pairs of one purpose for one entity after the other.
    pub fn series(&self, purpose: Purpose) -> Series<'_> {
        Series::new(self, purpose)
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
        exponential(self.uniform(entity, purpose, index))
    }

    /// A standard normal number.
    pub fn normal(&self, entity: u64, purpose: Purpose, index: u32) -> f64 {
        let place = [entity as u32, (entity >> 32) as u32, purpose.0, index];
        if let Some(nudges) = &self.nudges {
            return nudge::moved(place, self.key, nudges)[0];
        }
        let [u, v] = uniforms(place, self.key);
        normal(u, v)
    }
}

/// An exponential number of mean 1 of a uniform one in (0, 1).
pub fn exponential(u: f64) -> f64 {
    -libm::log(u)
}

/// A standard normal number of two uniform ones in (0, 1) (Box and Muller).
pub fn normal(u: f64, v: f64) -> f64 {
    libm::sqrt(-2.0 * libm::log(u)) * libm::cos(core::f64::consts::TAU * v)
}

/// Two uniform numbers in (0, 1) of a place under a key.
fn uniforms(place: [u32; 4], key: [u32; 2]) -> [f64; 2] {
    let [a, b, c, d] = philox4x32_10(place, key);
    [unit(a, b), unit(c, d)]
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
