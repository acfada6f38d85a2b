//! The plan that the fuzzer starts from is one that this version reads and believes.

mod common;

use common::{Desk, root};

#[test]
fn the_seed_plan_holds() {
    let folder = root().join("datasets/queue/fuzz/plan");
    let plan = folder.join("small.plan.json");
    let ran = Desk::new("fuzz-seed").run(&["check", plan.to_str().expect("a UTF-8 path")]);
    assert_eq!(
        ran.code, 0,
        "make it again there: tradewind plan queue.jsonl --market market --quotas quotas.csv \
         --config tradewind.toml -o small.plan.json\n{}{}",
        ran.stdout, ran.stderr
    );
}
