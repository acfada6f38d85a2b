//! The modified z-score: how far a value lies from its past, measured so that a few wild days do not hide the next.
//!
//! 0.6745 (x - median) / MAD, MAD being the median distance from the median; beyond 3.5 a value is an outlier.
//! B. Iglewicz and D. Hoaglin, How to Detect and Handle Outliers, ASQC 1993. 0.6745 is the third quartile of the
//! standard normal distribution, so that the score is in standard deviations where the past is normal.

/// The third quartile of the standard normal distribution.
const QUARTILE: f64 = 0.6745;
/// Beyond it a value is an outlier.
pub const OUTLIER: f64 = 3.5;
/// A past of fewer values judges nothing.
pub const LEAST: usize = 7;

/// The score of `value` against its past, whose spread counts as at least `least_spread` (above 0): a price that
/// never moved would make an outlier of every move. `None` where the past is shorter than [`LEAST`].
pub fn modified_z(value: f64, past: &[f64], least_spread: f64) -> Option<f64> {
    if past.len() < LEAST {
        return None;
    }
    let middle = median(past);
    let distances: Vec<f64> = past.iter().map(|x| (x - middle).abs()).collect();
    Some(QUARTILE * (value - middle) / median(&distances).max(least_spread))
}

/// The middle of some values, or the mean of the two in the middle; 0 of none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_that_of_a_worked_case() {
        // Median 5, distances 4 3 2 1 0 1 2 3 4: their median is 2.
        let past: Vec<f64> = (1..=9).map(f64::from).collect();
        assert_eq!(modified_z(9.0, &past, 1e-9), Some(0.6745 * 2.0));
        assert_eq!(modified_z(1.0, &past, 1e-9), Some(-0.6745 * 2.0));
        assert_eq!(modified_z(9.0, &past[..6], 1e-9), None, "too short a past");
    }

    #[test]
    fn one_wild_day_does_not_hide_the_next() {
        let mut past = vec![0.0; 20];
        past.iter_mut().enumerate().for_each(|(i, x)| *x = [-0.01, 0.0, 0.01][i % 3]);
        let calm = modified_z(0.2, &past, 0.001);
        past[7] = 5.0;
        let after = modified_z(0.2, &past, 0.001);
        assert!(calm > Some(OUTLIER) && after > Some(OUTLIER), "{calm:?} {after:?}");
        assert_eq!(modified_z(0.02, &[0.0; 10], 0.01), Some(0.6745 * 2.0), "a past without any spread");
    }

    #[test]
    fn a_shift_and_a_scale_change_no_score() {
        let past = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0, 3.5];
        let moved: Vec<f64> = past.iter().map(|x| 10.0 + 3.0 * x).collect();
        let (a, b) = (modified_z(7.0, &past, 1e-9), modified_z(31.0, &moved, 1e-9));
        assert!((a.expect("long enough") - b.expect("long enough")).abs() < 1e-12);
    }
}
