//! Conditional value at risk: the mean of the worst cases.

use super::{Estimate, Moments};

/// The mean of the worst 1 - `level` of sorted samples, large being bad, e.g. the worst 5 % for 0.95. Its interval is
/// the normal one of q + max(0, x - q) / (1 - level), whose minimum over q is the measure (Rockafellar and Uryasev
/// 2000). `None` of no samples; without an interval where fewer than ten are in the tail, as it would be too narrow.
pub fn cvar(sorted: &[f64], level: f64, confidence: f64) -> Option<Estimate> {
    debug_assert!(sorted.is_sorted(), "samples in order");
    let n = sorted.len();
    let rank = (libm::ceil(level * n as f64) as usize).clamp(1, n.max(1));
    let threshold = *sorted.get(rank - 1)?;
    let excess = |x: &f64| threshold + (x - threshold).max(0.0) / (1.0 - level);
    let moments: Moments = sorted.iter().map(excess).collect();
    let estimate = moments.estimate(confidence);
    let interval = if n - rank < LEAST_IN_TAIL { None } else { estimate.interval };
    Some(Estimate { interval, ..estimate })
}

/// Samples beyond the threshold for which the normal interval is taken.
const LEAST_IN_TAIL: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::{Draws, Purpose};
    use tradewind_core::seed::Seed;

    #[test]
    fn of_whole_numbers_it_is_the_mean_of_the_tail() {
        let samples: Vec<f64> = (1..=1000).map(f64::from).collect();
        let estimate = cvar(&samples, 0.95, 0.95).expect("samples");
        assert!((estimate.value - 975.5).abs() < 1e-9, "{estimate:?}");
        assert_eq!(cvar(&samples[..100], 0.95, 0.95).and_then(|e| e.interval), None);
        assert_eq!(cvar(&[], 0.95, 0.95), None);
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        // Of an exponential law of mean 1: the quantile plus 1.
        let truth = 1.0 + 20_f64.ln();
        let runs = 1000_u64;
        let covered = (0..runs).filter(|run| {
            let draws = Draws::new(Seed(5), *run);
            let mut samples: Vec<f64> = (0..2000).map(|i| draws.exponential(i, Purpose(1), 0)).collect();
            samples.sort_by(f64::total_cmp);
            cvar(&samples, 0.95, 0.95).and_then(|e| e.interval).is_some_and(|i| i.contains(truth))
        });
        let share = covered.count() as f64 / runs as f64;
        assert!((0.925..0.97).contains(&share), "{share}");
    }
}
