use super::line::parts;
use super::*;
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

const HOUR: i64 = 3_600_000;

fn at(hours: i64) -> Time {
    Time::from_ms(hours * HOUR)
}

fn price(nanos: i64) -> UsdPerHour {
    UsdPerHour::from_nanos(nanos)
}

/// A line from the first instant on, with a minute as its least bill.
fn line(weights: &[(u32, i128)]) -> Line {
    Line::new(at(0), parts(price(3_000_000_001), weights), at(5), Millis::from_secs(60))
}

fn everyone(_: u32) -> bool {
    true
}

#[test]
fn the_parts_of_a_price_sum_to_it() {
    for weights in [vec![(0, 1)], vec![(0, 1), (1, 2)], vec![(0, 0), (1, 0), (2, 0)], vec![(3, 7), (5, 11), (8, 13)]] {
        let sum: i64 = parts(price(1_000_000_007), &weights).iter().map(|p| p.rate.nanos()).sum();
        assert_eq!(sum, 1_000_000_007, "{weights:?}");
    }
}

#[test]
fn a_line_runs_up_by_the_hour_with_its_least_bill_on_top() {
    let line = line(&[(0, 1), (1, 2)]);
    let hours = |x: i128| x / i128::from(HOUR);
    assert_eq!(hours(line.run_up(at(2), everyone)), 2 * 3_000_000_001 + 3_000_000_001 / 60);
    assert_eq!(hours(line.run_up(at(2), |p| p == 0)), 2 * 1_000_000_000 + 1_000_000_000 / 60);
    assert_eq!(line.at_worst(at(2), everyone), line.run_up(at(5), everyone), "set aside until it may end");
    assert_eq!(line.at_worst(at(7), everyone), line.run_up(at(7), everyone), "and on, where it takes longer");
    assert_eq!((line.slope(everyone), line.slope(|p| p == 1)), (3_000_000_001, 2_000_000_001));
    let ended = Line { until: Some(at(1)), ..line };
    assert_eq!((ended.run_up(at(9), everyone), ended.slope(everyone)), (ended.run_up(at(1), everyone), 0));
}

#[test]
fn who_is_stopped_pays_no_more_and_the_others_take_over() {
    let mut line = line(&[(0, 1), (1, 2)]);
    line.hand_over(at(1), |p| p == 0);
    assert_eq!(line.slope(|p| p == 1), 3_000_000_001);
    line.until = Some(at(3));
    line.billed = Some(Usd::from_nanos(9_000_000_003));
    let of = |payer: u32| line.shares().iter().filter(|(p, _)| *p == payer).map(|(_, usd)| usd.nanos()).sum::<i64>();
    assert_eq!((of(0), of(1)), (1_000_000_000, 8_000_000_003));
    let alone = Line::new(at(0), parts(price(5), &[(0, 1)]), at(1), Millis::ZERO);
    let mut kept = alone.clone();
    kept.hand_over(at(1), everyone);
    assert_eq!(kept, alone, "nobody is there to take over");
}

/// A bill is split to the nano-dollar, whatever became of the line.
#[test]
fn shares_sum_to_the_bill() {
    for n in 0..500_u64 {
        let draw = |i: u64, below: u64| Seed(n).bits("ledger", i) % below;
        let weights: Vec<(u32, i128)> =
            (0..=draw(0, 4)).map(|p| (p as u32, i128::from(draw(10 + p, 1 << 40)))).collect();
        let mut line = Line::new(at(0), parts(price(draw(1, 1 << 36) as i64), &weights), at(5), Millis::ZERO);
        for k in 0..draw(2, 3) {
            line.hand_over(at(1 + k as i64), |p| u64::from(p) == draw(20 + k, 4));
        }
        if draw(3, 2) == 0 {
            line.reprice(price(draw(4, 1 << 36) as i64));
        }
        line.until = Some(Time::from_ms(draw(5, 1 << 33) as i64));
        line.billed = Some(Usd::from_nanos(draw(6, 1 << 50) as i64));
        let sum: Usd = line.shares().iter().map(|(_, usd)| *usd).sum();
        assert_eq!(Some(sum), line.billed, "{n}: {line:?}");
        assert!(line.shares().iter().all(|(_, usd)| *usd >= Usd::ZERO), "{n}: {line:?}");
    }
}
