//! A figure that holds for a while and then changes.

/// Piecewise constant in time, known as far as asked.
pub(in crate::plan) trait Course {
    /// The figure at an instant, and until when it holds; `i64::MAX` is for ever. Later than `at`.
    fn at(&mut self, at: i64) -> (f64, i64);
}

/// The product of several courses at an instant, and until when it holds.
pub(in crate::plan) fn product<C: Course>(courses: &mut [C], which: &[u32], at: i64) -> (f64, i64) {
    which.iter().fold((1.0, i64::MAX), |(factor, until), &c| {
        let (f, u) = courses[c as usize].at(at);
        (factor * f, until.min(u))
    })
}

/// The mean of a course over a time; at the instant itself where that is empty.
pub(in crate::plan) fn mean(from: i64, until: i64, mut at: impl FnMut(i64) -> (f64, i64)) -> f64 {
    let (mut now, mut sum) = (from, 0.0);
    while now < until {
        let (factor, changes) = at(now);
        let next = changes.min(until);
        sum += factor * (next - now) as f64;
        now = next;
    }
    if until > from { sum / (until - from) as f64 } else { at(from).0 }
}
