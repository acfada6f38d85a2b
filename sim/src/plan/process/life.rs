//! How long the cloud leaves a spot node to its user.

use tradewind_core::time::Millis;

/// A Weibull law of lives; shape 1 is memoryless.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::plan) struct Life {
    scale_hours: f64,
    scale_ms: f64,
    shape: f64,
}

/// Shortens an age by more than roads to it can differ by: 1e-12 of it, and what lies below a millisecond.
const ROUNDING: f64 = 1.0 - 1e-12;

impl Life {
    /// Of a mean in hours.
    pub fn new(mean_hours: f64, shape: f64) -> Self {
        let scale_hours = mean_hours / libm::tgamma(1.0 + 1.0 / shape);
        Self { scale_hours, scale_ms: scale_hours * 3_600_000.0, shape }
    }

    /// A life in ms by an exponential number of mean 1: what the rate has to add up to.
    pub fn length(&self, exponential: f64) -> i64 {
        self.reaches(exponential).max(1)
    }

    /// The same where the rate is multiplied by a course: the time at which a node launched at `from` is lost. `None`
    /// is not before `last`.
    pub fn end_under(
        &self,
        exponential: f64,
        [from, last]: [i64; 2],
        mut factor: impl FnMut(i64) -> (f64, i64),
    ) -> Option<i64> {
        let (mut now, mut left, mut passed) = (from, exponential, 0.0);
        while now < last {
            let (times, until) = factor(now);
            let until = until.min(last);
            let then = self.added_up(until - from);
            let adds = times * (then - passed);
            if adds >= left && times > 0.0 {
                return Some((from + self.reaches(passed + left / times)).clamp(now + 1, until.max(now + 1)));
            }
            left -= adds;
            (now, passed) = (until, then);
        }
        None
    }

    /// Whether an age in ms is reached for sure while the rate is multiplied by this factor at most, by the uniform
    /// number whose logarithm is what the rate has to add up to. Often no where the answer is yes: asked at each launch,
    /// it takes no function of `libm`, and answers for nearly all.
    pub fn reaches_surely(&self, uniform: f64, factor: f64, age: i64) -> bool {
        // -ln(u) is at least 1 - u.
        (1.0 - uniform) * ROUNDING >= factor * power_at_most(age as f64 / self.scale_ms, self.shape)
    }

    /// The age in ms at which the rate has added up to so much.
    fn reaches(&self, sum: f64) -> i64 {
        Millis::from_hours_f64(self.hours(sum)).get()
    }

    /// The same in hours.
    fn hours(&self, sum: f64) -> f64 {
        self.scale_hours * if self.shape == 1.0 { sum } else { libm::pow(sum, 1.0 / self.shape) }
    }

    /// What the rate adds up to until an age in ms.
    fn added_up(&self, age: i64) -> f64 {
        let scaled = Millis::new(age).hours() / self.scale_hours;
        if self.shape == 1.0 { scaled } else { libm::pow(scaled, self.shape) }
    }
}

/// A little more than a power of a number that is not negative: by up to an eighth, for shapes up to 1.
fn power_at_most(base: f64, shape: f64) -> f64 {
    /// How much log2(1 + m) is above m at most, for m from 0 to 1: 0.08608.
    const BULGE: f64 = 0.0861;
    const BIAS: f64 = 1023.0;
    const MANTISSA: f64 = (1_u64 << 52) as f64;
    // The bits of a number, read as one, are its logarithm by pieces of straight lines; read back, they are a power that
    // lies above the true one. What is no number is no bound, and fails every comparison.
    let log2 = base.to_bits() as f64 / MANTISSA - BIAS + BULGE;
    f64::from_bits(((shape * log2 + BIAS).clamp(0.0, 2.0 * BIAS + 1.0) * MANTISSA) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn the_bound_of_a_power_is_above_it_and_near(log in -30.0_f64..30.0, shape in 0.1_f64..3.0) {
            let (base, bound) = (libm::exp(log), power_at_most(libm::exp(log), shape));
            let power = libm::pow(base, shape);
            prop_assert!(power <= bound && bound <= power * 1.07 * libm::exp2(0.0861 * shape), "{power} {bound}");
        }

        #[test]
        fn an_age_that_is_reached_surely_is_reached(
            uniform in 1e-12_f64..1.0,
            hours in 0.1_f64..10_000.0,
            shape in 0.3_f64..2.0,
            factor in 0.1_f64..20.0,
            age in 0_i64..1_000_000_000,
        ) {
            let life = Life::new(hours, shape);
            if life.reaches_surely(uniform, factor, age) {
                let end = life.end_under(-libm::log(uniform), [7, 7 + age], |_| (factor, i64::MAX));
                prop_assert_eq!(end, None);
            }
        }
    }

    #[test]
    fn most_ages_are_answered_for() {
        let life = Life::new(1000.0, 0.6);
        let answered =
            (0..1000).filter(|i| life.reaches_surely((f64::from(*i) + 0.5) / 1000.0, 1.0, 3_600_000 * 4)).count();
        let reached =
            (0..1000).filter(|i| life.length(-libm::log((f64::from(*i) + 0.5) / 1000.0)) > 3_600_000 * 4).count();
        assert!(answered > 900 && answered <= reached, "{answered} of {reached}");
        assert!(!life.reaches_surely(0.5, f64::NAN, 1) && !life.reaches_surely(0.5, 1.0, i64::MAX));
    }
}
