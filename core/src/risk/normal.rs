//! The standard normal tail and its inverse.

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

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn normal_agrees_with_statrs() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        for tail in [0.9, 0.5, 0.2, 0.05, 0.01, 1e-3, 1e-6, 1e-9] {
            let z = normal_upper_quantile(tail);
            assert!((z - normal.inverse_cdf(1.0 - tail)).abs() < 1e-6, "{tail}");
            assert!((normal_upper_tail(z) / tail - 1.0).abs() < 1e-12, "{tail}");
        }
    }
}
