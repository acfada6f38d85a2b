//! Nights: one a day, UTC. Which were missed, and which of them can be caught up.

use tradewind_core::time::{Millis, Time};

/// A day.
const DAY: i64 = 24 * 3_600_000;

/// Midnight UTC of an instant's day: the night that a run is for.
pub fn night_of(at: Time) -> Time {
    Time::from_ms(at.ms().div_euclid(DAY) * DAY)
}

/// The nights after `last` and before `tonight`, in order; at most the latest `most`, and how many older ones are
/// left out.
pub fn missed(last: Time, tonight: Time, most: usize) -> (Vec<Time>, u64) {
    let (first, end) = (night_of(last) + Millis::new(DAY), night_of(tonight));
    let days = ((end - first).get() / DAY).max(0) as u64;
    let left_out = days.saturating_sub(most as u64);
    let night = |n: u64| first + Millis::new(DAY * n as i64);
    ((left_out..days).map(night).collect(), left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().expect("an instant")
    }

    #[test]
    fn nights_between_two_runs_were_missed() {
        let (last, tonight) = (at("2024-02-04T05:00:00Z"), at("2024-02-08T02:30:00Z"));
        let days = ["2024-02-05T00:00:00Z", "2024-02-06T00:00:00Z", "2024-02-07T00:00:00Z"].map(at);
        assert_eq!(missed(last, tonight, 7), (days.to_vec(), 0));
        assert_eq!(missed(last, tonight, 2), (days[1..].to_vec(), 1));
        assert_eq!(missed(tonight, tonight, 7), (vec![], 0));
        assert_eq!(missed(tonight, last, 7), (vec![], 0), "an earlier night misses nothing");
        assert_eq!(night_of(at("1969-12-31T23:00:00Z")), at("1969-12-31T00:00:00Z"));
    }
}
