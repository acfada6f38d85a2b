use super::*;
use crate::draws::{Draws, Purpose};

#[test]
fn closed_forms_come_out() {
    for row in checks().iter().map(|c| c.run(Seed(1), 0.005)) {
        assert!(row.inside, "{row:?}");
        assert!(row.sharp && row.half_width_99 <= 0.005 * row.simulated, "{row:?}");
    }
}

/// A wrong answer is told: a closed form 1 % off lies outside.
#[test]
fn a_wrong_closed_form_is_outside() {
    for mut check in checks().into_iter().filter(|c| c.name.starts_with("checkpoints")) {
        check.expected *= 1.01;
        assert!(!check.run(Seed(1), 0.001).inside, "{}", check.name);
    }
}

/// Of every run, to the millisecond: customers in the station summed over time are their times in it summed.
#[test]
fn littles_law_is_an_identity() {
    let gap = Law::Exponential { mean: 900.0 };
    let service = Law::Hyperexponential { means: [500.0, 9000.0], first: 0.75 };
    for servers in 1..=4 {
        let station = Station { servers, gap, service, customers: 5_000, warm_up: 0 };
        let seen = station.run(&Draws::new(Seed(3), u64::from(servers)));
        assert_eq!(seen.presence, seen.waits + seen.services, "{servers}");
        assert_eq!((seen.busy, seen.events), (seen.services, 2 * seen.customers));
    }
}

/// Lindley's recursion gives every wait of one server without an event engine.
#[test]
fn one_server_waits_as_lindley_says() {
    let (gap, service) = (Law::Exponential { mean: 1100.0 }, Law::Lognormal { mean: 1000.0, sigma: 1.0 });
    let station = Station { servers: 1, gap, service, customers: 10_000, warm_up: 100 };
    let draws = Draws::new(Seed(5), 0);
    let (mut wait, mut waits) = (0_u64, 0);
    for customer in 0..10_000 {
        if customer > 0 {
            let (served, gap) =
                (service.draw(&draws, customer - 1, Purpose(2)), gap.draw(&draws, customer, Purpose(1)));
            wait = (wait + served).saturating_sub(gap);
        }
        waits += if customer >= 100 { wait } else { 0 };
    }
    assert_eq!(station.run(&draws).waits, waits);
}

#[test]
fn threads_change_nothing() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| checks().iter().take(1).map(|c| c.run(Seed(2), 0.02)).collect::<Vec<_>>())
    };
    assert_eq!(run(1), run(3));
}
