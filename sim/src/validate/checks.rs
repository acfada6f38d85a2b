//! The checks with their parameters.

use super::Check;
use super::checkpoints::{Restore, Work};
use super::law::Law;
use super::renewals::Zones;
use super::station::{Seen, Station};
use crate::draws::Draws;

/// A second.
const SECOND: u64 = 1_000;
/// An hour.
const HOUR: f64 = 3_600_000.0;
/// The mean service: long in milliseconds, so that rounding to whole ones does not show.
const SERVICE: f64 = 1e6;
/// Customers of a replication, and those not counted: the line forgets how it began within some hundred.
const CUSTOMERS: u64 = 100_000;
const WARM_UP: u64 = 1_000;

/// All checks.
pub fn checks() -> Vec<Check> {
    let mut checks = queues();
    checks.extend(checkpoints());
    checks.extend(renewals());
    checks
}

/// A station with `servers` of which `load` are busy on average.
fn station(servers: u32, load: f64, service: Law) -> Station {
    let gap = Law::Exponential { mean: SERVICE / load };
    Station { servers, gap, service, customers: CUSTOMERS, warm_up: WARM_UP }
}

/// One figure of a station.
fn of_station(station: Station, figure: fn(&Seen) -> f64) -> Box<dyn Fn(&Draws) -> f64 + Send + Sync> {
    Box::new(move |draws| figure(&station.run(draws)))
}

/// Waits in units of the mean service.
fn wait(seen: &Seen) -> f64 {
    seen.mean_wait() / SERVICE
}

fn queues() -> Vec<Check> {
    let memoryless = Law::Exponential { mean: SERVICE };
    let spread = Law::Lognormal { mean: SERVICE, sigma: 0.5 };
    let (one, two, general) = (station(1, 0.6, memoryless), station(2, 1.2, memoryless), station(1, 0.6, spread));
    vec![
        Check {
            name: "wait of M/M/1",
            model: "load 0.6; in mean services",
            source: "load / (1 - load)",
            expected: 0.6 / 0.4,
            replicate: of_station(one, wait),
        },
        Check {
            name: "wait of M/M/2",
            model: "load 1.2; in mean services",
            source: "Erlang C / (2 - load)",
            expected: erlang_c(2, 1.2) / (2.0 - 1.2),
            replicate: of_station(two, wait),
        },
        Check {
            name: "wait of M/G/1",
            model: "load 0.6, service lognormal with sigma 0.5; in mean services",
            source: "Pollaczek and Khinchine",
            expected: 0.6 * spread.second_moment() / (SERVICE * SERVICE) / (2.0 * 0.4),
            replicate: of_station(general, wait),
        },
        Check {
            name: "number in M/M/1",
            model: "load 0.6; average over time",
            source: "Little: rate x time in the station",
            expected: 0.6 * (0.6 / 0.4 + 1.0),
            replicate: of_station(one, Seen::mean_presence),
        },
        Check {
            name: "busy servers of M/M/2",
            model: "load 1.2; average over time",
            source: "utilisation law: rate x mean service",
            expected: 1.2,
            replicate: of_station(two, Seen::mean_busy),
        },
    ]
}

/// The probability of having to wait, through Erlang's recursion for the loss probability.
fn erlang_c(servers: u32, load: f64) -> f64 {
    let loss = (1..=servers).fold(1.0, |loss, n| load * loss / (f64::from(n) + load * loss));
    loss / (1.0 - load / f64::from(servers) * (1.0 - loss))
}

fn checkpoints() -> Vec<Check> {
    let work = |convention| Work {
        segments: 20_000,
        interval: 900 * SECOND,
        save: 60 * SECOND,
        restore: 300 * SECOND,
        mtbf: HOUR as u64,
        convention,
    };
    let check = |name, source, work: Work| Check {
        name,
        model: "every 15m, save 1m, restore 5m, MTBF 1h; wall time over useful time",
        source,
        expected: work.expected_stretch(),
        replicate: Box::new(move |draws| work.stretch(draws)),
    };
    vec![
        check("checkpoints, restore interruptible", "Daly 2006", work(Restore::Interruptible)),
        check("checkpoints, restore safe", "Poisson interruptions, as tradewind plans", work(Restore::Safe)),
    ]
}

fn renewals() -> Vec<Check> {
    // The two phases fitted to the availability spells of nine V100 zones in the traces of SkyNomad (NSDI 2027).
    let lives = Law::Hyperexponential { means: [0.59 * HOUR, 9.7 * HOUR], first: 0.74 };
    let down = Law::Exponential { mean: 2.0 * HOUR };
    let zones = |up, down| Zones { zones: 50, up, down, turns: 400, free: HOUR as u64 };
    let billed = zones(lives, down);
    let available = zones(Law::Lognormal { mean: 3.0 * HOUR, sigma: 1.0 }, Law::Lognormal { mean: HOUR, sigma: 0.5 });
    let mut checks = vec![Check {
        name: "availability",
        model: "up lognormal mean 3h, down lognormal mean 1h",
        source: "alternating renewal: up / (up + down)",
        expected: available.expected_availability(),
        replicate: Box::new(move |draws| available.run(draws).availability()),
    }];
    checks.extend(billed.expected_billed_share().map(|expected| Check {
        name: "billed share of time",
        model: "lives of two phases, 0.59h (74 %) and 9.7h, first hour free; down 2h",
        source: "renewal reward: bill / turn",
        expected,
        replicate: Box::new(move |draws| billed.run(draws).billed_share()),
    }));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erlang_c_is_as_tabulated() {
        // One server waits with the probability that it is busy; two with 2 rho^2 / (1 + rho).
        assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-15);
        assert!((erlang_c(2, 1.2) - 2.0 * 0.36 / 1.6).abs() < 1e-15);
        // 10 servers at 0.9 each: mean wait 0.6687 services, so C = 0.6687.
        assert!((erlang_c(10, 9.0) - 0.6687).abs() < 5e-5);
    }
}
