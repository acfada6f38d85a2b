//! Heights at which a climb is counted, found by a climb of their own.

use core::f64::consts::FRAC_PI_2;

use super::climb::{Climb, MISSED, Standing};
use crate::draws::Purpose;

/// Trials behind each level.
const TRIALS: u64 = 250;
/// Of these as many pass the next level: a fifth is near the best for splitting (Au and Beck 2001 use a tenth to a third).
const PASS: usize = 5;
/// No climb has more levels: what is rarer than 5^-16, or 10^-11, is called unseen.
const MOST: usize = 16;
/// Rounds of moves at each level.
const ROUNDS: u64 = 4;
/// The share of moves that should not fall back: near the best for a chain in few dimensions (Roberts, Gelman, Gilks
/// 1997 have 0.44 for one), and how fast the angle follows.
const ACCEPTED: f64 = 0.44;
const GAIN: f64 = 2.0;
/// No angle is less: a chain that moves so little stands still.
const LEAST_ANGLE: f64 = 0.05;
const PICK: Purpose = Purpose(132);

/// A height to reach, and how far moves go that start there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    pub height: i64,
    /// Of nudges, radians.
    pub angle: f64,
}

/// Levels in ascending order, the last at [`MISSED`]. They depend on trials that are not counted, so that what is
/// counted stays without bias.
pub(super) fn find(climb: &mut Climb<'_>) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let mut all: Vec<Standing> = (0..TRIALS).map(|trial| climb.begin(trial)).collect();
    let mut angle = FRAC_PI_2 / 2.0;
    while levels.len() < MOST {
        let Some(height) = next(&all).filter(|&height| height < MISSED) else { break };
        all = survivors(climb, &all, height, levels.len() as u64);
        for round in 0..ROUNDS {
            let name = |trial: u64| (levels.len() as u64 + 1) << 40 | round << 32 | trial;
            let moved = (0..).zip(&mut all).filter_map(|(t, s)| climb.wander(s, height, angle, name(t)).then_some(()));
            let accepted = moved.count() as f64 / TRIALS as f64;
            angle = (angle * libm::exp(GAIN * (accepted - ACCEPTED))).clamp(LEAST_ANGLE, FRAC_PI_2);
        }
        levels.push(Level { height, angle });
    }
    levels.push(Level { height: MISSED, angle });
    levels
}

/// The height that a fifth of the trials reach; where half of them do, as they are all alike, the next one seen above.
fn next(all: &[Standing]) -> Option<i64> {
    let mut heights: Vec<i64> = all.iter().map(Standing::height).collect();
    heights.sort_unstable();
    let fifth = *heights.get(heights.len() - heights.len() / PASS)?;
    let are_alike = 2 * heights.partition_point(|&h| h < fifth) < heights.len();
    if are_alike { heights.into_iter().find(|&h| h > fifth) } else { Some(fifth) }
}

/// As many trials as before, of those that reached the level.
fn survivors(climb: &Climb<'_>, all: &[Standing], height: i64, level: u64) -> Vec<Standing> {
    let reached: Vec<&Standing> = all.iter().filter(|s| s.height() >= height).collect();
    let pick = |trial: u64| (climb.draws.uniform(level << 32 | trial, PICK, 0) * reached.len() as f64) as usize;
    (0..TRIALS).map(|trial| reached[pick(trial)].clone()).collect()
}
