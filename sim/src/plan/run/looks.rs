//! Looking ahead no further than somebody meets it changes nothing, nor does the order in memory.

use proptest::prelude::*;
use tradewind_core::market::CapacityType;
use tradewind_core::resources::Resources;
use tradewind_core::seed::Seed;
use tradewind_core::work::Spread;

use super::*;
use crate::plan::model::Rescue;
use crate::plan::run::tests::{HOUR, SIZE, model};

/// What can end a node, keep it from starting, or keep its tasks from it.
const WORLDS: [&str; 4] = [
    r#"{"hazard_factor":4,"life_shape":0.6,"failure_probability":0.2}"#,
    r#"{"hazard_factor":2,"shortages":[{"when":{"random":{"plenty_hours":4,"tight_hours":1,"sigma":1}},"hazard_in_tight":20,"loses":0.3}]}"#,
    r#"{"life_shape":0.6,"boot_factor":40,"failure_probability":0.1,"shortages":[
        {"each":"zone","when":{"random":{"plenty_hours":6,"tight_hours":2,"sigma":1.5}},"hazard_in_plenty":0.5,"hazard_in_tight":30,"refuses":0.8},
        {"when":{"window":{"start":"+3h","end":"+9h"}},"hazard_in_tight":8,"loses":1}]}"#,
    r#"{"hazard_factor":6,"life_shape":2,"outages":[{"place":"c/r","start":"+2h","end":"+4h"}],
        "launch_rates":[{"per_minute":0.1,"burst":2}],"quota_cuts":[{"start":"+6h","end":"+10h","nodes":2}],
        "price_paths":[{"course":{"daily":[-0.1,0.1]}}]}"#,
];

/// A plan by chance: on each node one task or several, together or one after the other, some of them on the node beside
/// it too; each job may wait for the one before.
fn plan(world: &str, tasks: &[(u8, u8, bool, bool)]) -> Model {
    let count = tasks.len() as u32;
    let mut plan = model(world, count, CapacityType::Spot);
    plan.nodes.iter_mut().for_each(|n| n.parts = 0);
    let half = Resources { vcpu_milli: SIZE.vcpu_milli / 2, memory_mib: SIZE.memory_mib / 2, gpu_milli: 0 };
    for (t, (&(node, start, is_gang, waits), task)) in (0_u32..).zip(tasks.iter().zip(&mut plan.tasks)) {
        (task.job, task.runtime) = (t, Spread { median: 1.0 + f64::from(node), sigma: 0.5 });
        task.first_node = u32::from(node) % count;
        task.nodes = if is_gang && task.first_node + 1 < count { 2 } else { 1 };
        task.start = i64::from(start) * HOUR / 2;
        task.demand = if start % 2 == 0 { half } else { SIZE };
        task.waits_for = u32::from(waits && t > 0);
        if node % 3 == 0 {
            let required = task.start.max(HOUR) + 2 * HOUR;
            (task.deadline, task.rescue) =
                (task.start + 9 * HOUR, Some(Rescue { machine: 0, required, first_luck: 0 }));
        }
        task.planned_on().for_each(|n| plan.nodes[n as usize].parts += 1);
    }
    plan.luck_behind = vec![7, 8];
    plan.of_job = (0..count).map(|t| vec![t]).collect();
    plan.followers = (0..count)
        .map(|t| if plan.tasks.get(t as usize + 1).is_some_and(|n| n.waits_for > 0) { vec![t + 1] } else { Vec::new() })
        .collect();
    plan.close();
    plan
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_nobody_meets_need_not_be_known(
        world in 0..WORLDS.len(),
        tasks in prop::collection::vec((0_u8..6, 0_u8..12, any::<bool>(), any::<bool>()), 1..10),
        seed in any::<u64>(),
    ) {
        let plan = plan(WORLDS[world], &tasks);
        let (mut run, mut eager) = (Run::default(), Run { is_eager: true, ..Run::default() });
        for replication in 0..20 {
            let draws = Draws::new(Seed(seed), replication);
            let (lazy, whole) = (run.replicate(&plan, &draws), eager.replicate(&plan, &draws));
            prop_assert_eq!(Outcome { events: 0, ..lazy }, Outcome { events: 0, ..whole });
        }
    }

    #[test]
    fn what_lies_in_order_of_time_comes_to_the_same(
        world in 0..WORLDS.len(),
        tasks in prop::collection::vec((0_u8..6, 0_u8..12, any::<bool>(), any::<bool>()), 1..10),
        launches in prop::collection::vec(0_i64..3, 10),
        seed in any::<u64>(),
    ) {
        let mut plan = plan(WORLDS[world], &tasks);
        plan.nodes.iter_mut().zip(&launches).for_each(|(n, at)| n.launch = -at * HOUR);
        plan.close();
        let sorted = plan.put_in_time_order();
        let (mut run, mut other) = (Run::default(), Run::default());
        for replication in 0..20 {
            let draws = Draws::new(Seed(seed), replication);
            prop_assert_eq!(run.replicate(&plan, &draws), other.replicate(&sorted, &draws));
            prop_assert_eq!(run.pools(), other.pools());
        }
    }
}
