//! Rare events by multilevel splitting with fixed effort.
//!
//! A rare event is reached over levels, each not rare once the one before is reached. At every level the same number
//! of trials start from states drawn, with replacement, among those that reached it; the product of the shares that
//! get on is an unbiased estimate of the event's probability (Garvels 2000). Replications of it are the samples.

use crate::draws::{Draws, Purpose};

/// What climbs: a model with an importance that must be passed level by level.
pub trait Climber {
    /// Where a trial stands, chance to come apart.
    type State: Clone;

    /// Where a trial begins.
    fn start(&self) -> Self::State;

    /// Goes on until `level` is reached (true) or never will be (false). `trial` is a number of its own for the
    /// draws of this climb.
    fn climb(&mut self, state: &mut Self::State, level: u32, trial: u64) -> bool;
}

/// What one replication found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The estimate of the event's probability.
    pub probability: f64,
    /// Climbs made.
    pub trials: u64,
}

/// One replication: `effort` trials at each of the levels 1 to `levels`, the last being the event. `purpose` is for the
/// draws that pick where a trial goes on.
pub fn split<C: Climber>(climber: &mut C, levels: u32, effort: u32, draws: &Draws, purpose: Purpose) -> Split {
    let mut from = vec![climber.start()];
    let mut found = Split { probability: 1.0, trials: 0 };
    for level in 1..=levels {
        let mut reached = Vec::new();
        for trial in 0..effort {
            let name = u64::from(level) << 32 | u64::from(trial);
            let pick = (draws.uniform(name, purpose, 0) * from.len() as f64) as usize;
            let mut state = from[pick].clone();
            if climber.climb(&mut state, level, name) {
                reached.push(state);
            }
        }
        found.trials += u64::from(effort);
        found.probability *= reached.len() as f64 / f64::from(effort.max(1));
        if reached.is_empty() {
            break;
        }
        from = reached;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Moments;
    use tradewind_core::seed::Seed;

    const TRY: Purpose = Purpose(1);
    const PICK: Purpose = Purpose(2);

    /// A gambler with one coin who wins a coin with probability `win` and stops at none.
    struct Gambler<'d> {
        win: f64,
        draws: &'d Draws,
        each: u32,
    }

    impl Climber for Gambler<'_> {
        type State = u32;

        fn start(&self) -> u32 {
            1
        }

        fn climb(&mut self, coins: &mut u32, level: u32, trial: u64) -> bool {
            let mut game = 0;
            while 0 < *coins && *coins < 1 + level * self.each {
                *coins = if self.draws.uniform(trial, TRY, game) < self.win { *coins + 1 } else { *coins - 1 };
                game += 1;
            }
            *coins > 0
        }
    }

    /// ((q/p) - 1) / ((q/p)^coins - 1).
    fn ruin_escaped(win: f64, coins: i32) -> f64 {
        let odds = (1.0 - win) / win;
        (odds - 1.0) / (odds.powi(coins) - 1.0)
    }

    fn estimate(win: f64, levels: u32, each: u32) -> (Moments, u64) {
        let (mut moments, mut trials) = (Moments::default(), 0);
        for replication in 0..100 {
            let draws = Draws::new(Seed(4), replication);
            let found = split(&mut Gambler { win, draws: &draws, each }, levels, 300, &draws, PICK);
            moments.add(found.probability);
            trials += found.trials;
        }
        (moments, trials)
    }

    #[test]
    fn it_agrees_with_the_closed_form_where_plain_runs_see_nothing() {
        for (win, levels, each, rare) in [(0.4, 5, 3, 1e-2), (0.4, 16, 2, 1e-5), (0.35, 11, 2, 1e-5)] {
            let truth = ruin_escaped(win, (1 + levels * each) as i32);
            assert!(truth < rare, "{truth}");
            let (moments, trials) = estimate(win, levels, each);
            let estimate = moments.estimate(0.99);
            assert!(estimate.interval.is_some_and(|i| i.contains(truth)), "{estimate:?} {truth}");
            assert!(estimate.relative_half_width() < 0.2, "{estimate:?}");
            // Plain runs would need z^2 / (p h^2) of them for the same half-width.
            let plain = 2.576_f64.powi(2) / (truth * estimate.relative_half_width().powi(2));
            assert!(rare > 1e-3 || plain > 20.0 * trials as f64, "{plain:.0} against {trials}");
        }
    }
}
