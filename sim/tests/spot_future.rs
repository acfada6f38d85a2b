//! No online policy sees the future: with every tick after `CUT` scrambled, it does the same up to it.

use std::sync::Arc;

use tradewind_core::policy::spot::tradewind::InZones;
use tradewind_core::policy::spot::zones::{Instance, Job, Link, Policy, SkyNomad, Tick, UpA, UpAp, UpS};
use tradewind_core::seed::Seed;
use tradewind_sim::draws::{Draws, Purpose};
use tradewind_sim::spot::zones::{Market, Optimal, Zone, run};

const TICKS: usize = 120;
const CUT: usize = 60;

/// Availability that changes by chance; a second seed rules from `CUT` on.
fn trace(zone: u64, after: u64) -> Arc<[bool]> {
    let mut up = true;
    let flips = |tick: usize| {
        let seed = if tick < CUT { 1 } else { after };
        Draws::new(Seed(seed), 0).uniform(zone, Purpose(1), tick as u32) < 0.15
    };
    (0..TICKS)
        .map(|tick| {
            up ^= flips(tick);
            up
        })
        .collect()
}

/// Prices that move, scrambled likewise.
fn prices(zone: u64, after: u64) -> Arc<[f64]> {
    let price = |tick: usize| {
        let seed = if tick < CUT { 1 } else { after };
        1.0 + Draws::new(Seed(seed), 0).uniform(zone, Purpose(2), tick as u32 / 10)
    };
    (0..TICKS).map(price).collect()
}

fn market(after: u64, moving: bool) -> Market {
    let zone = |index: u64| Zone {
        name: format!("zone-{index}").into(),
        region: format!("region-{}", index / 2).into(),
        on_demand: 3.0 + index as f64 / 10.0,
        spot: if moving { prices(index, after) } else { Arc::from([1.0 + index as f64 / 20.0]) },
        available: trace(index, after),
    };
    let link = Link { usd_per_gb: 0.02, seconds_per_gb: 0.1 };
    Market { zones: (0..4).map(zone).collect(), links: vec![vec![link; 4]; 4] }
}

fn job() -> Job {
    Job { start: 0, tick: 600.0, work: 42_000.0, deadline: 60_000.0, restart: 720.0, checkpoint_gb: 50.0 }
}

/// Writes down what a policy leaves running in each tick.
struct Watched<P> {
    policy: P,
    ran: Vec<Option<Instance>>,
}

impl<P: Policy> Policy for Watched<P> {
    fn step(&mut self, tick: &mut dyn Tick) {
        self.policy.step(tick);
        self.ran.push(tick.instance());
    }

    fn needs_net(&self) -> bool {
        self.policy.needs_net()
    }
}

fn ran<P: Policy>(market: &Market, policy: P) -> Vec<Option<Instance>> {
    let mut watched = Watched { policy, ran: Vec::new() };
    run(market, &job(), &mut watched);
    watched.ran.truncate(CUT);
    watched.ran
}

fn sees_the_future<P: Policy>(make: impl Fn(&Market) -> P) -> bool {
    [false, true].into_iter().any(|moving| {
        (2..12).any(|after| {
            let (a, b) = (market(1, moving), market(after, moving));
            ran(&a, make(&a)) != ran(&b, make(&b))
        })
    })
}

#[test]
fn online_policies_do_not_see_the_future() {
    assert!(!sees_the_future(|_| InZones::default()), "tradewind");
    assert!(!sees_the_future(|market| SkyNomad::online(market.zones.len(), market.prices_move())), "skynomad");
    assert!(!sees_the_future(|_| UpS::default()), "up_s");
    assert!(!sees_the_future(|_| UpA::default()), "up_a");
    assert!(!sees_the_future(|_| UpAp::default()), "up_ap");
}

/// The comparison can fail: Optimal is told the future, and acts on it before the cut.
#[test]
fn one_who_is_told_the_future_does() {
    assert!(sees_the_future(|market| Optimal::new(market, &job())));
}
