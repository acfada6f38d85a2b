//! Tasks in line on a node: most often none or one.

/// Stands for none.
const NONE: u32 = u32::MAX;

/// Tasks in the order in which they came; those after the first are kept in [`Lines`]. 8 bytes, so that a node fits in
/// two cache lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    first: u32,
    /// Where the others are.
    others: u32,
}

impl Line {
    /// Nobody.
    pub const EMPTY: Self = Self { first: NONE, others: NONE };

    /// One task.
    pub fn of(task: u32) -> Self {
        Self { first: task, ..Self::EMPTY }
    }

    /// Whether nobody is in it.
    pub fn is_empty(self) -> bool {
        self.first == NONE
    }
}

/// All that is behind the first of each line, in the memory of the replication before.
#[derive(Debug, Default)]
pub(super) struct Lines {
    others: Vec<Vec<u32>>,
    /// How many are taken.
    taken: usize,
}

impl Lines {
    /// As new.
    pub fn clear(&mut self) {
        self.others[..self.taken].iter_mut().for_each(Vec::clear);
        self.taken = 0;
    }

    /// A task comes last.
    pub fn push(&mut self, line: &mut Line, task: u32) {
        if line.is_empty() {
            line.first = task;
            return;
        }
        if line.others == NONE {
            line.others = self.taken as u32;
            self.taken += 1;
            self.others.resize_with(self.others.len().max(self.taken), Vec::new);
        }
        self.others[line.others as usize].push(task);
    }

    /// A task leaves a line; the order of the others stays.
    pub fn remove(&mut self, line: &mut Line, task: u32) {
        if line.others == NONE {
            line.first = if line.first == task { NONE } else { line.first };
            return;
        }
        let others = &mut self.others[line.others as usize];
        if line.first == task {
            line.first = if others.is_empty() { NONE } else { others.remove(0) };
        } else {
            others.retain(|&t| t != task);
        }
    }

    /// The task at a place of a line.
    pub fn get(&self, line: Line, place: usize) -> Option<u32> {
        self.tasks(line).nth(place)
    }

    /// The tasks of a line, in order.
    pub fn tasks(&self, line: Line) -> impl Iterator<Item = u32> + '_ {
        let others = if line.others == NONE { &[][..] } else { &self.others[line.others as usize] };
        let first = (!line.is_empty()).then_some(line.first);
        first.into_iter().chain(others.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_are_as_lists(moves in prop::collection::vec((0_usize..4, 0_u32..6, any::<bool>()), 0..60)) {
            let (mut all, mut lines, mut lists) = (Lines::default(), [Line::EMPTY; 4], vec![Vec::new(); 4]);
            for round in 0..2 {
                for &(which, task, comes) in &moves {
                    let (line, list) = (&mut lines[which], &mut lists[which]);
                    if comes && !list.contains(&task) {
                        all.push(line, task);
                        list.push(task);
                    } else {
                        all.remove(line, task);
                        list.retain(|&t| t != task);
                    }
                    prop_assert_eq!(&all.tasks(*line).collect::<Vec<_>>(), &*list);
                    prop_assert_eq!(line.is_empty(), list.is_empty());
                }
                if round == 0 {
                    all.clear();
                    (lines, lists) = ([Line::EMPTY; 4], vec![Vec::new(); 4]);
                }
            }
        }
    }

    #[test]
    fn one_alone_needs_no_list() {
        let mut all = Lines::default();
        let mut line = Line::of(3);
        all.remove(&mut line, 3);
        all.push(&mut line, 4);
        assert_eq!((line, all.others.len(), size_of::<Line>()), (Line::of(4), 0, 8));
    }
}
