//! What an hour of progress is worth to SkyNomad, dollars: two published ways.

use crate::policy::spot::HOUR;
use crate::policy::spot::zones::Tick;

use super::record::Record;

/// Hours of a zone's past that make its share.
const SHARE_HOURS: f64 = 12.0;
/// Hours of progress that make its rate.
const RATE_HOURS: f64 = 10.0;
/// Worth over cost.
const MARKUP: f64 = 1.2;
/// Dollars a GB of the moves reckoned with.
const MOVE_USD_PER_GB: f64 = 0.02;

/// On-demand at the rate of progress needed over the rate planned.
pub fn rate_ratio(tick: &dyn Tick, now: f64) -> f64 {
    let job = tick.job();
    tick.cheapest_on_demand() * (tick.left() * job.deadline / ((job.deadline - now) * job.work))
}

/// The cost of the work left, an hour of it, with a mark-up; `lives` in hours.
pub fn reference_value(tick: &dyn Tick, now: f64, records: &[Record], lives: &[f64], progress: &[f64]) -> f64 {
    let left = tick.left();
    if left <= 0.0 {
        return 0.0;
    }
    let mut zones = contributions(tick, now, records, lives);
    zones.sort_by(|a, b| a.price.total_cmp(&b.price));
    let hourly = tick.cheapest_on_demand();
    let mut on_demand = on_demand_weight(tick, now, progress) * left;
    let (mut rest, mut total, mut used) = (left - on_demand, on_demand / HOUR * hourly, 0);
    for zone in zones {
        let taken = zone.seconds.min(rest);
        if taken > 0.0 {
            total += taken / HOUR * zone.price;
            rest -= taken;
            used += 1;
        }
    }
    if rest > 0.0 {
        total += rest / HOUR * hourly;
        on_demand += rest;
    }
    let places = used + usize::from(on_demand > 0.0);
    let mut cost = total / (left / HOUR);
    if places > 1 {
        cost += (places - 1) as f64 * tick.job().checkpoint_gb * MOVE_USD_PER_GB / (left / HOUR);
    }
    MARKUP * cost
}

/// What a zone may contribute to the rest.
struct Contribution {
    /// Work, seconds.
    seconds: f64,
    /// Dollars an hour of work, restarts included.
    price: f64,
}

fn contributions(tick: &dyn Tick, now: f64, records: &[Record], lives: &[f64]) -> Vec<Contribution> {
    let restart = tick.job().restart / HOUR;
    let span = (SHARE_HOURS * HOUR).min(now);
    let of = |(zone, (record, &life)): (usize, (&Record, &f64))| {
        let share = if now > 0.0 { record.hours_within(now - span, now) / (span / HOUR) } else { 0.0 };
        let useful = if life > restart { (life - restart) / life } else { 0.0 };
        let seconds = share * (tick.job().deadline - now) * useful;
        let price = tick.seen(zone) * life / (life - restart).max(1e-6);
        (seconds > 0.0).then_some(Contribution { seconds, price })
    };
    records.iter().zip(lives).enumerate().filter_map(of).collect()
}

/// The share of the work left that on-demand will have to do, at the rate of progress of late.
fn on_demand_weight(tick: &dyn Tick, now: f64, progress: &[f64]) -> f64 {
    let job = tick.job();
    let done = tick.done();
    if now == 0.0 {
        return 0.0;
    }
    if (done - now).abs() < 1e-6 {
        return 0.5;
    }
    let rate = rate_of_progress(now, done, progress, job.tick);
    if (rate - 1.0).abs() < 1e-6 {
        return 0.0;
    }
    let switch = (rate * now - done + (job.work + 2.0 * job.restart - job.deadline)) / (rate - 1.0);
    if switch >= job.deadline {
        0.0
    } else if switch <= 0.0 {
        1.0
    } else {
        ((job.deadline - switch) / (job.deadline - now)).clamp(0.0, 1.0)
    }
}

/// Work a second over the last hours.
fn rate_of_progress(now: f64, done: f64, progress: &[f64], tick: f64) -> f64 {
    let start = (now - RATE_HOURS * HOUR).max(0.0);
    let rate = if now < 600.0 {
        done / now
    } else {
        let worked: f64 = progress[(start / tick).floor() as usize..].iter().sum();
        worked / (now - start)
    };
    rate.clamp(0.0, 1.0)
}
