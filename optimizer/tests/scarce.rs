//! More alike tasks than the cheapest places hold: the rest goes to what is best for it, not to what is left.

mod support;

use support::simple::{Node, bill, hour, market, one_start, place};
use support::{Instance, START, plan};
use tradewind_core::check;
use tradewind_core::cost::staging_cost;
use tradewind_core::job::{Input, Workload};
use tradewind_core::money::Usd;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::size::Bytes;
use tradewind_core::time::Millis;

/// So many that the queue is packed once and not searched.
const TASKS: u32 = 12_000;

fn node(region: u16, name: &str, vcpus: u64, gib: u64, price: i64) -> Node {
    Node { region, name: name.to_owned(), vcpus, gib, price }
}

fn times(bill: Usd, n: u32) -> Usd {
    Usd::from_nanos(bill.nanos() * i64::from(n))
}

#[test]
fn those_beyond_the_cheapest_quota_share_nodes() {
    // Eight tasks find room in the first region; the others would pay twice as much alone as on shared nodes.
    let nodes = [
        node(0, "slim", 1, 16, 200_000_000),
        node(1, "fat", 12, 64, 1_000_000_000),
        node(1, "slim", 1, 16, 500_000_000),
    ];
    let market = market(&[8, 100_000], &nodes, |_, _| 0);
    let mut job = hour("many", 1, 16);
    job.count = TASKS;
    let instance = Instance { market, workload: Workload::new(vec![job]).unwrap(), rules: one_start() };
    let plan = plan(&instance);
    let best = times(bill(&instance.market, 0), 8) + times(bill(&instance.market, 1), (TASKS - 8) / 4);
    assert_eq!(plan.summary.placed, u64::from(TASKS));
    assert_eq!(plan.summary.cost_usd, best);
    assert!(check::check(&plan).violations.is_empty());
}

#[test]
fn those_who_go_together_share_a_copy() {
    // All run in the same hour, half of it in each window: in the mean of a window the first region holds all, so
    // the relaxation makes no copy. In truth it holds half. The first task of the rest would not pay a copy to the
    // second region for itself, and in the third it costs more.
    let nodes =
        [node(0, "only", 1, 4, 200_000_000), node(1, "only", 1, 4, 250_000_000), node(2, "only", 1, 4, 400_000_000)];
    let half = u64::from(TASKS) / 2;
    let market = market(&[half, 100_000, 100_000], &nodes, |_, to| if to == 1 { 100_000_000 } else { 0 });
    let mut job = hour("many", 1, 4);
    let start = START + Millis::from_secs(1_800);
    let size = Bytes::from_gb(20);
    job.inputs = vec![Input { dataset: Some("set".to_owned()), location: place(0), size }];
    (job.count, job.submit) = (TASKS, Some(start));
    job.deadline = Some(start + Millis::HOUR);
    let horizon = Horizon { start: START, end: START + Millis::from_hours(2), window: Millis::HOUR };
    let instance = Instance { market, workload: Workload::new(vec![job]).unwrap(), rules: Rules::over(horizon) };
    let plan = plan(&instance);
    let copy = staging_cost(&instance.market, 0, 1, size, START, start + Millis::HOUR).unwrap();
    let alone = |offer| times(bill(&instance.market, offer), TASKS / 2);
    assert_eq!(plan.summary.placed, u64::from(TASKS));
    let most = alone(0) + alone(1) + copy.egress + copy.storage;
    assert!(plan.summary.cost_usd <= most, "{} above {most}", plan.summary.cost_usd);
    assert!(check::check(&plan).violations.is_empty());
}

#[test]
fn a_node_that_no_quota_lets_launch_neither_hides_others_nor_loosens_the_bound() {
    // The cheapest node of the pool takes twelve of eight vCPUs.
    let nodes = [node(0, "large", 12, 48, 100_000_000), node(0, "small", 4, 16, 400_000_000)];
    let market = market(&[8], &nodes, |_, _| 0);
    let instance = Instance { market, workload: Workload::new(vec![hour("one", 4, 16)]).unwrap(), rules: one_start() };
    let plan = plan(&instance);
    assert_eq!(plan.summary.placed, 1);
    assert_eq!(plan.summary.cost_usd, bill(&instance.market, 1));
    // All but the boot: a task that never runs long is not counted for longer than it is reserved.
    assert!(plan.summary.gap.unwrap() < 0.02, "{:?}", plan.summary.gap);
    assert!(check::check(&plan).violations.is_empty());
}

#[test]
fn who_may_wait_leaves_scarce_quota_to_who_may_not() {
    // All are there at once, and the cheap region holds a twelfth of them at a time. Some must start within two hours.
    let at_once = TASKS / 12;
    let nodes = [node(0, "only", 1, 4, 100_000_000), node(1, "only", 1, 4, 800_000_000)];
    let market = market(&[u64::from(at_once), 100_000], &nodes, |_, _| 0);
    let (mut free, mut due) = (hour("free", 1, 4), hour("due", 1, 4));
    (free.count, due.count) = (TASKS - at_once, at_once);
    due.deadline = Some(START + Millis::from_hours(3));
    let horizon = Horizon { start: START, end: START + Millis::from_hours(24), window: Millis::HOUR };
    let workload = Workload::new(vec![free, due]).unwrap();
    let instance = Instance { market, workload, rules: Rules::over(horizon) };
    let plan = plan(&instance);
    assert_eq!(plan.summary.placed, u64::from(TASKS));
    let most = times(bill(&instance.market, 0), TASKS);
    assert!(plan.summary.cost_usd <= most, "{} above {most}", plan.summary.cost_usd);
    assert!(check::check(&plan).violations.is_empty());
}
