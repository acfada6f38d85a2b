//! Rows 5, 6, 14, 15, 17 to 19, 25 and 37: what a market can do for a job.

use crate::{refused, warned};

#[test]
fn row_05_deadline_past() {
    let said = refused(r#""earliest_start":"2024-04-02T00:00:00Z","deadline":"2024-04-01T06:00:00Z""#);
    insta::assert_snapshot!(said, @r"
    error[TW1004]: the deadline is not after the earliest start
     --> q.jsonl:1 at /deadline
      got: deadline 2024-04-01T06:00:00Z, earliest_start 2024-04-02T00:00:00Z
      accepted: a deadline after earliest_start
      help: check offsets and dates
    exit 4
    ");
    insta::assert_snapshot!(warned(r#""deadline":"2024-03-30T06:00:00Z""#), @r"
    warning: [TW1004] q.jsonl:1 at /deadline: the deadline is past when the plan starts (deadline 2024-03-30T06:00:00Z, start 2024-03-31T00:00:00Z); --as-of INSTANT plans for another start; the job will not be placed
    exit 3
    ");
}

#[test]
fn row_06_deadline_nearer_than_the_job_takes() {
    insta::assert_snapshot!(warned(r#""runtime":"3h","deadline":"2024-03-31T02:00:00Z""#), @r"
    warning: [TW1005] q.jsonl:1 at /deadline: the deadline is nearer than the job takes on the fastest offer (2h until the deadline; half of all runs take 3h or longer on c1.xlarge); give it more time or a faster GPU model; it will not be placed
    exit 3
    ");
}

#[test]
fn row_14_gpus() {
    insta::assert_snapshot!(refused(r#""gpu":{"count":2}"#), @r#"
    error[TW1013]: a GPU without a model
     --> q.jsonl:1 at /gpu
      got: no model
      accepted: a model, e.g. {"model": "A100", "count": 1}
      help: the column gpu of `tradewind offers --format csv` has the models of the market
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""gpu":{"model":"A1000"}"#), @r#"
    error[TW1013]: unknown GPU model
     --> q.jsonl:1 at /gpu/model
      got: "A1000"
      accepted: A10, A100, A100-80GB, A10G, Gaudi, H100, H100-NVL, K80, L4, M60, MI25, Radeon-Pro-V520, T4, T4G, V100, V100-32GB
      help: did you mean "A100"?
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""gpu":{"model":"A100","count":0.5}"#), @r"
    error[TW1013]: a fraction of a GPU
     --> q.jsonl:1 at /gpu/count
      got: 0.5
      accepted: whole GPUs, 1 to 1024
      help: ask for a whole one; machines with a part of a GPU are not offered to jobs
    exit 4
    ");
}

#[test]
fn row_15_larger_than_any_machine() {
    insta::assert_snapshot!(warned(r#""vcpus":500"#), @r#"
    warning: [TW1014] q.jsonl:1 at /vcpus: no machine is large enough (a node of 500 vCPU, 4 GiB); the largest are aws u-12tb1.112xlarge (448 vCPU, 11882.2 GiB), aws u-18tb1.112xlarge (448 vCPU, 17823.4 GiB), aws u-24tb1.112xlarge (448 vCPU, 23764.7 GiB); "nodes": 2 with vcpus divided by 2 spreads a task over several
    exit 3
    "#);
    insta::assert_snapshot!(warned(r#""gpu":{"model":"A100","count":64},"vcpus":8"#), @r#"
    warning: [TW1014] q.jsonl:1 at /gpu: no machine is large enough (a node of 8 vCPU, 4 GiB, 64 GPU); the largest are gcp a2-megagpu-16g (96 vCPU, 1314.8 GiB, 16 GPU), azure Standard_ND96asr_v4 (96 vCPU, 870 GiB, 8 GPU), gcp a2-highgpu-8g (96 vCPU, 657.3 GiB, 8 GPU); "nodes": 4 with gpu divided by 4 spreads a task over several
    exit 3
    "#);
}

#[test]
fn row_17_checkpoints() {
    let said =
        refused(r#""interruptible":true,"checkpoint":{"interval":"60s","save":"60s","restore":"60s","size":"1GiB"}"#);
    insta::assert_snapshot!(said, @r#"
    error[TW1016]: checkpoints take longer than what lies between them
     --> q.jsonl:1 at /checkpoint
      got: interval 1m, save 1m
      accepted: an interval longer than save
      help: write "interval": "auto" to let the planner choose the best
    exit 4
    "#);
    let said = warned(r#""interruptible":true,"checkpoint":{"save":"10m","restore":"60s","size":"1GiB"}"#);
    insta::assert_snapshot!(said, @r"
    warning: [TW1016w] q.jsonl:1 at /checkpoint: a checkpoint takes longer than the notice (save 10m, longest notice 2m); an interruption loses the work since the last periodic checkpoint
    exit 0
    ");
}

#[test]
fn row_18_places_that_exclude_each_other() {
    insta::assert_snapshot!(warned(r#""residency":["EU"],"regions":["aws/us-east-1"]"#), @r#"
    warning: [TW1017] q.jsonl:1 at /residency: no region that sells anything is left (residency ["EU"] and regions ["aws/us-east-1"]); the two exclude each other: drop one of them
    exit 3
    "#);
    insta::assert_snapshot!(warned(r#""clouds":["gcp"],"regions":["aws/us-east-1","azure/eastus"]"#), @r#"
    warning: [TW1017] q.jsonl:1 at /clouds: no region that sells anything is left (clouds ["gcp"] and regions ["aws/us-east-1", "azure/eastus"]); the two exclude each other: drop one of them
    exit 3
    "#);
}

#[test]
fn row_19_unknown_places() {
    insta::assert_snapshot!(refused(r#""regions":["aws/us-eats-1"],"clouds":["awz"],"residency":["EUU"]"#), @r#"
    error[TW1018]: unknown cloud
     --> q.jsonl:1 at /clouds
      got: "awz"
      accepted: aws, azure, gcp
      help: did you mean "aws"?
    error[TW1018]: unknown residency group
     --> q.jsonl:1 at /residency
      got: "EUU"
      accepted: AE, AT, AU, BE, BH, BR, CA, CH, CL, DE, EEA, ES, EU, FI, FR, GB, HK, ID, IE, IL, IN, IT, JP, KR, MX, MY, NL, NO, PL, QA, SA, SE, SG, TW, UK, US, ZA
      help: did you mean "EU"?
    error[TW1018]: unknown region
     --> q.jsonl:1 at /regions
      got: "aws/us-eats-1"
      accepted: a region of this market
      help: did you mean "aws/us-east-1"?
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""regions":["us-east-1"]"#), @r#"
    error[TW1018]: not a region
     --> q.jsonl:1 at /regions/0
      got: "us-east-1"
      accepted: cloud/region, e.g. "aws/us-east-1"
      help: put its cloud before it: "CLOUD/us-east-1"
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""zone":"us-east-1a""#), @r"
    error[TW1010]: unknown field
     --> q.jsonl:1 at /zone
      got: zone
      help: known fields: id, project, count, nodes, vcpus, memory, gpu, disk, arch, burstable, runtime, submit, earliest_start, deadline, max_miss_probability, inputs, outputs, residency, clouds, regions, interruptible, checkpoint, priority, budget_usd, max_price_usd_per_hour, depends_on, max_attempts, labels, image, command
    exit 4
    ");
}

#[test]
fn row_25_dearer_than_allowed() {
    insta::assert_snapshot!(warned(r#""max_price_usd_per_hour":"0.0001""#), @r"
    warning: [TW1024] q.jsonl:1 at /max_price_usd_per_hour: every machine that fits is dearer (0.0001); the cheapest that fits is m6a.large in aws/ap-south-1, on demand, at 0.05555 USD per hour
    exit 3
    ");
}

#[test]
fn row_37_no_price_to_move_the_data() {
    let said = warned(
        r#""inputs":[{"dataset":"d","location":"azure/chilecentral","size":"1GiB"}],"regions":["gcp/africa-south1"]"#,
    );
    insta::assert_snapshot!(said, @r#"
    warning: [TW1017] q.jsonl:1 at /regions: no region that sells anything is left (regions ["gcp/africa-south1"] and data in azure/chilecentral (TW2009: no other transfer is priced)); the two exclude each other: drop one of them
    exit 3
    "#);
}
