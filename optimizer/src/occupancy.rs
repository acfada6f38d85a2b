//! How long an interval overlaps each window: the optimizer's own copy.

use tradewind_core::rules::MOST_WINDOWS;

use crate::problem::Problem;

/// The windows of the horizon and those after it in which its tasks may still run, in ms from its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    /// Length of the horizon.
    length: i64,
    /// Length of a window; the last one before the end of the horizon may be cut.
    window: i64,
    /// Windows within the horizon.
    within: usize,
    /// All of them.
    count: usize,
}

impl Windows {
    /// Those of a problem: no task starts after the horizon, so none runs later than the longest that could.
    pub fn of(problem: &Problem<'_>) -> Self {
        let longest = problem.classes.iter().flat_map(|c| &c.laws).map(|law| law.reserved.get()).max();
        Self::new(problem.length(), problem.rules.horizon.window.get(), longest.unwrap_or(0))
    }

    fn new(length: i64, window: i64, longest: i64) -> Self {
        let number = |ms: i64, window: i64| (ms as u64).div_ceil(window as u64) as usize;
        let within = number(length, window);
        let after = number(longest, window.min(length));
        Self { length, window, within, count: (within + after).min(MOST_WINDOWS) }
    }

    /// Number of windows.
    pub fn count(self) -> usize {
        self.count
    }

    /// Start of window `t`.
    pub fn edge(self, t: usize) -> i64 {
        let within = t.min(self.within);
        (within as i64 * self.window).min(self.length) + (t - within) as i64 * self.window.min(self.length)
    }

    /// The window of an instant, [`Self::count`] after the last.
    pub fn at(self, x: i64) -> usize {
        let t = if x < self.length {
            x.max(0) / self.window
        } else {
            self.within as i64 + (x - self.length) / self.window.min(self.length)
        };
        (t as usize).min(self.count)
    }

    /// Hours of window `t`.
    pub fn hours(self, t: usize) -> f64 {
        (self.edge(t + 1) - self.edge(t)) as f64 / 3.6e6
    }

    /// Windows touched by `[from, to)` and the hours in each.
    pub fn overlaps(self, from: i64, to: i64) -> impl Iterator<Item = (usize, f64)> {
        let from = from.max(0);
        let first = self.at(from);
        (first..self.count).take_while(move |&t| self.edge(t) < to).map(move |t| {
            let overlap = to.min(self.edge(t + 1)) - from.max(self.edge(t));
            (t, overlap as f64 / 3.6e6)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_on_after_the_horizon_is_in_later_windows() {
        const HOUR: i64 = 3_600_000;
        // Five hours by two: the third window is cut; tasks of up to three hours run on.
        let windows = Windows::new(5 * HOUR, 2 * HOUR, 3 * HOUR);
        let edges: Vec<i64> = (0..=windows.count()).map(|t| windows.edge(t) / HOUR).collect();
        assert_eq!((windows.within, edges), (3, vec![0, 2, 4, 5, 7, 9]));
        let overlaps: Vec<(usize, f64)> = windows.overlaps(3 * HOUR, 8 * HOUR).collect();
        assert_eq!(overlaps, [(1, 1.0), (2, 1.0), (3, 2.0), (4, 1.0)]);
        assert_eq!([0, 4, 5, 6, 7, 100].map(|h| windows.at(h * HOUR)), [0, 2, 3, 3, 4, 5]);
    }
}
