//! The probability of missing a deadline, bounded from above in closed form.
//!
//! A miss is bounded by a union: the node boots late, the work runs long, interruptions eat the
//! slack. The boot takes a tenth of the allowed probability; the rest is split between runtime and
//! interruptions at the best of a few fixed shares. Interruptions by the Poisson-count bound: with
//! at most k interruptions a task of failure-free length F, losing at most a segment s and R at
//! each, ends within F + k (s + R), so P(done) >= PoissonCdf(k; l (F + k (s + R))). Safe, never the
//! normal approximation; the compound distribution sharpens it in a later version.

use crate::time::Millis;
use crate::work::TaskLaw;

/// The share of the allowed probability given to a late boot.
const BOOT_SHARE: f64 = 0.1;
/// Shares of the rest given to a long runtime where interruptions need some too.
const RUNTIME_SHARES: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];
/// Beyond so many interruptions a task is not worth planning.
const MOST_INTERRUPTIONS: u32 = 400;
/// No reservation is longer: 60 days.
const LONGEST_HOURS: f64 = 60.0 * 24.0;

/// P(Z > z) of the standard normal.
pub fn normal_upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The z with P(Z > z) = `tail`, for tails in (0, 1): a rational first guess (Abramowitz and Stegun
/// 26.2.23, error below 4.5e-4), then Newton steps on [`normal_upper_tail`] itself.
pub fn normal_upper_quantile(tail: f64) -> f64 {
    if tail > 0.5 {
        return -normal_upper_quantile(1.0 - tail);
    }
    let t = libm::sqrt(-2.0 * libm::log(tail));
    let (c, d) = ([2.515517, 0.802853, 0.010328], [1.432788, 0.189269, 0.001308]);
    let mut z = t - (c[0] + t * (c[1] + t * c[2])) / (1.0 + t * (d[0] + t * (d[1] + t * d[2])));
    for _ in 0..3 {
        let density = libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * std::f64::consts::PI);
        z += (normal_upper_tail(z) - tail) / density;
    }
    z
}

/// P(N <= k) of a Poisson count with this mean.
pub fn poisson_cdf(k: u32, mean: f64) -> f64 {
    if mean <= 0.0 {
        return 1.0;
    }
    let mut term = libm::exp(-mean);
    let mut sum = term;
    for i in 1..=k {
        term *= mean / f64::from(i);
        sum += term;
    }
    sum.min(1.0)
}

/// How late a boot is, over its mean, with probability `tail`; in hours.
fn boot_slack(law: &TaskLaw, tail: f64) -> f64 {
    (law.boot.upper_quantile(tail) - law.boot.mean()).max(0.0)
}

/// The probability given to a late boot: none if boots take no time or a fixed one.
fn boot_tail(law: &TaskLaw, allowed: f64) -> f64 {
    if law.boot.sigma > 0.0 { BOOT_SHARE * allowed } else { 0.0 }
}

/// Failure-free length and worst loss of one interruption, in hours, for `work` useful hours.
fn exposure(law: &TaskLaw, work: f64) -> (f64, f64) {
    let s = law.segments;
    let count = libm::ceil(work / s.interval - 1e-9).max(1.0);
    let free = work + count * s.save;
    let loss = s.interval.min(work) + s.save + s.restore;
    (free, loss)
}

/// The splits of `rest` to try: all of it for a fixed law, some fixed shares else.
fn splits(law: &TaskLaw, rest: f64) -> impl Iterator<Item = f64> + '_ {
    let fixed = law.runtime.sigma == 0.0;
    let shares: &[f64] = if fixed { &[0.0] } else { &RUNTIME_SHARES };
    shares.iter().map(move |s| s * rest)
}

/// Bound from above on the probability of a miss with `left` between start and deadline; `allowed`
/// only sets how the union is split.
pub(crate) fn miss_probability(law: &TaskLaw, left: Millis, allowed: f64) -> f64 {
    let late_boot = boot_tail(law, allowed);
    let left = left.hours() - if late_boot > 0.0 { boot_slack(law, late_boot) } else { 0.0 };
    if left < 0.0 {
        return 1.0;
    }
    if law.hazard <= 0.0 {
        return (late_boot + law.runtime.exceeds(left)).min(1.0);
    }
    let mut best = 1.0_f64;
    for tail in splits(law, allowed - late_boot) {
        let (free, loss) = exposure(law, law.runtime.upper_quantile(tail));
        if left < free * (1.0 - 1e-12) {
            continue;
        }
        let spare = (left - free).max(0.0) / loss;
        let most = (libm::floor(spare + 1e-9) as u32).min(MOST_INTERRUPTIONS);
        let done = (0..=most).map(|k| poisson_cdf(k, law.hazard * (free + f64::from(k) * loss))).fold(0.0, f64::max);
        best = best.min(late_boot + tail + 1.0 - done);
    }
    best.clamp(0.0, 1.0)
}

/// The least time from start to deadline that keeps [`miss_probability`] within `allowed`; `None` if
/// more interruptions than are worth planning would be needed.
pub(crate) fn required_time(law: &TaskLaw, allowed: f64) -> Option<Millis> {
    let late_boot = boot_tail(law, allowed);
    let slack = if late_boot > 0.0 { boot_slack(law, late_boot) } else { 0.0 };
    let rest = allowed - late_boot;
    if law.hazard <= 0.0 {
        return Some(Millis::from_hours_f64_up(slack + law.runtime.upper_quantile(rest)));
    }
    splits(law, rest)
        .filter_map(|tail| {
            let (free, loss) = exposure(law, law.runtime.upper_quantile(tail));
            let needed = 1.0 - (rest - tail);
            // Where an interruption is due before its loss is made up, no number of them suffices.
            let enough = |k: &u32| poisson_cdf(*k, law.hazard * (free + f64::from(*k) * loss)) >= needed;
            let worth_it = |k: &u32| law.hazard * loss < 1.0 && free + f64::from(*k) * loss <= LONGEST_HOURS;
            let k = (0..=MOST_INTERRUPTIONS).take_while(worth_it).find(enough)?;
            Some(Millis::from_hours_f64_up(slack + free + f64::from(k) * loss))
        })
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, DiscreteCDF, Normal, Poisson};

    #[test]
    fn normal_agrees_with_statrs() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        for tail in [0.9, 0.5, 0.2, 0.05, 0.01, 1e-3, 1e-6, 1e-9] {
            let z = normal_upper_quantile(tail);
            assert!((z - normal.inverse_cdf(1.0 - tail)).abs() < 1e-6, "{tail}");
            assert!((normal_upper_tail(z) / tail - 1.0).abs() < 1e-12, "{tail}");
        }
    }

    #[test]
    fn poisson_agrees_with_statrs() {
        for mean in [0.01, 0.5, 3.0, 20.0] {
            for k in [0, 1, 5, 30] {
                let peer = Poisson::new(mean).unwrap().cdf(u64::from(k));
                assert!((poisson_cdf(k, mean) - peer).abs() < 1e-12, "{mean} {k}");
            }
        }
    }
}
