//! Draws of one purpose for entity after entity, made many at a time.

use rand_philox::Philox;

use super::{Draws, Purpose, unit};

/// Pairs that are made at once: enough for the generator's lanes, few enough to throw away at the end.
const BLOCK: usize = 32;

/// The same numbers as [`Draws::pair`] gives for entity 0, 1, 2 and so on at index 0, in turn and in less time.
#[derive(Debug, Clone)]
pub struct Series<'d> {
    draws: &'d Draws,
    purpose: Purpose,
    /// The entity of the next pair.
    next: u64,
    /// Pairs of the entities from the last multiple of [`BLOCK`] on.
    made: [[f64; 2]; BLOCK],
}

impl<'d> Series<'d> {
    pub(super) fn new(draws: &'d Draws, purpose: Purpose) -> Self {
        Self { draws, purpose, next: 0, made: [[0.0; 2]; BLOCK] }
    }

    /// Two uniform numbers in (0, 1) of the next entity.
    pub fn pair(&mut self) -> [f64; 2] {
        let place = (self.next % BLOCK as u64) as usize;
        if place == 0 {
            self.make();
        }
        self.next += 1;
        self.made[place]
    }

    /// The next block. Draws that can be moved are made one by one.
    fn make(&mut self) {
        let Draws { key, nudges } = self.draws;
        if nudges.is_some() {
            self.made = std::array::from_fn(|i| self.draws.pair(self.next + i as u64, self.purpose, 0));
            return;
        }
        let mut words = [0; 4 * BLOCK];
        Philox::new(*key, u128::from(self.next) | u128::from(self.purpose.0) << 64).fill_u32(&mut words);
        for (pair, w) in self.made.iter_mut().zip(words.chunks_exact(4)) {
            *pair = [unit(w[0], w[1]), unit(w[2], w[3])];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_core::seed::Seed;

    #[test]
    fn it_is_the_same_as_one_by_one() {
        let plain = Draws::new(Seed(1), 3);
        for draws in [plain.clone(), plain.movable().nudged(&Draws::new(Seed(2), 0), 0.3)] {
            for purpose in [Purpose(0), Purpose(7)] {
                let mut series = draws.series(purpose);
                assert!((0..200).all(|entity| series.pair() == draws.pair(entity, purpose, 0)));
            }
        }
    }
}
