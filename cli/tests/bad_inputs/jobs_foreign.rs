//! Rows 26 to 29: queues in the formats of others (docs/formats.md).

use crate::{printed, run};

#[test]
fn row_26_aliases_of_yaml_are_counted() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nkind: Job\n";
    insta::assert_snapshot!(run(&[("bomb.yaml", bomb)], &["plan", "bomb.yaml"]), @r"
    error[TW1025]: a document beyond the limits
     --> bomb.yaml:5:8
      got: aliases repeat more than 10000 values
      accepted: 64 levels, 2000000 values, 10000 of them by aliases
    exit 4
    ");
}

#[test]
fn row_27_swf_lines() {
    let short = "; a log\n1 0 0 3600 4 -1 -1 4 3600 -1 1 1 1 1 1 1 -1\n";
    let set = ["queue", "validate", "q.swf", "--set", "memory=4GiB"];
    insta::assert_snapshot!(run(&[("q.swf", short)], &set), @r"
    error[TW1026]: a line of another length
     --> q.swf:2
      got: 17 fields
      accepted: 18 fields
      help: fields that are not known are written as -1
    exit 4
    ");
    let unfinished = "1 0 0 3600 4 -1 -1 4 3600 -1 1 1 1 1 1 1 -1 -1\n2 0 0 -1 4 -1 -1 4 -1 -1 1 1 1 1 1 1 -1 -1\n";
    let text = printed(&[("q.swf", unfinished)], &set);
    assert!(text.contains("1 job, 1 task") && text.contains("dropped"), "{text}");
}

#[test]
fn row_28_options_of_sbatch_that_mean_nothing_here() {
    let script = "#!/bin/bash\n#SBATCH -J a\n#SBATCH -c 2\n#SBATCH --mem=4G\n#SBATCH --time=1:00:00\n\
                  #SBATCH --exclusive\n#SBATCH --licenses=matlab:2\nsrun a\n";
    let text = printed(&[("q.sbatch", script)], &["queue", "validate", "q.sbatch"]);
    let said = text.lines().skip_while(|l| !l.contains("TW1027w")).take(2).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(said, @r"
      - [TW1027w] q.sbatch:6: options that a plan does not keep (--exclusive, --licenses=matlab:2);
        nodes may be shared and licences are not counted
    ");
    assert!(text.ends_with("exit 0"), "{text}");
}

#[test]
fn row_29_multi_node_jobs_on_spot() {
    let job = r#"{"computeEnvironments": [{"computeEnvironmentName": "e", "computeResources": {"type": "SPOT"}}],
 "jobQueues": [{"jobQueueName": "q", "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "e"}]}],
 "jobs": [{"jobName": "mpi", "jobQueue": "q", "timeout": {"attemptDurationSeconds": 3600},
  "nodeProperties": {"numNodes": 4, "nodeRangeProperties": [{"container": {"resourceRequirements":
   [{"type": "VCPU", "value": "8"}, {"type": "MEMORY", "value": "16384"}]}}]}}]}"#;
    let text = run(&[("batch.json", job)], &["plan", "batch.json", "--from", "aws-batch"]);
    insta::assert_snapshot!(text, @r"
    error[TW1028]: a multi-node job on spot capacity
     --> batch.json:1 at /computeEnvironments/0/computeResources/type
      got: numNodes with a SPOT compute environment
      accepted: on-demand capacity
      help: give it an on-demand queue, or say that it survives: --set interruptible=true
    exit 4
    ");
}
