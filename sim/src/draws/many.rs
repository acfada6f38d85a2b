//! Draws of many entities for one purpose, made side by side: the same numbers as one by one, in less time.

use super::{Draws, Purpose, nudge, uniforms};

/// So many are made at once: enough for the processor to have several at work, few enough to stay near it.
pub const MANY: usize = 64;
impl Draws {
    /// Two uniform numbers in (0, 1) for each entity at an index, in place of what `pairs` had.
    pub fn pairs(&self, entities: &[u64], purpose: Purpose, index: u32, pairs: &mut Vec<[f64; 2]>) {
        pairs.clear();
        if self.nudges.is_some() {
            return pairs.extend(entities.iter().map(|&entity| self.pair(entity, purpose, index)));
        }
        let place = |entity: u64| [entity as u32, (entity >> 32) as u32, purpose.0, index];
        pairs.extend(entities.iter().map(|&entity| uniforms(place(entity), self.key)));
    }

    /// A standard normal number for each entity at an index, in place of what `normals` had.
    pub fn normals(&self, entities: &[u64], purpose: Purpose, index: u32, normals: &mut Vec<f64>) {
        normals.clear();
        if let Some(nudges) = &self.nudges {
            let place = |entity: u64| [entity as u32, (entity >> 32) as u32, purpose.0, index];
            return normals.extend(entities.iter().map(|&e| nudge::moved(place(e), self.key, nudges)[0]));
        }
        let mut pairs = Vec::with_capacity(MANY);
        for some in entities.chunks(MANY) {
            self.pairs(some, purpose, index, &mut pairs);
            // One function at a time, so that the processor has several calls of it at work.
            pairs.iter_mut().for_each(|[u, _]| *u = libm::log(*u));
            pairs.iter_mut().for_each(|[_, v]| *v = libm::cos(core::f64::consts::TAU * *v));
            normals.extend(pairs.iter().map(|[log, cos]| libm::sqrt(-2.0 * log) * cos));
        }
    }
}

#[cfg(test)]
mod tests {
    use tradewind_core::seed::Seed;

    use super::*;

    #[test]
    fn many_are_the_same_as_one_by_one() {
        let plain = Draws::new(Seed(1), 3);
        let entities: Vec<u64> = (0..3 * MANY as u64 + 5).map(|i| Seed(i).bits("entity", 0)).collect();
        for draws in [plain.clone(), plain.clone().movable().nudged(&Draws::new(Seed(2), 0), 0.3)] {
            for (purpose, index) in [(Purpose(0), 0), (Purpose(7), 9)] {
                let (mut pairs, mut normals) = (vec![[0.0; 2]; 3], vec![0.0; 3]);
                for some in [&entities[..], &entities[..1], &entities[..0]] {
                    draws.pairs(some, purpose, index, &mut pairs);
                    draws.normals(some, purpose, index, &mut normals);
                    assert!(pairs.iter().copied().eq(some.iter().map(|&e| draws.pair(e, purpose, index))));
                    assert!(normals.iter().copied().eq(some.iter().map(|&e| draws.normal(e, purpose, index))));
                }
            }
        }
    }
}
