//! How long a task takes on a kind of node: the mean that is billed and the quantile that is reserved.
//!
//! The closed forms (reference: `docs/decisions/0004-spot-closed-forms.md`). A task of mean useful
//! work h on capacity interrupted at rate l per hour, in N segments of s = h/N + save, losing the
//! current segment and R (restore and boot) at each interruption, takes in expectation
//! `N (1/l + R)(e^(l s) - 1)`. The best useful interval solves `v + ln(1 - v) + l save = 0`,
//! interval = v / l (the Lambert W form of Daly's equation, written so that small rates do not cancel).

use crate::fallback::FallbackLaw;
use crate::job::{Job, Runtime};
use crate::market::{CloudFacts, Delay};
use crate::risk::{self, DeadlineRisk, Rounding};
use crate::time::Millis;

/// z of the 95th percentile of the standard normal.
const Z95: f64 = 1.644_853_626_951_472_2;
/// No task is planned to take longer, mean or reserved.
pub(crate) const LONGEST: Millis = Millis::from_hours(60 * 24);
/// A share of a segment that is rounding.
const SAME_SHARE: f64 = 1e-9;
/// How often the best interval is halved at most where on-demand stands behind spot: there a segment must
/// fit in the slack.
const SHORTER_INTERVALS: u32 = 8;
/// What an hour on spot weighs beside one on on-demand in choosing that interval: see
/// `docs/decisions/0011-spot-then-on-demand.md`. It chooses; no cost rests on it.
const SPOT_SHARE: f64 = 0.2;
/// A checkpoint interval chosen by the planner is at least this.
const SHORTEST_INTERVAL_HOURS: f64 = 1.0 / 60.0;

/// A positive time known by median and 95th percentile: fixed or lognormal. In hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Median in hours.
    pub median: f64,
    /// Standard deviation of the logarithm; 0 is fixed.
    pub sigma: f64,
}

impl Spread {
    pub(crate) fn from_quantiles(median: Millis, p95: Millis, speed: f64) -> Self {
        let sigma =
            if p95 > median && median > Millis::ZERO { libm::log(p95.hours() / median.hours()) / Z95 } else { 0.0 };
        Self { median: median.hours() / speed, sigma }
    }

    /// Expected value in hours.
    pub fn mean(self) -> f64 {
        self.median * libm::exp(self.sigma * self.sigma / 2.0)
    }

    /// The value in hours exceeded with probability `tail`.
    pub fn upper_quantile(self, tail: f64) -> f64 {
        if self.sigma == 0.0 {
            self.median
        } else {
            self.median * libm::exp(self.sigma * risk::normal_upper_quantile(tail))
        }
    }

    /// Probability of exceeding `x` hours.
    pub fn exceeds(self, x: f64) -> f64 {
        if self.sigma == 0.0 {
            return if x >= self.median * (1.0 - 1e-12) { 0.0 } else { 1.0 };
        }
        if x <= 0.0 {
            return 1.0;
        }
        risk::normal_upper_tail(libm::log(x / self.median) / self.sigma)
    }
}

impl Delay {
    /// As a spread in hours.
    pub fn spread(self) -> Spread {
        Spread::from_quantiles(self.median, self.p95, 1.0)
    }

    /// Expected delay, rounded half to even.
    pub fn mean(self) -> Millis {
        Millis::from_hours_f64(self.spread().mean())
    }
}

/// Checkpointing as it enters the closed forms, in hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segments {
    /// Useful work of a segment; infinite without checkpoints.
    pub interval: f64,
    /// Time to save after a segment.
    pub save: f64,
    /// Time to restore after an interruption, boot included.
    pub restore: f64,
    /// Whether the planner chose the interval.
    pub chosen: bool,
}

impl Segments {
    /// Time that `work` useful hours take without interruption: a save ends each segment.
    pub(crate) fn failure_free(self, work: f64) -> f64 {
        work + libm::ceil(work / self.interval - SAME_SHARE).max(1.0) * self.save
    }

