//! Facility location: which regions get a copy of a shared dataset, against all sets of open regions.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use support::simple::{BOOT, Excess, Node, bill, hour, market, one_start, place};
use support::{Instance, START, plan};
use tradewind_core::check;
use tradewind_core::cost::staging_cost;
use tradewind_core::job::{Input, Workload};
use tradewind_core::money::Usd;
use tradewind_core::size::Bytes;
use tradewind_core::time::Millis;

const INSTANCES: u64 = 200;

/// Tasks that fill a node each, read a shared dataset of the first region and data of their own elsewhere;
/// no quota binds.
fn instance(seed: u64) -> Instance {
    let mut rng = StdRng::seed_from_u64(seed);
    let regions = rng.random_range(3..=10_u16);
    let node = |region, rng: &mut StdRng| {
        let price = rng.random_range(150_000_000..450_000_000);
        Node { region, name: "only".to_owned(), vcpus: 4, gib: 16, price }
    };
    let nodes: Vec<Node> = (0..regions).map(|r| node(r, &mut rng)).collect();
    let prices: Vec<i64> = (0..regions * regions).map(|_| rng.random_range(5..60) * 1_000_000).collect();
    let quotas = vec![10_000; usize::from(regions)];
    let market = market(&quotas, &nodes, |from, to| prices[usize::from(from * regions + to)]);
    let shared = Bytes::from_gb(rng.random_range(2..20));
    let job = |i: usize| {
        let mut job = hour(&format!("t{i:02}"), 4, 16);
        let own = Bytes::from_gb(rng.random_range(1..10));
        job.inputs = vec![
            Input { dataset: Some("set".to_owned()), location: place(0), size: shared },
            Input { dataset: None, location: place(rng.random_range(0..regions)), size: own },
        ];
        job
    };
    let tasks = seed as usize % 16 + 4;
    let jobs = (0..tasks).map(job).collect();
    Instance { market, workload: Workload::new(jobs).unwrap(), rules: one_start() }
}

/// Least cost over all sets of regions that get a copy.
fn optimum(i: &Instance) -> Usd {
    let (market, jobs) = (&i.market, i.workload.jobs());
    let copy = |to: u16| {
        let until = START + BOOT + Millis::HOUR;
        let cost = staging_cost(market, 0, to, jobs[0].inputs[0].size, START, until).unwrap();
        (cost.egress + cost.storage).nanos()
    };
    let task = |k: usize, r: u16| {
        let own = &jobs[k].inputs[1];
        let from = market.region_index(&own.location).unwrap();
        (bill(market, usize::from(r)) + market.transfer(from, r).unwrap().price.times(own.size)).nanos()
    };
    let regions = market.regions.len() as u16;
    let copies: Vec<i64> = (0..regions).map(|r| if r == 0 { 0 } else { copy(r) }).collect();
    let tasks: Vec<Vec<i64>> = (0..jobs.len()).map(|k| (0..regions).map(|r| task(k, r)).collect()).collect();
    // The first region has the data: it is always open.
    let sets = (0..1_u32 << (regions - 1)).map(|set| set << 1 | 1);
    let cost = |set: u32| {
        let open = || (0..usize::from(regions)).filter(move |r| set >> r & 1 == 1);
        let of_copies: i64 = open().map(|r| copies[r]).sum();
        let of_tasks: i64 = tasks.iter().map(|by| open().map(|r| by[r]).min().unwrap()).sum();
        of_copies + of_tasks
    };
    Usd::from_nanos(sets.map(cost).min().unwrap())
}

#[test]
fn copies_stand_beside_all_sets_of_open_regions() {
    let (mut excess, mut copied) = (Excess::default(), 0);
    for seed in 0..INSTANCES {
        let i = instance(seed);
        let p = plan(&i);
        assert!(check::check(&p).is_clean(), "seed {seed}");
        assert_eq!(p.summary.unplaced, 0, "seed {seed}");
        copied += u32::from(!p.stagings.is_empty());
        excess.count(seed, &p, optimum(&i));
    }
    excess.print("facility location");
    println!("{copied} plans stage at least one copy");
    assert!(u64::from(copied) * 4 > INSTANCES, "a quarter of the plans stage something, or the test says little");
    // Where it stands on 2026-11-22, so that it gets no worse; three plans of five are optimal.
    assert!(excess.mean() < 0.06, "mean excess over 6 %");
    assert!(excess.worst < 0.80, "worst excess over 80 %");
}
