use tradewind_core::seed::Seed;
use tradewind_core::time::Time;

use super::*;
use crate::draws::{Draws, Purpose};
use crate::plan::world::{self, Each, LaunchRate, Moment, QuotaCut, Shortage, When};
use crate::stats::Moments;

const HOUR: i64 = 3_600_000;

fn law(when: When) -> SpellsLaw {
    SpellsLaw::new(&Shortage { when, hazard_in_tight: 5.0, ..Shortage::default() }, 7, Time::default())
}

fn random(plenty_hours: f64, tight_hours: f64, sigma: f64) -> SpellsLaw {
    law(When::Random { plenty_hours, tight_hours, sigma })
}

/// Whether an expected value lies in the 99.9 % interval of a mean.
fn agrees(values: impl Iterator<Item = f64>, expected: f64) {
    let estimate = values.collect::<Moments>().estimate(0.999);
    assert!(estimate.interval.is_some_and(|i| i.contains(expected)), "{estimate:?}, expected {expected}");
}

/// Alternating renewal: tight / (plenty + tight) of the time, at any instant and however spread the lengths are.
#[test]
fn spells_are_in_their_steady_state_at_any_instant() {
    for sigma in [0.0, 0.5, 1.47] {
        let law = random(9.0, 3.0, sigma);
        for at in [0, HOUR / 2, 40 * HOUR] {
            let tight = |r| f64::from(u8::from(law.begin(&Draws::new(Seed(1), r), 0).is_tight(at)));
            agrees((0..20_000).map(tight), 0.25);
        }
    }
}

/// The mean number of tight spells that begin in a time is that time over the mean turn, from the first instant on.
#[test]
fn tight_spells_begin_once_a_turn() {
    let law = random(9.0, 3.0, 1.0);
    let begun = |r| {
        let mut spells = law.begin(&Draws::new(Seed(2), r), 0);
        let (mut at, mut count) = (0, 0.0);
        while let Some((_, next)) = spells.next_tight(at).filter(|(_, next)| *next < 24 * HOUR) {
            count += 1.0;
            at = next + 1;
        }
        count
    };
    agrees((0..20_000).map(begun), 24.0 / 12.0);
}

#[test]
fn a_course_is_the_same_in_whatever_order_it_is_asked() {
    let law = random(2.0, 1.0, 1.47);
    let begin = || law.begin(&Draws::new(Seed(3), 0), -HOUR);
    let (mut forward, mut backward) = (begin(), begin());
    let times: Vec<i64> = (0..2000).map(|i| i * HOUR / 10 - HOUR).collect();
    let ahead: Vec<_> = times.iter().map(|&t| forward.at(t)).collect();
    let mut back: Vec<_> = times.iter().rev().map(|&t| backward.at(t)).collect();
    back.reverse();
    assert_eq!(ahead, back);
    assert!(ahead.iter().zip(&times).all(|((_, until), at)| until > at));
}

/// A trace is replayed as it was seen, again and again; shifted, each instant of it comes first as often.
#[test]
fn a_trace_comes_back() {
    let tight = vec![[1.0, 2.0], [5.0, 5.0], [9.0, 10.0]];
    let trace = |shift| law(When::Trace { hours: 10.0, tight: tight.clone(), shift });
    let mut spells = trace(false).begin(&Draws::new(Seed(1), 0), -HOUR / 4);
    let found: Vec<i64> = (0..30).filter(|h| spells.is_tight(h * HOUR)).collect();
    assert_eq!(found, [1, 9, 11, 19, 21, 29]);
    assert!(spells.is_tight(-1), "it came back before the start as well");
    // A spell without a length is a loss without a shortage.
    assert_eq!(spells.next_tight(3 * HOUR).map(|(_, at)| at), Some(5 * HOUR));
    assert!(!spells.is_tight(5 * HOUR));
    let shifted = trace(true);
    agrees((0..20_000).map(|r| f64::from(u8::from(shifted.begin(&Draws::new(Seed(1), r), 0).is_tight(0)))), 0.2);
}

#[test]
fn a_window_is_tight_once_and_nothing_said_is_never() {
    let after = |h: i64| Moment::After(tradewind_core::time::Millis::from_hours(h));
    let mut once = law(When::Window { start: after(2), end: after(3) }).begin(&Draws::new(Seed(1), 0), 0);
    assert_eq!([0, 2, 3, 9].map(|h| once.is_tight(h * HOUR)), [false, true, false, false]);
    assert_eq!(once.next_tight(2 * HOUR + 1), None);
    let mut never = law(When::default()).begin(&Draws::new(Seed(1), 0), 0);
    assert_eq!((never.at(0), never.next_tight(0)), ((1.0, i64::MAX), None));
}

/// Under a rate that is k times as high for ever, a life of shape s is k^(-1/s) times as long.
#[test]
fn a_life_under_a_constant_factor_is_a_shorter_life() {
    for (shape, factor) in [(1.0, 4.0_f64), (0.6, 3.0), (2.0, 0.5)] {
        let life = Life::new(5.0, shape);
        for e in [0.01, 0.5, 1.0, 3.0] {
            let under = life.end_under(e, [0, 9000 * HOUR], |_| (factor, i64::MAX)).expect("an end") as f64;
            let scaled = life.length(e) as f64 * factor.powf(-1.0 / shape);
            assert!((under - scaled).abs() <= 2.0, "{shape} {factor} {e}: {under} {scaled}");
        }
    }
    assert_eq!(Life::new(5.0, 1.0).end_under(1.0, [0, 9000 * HOUR], |_| (0.0, i64::MAX)), None);
}

