//! `plan --diff` and `diff`: what people see, what the shell is told.

mod common;

use common::{Desk, JOB};
use serde_json::Value;

/// A desk with the plan of one job, `p.json`.
fn desk(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", JOB);
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    desk
}

/// The job with more vCPUs, and another one.
fn larger() -> String {
    let second = JOB.replace("\"a\"", "\"b|<i>\"").replace("1h", "90m");
    format!("{}\n{second}\n", JOB.replace("\"vcpus\":2", "\"vcpus\":30"))
}

#[test]
fn the_same_plan_has_no_changes() {
    let desk = desk("diff-same");
    let same = desk.run(&["plan", "q.jsonl", "--diff", "p.json", "--detailed-exitcode", "--fail-over", "0%"]).expect(0);
    insta::assert_snapshot!(same.stdout, @r"
    No changes: the plans decide the same; USD 0.06, as before, bound 0.05
    1 node unchanged: USD 0.06.
    ");
    let json = desk.run(&["diff", "p.json", "p.json", "--format", "json", "--detailed-exitcode"]).expect(0);
    let diff: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((&diff["has_changes"], &diff["cost_usd"]["delta"]), (&false.into(), &"0.00".into()));
}

#[test]
fn changes_as_text() {
    let desk = desk("diff-text");
    desk.write("q.jsonl", larger());
    let ran = desk.run(&["plan", "q.jsonl", "--diff", "p.json", "-o", "new.json", "--detailed-exitcode"]).expect(2);
    insta::assert_snapshot!(ran.stdout, @r"
    Plan: 1 launch, 0 move, 0 release; USD 0.76 (was 0.06, +1145.6 %), bound 0.69
    1 node unchanged: USD 0.09 (+0.03).
    1 task newly placed, 0 no longer: the costs are of different work.
    1 task in both: USD 0.67 (was 0.06).

    Nodes
      change    nodes  where                                     when          USD  change in USD
      --------  -----  ----------------------------------------  -----------  ----  -------------
      + launch      1  gcp/asia-south1 on demand n2d-highcpu-32  03-31 00:00  0.67          +0.67

    Jobs, the largest change in cost first
      job    tasks  change              where                                         USD  change in USD
      -----  -----  ------------------  -------------------------------------------  ----  -------------
      a          1  ~ moved             aws/ap-south-1 on demand m6a.large ->        0.67          +0.61
                                        gcp/asia-south1 on demand n2d-highcpu-32,
                                        03-31 00:00
      b|<i>      1  + new in the queue  aws/ap-south-1 on demand m6a.large, 03-31    0.09          +0.09
                                        00:00

    Cost by cause
      part      was   USD  change
      -------  ----  ----  ------
      compute  0.06  0.74   +0.69
      boot     0.00  0.01   +0.01
      address  0.01  0.01   +0.01
      total    0.06  0.76   +0.70

    Jobs that differ in the queue
      change     job    fields
      ---------  -----  ------
      ~ changed  a      demand
      + added    b|<i>
    ");
    assert!(ran.stdout.lines().all(|l| l.chars().count() <= 100), "{}", ran.stdout);
    assert!(ran.stderr.contains("warning"), "warnings are talk here: {}", ran.stderr);
    let files = desk.run(&["diff", "p.json", "new.json"]).expect(0);
    assert_eq!(files.stdout, ran.stdout, "two files say the same as planning");
}

#[test]
fn changes_as_markdown_and_csv() {
    let desk = desk("diff-md");
    desk.write("q.jsonl", larger());
    desk.run(&["plan", "q.jsonl", "-o", "new.json"]).expect(0);
    insta::assert_snapshot!(desk.run(&["diff", "p.json", "new.json", "--format", "md"]).expect(0).stdout, @r"
    ## Plan: 1 launch, 0 move, 0 release; USD 0.76 (was 0.06, +1145.6 %), bound 0.69

    - 1 node unchanged: USD 0.09 (+0.03).
    - 1 task newly placed, 0 no longer: the costs are of different work.
    - 1 task in both: USD 0.67 (was 0.06).

    ### Nodes

    | change | nodes | where | when | USD | change in USD |
    | --- | ---: | --- | --- | ---: | ---: |
    | + launch | 1 | gcp/asia-south1 on demand n2d-highcpu-32 | 03-31 00:00 | 0.67 | +0.67 |

    ### Jobs, the largest change in cost first

    | job | tasks | change | where | USD | change in USD |
    | --- | ---: | --- | --- | ---: | ---: |
    | a | 1 | ~ moved | aws/ap-south-1 on demand m6a.large -> gcp/asia-south1 on demand n2d-highcpu-32, 03-31 00:00 | 0.67 | +0.61 |
    | b\|&lt;i> | 1 | + new in the queue | aws/ap-south-1 on demand m6a.large, 03-31 00:00 | 0.09 | +0.09 |

    ### Cost by cause

    | part | was | USD | change |
    | --- | ---: | ---: | ---: |
    | compute | 0.06 | 0.74 | +0.69 |
    | boot | 0.00 | 0.01 | +0.01 |
    | address | 0.01 | 0.01 | +0.01 |
    | total | 0.06 | 0.76 | +0.70 |

    <details><summary>Jobs that differ in the queue (2)</summary>

    | change | job | fields |
    | --- | --- | --- |
    | ~ changed | a | demand |
    | + added | b\|&lt;i> |  |

    </details>
    ");
    insta::assert_snapshot!(desk.run(&["diff", "p.json", "new.json", "--format", "csv"]).expect(0).stdout, @r"
    change,nodes,from_region,from_capacity_type,from_instance_type,from_launch,to_region,to_capacity_type,to_instance_type,to_launch,old_usd,new_usd,delta_usd
    add,1,,,,,gcp/asia-south1,on_demand,n2d-highcpu-32,2024-03-31T00:00:00Z,0.00,0.67029483,0.67029483
    ");
    let page = desk.run(&["diff", "p.json", "new.json", "--format", "html"]).expect(0).stdout;
    assert!(page.contains("b|&lt;i&gt;") && !page.contains("<i>"), "{page}");
}

#[test]
fn a_dearer_plan_fails_over_its_limit() {
    let desk = desk("diff-guard");
    desk.write("q.jsonl", JOB.replace("\"vcpus\":2", "\"vcpus\":30"));
    let guarded =
        |limit: &str| desk.run(&["plan", "q.jsonl", "--diff", "p.json", "-o", "new.json", "--fail-over", limit]);
    let ran = guarded("+5%").expect(5);
    insta::assert_snapshot!(ran.stderr.split_once("error").map_or("", |(_, e)| e), @r"
    [TW3008]: the plan costs more than --fail-over allows
      got: USD 0.67 for 1 task that cost USD 0.06 in the old plan
      accepted: at most 5.0 % more
      help: look at what changed above; give a higher limit to accept it
    ");
    assert!(ran.stdout.starts_with("Plan: "), "the changes are shown all the same: {}", ran.stdout);
    guarded("1.00").expect(0);
    desk.run(&["diff", "p.json", "new.json", "--fail-over", "0.10"]).expect(5);
    desk.run(&["diff", "new.json", "p.json", "--fail-over", "0%"]).expect(0);
}

/// More tasks placed is more work, not a dearer plan.
#[test]
fn other_tasks_are_no_rise_in_cost() {
    let desk = desk("diff-more");
    desk.write("q.jsonl", format!("{JOB}\n{}\n", JOB.replace("\"a\"", "\"b\"").replace("1h", "40h")));
    desk.run(&["plan", "q.jsonl", "-o", "new.json"]).expect(0);
    let ran = desk.run(&["diff", "p.json", "new.json", "--fail-over", "1%"]).expect(0);
    assert!(ran.stdout.contains("1 task newly placed, 0 no longer"), "{}", ran.stdout);
    desk.write("q.jsonl", JOB.replace("\"vcpus\":2", "\"vcpus\":90000"));
    desk.run(&["plan", "q.jsonl", "-o", "none.json"]).expect(3);
    let nothing = desk.run(&["diff", "none.json", "p.json", "--fail-over", "1%"]).expect(0);
    assert!(nothing.stderr.contains("--fail-over has nothing to compare"), "{}", nothing.stderr);
}

/// The parts of a comparison of real plans, with staging and a budget, sum to the nano-dollar.
#[test]
fn real_plans_sum_exactly() {
    let desk = Desk::new("diff-sum");
    let job = |id: u32, fields: &str| {
        format!(
            r#"{{"id":"j{id}","project":"p","vcpus":{},"memory":"8GiB","runtime":"{}m"{fields}}}"#,
            1 + id % 7,
            20 + 13 * id
        )
    };
    let data = r#","interruptible":true,"inputs":[{"dataset":"d","location":"aws/us-east-1","size":"50GB"}]"#;
    let queue = |ids: std::ops::Range<u32>| -> String {
        ids.map(|id| job(id, if id % 3 == 0 { data } else { "" }) + "\n").collect()
    };
    desk.write("old.jsonl", queue(0..18)).write("new.jsonl", queue(5..25));
    desk.run(&["plan", "old.jsonl", "-o", "old.json"]).expect(0);
    desk.run(&["plan", "new.jsonl", "-o", "new.json", "--quotas", "none"]).expect(0);
    let json = desk.run(&["diff", "old.json", "new.json", "--format", "json"]).expect(0);
    let diff: Value = serde_json::from_str(&json.stdout).expect("JSON");
    let nanos = |usd: &Value| {
        let usd: tradewind_core::money::Usd = usd.as_str().expect("a string").parse().expect("an amount");
        usd.nanos()
    };
    let sum = |list: &Value| list.as_array().expect("a list").iter().map(|c| nanos(&c["usd"]["delta"])).sum::<i64>();
    let total = nanos(&diff["cost_usd"]["delta"]);
    assert_ne!(total, 0);
    assert_eq!(sum(&diff["jobs"]) + nanos(&diff["stagings_usd"]["delta"]), total);
    assert_eq!(sum(&diff["causes"]), total);
    let count = |plan: &str, kind: &str| -> i64 {
        let changes = diff["nodes"]["changes"].as_array().expect("a list");
        let nodes = changes.iter().filter(|c| c["kind"] == kind).filter_map(|c| c["nodes"].as_i64()).sum::<i64>();
        diff[plan]["nodes"].as_i64().unwrap_or(nodes)
    };
    assert_eq!(count("", "add") - count("", "remove"), count("new", "") - count("old", ""));
}

#[test]
fn an_old_plan_that_was_touched_is_refused() {
    let desk = desk("diff-tampered");
    let plan = desk.read("p.json");
    desk.write("edited.json", plan.replacen("\"placed\":1", "\"placed\":2", 1));
    desk.write("newer.json", plan.replacen("tradewind.plan/1", "tradewind.plan/2", 1));
    let named = |text: &str| text.lines().next().unwrap_or("").to_owned();
    for arguments in [
        &["plan", "q.jsonl", "--diff", "edited.json"][..],
        &["diff", "p.json", "edited.json"],
        &["show", "edited.json"],
    ] {
        let ran = desk.run(arguments).expect(6);
        assert_eq!(named(&ran.stderr), "error[TW3001]: the plan was changed after it was made");
        assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    }
    for arguments in [&["diff", "newer.json", "p.json"][..], &["show", "newer.json"]] {
        assert!(desk.run(arguments).expect(4).stderr.contains("TW3003"));
    }
    assert!(desk.run(&["diff", "none.json", "p.json"]).expect(4).stderr.contains("TW1000"));
}
