//! How the bound moves when the input does: formulas hold for any solver, so a wrong row shows here.

mod support;

use support::{Instance, instance, plan};
use tradewind_core::check;
use tradewind_core::job::{Job, Workload};
use tradewind_core::plan::Plan;

/// The bound is the relaxation's value to one part in ten thousand.
const SLACK: f64 = 3e-4;

/// Quotas that hold every node, so that a larger account opens no new size, and no shared data, which is
/// copied once however many read it.
fn scalable(seed: u64) -> Instance {
    let mut i = instance(seed, 8);
    i.market.quotas.iter_mut().for_each(|q| q.available = q.available.max(4));
    let mut jobs = i.workload.jobs().to_vec();
    jobs.iter_mut().for_each(|j| j.inputs.retain(|x| x.dataset.is_none()));
    i.workload = Workload::new(jobs).unwrap();
    i
}

fn with_jobs(i: &Instance, change: impl Fn(&Job) -> Vec<Job>) -> Instance {
    let jobs = i.workload.jobs().iter().flat_map(change).collect();
    Instance { workload: Workload::new(jobs).unwrap(), ..i.clone() }
}

fn checked(i: &Instance) -> Plan {
    let p = plan(i);
    assert!(check::check(&p).is_clean());
    p
}

fn bound(p: &Plan) -> f64 {
    p.summary.lower_bound_usd.as_f64()
}

#[test]
fn ten_times_the_queue_and_the_account_is_ten_times_the_bound() {
    let (mut compared, mut worst) = (0, 0.0_f64);
    for seed in 70_000..70_060 {
        let one = scalable(seed);
        let mut ten = with_jobs(&one, |j| vec![Job { count: j.count * 10, ..j.clone() }]);
        ten.market.quotas.iter_mut().for_each(|q| q.available *= 10);
        let (p, q) = (checked(&one), checked(&ten));
        if p.summary.unplaced + q.summary.unplaced == 0 {
            let off = (bound(&q) / (10.0 * bound(&p)) - 1.0).abs();
            assert!(off <= SLACK, "seed {seed}: {} and {}", bound(&p), bound(&q));
            worst = worst.max(off);
            compared += 1;
        }
    }
    println!("{compared} queues ten times over, farthest {worst:.1e} from ten times the bound");
    assert!(compared >= 20, "too few queues were placed whole");
}

#[test]
fn without_residency_the_bound_is_not_higher() {
    let (mut compared, mut lower) = (0, 0);
    for seed in 71_000..71_150 {
        let bound_to_place = instance(seed, 8);
        if bound_to_place.workload.jobs().iter().all(|j| j.residency.is_empty()) {
            continue;
        }
        let free = with_jobs(&bound_to_place, |j| vec![Job { residency: Vec::new(), ..j.clone() }]);
        let (p, q) = (checked(&bound_to_place), checked(&free));
        if p.summary.unplaced + q.summary.unplaced == 0 {
            assert!(bound(&q) <= bound(&p) * (1.0 + SLACK) + 1e-6, "seed {seed}: {} and {}", bound(&p), bound(&q));
            lower += u32::from(bound(&q) < bound(&p) * (1.0 - SLACK));
            compared += 1;
        }
    }
    println!("{compared} queues without their residency, the bound of {lower} falls");
    assert!(compared >= 20 && lower >= 3, "too few queues in which residency costs something");
}

#[test]
fn a_class_in_unequal_parts_and_another_order_leave_the_bound() {
    let (mut compared, mut worst) = (0, 0.0_f64);
    for seed in 72_000..72_060 {
        let whole = with_jobs(&scalable(seed), |j| vec![Job { count: j.count * 5, ..j.clone() }]);
        let mut parts = with_jobs(&whole, |j| {
            let part = |name: &str, count| Job { id: format!("{name}-{}", j.id), count, ..j.clone() };
            vec![part("z", j.count - 2), part("a", 2)]
        });
        let mut market = whole.market.clone();
        market.quotas.iter_mut().for_each(|q| q.available *= 5);
        parts.market = market.clone();
        let (p, q) = (checked(&Instance { market, ..whole }), checked(&parts));
        if p.summary.unplaced + q.summary.unplaced == 0 {
            let off = (bound(&q) / bound(&p) - 1.0).abs();
            assert!(off <= SLACK, "seed {seed}: {} and {}", bound(&p), bound(&q));
            worst = worst.max(off);
            compared += 1;
        }
    }
    println!("{compared} queues in unequal parts, bounds at most {worst:.1e} apart");
    assert!(compared >= 20, "too few queues were placed whole");
}
