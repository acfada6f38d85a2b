//! How long an interval overlaps each window: the optimizer's own copy.

/// The windows of the horizon, in ms from its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    /// Length of the horizon.
    pub length: i64,
    /// Length of a window.
    pub window: i64,
}

impl Windows {
    /// Number of windows.
    pub fn count(self) -> usize {
        (self.length as u64).div_ceil(self.window as u64) as usize
    }

    /// Start of window `t`.
    pub fn edge(self, t: usize) -> i64 {
        (t as i64 * self.window).min(self.length)
    }

    /// Windows touched by `[from, to)` and the hours in each.
    pub fn overlaps(self, from: i64, to: i64) -> impl Iterator<Item = (usize, f64)> {
        let from = from.max(0);
        let to = to.min(self.length);
        let first = (from / self.window) as usize;
        let last = if to > from { ((to - 1) / self.window) as usize + 1 } else { first };
        (first..last).map(move |t| {
            let overlap = to.min(self.edge(t + 1)) - from.max(self.edge(t));
            (t, overlap as f64 / 3.6e6)
        })
    }
}