/// Memoryless lives under a rate that alternates: the share that survives is e to the minus of what the rate adds up to.
#[test]
fn a_rate_that_changes_adds_up() {
    let life = Life::new(10.0, 1.0);
    let tight = |at: i64| {
        let hour = at.div_euclid(HOUR);
        (if hour % 3 == 2 { 4.0 } else { 0.5 }, (hour + 1) * HOUR)
    };
    let draws = Draws::new(Seed(4), 0);
    // By 7 h the rate has added up to (5 x 0.5 + 2 x 4) / 10.
    let survives = |e| {
        let end = life.end_under(draws.exponential(e, Purpose(1), 0), [0, 9000 * HOUR], tight).expect("an end");
        f64::from(u8::from(end > 7 * HOUR))
    };
    agrees((0..40_000).map(survives), libm::exp(-1.05));
}

/// Same lives from every launch: the mean of a shape is the mean stated.
#[test]
fn lives_have_the_mean_stated() {
    for shape in [0.6, 1.0, 2.0] {
        let (life, draws) = (Life::new(3.0, shape), Draws::new(Seed(5), 0));
        agrees((0..100_000).map(|e| life.length(draws.exponential(e, Purpose(1), 0)) as f64 / HOUR as f64), 3.0);
    }
}

fn rate(per_minute: f64, burst: u32) -> Bucket {
    Bucket::new(&LaunchRate { offers: Default::default(), each: Each::Cloud, per_minute, burst })
}

/// Of n launches asked for at once the last comes after (n - burst) periods.
#[test]
fn a_bucket_lets_a_burst_through_and_then_one_a_period() {
    let mut bucket = rate(30.0, 10);
    let turns: Vec<i64> = (0..100).map(|_| bucket.take(5_000)).collect();
    assert_eq!((turns[9], turns[10], turns[99]), (5_000, 7_000, 5_000 + 90 * 2_000));
    // After a pause the burst is back.
    assert_eq!((0..11).map(|_| bucket.take(HOUR)).max(), Some(HOUR + 2_000));
}

/// A bucket without burst under launches at random is M/D/1: Pollaczek and Khinchine, rho / (2 (1 - rho)) periods.
#[test]
fn a_bucket_without_burst_is_a_server_of_fixed_time() {
    let (rho, draws) = (0.5, Draws::new(Seed(6), 0));
    let wait = |run: u64| {
        let (mut bucket, mut now, mut sum) = (rate(60.0, 1), 0.0, 0.0);
        for i in 0..2_000 {
            now += draws.exponential(run, Purpose(1), i) * 1000.0 / rho;
            sum += (bucket.take(now as i64) - now as i64) as f64;
        }
        sum / 2_000.0 / 1000.0
    };
    let estimate = (0..400).map(wait).collect::<Moments>().estimate(0.999);
    assert!((estimate.value - rho / (2.0 * (1.0 - rho))).abs() < 0.01, "{estimate:?}");
}

/// A path of drawn daily changes has the mean (1 + mean change)^days.
#[test]
fn a_price_path_has_the_mean_of_its_changes() {
    let course = world::Course::Daily(vec![0.1, -0.05, 0.04, 0.0]);
    let law = PricesLaw::new(&course, 9);
    let after = |days: i64| (0..20_000).map(move |r| (r, days));
    for days in [1, 5] {
        let factors = after(days).map(|(r, d)| law.begin(&Draws::new(Seed(7), r)).at(24 * HOUR * d).0);
        agrees(factors, 1.0225_f64.powi(days as i32));
    }
    assert_eq!(law.begin(&Draws::new(Seed(7), 0)).at(HOUR), (1.0, 24 * HOUR));
}

#[test]
fn a_bill_follows_the_steps_of_a_price() {
    let course = world::Course::Steps(vec![[1.0, 2.0], [3.0, 0.5]]);
    let mut prices = [PricesLaw::new(&course, 0).begin(&Draws::new(Seed(0), 0))];
    let mut over = |from, until| mean(from, until, |at| product(&mut prices, &[0], at));
    assert_eq!(over(0, HOUR), 1.0);
    assert_eq!(over(0, 4 * HOUR), (1.0 + 2.0 * 2.0 + 0.5) / 4.0);
    assert_eq!(over(2 * HOUR, 2 * HOUR), 2.0);
    assert_eq!(over(-HOUR, HOUR), 1.0);
}

#[test]
fn a_cut_holds_for_nodes_and_for_vcpus() {
    let node = 8_000;
    let after = |h: i64| Moment::After(tradewind_core::time::Millis::from_hours(h));
    let cut = |nodes, vcpus| QuotaCut {
        offers: Default::default(),
        each: Each::Region,
        start: after(0),
        end: after(1),
        nodes,
        vcpus,
    };
    let mut held = Held::default();
    held.take(node);
    held.take(node);
    assert!(held.fits(&cut(Some(2), None), None) && !held.fits(&cut(Some(2), None), Some(node)));
    assert!(held.fits(&cut(None, Some(24)), Some(node)) && !held.fits(&cut(None, Some(23)), Some(node)));
    assert!(!held.fits(&cut(None, None), None), "no limit said is nothing at all");
    held.give_back(node);
    held.give_back(node);
    assert!(held.fits(&cut(None, None), None));
}
