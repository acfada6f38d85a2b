//! What was done to the limits, in a sentence.

use super::{MILLION, QuotaScale, Scaled};

impl Scaled {
    /// The factors, and how much of the demand lies beyond the limits that result.
    pub fn sentence(&self, scale: QuotaScale) -> String {
        let factors = self.factors.iter().map(|((gpu, bought), factor)| {
            let beyond = self.beyond.get(&(gpu.clone(), *bought)).copied().unwrap_or(0.0);
            let gpu = if gpu.is_empty() { "no GPU" } else { gpu };
            let factor = *factor as f64 / MILLION as f64;
            format!("{gpu} {bought} x {factor:.3} ({:.0} % beyond)", beyond * 100.0)
        });
        let factors: Vec<String> = factors.collect();
        format!(
            "quotas {scale}: the embedded account times a factor for each kind of node: {}. Each task at its cheapest \
             place at its earliest start, {:.1} % of the node-hours lie beyond the limits",
            factors.join(", "),
            self.overloaded * 100.0
        )
    }
}
