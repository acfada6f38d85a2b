//! The chance of nodes and jobs: the laws of the plan's simulator, under the same names.

use tradewind_core::time::Millis;
use tradewind_core::work::Spread;
use tradewind_sim::draws::{Draws, Purpose};
use tradewind_sim::plan::{BOOT, LIFE, RUNTIME};

/// Faults that strike a share of the calls.
const FAULT: Purpose = Purpose(64);

/// How long a node takes to be usable.
pub fn boot(draws: &Draws, law: Spread, luck: u64, attempt: u32) -> Millis {
    delay(law, draws.normal(luck, BOOT, attempt))
}

/// How long a node lives until the cloud takes it back; `None` is for ever.
pub fn life(draws: &Draws, hazard_per_hour: f64, luck: u64, attempt: u32) -> Option<Millis> {
    let hours = draws.exponential(luck, LIFE, attempt) / hazard_per_hour;
    (hazard_per_hour > 0.0).then(|| Millis::from_hours_f64(hours).max(Millis::new(1)))
}

/// How long a job runs in all.
pub fn runtime(draws: &Draws, law: Spread, luck: u64) -> Millis {
    delay(law, draws.normal(luck, RUNTIME, 0))
}

/// Whether a fault that strikes a share of the calls strikes this one.
pub fn strikes(draws: &Draws, share: f64, fault: usize, call: u64, tries: u32) -> bool {
    draws.uniform(call, Purpose(FAULT.0 + fault as u32), tries) < share
}

fn delay(law: Spread, normal: f64) -> Millis {
    Millis::from_hours_f64(law.median * libm::exp(law.sigma * normal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_core::seed::Seed;

    #[test]
    fn lives_have_the_mean_of_their_hazard() {
        let draws = Draws::new(Seed(1), 0);
        assert_eq!(life(&draws, 0.0, 1, 0), None);
        let n = 20_000;
        let hours: f64 = (0..n).filter_map(|luck| life(&draws, 0.5, luck, 0)).map(Millis::hours).sum();
        // Mean 2 h, standard error 2/sqrt(n).
        assert!((hours / n as f64 - 2.0).abs() < 4.0 * 2.0 / (n as f64).sqrt());
    }
}
