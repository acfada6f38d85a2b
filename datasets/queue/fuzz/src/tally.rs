//! How many cases there were, and how many got past the parser: a fuzzer that never does tests little.

use std::cell::RefCell;

/// Cases of this process, told when the thread that ran them ends.
#[derive(Debug, Default)]
struct Tally {
    cases: u64,
    past: u64,
}

impl Drop for Tally {
    fn drop(&mut self) {
        let share = self.past as f64 * 100.0 / self.cases.max(1) as f64;
        eprintln!("past the parser: {} of {} cases ({share:.1} %)", self.past, self.cases);
    }
}

thread_local! {
    static TALLY: RefCell<Tally> = RefCell::default();
}

/// Counts a case.
pub fn count(past_the_parser: bool) {
    TALLY.with_borrow_mut(|tally| {
        tally.cases += 1;
        tally.past += u64::from(past_the_parser);
    });
}
