//! Limits on calls: buckets that refill by the second, and windows of the clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tradewind_core::time::{Millis, Time};

use super::{Counted, Limit};

/// How full each limit is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Throttle {
    /// By the place of the limit in the cloud's table.
    levels: BTreeMap<usize, Level>,
}

/// What is used of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Level {
    /// Used: thousandths of a bucket, whole units of a window.
    used: u64,
    /// When that was so; of a window its beginning.
    at: Time,
}

impl Throttle {
    /// Takes `n` of what is counted from every limit on it, or from none.
    ///
    /// # Errors
    /// How long to wait until there is room.
    pub fn take(&mut self, limits: &[Limit], counted: &[(Counted, u64)], now: Time) -> Result<(), Millis> {
        let mut levels = self.levels.clone();
        let mut wait = Millis::ZERO;
        for (i, limit) in limits.iter().enumerate() {
            let asked: u64 = counted.iter().filter(|(of, _)| *of == limit.of).map(|(_, n)| n).sum();
            if asked == 0 {
                continue;
            }
            let level = levels.entry(i).or_default();
            match if limit.every_s > 0 {
                level.in_window(limit, asked, now)
            } else {
                level.in_bucket(limit, asked, now)
            } {
                Ok(new) => *level = new,
                Err(longer) => wait = wait.max(longer),
            }
        }
        if wait > Millis::ZERO {
            return Err(wait);
        }
        self.levels = levels;
        Ok(())
    }
}

impl Level {
    /// More than a full bucket takes all of it.
    fn in_bucket(self, limit: &Limit, asked: u64, now: Time) -> Result<Self, Millis> {
        let elapsed = (now - self.at).get().max(0) as u64;
        let used = self.used.saturating_sub(elapsed.saturating_mul(limit.refill_per_s));
        let asked = asked.min(limit.capacity) * 1000;
        let over = (used + asked).saturating_sub(limit.capacity * 1000);
        if over > 0 {
            return Err(Millis::new(over.div_ceil(limit.refill_per_s.max(1)) as i64));
        }
        Ok(Self { used: used + asked, at: now })
    }

    fn in_window(self, limit: &Limit, asked: u64, now: Time) -> Result<Self, Millis> {
        let every = limit.every_s as i64 * 1000;
        let begin = Time::from_ms(now.ms() - now.ms().rem_euclid(every));
        let used = if self.at == begin { self.used } else { 0 };
        if used + asked.min(limit.capacity) > limit.capacity {
            return Err(begin + Millis::new(every) - now);
        }
        Ok(Self { used: used + asked, at: begin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulated::Traits;

    /// Calls of one kind that are let through at once, and the wait that the next is told.
    fn at_once(cloud: &str, counted: Counted, n: u64, now: Time) -> (u64, i64) {
        let (limits, mut throttle) = (&Traits::of(cloud).expect("simulated").limits, Throttle::default());
        for calls in 0.. {
            if let Err(wait) = throttle.take(limits, &[(counted, n)], now) {
                return (calls, wait.get());
            }
        }
        unreachable!("a limit is reached")
    }

    #[test]
    fn each_cloud_throttles_by_its_own_bucket() {
        // 20 s past a whole minute and a whole hour.
        let now = Time::from_ms(1_700_002_820_000);
        assert_eq!(at_once("aws", Counted::LaunchCalls, 1, now), (5, 500));
        assert_eq!(at_once("aws", Counted::LaunchedNodes, 100, now), (10, 50_000));
        assert_eq!(at_once("aws", Counted::Reads, 1, now), (100, 50));
        assert_eq!(at_once("azure", Counted::Writes, 1, now), (1200, 3_580_000 - (now.ms() - 20_000) % 3_600_000));
        assert_eq!(at_once("gcp", Counted::Writes, 1, now), (1500, 40_000));
    }

    #[test]
    fn buckets_refill_and_windows_begin_anew() {
        let limits = [Limit { of: Counted::Writes, capacity: 2, refill_per_s: 1, every_s: 0 }];
        let mut throttle = Throttle::default();
        let mut take = |ms| throttle.take(&limits, &[(Counted::Writes, 1)], Time::from_ms(ms)).is_ok();
        assert_eq!(
            [take(0), take(0), take(0), take(999), take(1000), take(1500)],
            [true, true, false, false, true, false]
        );
        let limits = [Limit { of: Counted::Writes, capacity: 1, refill_per_s: 0, every_s: 60 }];
        let mut throttle = Throttle::default();
        let mut take = |s: i64| throttle.take(&limits, &[(Counted::Writes, 1)], Time::from_ms(s * 1000)).is_ok();
        assert_eq!([take(59), take(59), take(60), take(119)], [true, false, true, false]);
    }

    #[test]
    fn a_refused_call_takes_nothing() {
        let limits = [
            Limit { of: Counted::Writes, capacity: 5, refill_per_s: 1, every_s: 0 },
            Limit { of: Counted::LaunchedNodes, capacity: 1, refill_per_s: 1, every_s: 0 },
        ];
        let mut throttle = Throttle::default();
        let now = Time::from_ms(0);
        let both = [(Counted::Writes, 1), (Counted::LaunchedNodes, 1)];
        assert!(throttle.take(&limits, &both, now).is_ok());
        let before = throttle.clone();
        assert!(throttle.take(&limits, &both, now).is_err());
        assert_eq!(throttle, before);
    }
}
