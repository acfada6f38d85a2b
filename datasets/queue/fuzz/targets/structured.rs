//! Queues made of plausible and implausible values: what is read holds together, whatever the order
//! of its lines.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tradewind_core::plan::Plan;
use tradewind_fuzz::Lines;
use tradewind_queue::{Format, MAX_TASKS, Options, Queue, read};

static PLAN: LazyLock<Plan> =
    LazyLock::new(|| serde_json::from_slice(include_bytes!("../plan/small.plan.json")).expect("the seed plan"));

fn read_lines<'t>(lines: impl Iterator<Item = &'t str>) -> Option<Queue> {
    let text = lines.collect::<Vec<_>>().join("\n");
    read("fuzz", text.as_bytes(), Format::JsonLines, &Options::default()).ok()
}

fuzz_target!(|lines: Lines| {
    let queue = read_lines(lines.0.lines());
    tradewind_fuzz::count(queue.is_some());
    let Some(queue) = queue else { return };
    assert!(queue.workload.tasks() <= MAX_TASKS);
    // What the market says of it is an answer too.
    let _ = queue.check_against(&PLAN.market);
    let reversed = read_lines(lines.0.lines().rev()).expect("the same lines");
    assert_eq!(queue.workload, reversed.workload, "the order of the lines changes nothing");
});
