//! What a node has free over time while it is being filled.

use tradewind_core::resources::Resources;

/// Free capacity as steps: from each instant (ms) until the next.
pub(super) struct Board {
    steps: Vec<(i64, Resources)>,
}

impl Board {
    /// All free.
    pub(super) fn new(capacity: Resources) -> Self {
        Self { steps: vec![(i64::MIN, capacity)] }
    }

    /// How many tasks of a demand fit at once over `[from, to)`, at most `most`.
    pub(super) fn room(&self, from: i64, to: i64, demand: Resources, most: u32) -> u32 {
        let first = self.steps.partition_point(|s| s.0 <= from) - 1;
        let mut room = u64::from(most);
        for (_, free) in self.steps[first..].iter().take_while(|s| s.0 < to) {
            // Divided only where fewer fit: this is where the time of packing goes.
            if !demand.times(room).fits_in(*free) {
                room = times(*free, demand);
            }
            if room == 0 {
                break;
            }
        }
        room as u32
    }

    /// The first instant from `from` to `latest` at which a demand fits for a length of time.
    pub(super) fn first_room(&self, from: i64, latest: i64, length: i64, demand: Resources) -> Option<i64> {
        let mut start = from;
        for i in self.steps.partition_point(|s| s.0 <= from) - 1..self.steps.len() {
            let end = self.steps.get(i + 1).map_or(i64::MAX, |s| s.0);
            if !demand.fits_in(self.steps[i].1) {
                start = end;
            } else if start + length <= end {
                break;
            }
            if start > latest {
                break;
            }
        }
        (start <= latest).then_some(start)
    }

    /// Takes a demand `n` times over `[from, to)`; it must fit.
    pub(super) fn take(&mut self, from: i64, to: i64, demand: Resources, n: u32) {
        let first = self.split(from);
        let last = self.split(to);
        let all = demand.times(u64::from(n));
        self.steps[first..last].iter_mut().for_each(|(_, free)| *free -= all);
    }

    fn split(&mut self, at: i64) -> usize {
        match self.steps.binary_search_by_key(&at, |s| s.0) {
            Ok(i) => i,
            Err(i) => {
                let free = self.steps[i - 1].1;
                self.steps.insert(i, (at, free));
                i
            }
        }
    }
}

/// How often a demand fits into a capacity.
pub(super) fn times(capacity: Resources, demand: Resources) -> u64 {
    let by = |have: u64, need: u64| have.checked_div(need).unwrap_or(u64::MAX);
    by(capacity.vcpu_milli, demand.vcpu_milli)
        .min(by(capacity.memory_mib, demand.memory_mib))
        .min(by(capacity.gpu_milli, demand.gpu_milli))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_gone_while_it_is_held() {
        let size = |n: u64| Resources { vcpu_milli: n, memory_mib: n, gpu_milli: 0 };
        let mut board = Board::new(size(10));
        board.take(5, 15, size(4), 2);
        assert_eq!(board.room(0, 5, size(5), 9), 2);
        assert_eq!(board.room(0, 6, size(2), 9), 1);
        assert_eq!(board.room(14, 20, size(1), 9), 2);
        assert_eq!(board.room(15, 20, size(1), 9), 9);
        assert_eq!(board.first_room(0, 20, 5, size(3)), Some(0));
        assert_eq!(board.first_room(0, 20, 6, size(3)), Some(15));
        assert_eq!(board.first_room(1, 20, 9, size(2)), Some(1));
        assert_eq!(board.first_room(0, 14, 6, size(3)), None);
        assert_eq!(board.first_room(0, 20, 1, size(11)), None);
    }
}