    /// The most useful hours that end within `room` hours without interruption.
    pub(crate) fn most_work(self, room: f64) -> f64 {
        if self.interval == f64::INFINITY {
            return (room - self.save).max(0.0);
        }
        let whole = libm::floor(room / (self.interval + self.save) + SAME_SHARE).max(0.0);
        let rest = room - whole * (self.interval + self.save) - self.save;
        whole * self.interval + rest.clamp(0.0, self.interval)
    }
}

/// The time law of a task on one kind of node. Make it with [`TaskLaw::new`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaskLaw {
    /// Useful running time.
    pub runtime: Spread,
    /// Boot of a node.
    pub boot: Spread,
    /// Interruptions per hour, of any of its nodes; 0 on capacity that is never interrupted.
    pub hazard: f64,
    /// Checkpointing; on capacity that is never interrupted one segment without cost.
    pub segments: Segments,
    /// Allowed probability of a miss.
    pub max_miss: f64,
    /// Mean useful time on these nodes, without checkpoints and rework.
    pub useful: Millis,
    /// Mean time on the node, checkpoints and rework included: what is billed.
    pub mean: Millis,
    /// Wall time that is reserved: the quantile max(0.95, 1 - max_miss/2), at least the mean.
    pub reserved: Millis,
    /// Least time from start to deadline that keeps the miss probability within the job's limit.
    pub required: Millis,
    /// Useful work between checkpoints, where the task checkpoints.
    pub checkpoint_interval: Option<Millis>,
    /// What happens when time runs short, where it moves to on-demand then: [`Self::in_time`].
    pub fallback: Option<FallbackLaw>,
}

impl TaskLaw {
    /// The law of one task of `job` at `speed` (work per time, 1 = as stated) on nodes interrupted
    /// `hazard` times per hour each: a gang as often as any of its nodes is. `None` if rework makes it take
    /// longer than 60 days.
    pub fn new(job: &Job, cloud: &CloudFacts, speed: f64, hazard: f64) -> Option<Self> {
        let hazard = hazard * f64::from(job.nodes);
        let Runtime { p50, p95 } = job.runtime;
        let runtime = Spread::from_quantiles(p50, p95, speed);
        let boot = cloud.boot.spread();
        let work = runtime.mean();
        let (segments, mean, checkpoint_interval) = if hazard > 0.0 {
            let checkpoint = job.checkpoint.as_ref();
            let save = checkpoint.map_or(0.0, |c| c.save.hours());
            let restore = checkpoint.map_or(0.0, |c| c.restore.hours()) + boot.mean();
            let count = match checkpoint {
                None => 1.0,
                Some(c) => match c.interval {
                    Some(given) => libm::ceil(work / given.hours()).max(1.0),
                    None => best_segment_count(work, save, restore, hazard),
                },
            };
            let interval = work / count;
            let mean = expected_hours(work, count, save, restore, hazard);
            let shown = checkpoint.map(|_| Millis::from_hours_f64(interval));
            // Without checkpoints work that runs longer than expected is still one segment.
            let interval = if checkpoint.is_some() { interval } else { f64::INFINITY };
            let chosen = checkpoint.is_some_and(|c| c.interval.is_none());
            (Segments { interval, save, restore, chosen }, mean, shown)
        } else {
            (Segments { interval: f64::INFINITY, save: 0.0, restore: 0.0, chosen: false }, work, None)
        };
        if !(mean <= LONGEST.hours()) {
            return None;
        }
        let mut law = Self {
            runtime,
            boot,
            hazard,
            segments,
            max_miss: job.max_miss_probability,
            useful: Millis::from_hours_f64(work),
            mean: Millis::from_hours_f64(mean),
            reserved: Millis::ZERO,
            required: Millis::ZERO,
            checkpoint_interval,
            fallback: None,
        };
        let least = Millis::from_hours_f64_up(segments.failure_free(runtime.median));
        let risk = DeadlineRisk::new(&law, Rounding::Up);
        let required = risk.required(job.max_miss_probability, least)?;
        let reserved = risk.required(Self::overrun_probability(job), required)?.max(law.mean);
        (law.required, law.reserved) = (required, reserved);
        (law.reserved <= LONGEST).then_some(law)
    }

    /// Probability that a task of `job` outlives its reservation: min(0.05, max_miss / 2).
    pub fn overrun_probability(job: &Job) -> f64 {
        (job.max_miss_probability / 2.0).min(0.05)
    }

