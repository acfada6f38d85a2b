//! Draws that move a little: what Markov chains over all the chance of a replication are made of.
//!
//! Each uniform number stands for a normal one. A nudge turns it by an angle towards another, independent one, which
//! leaves the law as it is and is as likely back as forth (the preconditioned Crank-Nicolson proposal: Neal 1999;
//! Cotter, Roberts, Stuart, White 2013). Nothing is kept but the nudges, so a chain can wander over draws that nobody
//! has asked for yet.

use core::f64::consts::{FRAC_1_SQRT_2, TAU};

use super::uniforms;

/// The largest number below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

/// One turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Nudge {
    /// Of the draws turned to.
    key: [u32; 2],
    /// Cosine and sine of the angle.
    keeps: f64,
    adds: f64,
}

impl Nudge {
    /// By an angle in radians: 0 leaves everything, a right one draws everything anew.
    pub fn new(key: [u32; 2], angle: f64) -> Self {
        Self { key, keeps: libm::cos(angle), adds: libm::sin(angle) }
    }
}

/// Two independent standard normal numbers of a place after nudges.
pub(super) fn moved(place: [u32; 4], key: [u32; 2], nudges: &[Nudge]) -> [f64; 2] {
    let first = normals(place, key);
    let turn = |[x, y]: [f64; 2], n: &Nudge| {
        let [to_x, to_y] = normals(place, n.key);
        [n.keeps * x + n.adds * to_x, n.keeps * y + n.adds * to_y]
    };
    nudges.iter().fold(first, turn)
}

/// Two independent standard normal numbers of a place under a key (Box and Muller).
fn normals(place: [u32; 4], key: [u32; 2]) -> [f64; 2] {
    let [u, v] = uniforms(place, key);
    let radius = libm::sqrt(-2.0 * libm::log(u));
    let (sin, cos) = libm::sincos(TAU * v);
    [radius * cos, radius * sin]
}

/// The probability of a smaller normal number, inside (0, 1).
pub(super) fn below(normal: f64) -> f64 {
    (0.5 * libm::erfc(-normal * FRAC_1_SQRT_2)).clamp(f64::MIN_POSITIVE, BELOW_ONE)
}

#[cfg(test)]
mod tests {
    use tradewind_core::seed::Seed;

    use crate::draws::{Draws, Purpose};

    const ANY: Purpose = Purpose(5);

    fn chain(angles: &[f64]) -> Draws {
        let from = Draws::new(Seed(7), 0);
        let step = |d: Draws, (i, angle): (u64, &f64)| d.nudged(&from.other(i), *angle);
        (1..).zip(angles).fold(from.clone().movable(), step)
    }

    #[test]
    fn nudged_draws_are_uniform_still() {
        let n = 100_000;
        for draws in [chain(&[]), chain(&[0.3]), chain(&[1.5, 0.1, 0.7])] {
            let all: Vec<f64> = (0..n).map(|e| draws.uniform(e, ANY, 0)).collect();
            let mean = all.iter().sum::<f64>() / n as f64;
            let low = all.iter().filter(|u| **u < 0.01).count() as f64 / n as f64;
            assert!((mean - 0.5).abs() < 4.0 * 0.289 / (n as f64).sqrt(), "{mean}");
            assert!((low - 0.01).abs() < 4.0 * (0.01 / n as f64).sqrt(), "{low}");
        }
    }

    #[test]
    fn small_angles_move_little_and_right_ones_forget() {
        let n = 20_000;
        let together = |a: &Draws, b: &Draws| {
            let product = |e| (a.uniform(e, ANY, 0) - 0.5) * (b.uniform(e, ANY, 0) - 0.5);
            12.0 * (0..n).map(product).sum::<f64>() / n as f64
        };
        let base = chain(&[]);
        assert!(together(&base, &chain(&[0.05])) > 0.95);
        assert!(together(&base, &chain(&[core::f64::consts::FRAC_PI_2])).abs() < 4.0 / (n as f64).sqrt());
    }
}
