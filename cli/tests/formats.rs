//! The same work written for other schedulers gives the same plan; what they cannot say is given.

mod common;

use std::fs;

use common::{Desk, root};
use serde_json::Value;
use tradewind_datasets::queue::Format;

/// Plans a sample file of `cli/demo/formats`: its cost and how many placements it has.
fn planned(desk: &Desk, sample: &str, settings: &[&str]) -> (String, usize, u64) {
    let text = fs::read(root().join("cli/demo/formats").join(sample)).expect("a sample");
    desk.write(sample, text);
    let mut arguments = vec!["plan", sample, "--format", "json"];
    settings.iter().for_each(|setting| arguments.extend(["--set", setting]));
    let ran = desk.run(&arguments).expect(0);
    let plan: Value = serde_json::from_str(&ran.stdout).expect("a plan");
    let cost = plan["summary"]["cost_usd"].as_str().expect("a cost").to_owned();
    (
        cost,
        plan["placements"].as_array().expect("placements").len(),
        plan["summary"]["placed"].as_u64().expect("a count"),
    )
}

#[test]
fn four_schedulers_one_plan() {
    let desk = Desk::new("formats-four");
    let slurm = planned(&desk, "jobs.sbatch", &[]);
    assert_eq!(slurm.2, 15, "all 15 tasks are placed");
    assert_eq!(planned(&desk, "aws-batch.json", &["gpu.model=A100"]), slurm);
    assert_eq!(planned(&desk, "kubernetes.yaml", &[]), slurm);
    assert_eq!(planned(&desk, "gcp-batch.json", &[]), slurm);
}

/// One training job for each of the four; SkyPilot says no runtime, AWS Batch no GPU model.
#[test]
fn one_job_four_ways() {
    let desk = Desk::new("formats-one");
    let slurm = planned(&desk, "train.sbatch", &[]);
    assert_eq!((slurm.1, slurm.2), (1, 1));
    assert_eq!(planned(&desk, "train.aws-batch.json", &["gpu.model=A100"]), slurm);
    assert_eq!(planned(&desk, "train.kubernetes.yaml", &[]), slurm);
    assert_eq!(planned(&desk, "train.skypilot.yaml", &["runtime=2h"]), slurm);
}

#[test]
fn a_pipeline_is_a_chain() {
    let desk = Desk::new("formats-chain");
    let slurm = planned(&desk, "pipeline.sbatch", &[]);
    assert_eq!(slurm.2, 3, "all 3 tasks are placed");
    assert_eq!(planned(&desk, "pipeline.skypilot.yaml", &["runtime=2h"]), slurm);
}