    /// The law of a task that has at most `left` from its start to its deadline: this one where that is
    /// time enough, else with on-demand behind it, if that helps. Such a task starts at once: all that
    /// is `left` is required. Where the planner chooses the interval between checkpoints it may be shorter
    /// than on spot alone, for a segment is begun only where time is left to lose it.
    #[must_use]
    pub fn in_time(self, left: Millis) -> Self {
        if self.hazard <= 0.0 || self.required <= left {
            return self;
        }
        let tries = if self.segments.chosen { SHORTER_INTERVALS } else { 0 };
        let laws = (0..=tries).map(|halvings| self.with_interval(self.segments.interval / f64::from(1 << halvings)));
        let long_enough = |law: &Self| !law.segments.chosen || law.segments.interval >= SHORTEST_INTERVAL_HOURS;
        let mut best: Option<(f64, Self)> = None;
        for law in laws.take_while(long_enough) {
            let Some(f) = FallbackLaw::new(&law, left).filter(|f| f.useful > Millis::ZERO) else { continue };
            let worth = f.on_demand.hours() + SPOT_SHARE * f.spot.hours();
            if best.is_some_and(|(least, _)| worth >= least) {
                break;
            }
            let (useful, mean, reserved) = (f.useful, f.spot, f.spot_until.max(f.spot));
            best = Some((worth, Self { useful, mean, reserved, required: left, fallback: Some(f), ..law }));
        }
        best.map_or(self, |(_, law)| law)
    }

    /// The same with other checkpoints.
    fn with_interval(self, interval: f64) -> Self {
        let shown = self.checkpoint_interval.map(|_| Millis::from_hours_f64(interval));
        Self { segments: Segments { interval, ..self.segments }, checkpoint_interval: shown, ..self }
    }

    /// Time from the start after which nothing is held for the task, on its own nodes or behind it.
    pub fn done(&self) -> Millis {
        if self.fallback.is_some() { self.required } else { self.reserved }
    }

    /// Bound from above on the probability that a task started with `left` before its deadline misses it.
    pub fn miss_probability(&self, left: Millis) -> f64 {
        if let Some(fallback) = self.fallback {
            return if left >= self.required { fallback.miss_probability } else { 1.0 };
        }
        DeadlineRisk::new(self, Rounding::Up).miss(left)
    }

    /// Bound from below on the same: what [`Self::miss_probability`] has more is rounding.
    pub fn least_miss_probability(&self, left: Millis) -> f64 {
        DeadlineRisk::new(self, Rounding::Down).miss(left)
    }
}

/// Expected hours for `work` useful hours in `count` segments: `N (1/l + R)(e^(l s) - 1)`.
pub fn expected_hours(work: f64, count: f64, save: f64, restore: f64, hazard: f64) -> f64 {
    let segment = work / count + save;
    if hazard == 0.0 {
        return count * segment;
    }
    count * (1.0 / hazard + restore) * libm::expm1(hazard * segment)
}

/// The best useful interval in hours: `v / l` with `v + ln(1 - v) + l save = 0`, v in (0, 1).
pub fn best_interval(save: f64, hazard: f64) -> f64 {
    let a = hazard * save;
    if a <= 0.0 {
        return 0.0;
    }
    let mut v = libm::sqrt(2.0 * a).min(0.999);
    for _ in 0..60 {
        let f = v + libm::log1p(-v) + a;
        let next = (v + f * (1.0 - v) / v).clamp(v / 16.0, 1.0 - (1.0 - v) / 16.0);
        if libm::fabs(next - v) <= 1e-15 * v {
            return next / hazard;
        }
        v = next;
    }
    v / hazard
}

