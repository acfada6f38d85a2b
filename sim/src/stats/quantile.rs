//! Quantiles by order statistics, without assuming any shape.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::{Estimate, Interval};

/// The `level` quantile of sorted samples, e.g. 0.95. The ends of its interval are samples too: as many as are below
/// the truth are binomial, so the ranks are exact for any law. No interval where the samples are too few for the
/// confidence; `None` of no samples.
pub fn quantile(sorted: &[f64], level: f64, confidence: f64) -> Option<Estimate> {
    debug_assert!(sorted.is_sorted(), "samples in order");
    let n = sorted.len();
    let rank = (libm::ceil(level * n as f64) as usize).clamp(1, n.max(1));
    let value = *sorted.get(rank - 1)?;
    let interval = ranks(n as u64, level, confidence)
        .map(|(low, high)| Interval { low: sorted[low as usize - 1], high: sorted[high as usize - 1] });
    Some(Estimate { value, interval })
}

/// Ranks from 1 between which the quantile lies: at most half of the doubt is outside on either side.
fn ranks(n: u64, level: f64, confidence: f64) -> Option<(u64, u64)> {
    let tail = 0.5 * (1.0 - confidence);
    let below = Binomial::new(level, n).ok()?;
    // The truth is below the sample of rank r where fewer than r samples are below the truth.
    let low = first(n, |r| below.cdf(r) > tail);
    let high = first(n, |r| below.cdf(r) >= 1.0 - tail) + 1;
    (low >= 1 && high <= n).then_some((low, high))
}

/// The first of 0..=n for which a monotone condition holds; n if none.
fn first(n: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::{Draws, Purpose};
    use tradewind_core::seed::Seed;

    #[test]
    fn ranks_are_as_tabulated() {
        // Conover, Practical Nonparametric Statistics, by the binomial table: the median of 16 between ranks 4 and 13.
        assert_eq!(ranks(16, 0.5, 0.95), Some((4, 13)));
        assert_eq!(ranks(100, 0.5, 0.95), Some((40, 61)));
        // Of n samples the largest is below the 95 % quantile with probability 0.95^n: 72 are needed for 97.5 %.
        assert_eq!(ranks(71, 0.95, 0.95), None);
        assert!(ranks(73, 0.95, 0.95).is_some());
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let (runs, n) = (2000_u64, 200);
        for (level, truth) in [(0.5, 2_f64.ln()), (0.9, 10_f64.ln())] {
            let covered = (0..runs).filter(|run| {
                let draws = Draws::new(Seed(11), *run);
                let mut samples: Vec<f64> = (0..n).map(|i| draws.exponential(i, Purpose(1), 0)).collect();
                samples.sort_by(f64::total_cmp);
                quantile(&samples, level, 0.95).and_then(|e| e.interval).is_some_and(|i| i.contains(truth))
            });
            // Conservative by less than a rank on each side; the standard error of the share is 0.5 %.
            let share = covered.count() as f64 / runs as f64;
            assert!((0.94..0.98).contains(&share), "{level}: {share}");
        }
    }

    #[test]
    fn too_few_samples_say_so() {
        assert_eq!(quantile(&[], 0.5, 0.95), None);
        assert_eq!(quantile(&[3.0, 4.0], 0.5, 0.95), Some(Estimate { value: 3.0, interval: None }));
    }
}