#[test]
fn validate_says_what_is_in_a_queue() {
    let desk = Desk::new("formats-validate");
    let sample = |name: &str| fs::read(root().join("cli/demo/formats").join(name)).expect("a sample");
    desk.write("jobs.sbatch", sample("jobs.sbatch")).write("aws-batch.json", sample("aws-batch.json"));
    insta::assert_snapshot!(desk.run(&["queue", "validate", "jobs.sbatch"]).expect(0).stdout, @r"
    jobs.sbatch: 4 jobs, 15 tasks, sound
    The market of 2024-03-31 knows every name in it.

    What is asked for
      what          amount  of which
      ------------  ------  -----------------------------
      vCPU-hours      96.0
      A100-hours       2.0
      gangs              1  up to 2 nodes
      spot will do       0  jobs
      deadlines          0  no job must be done by a time
      other inputs      0B
      outputs           0B
      priorities         1  50: 4

    To know
      - 2 fields ignored: output, requeue
      - runtime taken from the time limit (an upper bound) (4 times)
      - the limit of array tasks at once is not kept
    ");
    insta::assert_snapshot!(desk.run(&["queue", "validate", "aws-batch.json"]).error(), @r"
    error[TW1013]: a GPU without a model
     --> aws-batch.json:37 at /3/containerOverrides/resourceRequirements/2/value
      got: no model
      help: give it to the jobs that lack it: --set gpu.model=A100
    exit 4
    ");
    desk.write("two.jsonl", "{\"id\":\"a\",\"vcpus\":2,\"memory\":\"4G\",\"runtime\":\"1h\"}\n{\"id\":\"b\",\"vcpus\":2,\"memory\":\"4GiB\",\"runtime\":\"1h\",\"clouds\":[\"asw\"]}\n");
    insta::assert_snapshot!(desk.run(&["queue", "validate", "two.jsonl"]).error(), @r#"
    error[TW1012]: not a size with a unit
     --> two.jsonl:1 at /memory
      got: "4G"
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write "4GiB" (powers of 1024) or "4GB" (powers of 1000)
    error[TW1018]: unknown cloud
     --> two.jsonl:2 at /clouds
      got: "asw"
      accepted: aws, azure, gcp
      help: did you mean "aws"?
    exit 4
    "#);
    desk.write("none.jsonl", "");
    desk.run(&["queue", "validate", "none.jsonl"]).expect(4);
    desk.run(&["queue", "validate", "none.jsonl", "--allow-empty"]).expect(0);
    let json = desk.run(&["queue", "validate", "jobs.sbatch", "--format", "json"]).expect(0).stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["overview"]["tasks"], &json["overview"]["gangs"]), (&15.into(), &1.into()));
}

#[test]
fn convert_writes_whole_or_nothing() {
    let desk = Desk::new("formats-convert");
    desk.write("jobs.sbatch", fs::read(root().join("cli/demo/formats/jobs.sbatch")).expect("a sample"));
    let ran = desk.run(&["queue", "convert", "jobs.sbatch", "-o", "jobs.jsonl"]).expect(0);
    insta::assert_snapshot!(ran.stderr, @r"
    warning: 2 fields ignored: output, requeue
    warning: runtime taken from the time limit (an upper bound) (4 times)
    warning: the limit of array tasks at once is not kept
    jobs.jsonl: 4 jobs, 15 tasks
    ");
    insta::assert_snapshot!(desk.read("jobs.jsonl"), @r#"
    {"id":"prep","vcpus":8,"memory":"16GiB","runtime":"1h"}
    {"id":"sweep","count":12,"vcpus":4,"memory":"8GiB","runtime":"30m"}
    {"id":"train","vcpus":8,"memory":"48GiB","gpu":{"model":"A100","count":1},"runtime":"2h"}
    {"id":"mpi","nodes":2,"vcpus":16,"memory":"64GiB","runtime":"1h30m"}
    "#);
    desk.run(&["queue", "convert", "jobs.jsonl", "-o", "jobs.csv"]).expect(0);
    insta::assert_snapshot!(desk.read("jobs.csv"), @r"
    id,count,nodes,vcpus,memory,gpu.count,gpu.model,runtime.p50,runtime.p95
    mpi,,2,16,64GiB,,,1h30m,1h30m
    prep,,,8,16GiB,,,1h,1h
    sweep,12,,4,8GiB,,,30m,30m
    train,,,8,48GiB,1,A100,2h,2h
    ");
    desk.run(&["queue", "convert", "jobs.csv", "-o", "again.jsonl"]).expect(0);
    let sorted = |text: String| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(desk.read("again.jsonl")), sorted(desk.read("jobs.jsonl")));

    desk.write("bad.jsonl", "{\"id\":\"a\"}\n").write("kept.jsonl", "before");
    desk.run(&["queue", "convert", "bad.jsonl", "-o", "kept.jsonl"]).expect(4);
    assert_eq!(desk.read("kept.jsonl"), "before", "a file that was there is unchanged");
    desk.run(&["queue", "convert", "bad.jsonl", "-o", "bad.jsonl"]).expect(64);
    assert!(desk.names().iter().all(|name| !name.ends_with(".tmp")), "{:?}", desk.names());
}

/// Every field that an importer reads stands in the page on formats, and every format does.
#[test]
fn the_page_on_formats_is_complete() {
    let page = fs::read_to_string(root().join("docs/formats.md")).expect("the page");
    for format in Format::ALL {
        assert!(page.contains(&format!("`{format}`")), "{format} is missing");
        for field in format.fields() {
            assert!(page.contains(&format!("`{field}`")), "{format}: {field} is missing");
        }
    }
}
