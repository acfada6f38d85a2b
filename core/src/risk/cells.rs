//! A lognormal time cut into cells, each taken at its upper or its lower end.

use std::sync::LazyLock;

use crate::risk::losses::Rounding;
use crate::risk::normal::normal_upper_tail;
use crate::work::Spread;

/// Bounds between cells in standard deviations of the logarithm: closer where deadlines are missed.
const BOUNDS: [f64; 28] = [
    -2.4, -1.9, -1.5, -1.2, -0.9, -0.6, -0.3, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.45, 2.7,
    3.0, 3.4, 3.9, 4.5, 5.5, 8.0, 37.0,
];

/// [`BOUNDS`] with the probability of exceeding each.
static BOUNDS_AND_TAILS: LazyLock<[(f64, f64); BOUNDS.len()]> =
    LazyLock::new(|| BOUNDS.map(|z| (z, normal_upper_tail(z))));

/// Values of a time between two bounds. In hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    /// The value it is taken at: an end of the cell; infinite beyond the last bound.
    pub at: f64,
    /// Its lower end.
    pub from: f64,
    /// Its upper end.
    pub to: f64,
    /// Probability of lying above the lower end.
    pub above_from: f64,
    /// Probability of lying above the upper end.
    pub above_to: f64,
}

impl Cell {
    fn new(lower: (f64, f64), upper: (f64, f64), rounding: Rounding) -> Self {
        let at = if rounding == Rounding::Up { upper.0 } else { lower.0 };
        Self { at, from: lower.0, to: upper.0, above_from: lower.1, above_to: upper.1 }
    }

    /// The probability of a value in the cell and up to `limit`, which is exceeded with probability `above`.
    pub(crate) fn within(&self, limit: f64, above: f64) -> f64 {
        if self.to <= limit {
            self.above_from - self.above_to
        } else if self.from < limit {
            (self.above_from - above).max(0.0)
        } else {
            0.0
        }
    }
}

/// The part of `spread` beyond `base`, at least zero, in cells of every `stride`-th bound up to a tail
/// of `negligible`; a fixed time is one cell.
pub(crate) fn cells(spread: Spread, base: f64, stride: usize, negligible: f64, rounding: Rounding) -> Vec<Cell> {
    if spread.sigma == 0.0 {
        let at = (spread.median - base).max(0.0);
        return vec![Cell { at, from: at, to: at, above_from: 1.0, above_to: 0.0 }];
    }
    let mut lower = (0.0, 1.0);
    let mut cells = Vec::with_capacity(BOUNDS.len() + 2);
    let mut close = |upper: (f64, f64)| {
        cells.push(Cell::new(lower, upper, rounding));
        lower = upper;
    };
    if base > 0.0 {
        close((0.0, spread.exceeds(base)));
    }
    for &(z, tail) in BOUNDS_AND_TAILS.iter().skip(1).step_by(stride) {
        let end = spread.median * libm::exp(spread.sigma * z) - base;
        if end > 0.0 {
            close((end, tail));
        }
        if tail <= negligible {
            break;
        }
    }
    close((f64::INFINITY, 0.0));
    cells
}
