//! What a round is played on: the clouds with their layers, what goes wrong on them, and what may be spent.

use std::collections::BTreeMap;
use std::sync::Arc;

use tradewind_core::money::Usd;
use tradewind_core::plan::Allocation;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_mcp::layers::{Budget, Fence, Idempotency, Register, VirtualTimer};
use tradewind_mcp::provider::Provider;
use tradewind_mcp::simulated::{Simulated, What};
use tradewind_sim::draws::{Draws, Purpose};
use tradewind_sim::plan::Moment;

use super::bug::Bug;
use crate::drive::{Simulation, Trouble};
use crate::run::Script;

const TROUBLE: Purpose = Purpose(201);
const LIMIT: Purpose = Purpose(202);
const REGION: Purpose = Purpose(206);
/// Share of the rounds with a budget.
const WITH_BUDGET: f64 = 0.25;
/// No budget.
const NO_LIMIT: Usd = Usd::from_nanos(i64::MAX);

/// What goes wrong in a round.
pub(super) struct Storm {
    troubles: Vec<Trouble>,
    /// What may be owed on each cloud, where there is a limit.
    pub limits: BTreeMap<String, Usd>,
    /// Calls are lost until here.
    pub until: Time,
}

impl Storm {
    /// Anything, drawn; where somebody watches, regions go out by themselves too.
    pub fn drawn(script: &Script, draws: &Draws, is_watched: bool) -> Self {
        let limits = if draws.uniform(0, LIMIT, 0) < WITH_BUDGET { limits(script, draws) } else { BTreeMap::new() };
        let mut troubles = troubles(script, draws);
        if is_watched {
            troubles.extend(regions_out(script, draws));
        }
        Self { troubles, limits, until: script.plan.rules.horizon.end }
    }

    /// All spot nodes are taken back in the third hour of the plan, and nothing else.
    pub fn interruptions(script: &Script) -> Self {
        let at = |h| Moment::After(Millis::from_hours(h));
        let (what, place, from, until) = (What::Interrupt, String::new(), at(2), at(3));
        let trouble =
            |cloud: &String| Trouble { cloud: cloud.clone(), what: what.clone(), place: place.clone(), from, until };
        let troubles = script.clouds().iter().map(trouble).collect();
        Self { troubles, limits: BTreeMap::new(), until: script.begins() }
    }

    /// What may be spent on a cloud.
    pub fn limit(&self, cloud: &str) -> Usd {
        self.limits.get(cloud).copied().unwrap_or(NO_LIMIT)
    }

    /// The clouds that it comes over.
    pub fn simulation(&self, seed: Seed) -> Simulation {
        Simulation { seed, troubles: self.troubles.clone(), budget: NO_LIMIT, limits: true }
    }
}

/// A cloud behind the layers that keep its promises to callers, but for those that a planted bug leaves out.
pub(super) fn layered(cloud: Arc<Simulated>, limit: Usd, bug: Option<Bug>) -> Arc<dyn Provider> {
    let clock = cloud.clone();
    let timer = Arc::new(VirtualTimer(move || clock.now()));
    // A register in memory is refused only where there is no memory.
    let register = Arc::new(Register::in_memory().expect("memory"));
    let limit = if bug == Some(Bug::NoBudget) { NO_LIMIT } else { limit };
    let kept = Idempotency::new(Budget::new(cloud, register.clone(), limit), register.clone(), timer);
    if bug == Some(Bug::NoFence) { Arc::new(kept) } else { Arc::new(Fence::new(kept, register)) }
}

/// A budget for each cloud: a tenth to some hundred times of what the plan expects, as launches set aside the worst
/// that they may cost until their time to live ends.
fn limits(script: &Script, draws: &Draws) -> BTreeMap<String, Usd> {
    let limit = |(c, cloud): (u32, &String)| {
        let of_cloud = script.plan.allocations.iter().filter(|a| a.region.cloud() == cloud);
        let expected: Usd = of_cloud.map(|a| a.expected_cost_usd).sum();
        let times = libm::exp10(draws.uniform(1, LIMIT, c) * 3.5 - 1.0);
        (cloud.clone(), Usd::from_nanos((expected.nanos() as f64 * times) as i64))
    };
    (0..).zip(script.clouds()).map(limit).collect()
}

/// Each region of the plan is out once, from the instant of a launch there on or from any other.
fn regions_out(script: &Script, draws: &Draws) -> Vec<Trouble> {
    let horizon = script.plan.rules.horizon;
    let length = (horizon.end - horizon.start).get() as f64;
    let trouble = |(a, allocation): (u64, &Allocation)| {
        let [when, long] = draws.pair(a, REGION, 0);
        let from =
            if when < 0.5 { allocation.start - horizon.start } else { Millis::new((when * 0.4 * length) as i64) };
        let until = from + Millis::new((long * 0.1 * length) as i64);
        let (from, until) = (Moment::After(from), Moment::After(until));
        let (cloud, region) = (allocation.region.cloud().to_owned(), allocation.region.region().to_owned());
        Trouble { cloud, what: What::Outage, place: region, from, until }
    };
    (0..).zip(&script.plan.allocations).map(trouble).collect()
}

/// What goes wrong on the clouds in the plan's time: drawn for each of them.
fn troubles(script: &Script, draws: &Draws) -> Vec<Trouble> {
    let horizon = script.plan.rules.horizon;
    let length = (horizon.end - horizon.start).get() as f64;
    let mut all = Vec::new();
    for (c, cloud) in (0..).zip(script.clouds()) {
        for n in 0..4 {
            let [kind, from] = draws.pair(c, TROUBLE, n);
            let what = match (kind * 6.0) as u32 {
                0 => What::Capacity { left: 0 },
                1 => What::Interrupt,
                2 => What::Throttle { share: 0.3 },
                3 => What::Unreachable { share: 0.3 },
                4 => What::ReplyLost { share: 0.3 },
                _ => What::Outage,
            };
            let from = Millis::new((from * 0.4 * length) as i64);
            let until = from + Millis::new((draws.uniform(c, TROUBLE, n + 100) * 0.1 * length) as i64);
            let (from, until) = (Moment::After(from), Moment::After(until));
            all.push(Trouble { cloud: cloud.clone(), what, place: String::new(), from, until });
        }
    }
    all
}
