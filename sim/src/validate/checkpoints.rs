//! Work with checkpoints on nodes that are interrupted at a constant rate.

use super::law::Law;
use crate::draws::{Draws, Purpose};
use crate::engine::EventQueue;

const LIFE: Purpose = Purpose(1);

/// Whether a node can be interrupted while it restores a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restore {
    /// As at any time: Daly's convention.
    Interruptible,
    /// Not: its time is lost time of fixed length, the convention of `tradewind_core::work`.
    Safe,
}

/// Segments of useful work, each ending with a saved checkpoint. Times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Work {
    /// Segments to do.
    pub segments: u64,
    /// Useful work of one.
    pub interval: u64,
    /// Saving a checkpoint.
    pub save: u64,
    /// Restoring it on the next node.
    pub restore: u64,
    /// Mean time between interruptions.
    pub mtbf: u64,
    /// What may happen while restoring.
    pub convention: Restore,
}

impl Work {
    /// The expected wall time over the useful time: with M the MTBF, s = interval + save and R the restore, a segment
    /// takes M e^(R/M) (e^(s/M) - 1) where restoring is interruptible (Daly 2006, equation 13 less its last save), and
    /// (M + R) (e^(s/M) - 1) where it is not.
    pub(super) fn expected_stretch(&self) -> f64 {
        let (m, r) = (self.mtbf as f64, self.restore as f64);
        let tries = libm::expm1((self.interval + self.save) as f64 / m);
        let segment = match self.convention {
            Restore::Interruptible => m * libm::exp(r / m) * tries,
            Restore::Safe => (m + r) * tries,
        };
        segment / self.interval as f64
    }

    /// The wall time over the useful time of one run.
    pub(super) fn stretch(&self, draws: &Draws) -> f64 {
        let life = Law::Exponential { mean: self.mtbf as f64 };
        let segment = self.interval + self.save;
        let (mut queue, mut node, mut done) = (EventQueue::new(), 0_u32, 0);
        // What happens to a node: it saves a checkpoint, or it is lost. What was to happen to a lost one does not.
        let (saved, lost) = (|node: u32| node << 1, |node: u32| node << 1 | 1);
        queue.push(life.draw(draws, 0, LIFE), lost(0));
        queue.push(segment, saved(0));
        while done < self.segments {
            let Some(event) = queue.pop() else { break };
            if event.payload == saved(node) {
                done += 1;
                queue.push(event.time + segment, saved(node));
            } else if event.payload == lost(node) {
                node += 1;
                let restored = event.time + self.restore;
                let exposed_from = if self.convention == Restore::Safe { restored } else { event.time };
                queue.push(exposed_from + life.draw(draws, u64::from(node), LIFE), lost(node));
                queue.push(restored + segment, saved(node));
            }
        }
        queue.now() as f64 / (self.segments * self.interval) as f64
    }
}
