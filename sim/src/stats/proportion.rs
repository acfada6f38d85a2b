//! How probable something is that was seen so many times in so many runs.

use statrs::distribution::{Beta, ContinuousCDF};

use super::{Estimate, Interval};

/// The share of `seen` among `runs` with the exact binomial interval (Clopper and Pearson 1934): never too narrow,
/// and right for 0 and for all. Without runs nothing is known: from 0 to 1.
pub fn proportion(seen: u64, runs: u64, confidence: f64) -> Estimate {
    let tail = 0.5 * (1.0 - confidence);
    let bound = |successes: u64, failures: u64, p: f64| {
        Beta::new(successes as f64, failures as f64).ok().map(|law| law.inverse_cdf(p))
    };
    let failures = runs.saturating_sub(seen);
    let low = bound(seen, failures + 1, tail).unwrap_or(0.0);
    let high = bound(seen + 1, failures, 1.0 - tail).unwrap_or(1.0);
    Estimate { value: seen as f64 / runs.max(1) as f64, interval: Some(Interval { low, high }) }
}

/// The largest probability of something not seen in any of `runs`, with this confidence: 1 - (1 - confidence)^(1/runs),
/// about 3/runs at 95 %.
pub fn most_probable_when_never_seen(runs: u64, confidence: f64) -> f64 {
    if runs == 0 { 1.0 } else { -libm::expm1(libm::log1p(-confidence) / runs as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(at most `k` of `n`), summed.
    fn at_most(k: u64, n: u64, p: f64) -> f64 {
        let (mut term, mut sum) = ((1.0 - p).powi(n as i32), 0.0);
        for i in 0..=k {
            sum += term;
            term *= (n - i) as f64 / (i + 1) as f64 * p / (1.0 - p);
        }
        sum
    }

    #[test]
    fn bounds_leave_the_tails_outside() {
        for (seen, runs) in [(1, 10), (3, 40), (39, 40), (25, 50), (2, 1000)] {
            let interval = proportion(seen, runs, 0.95).interval.expect("bounds");
            assert!(
                (1.0 - at_most(seen - 1, runs, interval.low) - 0.025).abs() < 1e-6,
                "{seen} of {runs}: {interval:?}"
            );
            assert!((at_most(seen, runs, interval.high) - 0.025).abs() < 1e-6, "{seen} of {runs}: {interval:?}");
        }
        assert_eq!(proportion(0, 0, 0.95).interval, Some(Interval { low: 0.0, high: 1.0 }));
        assert_eq!(proportion(7, 7, 0.95).interval.map(|i| i.high), Some(1.0));
    }

    #[test]
    fn never_seen_is_not_impossible() {
        for runs in [1, 30, 10_000, 100_000_000] {
            let p = most_probable_when_never_seen(runs, 0.95);
            assert!((libm::pow(1.0 - p, runs as f64) - 0.05).abs() < 1e-7, "{runs}: {p}");
        }
        let by_rule_of_three = 3.0 / 10_000.0;
        assert!((most_probable_when_never_seen(10_000, 0.95) / by_rule_of_three - 1.0).abs() < 0.002);
        assert_eq!(most_probable_when_never_seen(0, 0.95), 1.0);
    }
}
