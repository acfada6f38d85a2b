//! How much of something is held over time: a step function in integers.

/// A load that changes at instants (ms); zero before the first and after the last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timeline {
    /// Instant and the load from there on, by instant.
    steps: Vec<(i64, i64)>,
}

impl Timeline {
    /// Adds `amount` over `[from, to)`.
    pub fn add(&mut self, from: i64, to: i64, amount: i64) {
        if from >= to || amount == 0 {
            return;
        }
        let first = self.split(from);
        let last = self.split(to);
        self.steps[first..last].iter_mut().for_each(|(_, load)| *load += amount);
    }

    /// The largest load in `[from, to)`.
    pub fn max_in(&self, from: i64, to: i64) -> i64 {
        let start = self.steps.partition_point(|&(t, _)| t <= from);
        let before = if start > 0 { self.steps[start - 1].1 } else { 0 };
        self.steps[start..].iter().take_while(|(t, _)| *t < to).map(|(_, load)| *load).fold(before, i64::max)
    }

    /// When the load falls to `most` or less after it was last above it in `[from, to)`.
    pub fn falls_to(&self, most: i64, from: i64, to: i64) -> Option<i64> {
        let start = self.steps.partition_point(|&(t, _)| t <= from).saturating_sub(1);
        let end = self.steps.partition_point(|&(t, _)| t < to);
        let last = (start..end).rev().find(|&i| self.steps[i].1 > most)?;
        // After the last step nothing is held.
        self.steps[last..].iter().find(|(_, load)| *load <= most).map(|(t, _)| *t)
    }

    /// Instants and the load from there on, by instant.
    pub fn steps(&self) -> &[(i64, i64)] {
        &self.steps
    }

    /// The instants at which the load may fall, after `from`.
    pub fn instants_after(&self, from: i64) -> impl Iterator<Item = i64> + '_ {
        let start = self.steps.partition_point(|&(t, _)| t <= from);
        self.steps[start..].iter().map(|(t, _)| *t)
    }

    /// Index of the step that begins at `t`, made if there is none.
    fn split(&mut self, t: i64) -> usize {
        match self.steps.binary_search_by_key(&t, |s| s.0) {
            Ok(i) => i,
            Err(i) => {
                let load = if i > 0 { self.steps[i - 1].1 } else { 0 };
                self.steps.insert(i, (t, load));
                i
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    #[test]
    fn agrees_with_a_naive_array() {
        let mut rng = StdRng::seed_from_u64(3);
        for _ in 0..200 {
            let (mut line, mut naive) = (Timeline::default(), [0_i64; 40]);
            for _ in 0..12 {
                let (a, b) = (rng.random_range(0..40), rng.random_range(0..40));
                let amount = rng.random_range(-3..9);
                line.add(a, b, amount);
                (a..b).for_each(|t| naive[t as usize] += amount);
                let (x, y) = (rng.random_range(0..40), rng.random_range(0..40));
                if x < y {
                    let most = naive[x as usize..y as usize].iter().copied().max().unwrap_or(0);
                    assert_eq!(line.max_in(x, y), most);
                    let last = (x..y).rev().find(|&t| naive[t as usize] > most - 1);
                    let falls = last.and_then(|l| (l..41).find(|&t| naive.get(t as usize).is_none_or(|n| *n < most)));
                    assert_eq!(line.falls_to(most - 1, x, y), falls.filter(|_| most > 0));
                }
            }
        }
    }
}
