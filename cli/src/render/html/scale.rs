//! A linear axis with round ticks, in percent of its width.

/// Steps between ticks at most.
const MOST_STEPS: f64 = 6.0;
/// Left free at either end, of the span of the values.
const MARGIN: f64 = 0.04;

/// From the least to the largest value, with room at both ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    /// Over some values; those that are not finite are left out. Of none, or of equal ones, a span around them.
    pub fn over(values: impl IntoIterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|v| v.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = (0.0, 0.0);
        }
        let span = high - low;
        let margin = if span > 0.0 { MARGIN * span } else { 0.5_f64.max(0.05 * high.abs()) };
        let (low, high) = (low - margin, high + margin);
        Self { low, high, step: round_step((high - low) / MOST_STEPS) }
    }

    /// Where a value is drawn, 0 to 100; values outside are drawn at the ends.
    pub fn percent(&self, value: f64) -> f64 {
        (100.0 * (value - self.low) / (self.high - self.low)).clamp(0.0, 100.0)
    }

    /// Round values, from left to right.
    pub fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step).ceil() as i64;
        (first..).map(|n| n as f64 * self.step).take_while(|t| *t <= self.high).collect()
    }

    /// A tick with the decimals that its step needs.
    pub fn label(&self, tick: f64) -> String {
        let decimals = (-self.step.log10().floor()).max(0.0) as usize;
        let text = format!("{tick:.decimals$}");
        // Not -0.
        if text.trim_start_matches(['-', '0', '.']).is_empty() { text.replace('-', "") } else { text }
    }
}

/// The least of 1, 2, 5 times a power of ten that is no smaller.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|m| m * power).find(|s| *s >= least * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        for (low, high) in [(0.0, 1.0), (-64.4, 128.8), (671.6, 919.2), (0.0, 1e-4), (5.0, 5.0), (-3e9, 4e9)] {
            let scale = Scale::over([low, high]);
            let ticks = scale.ticks();
            assert!((1..=8).contains(&ticks.len()), "{low} {high}: {ticks:?}");
            assert!(ticks.iter().all(|t| (0.0..=100.0).contains(&scale.percent(*t))));
            assert!(scale.percent(low) > 0.0 && scale.percent(high) < 100.0);
        }
        let scale = Scale::over([-64.4, 128.8]);
        let labels: Vec<String> = scale.ticks().iter().map(|t| scale.label(*t)).collect();
        assert_eq!(labels, ["-50", "0", "50", "100"]);
        assert_eq!(Scale::over([0.0, 0.02]).label(0.005), "0.005");
        assert_eq!(Scale::over([]).ticks().len(), 5);
    }
}