fn best_segment_count(work: f64, save: f64, restore: f64, hazard: f64) -> f64 {
    let interval = best_interval(save, hazard).max(SHORTEST_INTERVAL_HOURS);
    let low = libm::floor(work / interval).max(1.0);
    let cost = |n: f64| expected_hours(work, n, save, restore, hazard);
    if cost(low + 1.0) < cost(low) && work / (low + 1.0) >= SHORTEST_INTERVAL_HOURS { low + 1.0 } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{UsdPerGbMonth, UsdPerHour};
    use crate::resources::Resources;
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    /// Simulates segments, losing the running one and `restore` at each interruption.
    fn simulate(work: f64, count: u32, save: f64, restore: f64, hazard: f64, rng: &mut StdRng) -> f64 {
        let segment = work / f64::from(count) + save;
        let mut total = 0.0;
        for _ in 0..count {
            loop {
                let life = -libm::log(1.0 - rng.random::<f64>()) / hazard;
                if life >= segment {
                    total += segment;
                    break;
                }
                total += life + restore;
            }
        }
        total
    }

    #[test]
    fn expected_time_agrees_with_monte_carlo() {
        let mut rng = StdRng::seed_from_u64(7);
        for (work, count, save, restore, hazard) in [
            (3.0, 1, 0.0, 0.1, 0.05),
            (8.0, 6, 0.05, 0.2, 0.3),
            (1.0, 2, 0.02, 0.5, 1.0),
            (24.0, 1, 0.0, 0.02, 0.01),
            (24.0, 24, 0.05, 0.1, 0.2),
            (2.0, 1, 0.0, 0.0, 1.0),
            (100.0, 10, 0.1, 0.25, 0.05),
            (6.0, 3, 0.0, 0.05, 0.0001),
        ] {
            let n = 200_000;
            let samples: Vec<f64> = (0..n).map(|_| simulate(work, count, save, restore, hazard, &mut rng)).collect();
            let mean = samples.iter().sum::<f64>() / f64::from(n);
            let var = samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
            let formula = expected_hours(work, f64::from(count), save, restore, hazard);
            let error = (mean - formula).abs() / (var / f64::from(n)).sqrt();
            assert!(error < 4.0, "{work} {count}: {mean} against {formula}, {error} standard errors");
        }
    }

    #[test]
    fn a_gang_is_interrupted_when_any_of_its_nodes_is() {
        let delay = Delay { median: Millis::from_secs(30), p95: Millis::from_secs(60) };
        let cloud = CloudFacts {
            name: "c".to_owned(),
            boot: delay,
            billing_minimum: Millis::ZERO,
            free_if_interrupted_within: Millis::ZERO,
            notice: Millis::ZERO,
            address: UsdPerHour::ZERO,
            disk: UsdPerGbMonth::ZERO,
            storage: UsdPerGbMonth::ZERO,
            staging_bytes_per_second: 1,
        };
        let runtime = Runtime { p50: Millis::from_hours(5), p95: Millis::from_hours(6) };
        let demand = Resources { vcpu_milli: 1000, memory_mib: 1024, gpu_milli: 0 };
        let job = |nodes: u32| Job { nodes, ..Job::new("j", demand, runtime) };
        let law = |nodes: u32, hazard: f64| TaskLaw::new(&job(nodes), &cloud, 1.0, hazard);
        assert_eq!(law(8, 0.01), law(1, 0.08));
        assert_ne!(law(8, 0.01), law(1, 0.01));
        assert_eq!(law(8, 0.0), law(1, 0.0));
    }

    #[test]
    fn limits_are_right() {
        assert!((expected_hours(5.0, 1.0, 0.0, 0.3, 1e-12) - 5.0).abs() < 1e-9);
        assert_eq!(expected_hours(5.0, 2.0, 0.25, 0.3, 0.0), 5.5);
        assert_eq!(best_interval(0.0, 0.1), 0.0);
        // Young's sqrt(2 save / hazard) is the limit of small rates.
        let (save, hazard) = (0.01, 1e-5);
        assert!((best_interval(save, hazard) / (2.0 * save / hazard).sqrt() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn the_best_interval_is_best() {
        for (save, hazard) in [(0.05, 0.05), (0.1, 0.2), (0.1, 1.0), (0.001, 0.0004)] {
            let best = best_interval(save, hazard);
            let rate = |interval: f64| expected_hours(interval, 1.0, save, 0.1, hazard) / interval;
            assert!(rate(best) <= rate(best * 1.01) && rate(best) <= rate(best * 0.99), "{save} {hazard}");
        }
    }
}
