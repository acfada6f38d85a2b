//! The finishing times of a quote.

use std::str::FromStr;

use tradewind_core::job::{Job, Workload};
use tradewind_core::rules::Horizon;
use tradewind_core::time::{Millis, Time};

use crate::failure::Failure;

/// About so many times are quoted where none is given.
const ABOUT: i64 = 6;
/// Steps of round clock times, in hours.
const STEPS_H: [i64; 9] = [1, 2, 3, 4, 6, 12, 24, 48, 168];

/// A finishing time as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The first such time of day, UTC, after the horizon's start.
    Clock(Millis),
    /// An instant.
    At(Time),
}

impl FromStr for By {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((hours, minutes)) = text.split_once(':').filter(|_| text.len() == 5) {
            return match (hours.parse::<u8>(), minutes.parse::<u8>()) {
                (Ok(h), Ok(m)) if h < 24 && m < 60 => {
                    Ok(Self::Clock(Millis::from_secs(i64::from(h) * 3600 + i64::from(m) * 60)))
                }
                _ => Err("write a time of day from 00:00 to 23:59".to_owned()),
            };
        }
        text.parse().map(Self::At).map_err(|e| format!("{e}; a time of day is 06:00"))
    }
}

/// The times in order, each once: those given, or about six on round clock times, from the earliest that
/// could be met up to the horizon's end.
///
/// # Errors
/// A time that is not after the horizon's start.
pub(super) fn finishing_times(workload: &Workload, horizon: Horizon, given: &[By]) -> Result<Vec<Time>, Failure> {
    let mut times = given.iter().map(|by| resolved(*by, horizon)).collect::<Result<Vec<_>, _>>()?;
    if times.is_empty() {
        times = round_times(earliest_end(workload, horizon), horizon.end);
    }
    times.sort_unstable();
    times.dedup();
    Ok(times)
}

fn resolved(by: By, horizon: Horizon) -> Result<Time, Failure> {
    let day = Millis::from_hours(24);
    let time = match by {
        By::At(time) => time,
        By::Clock(clock) => next(horizon.start - clock, day) + clock,
    };
    if time > horizon.start {
        return Ok(time);
    }
    let help = format!("the plan starts at {}: give a later time", horizon.start);
    Err(Failure::usage("nothing is done before the plan starts", &format!("--by {time}"), &help))
}

/// The first multiple of `step` after an instant.
fn next(after: Time, step: Millis) -> Time {
    Time::from_ms((after.ms().div_euclid(step.get()) + 1) * step.get())
}

/// Before this some job cannot end even if it starts at once and runs as fast as it may.
fn earliest_end(workload: &Workload, horizon: Horizon) -> Time {
    let end = |job: &Job| {
        let speeds = job.gpu.iter().flat_map(|g| g.alternatives.values().copied());
        let fastest = speeds.fold(1.0, f64::max);
        let start = job.earliest().map_or(horizon.start, |e| e.max(horizon.start));
        start + Millis::new((job.runtime.p50.get() as f64 / fastest) as i64)
    };
    workload.jobs().iter().map(end).max().unwrap_or(horizon.start)
}

fn round_times(from: Time, end: Time) -> Vec<Time> {
    let hour = Millis::HOUR.get();
    let fits = |hours: &&i64| (end - from).get() <= **hours * hour * ABOUT;
    let step = Millis::new(STEPS_H.iter().find(fits).unwrap_or(&STEPS_H[8]) * hour);
    let before_end = std::iter::successors(Some(next(from, step)), |t| Some(*t + step)).take_while(|t| *t < end);
    before_end.chain([end]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn times_of_day_are_the_next_ones() {
        let start = time("2024-03-31T05:30:00Z");
        let horizon = Horizon { start, end: start + Millis::from_hours(48), window: Millis::HOUR };
        let by = |text: &str| resolved(text.parse().unwrap(), horizon).map_err(|_| ());
        assert_eq!(by("06:00"), Ok(time("2024-03-31T06:00:00Z")));
        assert_eq!(by("05:30"), Ok(time("2024-04-01T05:30:00Z")));
        assert_eq!(by("00:00"), Ok(time("2024-04-01T00:00:00Z")));
        assert_eq!(by("2024-04-02T01:00:00+01:00"), Ok(time("2024-04-02T00:00:00Z")));
        assert_eq!(by("2024-03-31T05:30:00Z"), Err(()));
        for wrong in ["24:00", "06:60", "6:00", "noon", ""] {
            assert!(wrong.parse::<By>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn without_times_about_six_round_ones_are_taken() {
        let times = |from: &str, end: &str| -> Vec<String> {
            round_times(time(from), time(end)).iter().map(|t| t.to_string()[5..16].to_owned()).collect()
        };
        let day = times("2024-03-31T04:10:00Z", "2024-04-01T00:00:00Z");
        assert_eq!(day, ["03-31T08:00", "03-31T12:00", "03-31T16:00", "03-31T20:00", "04-01T00:00"]);
        assert_eq!(times("2024-04-01T05:00:00Z", "2024-04-01T00:00:00Z"), ["04-01T00:00"]);
    }
}
