//! Packing with a planted optimum: full nodes cut into tasks, put together again.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use support::simple::{Excess, Node, bill, hour, market, one_start};
use support::{Instance, plan};
use tradewind_core::check;
use tradewind_core::job::Workload;
use tradewind_core::money::Usd;

/// The node that is cut: the cheapest per vCPU and per GiB.
const WHOLE: (u64, u64) = (16, 64);
const INSTANCES: u64 = 40;

/// A size in two, down to the smallest that fits no further cut.
fn cut(rng: &mut StdRng, (vcpus, gib): (u64, u64), tasks: &mut Vec<(u64, u64)>) {
    if vcpus < 2 || gib < 2 || (vcpus < 12 && rng.random_bool(0.4)) {
        tasks.push((vcpus, gib));
        return;
    }
    let (v, m) = (rng.random_range(1..vcpus), rng.random_range(1..gib));
    cut(rng, (v, m), tasks);
    cut(rng, (vcpus - v, gib - m), tasks);
}

/// So many full nodes in tasks, and what those nodes cost.
fn planted(seed: u64) -> (Instance, Usd) {
    let mut rng = StdRng::seed_from_u64(seed);
    let node = |name: &str, vcpus, price| Node { region: 0, name: name.to_owned(), vcpus, gib: vcpus * 4, price };
    let unit = rng.random_range(30_000_000..60_000_000);
    let nodes = [
        node("a-small", 4, unit * 4 * rng.random_range(103..140) / 100),
        node("b-half", 8, unit * 8 * rng.random_range(101..120) / 100),
        node("c-whole", WHOLE.0, unit * WHOLE.0 as i64),
    ];
    let market = market(&[100_000], &nodes, |_, _| 0);
    let whole = rng.random_range(1..12);
    let mut tasks = Vec::new();
    (0..whole).for_each(|_| cut(&mut rng, WHOLE, &mut tasks));
    let jobs = tasks.iter().enumerate().map(|(i, &(v, m))| hour(&format!("t{i:03}"), v, m)).collect();
    let optimum = (0..whole).map(|_| bill(&market, 2)).sum();
    (Instance { market, workload: Workload::new(jobs).unwrap(), rules: one_start() }, optimum)
}

#[test]
fn full_nodes_are_found_again_within_a_few_percent() {
    let (mut excess, mut tasks) = (Excess::default(), 0);
    for seed in 0..INSTANCES {
        let (i, optimum) = planted(seed);
        let p = plan(&i);
        assert!(check::check(&p).is_clean(), "seed {seed}");
        assert_eq!(p.summary.unplaced, 0, "seed {seed}");
        tasks += p.summary.tasks;
        excess.count(seed, &p, optimum);
    }
    excess.print(&format!("{tasks} tasks cut from full nodes"));
    assert!(excess.mean() < 0.05, "mean excess over 5 %");
    assert!(excess.worst < 0.35, "worst excess over 35 %");
}
