//! Mean and variance in one pass.

use super::Estimate;

/// Count, mean and sum of squares about it (Welford 1962), in the order in which values were added.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    n: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes a value in.
    pub fn add(&mut self, value: f64) {
        self.n += 1;
        let off = value - self.mean;
        self.mean += off / self.n as f64;
        self.squares += off * (value - self.mean);
    }

    /// How many values.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Their mean; 0 of none.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their variance about the mean; 0 of fewer than two.
    pub fn variance(&self) -> f64 {
        if self.n < 2 { 0.0 } else { self.squares / (self.n - 1) as f64 }
    }

    /// The mean's standard error.
    pub fn standard_error(&self) -> f64 {
        libm::sqrt(self.variance() / self.n.max(1) as f64)
    }

    /// The mean with its interval, for independent values.
    pub fn estimate(&self, confidence: f64) -> Estimate {
        Estimate::student(self.mean, self.standard_error(), self.n, confidence)
    }
}

impl Extend<f64> for Moments {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        values.into_iter().for_each(|v| self.add(v));
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Self::default();
        moments.extend(values);
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_means_lose_no_digits() {
        let moments: Moments = [4.0, 7.0, 13.0, 16.0].map(|x| x + 1e9).into_iter().collect();
        assert_eq!((moments.n(), moments.mean(), moments.variance()), (4, 1e9 + 10.0, 30.0));
        assert!((moments.standard_error() - 7.5_f64.sqrt()).abs() < 1e-12);
        // The half-width is t(3 degrees, 97.5 %) = 3.182446 times the standard error.
        let interval = moments.estimate(0.95).interval.expect("samples");
        assert!((interval.half_width() - 3.182_446 * 7.5_f64.sqrt()).abs() < 1e-5);
    }

    #[test]
    fn few_values_have_no_interval() {
        assert_eq!(Moments::default().estimate(0.95).interval, None);
        assert_eq!([3.0].into_iter().collect::<Moments>().estimate(0.95), Estimate { value: 3.0, interval: None });
    }
}
