//! Generalized assignment: regions are agents with a capacity, each task takes what it takes there. The
//! optimum by dynamic programme over the capacities left.
//!
//! Tasks are large in memory, so that no two share a node; what a task takes of a region's quota is the
//! vCPUs of the node it is on, which differ by region, and moving its data there makes its cost.

mod support;

use std::collections::HashMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use support::simple::{Excess, Node, bill, hour, market, one_start, place};
use support::{Instance, plan};
use tradewind_core::check;
use tradewind_core::job::{Input, Workload};
use tradewind_core::money::Usd;
use tradewind_core::size::Bytes;

const AGENTS: u16 = 3;
/// Memory of the nodes in GiB: of the smallest two tasks do not fit the largest.
const MEMORY: [u64; 3] = [10, 13, 16];
const INSTANCES: u64 = 300;

/// Capacities that a random assignment of all tasks just fits, or nearly so.
fn instance(seed: u64) -> Instance {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut nodes = Vec::new();
    for region in 0..AGENTS {
        for gib in MEMORY {
            let (vcpus, price) = (rng.random_range(2..9), rng.random_range(100_000_000..300_000_000));
            nodes.push(Node { region, name: format!("m{gib}"), vcpus, gib, price });
        }
    }
    let tasks: Vec<(u16, usize)> =
        (0..rng.random_range(5..12)).map(|_| (rng.random_range(0..AGENTS), rng.random_range(0..3))).collect();
    let mut capacity = [0; AGENTS as usize];
    for &(agent, size) in &tasks {
        capacity[usize::from(agent)] += nodes[usize::from(agent) * 3 + size].vcpus;
    }
    capacity.iter_mut().for_each(|c| *c += rng.random_range(0..4));
    let transfers: Vec<i64> = (0..AGENTS * AGENTS).map(|_| rng.random_range(10..90) * 1_000_000).collect();
    let market = market(&capacity, &nodes, |from, to| transfers[usize::from(from * AGENTS + to)]);
    let job = |(i, &(_, size)): (usize, &(u16, usize))| {
        let mut job = hour(&format!("t{i:02}"), 1, MEMORY[size]);
        let home = place(rng.random_range(0..AGENTS));
        job.inputs = vec![Input { dataset: None, location: home, size: Bytes::from_gb(rng.random_range(1..9)) }];
        job
    };
    let jobs = tasks.iter().enumerate().map(job).collect();
    Instance { market, workload: Workload::new(jobs).unwrap(), rules: one_start() }
}

/// Least cost of all tasks from number `task` on within the capacities left.
fn optimum(
    i: &Instance,
    task: usize,
    left: Vec<u64>,
    known: &mut HashMap<(usize, Vec<u64>), Option<i64>>,
) -> Option<i64> {
    let Some(job) = i.workload.jobs().get(task) else { return Some(0) };
    if let Some(best) = known.get(&(task, left.clone())) {
        return *best;
    }
    let mut best = None;
    for (o, offer) in i.market.offers.iter().enumerate() {
        let (kind, agent) = (i.market.type_of(offer).capacity, usize::from(offer.region));
        let takes = kind.vcpu_milli / 1000;
        if !job.demand.fits_in(kind) || takes > left[agent] {
            continue;
        }
        let mut rest = left.clone();
        rest[agent] -= takes;
        let from = i.market.region_index(&job.inputs[0].location).unwrap();
        let moved = i.market.transfer(from, offer.region).unwrap().price.times(job.inputs[0].size);
        let here = (bill(&i.market, o) + moved).nanos();
        let whole = optimum(i, task + 1, rest, known).map(|later| here + later);
        best = best.into_iter().chain(whole).min();
    }
    known.insert((task, left), best);
    best
}

#[test]
fn assignments_stand_beside_the_dynamic_programme() {
    let (mut excess, mut fewer) = (Excess::default(), 0_u64);
    for seed in 0..INSTANCES {
        let i = instance(seed);
        let p = plan(&i);
        let report = check::check(&p);
        assert!(report.is_clean(), "seed {seed}: {:#?}", report.violations);
        assert_eq!(p.summary.placed_upper_bound, p.summary.tasks, "seed {seed}: an assignment of all is planted");
        let capacity = i.market.quotas.iter().map(|q| q.available).collect();
        let best = optimum(&i, 0, capacity, &mut HashMap::new()).expect("an assignment of all is planted");
        if p.summary.unplaced > 0 {
            fewer += 1;
        } else {
            excess.count(seed, &p, Usd::from_nanos(best));
        }
    }
    excess.print("generalized assignment");
    println!("{fewer} of {INSTANCES} with fewer tasks placed than possible");
    // Where it stands on 2026-11-22, so that it gets no worse.
    assert!(fewer * 5 <= INSTANCES, "more than a fifth place fewer tasks than possible");
    assert!(excess.mean() < 0.035, "mean excess over 3.5 %");
    assert!(excess.worst < 0.60, "worst excess over 60 %");
}
