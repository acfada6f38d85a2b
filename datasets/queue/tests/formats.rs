//! Queues of other schedulers: what becomes of them, and what is said about it.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tradewind_queue::{self as queue, Format, Options, Problems, Queue, write_json_line};

fn read(text: &str, format: Format, settings: &[&str]) -> Result<Queue, Problems> {
    let settings = settings.iter().map(|s| s.parse().expect("a setting")).collect();
    let options = Options { settings, ..Options::default() };
    queue::read("q", text.as_bytes(), format, &options)
}

/// The jobs as lines of ours, then what was said.
fn shown(queue: &Queue) -> String {
    let mut lines = Vec::new();
    queue.workload.jobs().iter().for_each(|job| write_json_line(job, &mut lines));
    let mut text = String::from_utf8(lines).expect("UTF-8");
    for warning in &queue.notes.warnings {
        text.push_str(&format!("{} {:?}: {}: {}\n", warning.code, warning.line, warning.title, warning.got));
    }
    queue.notes.sentences().iter().for_each(|s| text.push_str(&format!("note: {s}\n")));
    text
}

fn imported(text: &str, format: Format, settings: &[&str]) -> String {
    shown(&read(text, format, settings).unwrap_or_else(|problems| panic!("{problems:#?}")))
}

fn refused(text: &str, format: Format, settings: &[&str]) -> String {
    let problems = read(text, format, settings).expect_err("the input must be refused");
    let one = |p: &queue::Problem| {
        let line = p.line.map_or(String::new(), |n| format!(":{n}"));
        let at = p.pointer.as_ref().map_or(String::new(), |at| format!(" at {at}"));
        let mut text = format!("{} {}: q{line}{at}\n  got: {}", p.code, p.title, p.got);
        for (label, value) in [("accepted", &p.accepted), ("help", &p.help)] {
            if !value.is_empty() {
                text.push_str(&format!("\n  {label}: {value}"));
            }
        }
        text
    };
    problems.shown.iter().map(one).collect::<Vec<_>>().join("\n")
}

const SBATCH: &str = r##"#!/bin/bash
#SBATCH --job-name="train 7" -A vision
#SBATCH -N 2 --ntasks-per-node=4 -c 2
#SBATCH --mem-per-cpu=4000
#SBATCH --gres=gpu:A100:4,nvme:1
#SBATCH -t 1-12:30 --array=0-9%2
#SBATCH --begin=2026-11-22T18:00:00 --deadline=2026-11-25T06:00:00
#SBATCH --requeue --signal=B:USR1@120 --nice=100 --comment=nightly
#SBATCH --exclusive --licenses=matlab:1 --mail-type=END # ours
module load cuda
srun python train.py
#SBATCH --time=1
"##;

const SACCT: &str = "JobID|JobName|Account|Submit|Start|End|Elapsed|Timelimit|State|ReqCPUS|NNodes|ReqMem|ReqTRES
17|prep|bio|2026-11-01T10:00:00|2026-11-01T10:01:00|2026-11-01T11:31:00|01:30:00|04:00:00|COMPLETED|8|1|32G|cpu=8,mem=32G,node=1
17.batch|batch|bio|2026-11-01T10:00:00|2026-11-01T10:01:00|2026-11-01T11:31:00|01:30:00||COMPLETED|8|1||
18|mpi|bio|2026-11-01T10:05:00|2026-11-01T12:00:00|2026-11-02T13:00:00|1-01:00:00|2-00:00:00|COMPLETED|64|4|2Gc|cpu=64,node=4
19|gone|bio|2026-11-01T10:06:00|None|2026-11-01T10:07:00|00:00:00|01:00:00|CANCELLED by 1000|1|1|1G|
20_[0-9%3]|sweep|ml|2026-11-01T10:07:00|Unknown|Unknown|00:00:00|02:00:00|PENDING|4|1|16G|cpu=4,gres/gpu:t4=1,gres/gpu=1,mem=16G
";

const SWF: &str = "; Version: 2.2
; UnixStartTime: 1700000000
; MaxNodes: 64
; MaxProcs: 1024
1 0 10 3600 4 -1 1048576 4 7200 -1 1 7 3 2 1 -1 -1 -1
2 60 10 -1 32 -1 2097152 32 7200 -1 1 7 3 2 1 -1 1 -1
3 61 10 0 1 -1 1024 1 60 -1 5 7 3 2 1 -1 -1 -1
4 62 10 30.5 1 -1 1024 1 60 -1 1 8 -1 2 1 -1 3 5
";

const HPC: &str = "job_id,num_cores,max_mem_gb,num_hosts,submit_time,start_time,finish_time,exit_status
281,20,64,2,2022-02-03T21:33:15,2022-02-03T21:40:00,2022-02-03T22:10:00,0
282,1,1.5,1,2022-02-03T21:33:15,2022-02-03T21:40:00,2022-02-03T21:40:00,0
";

const AWS: &str = r#"{"jobs": [
 {"jobName": "sweep", "jobQueue": "spot", "jobDefinition": "arn:aws:batch:us-east-1:1:job-definition/sweep:4",
  "arrayProperties": {"size": 100}, "dependsOn": [{"jobId": "prep", "type": "N_TO_N"}],
  "containerOverrides": {"resourceRequirements": [{"type": "MEMORY", "value": "4096"}], "environment": []},
  "retryStrategy": {"attempts": 3}, "schedulingPriorityOverride": 70, "shareIdentifier": "vision", "tags": {"team": "cv"}},
 {"jobName": "prep", "jobQueue": "other", "jobDefinition": "sweep", "timeout": {"attemptDurationSeconds": 60}}],
 "jobDefinitions": [{"jobDefinitionName": "sweep", "type": "container", "timeout": {"attemptDurationSeconds": 1800},
  "containerProperties": {"image": "registry/sweep:4", "command": ["sweep"], "vcpus": 2, "memory": 2048,
   "runtimePlatform": {"cpuArchitecture": "ARM64"}, "privileged": false}}],
 "jobQueues": [{"jobQueueName": "spot", "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "cheap"}]}],
 "computeEnvironments": [{"computeEnvironmentName": "cheap", "computeResources": {"type": "SPOT", "bidPercentage": 60}}]
}"#;

const GCP: &str = r#"{"name": "projects/p/locations/us-central1/jobs/render", "priority": "80",
 "taskGroups": [{"taskCount": "50", "parallelism": "5", "taskSpec": {
   "computeResource": {"cpuMilli": "1500", "memoryMib": "3000", "bootDiskMib": "20480"},
   "maxRunDuration": "600s", "maxRetryCount": 2, "runnables": [{"script": {"text": "./render"}}],
   "volumes": [{"gcs": {"remotePath": "bucket"}}]}}],
 "allocationPolicy": {"instances": [{"policy": {"machineType": "n1-standard-4", "provisioningModel": "SPOT",
   "accelerators": [{"type": "nvidia-tesla-t4", "count": "1"}]}}],
   "location": {"allowedLocations": ["regions/us-central1", "zones/us-east1-b"]}},
 "labels": {"team": "film"}, "logsPolicy": {"destination": "CLOUD_LOGGING"}}"#;

const KUBERNETES: &str = r#"apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 90
---
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  namespace: ml
  labels: {kueue.x-k8s.io/queue-name: vision, app.kubernetes.io/name: train}
spec:
  suspend: true
  backoffLimit: 2
  parallelism: 4
  completions: 4
  completionMode: Indexed
  template:
    metadata:
      labels: {scheduling.x-k8s.io/pod-group: train}
    spec:
      priorityClassName: high
      activeDeadlineSeconds: 5400
      restartPolicy: Never
      nodeSelector: {cloud.google.com/gke-accelerator: nvidia-l4, cloud.google.com/gke-spot: "true", kubernetes.io/arch: amd64}
      containers:
        - name: main
          image: registry/train:1
          command: [python, train.py]
          env: [{name: A, value: "1"}]
          resources:
            requests: {cpu: 3500m, memory: 14Gi}
            limits: {nvidia.com/gpu: 1}
        - name: sidecar
          image: registry/log:1
          env: [{name: A, value: "1"}]
          resources: {limits: {cpu: 500m, memory: 500M}}
---
apiVersion: v1
kind: Service
metadata: {name: x}
"#;

const SKYPILOT: &str = r#"name: nightly
---
name: prep
resources: {cpus: 4+, memory: 16+, infra: aws/us-east-1}
run: make data
---
name: train
num_nodes: 2
resources:
  accelerators: {A100: 8, H100: 8}
  cpus: 96+
  memory: 600GB
  disk_size: 512
  job_recovery: {strategy: FAILOVER, max_restarts_on_errors: 3}
  any_of:
    - {infra: aws, use_spot: true}
    - {infra: gcp/us-central1}
envs: {A: 1}
file_mounts: {/data: s3://bucket}
setup: pip install x
run: python train.py
"#;

#[test]
fn slurm_scripts() {
    let options = Options { offset: Some("+01:00".parse().expect("an offset")), ..Options::default() };
    let queue = queue::read("q", SBATCH.as_bytes(), Format::Slurm, &options).expect("a script");
    insta::assert_snapshot!(shown(&queue), @r#"
    {"id":"train 7","project":"vision","count":10,"nodes":2,"vcpus":8,"memory":"32000MiB","gpu":{"model":"A100","count":4},"runtime":"1d12h30m","earliest_start":"2026-11-22T17:00:00Z","deadline":"2026-11-25T05:00:00Z","labels":{"comment":"nightly"}}
    TW1027w Some(9): options that a plan does not keep: --exclusive, --licenses=matlab:1
    note: 5 fields ignored: gres/nvme, mail-type, nice, requeue, signal
    note: #SBATCH lines behind the first command are not read, as in Slurm
    note: runtime taken from the time limit (an upper bound)
    note: the limit of array tasks at once is not kept
    "#);
    insta::assert_snapshot!(refused(SBATCH, Format::Slurm, &[]), @r#"
    TW1006 an instant without an offset: q:7 at --begin
      got: "2026-11-22T18:00:00"
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: say where the file's clock stands: --utc-offset Z or --utc-offset +01:00
    TW1006 an instant without an offset: q:7 at --deadline
      got: "2026-11-25T06:00:00"
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: say where the file's clock stands: --utc-offset Z or --utc-offset +01:00
    "#);
    let bad =
        "#!/bin/sh\n#SBATCH -J a -n x --mem=4Q -t 1:2:3:4 --gres=gpu:a100:1,gpu:v100:1 --array=9-1\n#SBATCH hetjob\n";
    insta::assert_snapshot!(refused(bad, Format::Slurm, &[]), @r"
    TW1030 a heterogeneous job: q:1
      got: hetjob
      accepted: jobs of like nodes
      help: write its parts as jobs of their own
    TW1012 not a count: q:2 at --ntasks
      got: x
      accepted: a whole number, at least 1
    TW1012 not a number of GPUs: q:2 at --gres
      got: gpu:a100:1,gpu:v100:1
      accepted: [type:]number, one type
    TW1012 not a size: q:2 at --mem
      got: 4Q
      accepted: MiB, or a number with K, M, G or T
    TW1012 not an array: q:2 at --array
      got: 9-1
      accepted: e.g. 0-99, 1,3,5-9:2 or 0-99%10
    TW1012 not a time limit: q:2 at --time
      got: 1:2:3:4
      accepted: minutes, minutes:seconds, hours:minutes:seconds or days-hours[:minutes[:seconds]]
    ");
    insta::assert_snapshot!(refused("#!/bin/sh\n#SBATCH -n 2 --gres=gpu:2\n", Format::Slurm, &[]), @r#"
    TW1029 the field "id" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set id=NAME
    TW1029 the field "memory" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set memory=4GiB
    TW1029 the field "runtime" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set runtime=2h
    TW1013 a GPU without a model: q:2 at --gres
      got: no model
      help: give it to the jobs that lack it: --set gpu.model=A100
    "#);
    let given = ["id=a", "memory=4GiB", "runtime=2h", "gpu.model=A100", "vcpus=64"];
    insta::assert_snapshot!(imported("#!/bin/sh\n#SBATCH -n 2 --gres=gpu:2 -d afterany:5\n", Format::Slurm, &given), @r#"
    {"id":"a","vcpus":2,"memory":"4GiB","gpu":{"model":"A100","count":2},"runtime":"2h"}
    note: 1 field ignored: dependency=afterany
    note: tasks without --nodes are planned on one node
    "#);
}

#[test]
fn slurm_accounting() {
    let options = Options { offset: Some("Z".parse().expect("an offset")), ..Options::default() };
    let queue = queue::read("q", SACCT.as_bytes(), Format::Sacct, &options).expect("a table");
    insta::assert_snapshot!(shown(&queue), @r#"
    {"id":"17","project":"bio","vcpus":8,"memory":"32GiB","runtime":"1h30m","submit":"2026-11-01T10:00:00Z","labels":{"name":"prep"}}
    {"id":"18","project":"bio","nodes":4,"vcpus":16,"memory":"32GiB","runtime":"1d1h","submit":"2026-11-01T10:05:00Z","labels":{"name":"mpi"}}
    {"id":"20","project":"ml","count":10,"vcpus":4,"memory":"16GiB","gpu":{"model":"T4","count":1},"runtime":"2h","submit":"2026-11-01T10:07:00Z","labels":{"name":"sweep"}}
    note: 2 fields ignored: End, Start
    note: jobs that ended without running are dropped
    note: rows of steps are left out: their jobs have rows of their own
    note: runtime taken from the time limit (an upper bound)
    "#);
    let csv = "JobID,ReqMem,Elapsed,ReqCPUS\n1,x,1:1,2\n2,4G,abc,y\n";
    insta::assert_snapshot!(refused(csv, Format::Sacct, &[]), @r"
    TW1012 not a size: q:2 at ReqMem
      got: x
      accepted: a number with K, M, G or T
    TW1012 not a length of time: q:3 at Elapsed
      got: abc
      accepted: [days-]hours:minutes:seconds
    TW1012 not a count: q:3 at ReqCPUS
      got: y
      accepted: a whole number
    ");
}

#[test]
fn standard_workload_format() {
    insta::assert_snapshot!(imported(SWF, Format::Swf, &[]), @r#"
    {"id":"1","project":"group-3","vcpus":4,"memory":"4GiB","runtime":"1h","submit":"2023-11-14T22:13:20Z","labels":{"queue":"1","user":"7"}}
    {"id":"2","project":"group-3","nodes":2,"vcpus":16,"memory":"32GiB","runtime":"2h","submit":"2023-11-14T22:14:20Z","depends_on":["1"],"labels":{"queue":"1","user":"7"}}
    {"id":"4","vcpus":1,"memory":"1MiB","runtime":"30s500ms","submit":"2023-11-14T22:14:22Z","labels":{"queue":"1","user":"8"}}
    note: 4 fields ignored: executable (4 times), status (4 times), think time, wait time (4 times)
    note: jobs do not wait for those that were dropped
    note: jobs with a run time of 0 are dropped
    note: runtime taken from the time limit (an upper bound)
    "#);
    let seventeen =
        "1 0 10 3600 4 -1 1048576 4 7200 -1 1 7 3 2 1 -1 -1\n1 0 x 3600 4 -1 1 4 7200 -1 1 7 3 2 1 -1 -1 -1\n";
    insta::assert_snapshot!(refused(seventeen, Format::Swf, &[]), @r"
    TW1026 a line of another length: q:1
      got: 17 fields
      accepted: 18 fields
      help: fields that are not known are written as -1
    TW1026 a field that is no number: q:2 at wait time
      got: x
      accepted: a number, -1 where it is not known
    ");
    let no_memory = "1 0 10 3600 4 -1 -1 4 7200 -1 1 7 3 2 1 -1 -1 -1\n";
    insta::assert_snapshot!(refused(no_memory, Format::Swf, &[]), @r#"
    TW1029 the field "memory" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set memory=4GiB
    "#);
    insta::assert_snapshot!(imported(no_memory, Format::Swf, &["memory=4GiB"]), @r#"
    {"id":"1","project":"group-3","vcpus":4,"memory":"4GiB","runtime":"1h","labels":{"queue":"1","user":"7"}}
    note: 3 fields ignored: executable, status, wait time
    note: submit times are not used: the header has no UnixStartTime
    "#);
}

#[test]
fn hpc_cost_simulator() {
    insta::assert_snapshot!(refused(HPC, Format::HpcSimulator, &[]), @r#"
    TW1006 an instant without an offset: q:2 at submit_time
      got: "2022-02-03T21:33:15"
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: say where the file's clock stands: --utc-offset Z or --utc-offset +01:00
    "#);
    let options = Options { offset: Some("Z".parse().expect("an offset")), ..Options::default() };
    let queue = queue::read("q", HPC.as_bytes(), Format::HpcSimulator, &options).expect("a table");
    insta::assert_snapshot!(shown(&queue), @r#"
    {"id":"281","nodes":2,"vcpus":10,"memory":"32GiB","runtime":"30m","submit":"2022-02-03T21:33:15Z"}
    note: 1 field ignored: exit_status
    note: jobs that took no time are dropped
    "#);
    insta::assert_snapshot!(refused("job_id,num_cores\n1,2\n", Format::HpcSimulator, &[]), @r"
    TW1029 columns are missing: q:1
      got: no max_mem_gb, num_hosts, submit_time, start_time, finish_time
      accepted: job_id, num_cores, max_mem_gb, num_hosts, submit_time, start_time, finish_time
    ");
}

#[test]
fn aws_batch() {
    insta::assert_snapshot!(imported(AWS, Format::AwsBatch, &[]), @r#"
    {"id":"prep","vcpus":2,"memory":"2GiB","arch":["arm64"],"runtime":"1m","image":"registry/sweep:4","command":["sweep"]}
    {"id":"sweep","project":"vision","count":100,"vcpus":2,"memory":"4GiB","arch":["arm64"],"runtime":"30m","interruptible":true,"priority":70,"depends_on":["prep"],"max_attempts":3,"labels":{"team":"cv"},"image":"registry/sweep:4","command":["sweep"]}
    note: 5 fields ignored: computeEnvironments.computeResources.bidPercentage, jobDefinitions.containerProperties.privileged, jobDefinitions.type, jobQueues.computeEnvironmentOrder.order, jobs.containerOverrides.environment
    note: N_TO_N: a job waits for all tasks of its predecessor
    note: runtime taken from the time limit (an upper bound) (2 times)
    "#);
    let multinode = r#"{"jobs": [{"jobName": "mpi", "jobQueue": "s", "jobDefinition": "d",
      "timeout": {"attemptDurationSeconds": 600},
      "nodeOverrides": {"numNodes": 4}}],
     "jobDefinitions": [{"jobDefinitionName": "d", "nodeProperties": {"numNodes": 2, "nodeRangeProperties": [
       {"targetNodes": "0", "container": {"vcpus": 4, "memory": 8192}},
       {"targetNodes": "1:", "container": {"vcpus": 16, "memory": 4096}}]}}],
     "jobQueues": [{"jobQueueName": "s", "computeEnvironmentOrder": [{"computeEnvironment": "c"}]}],
     "computeEnvironments": [{"computeEnvironmentName": "c", "computeResources": {"type": "SPOT"}}]}"#;
    insta::assert_snapshot!(refused(multinode, Format::AwsBatch, &[]), @r"
    TW1028 a multi-node job on spot capacity: q:8 at /computeEnvironments/0/computeResources/type
      got: numNodes with a SPOT compute environment
      accepted: on-demand capacity
      help: give it an on-demand queue, or say that it survives: --set interruptible=true
    ");
    insta::assert_snapshot!(imported(multinode, Format::AwsBatch, &["interruptible=true"]), @r#"
    {"id":"mpi","nodes":4,"vcpus":16,"memory":"8GiB","runtime":"10m","interruptible":true}
    note: 2 fields ignored: jobDefinitions.nodeProperties.nodeRangeProperties.targetNodes (2 times), jobDefinitions.nodeProperties.numNodes
    note: every node gets the largest of the node ranges' resources
    note: runtime taken from the time limit (an upper bound)
    "#);
    let bare = r#"{"jobName": "a", "jobQueue": "q", "jobDefinition": "elsewhere"}"#;
    insta::assert_snapshot!(refused(bare, Format::AwsBatch, &[]), @r#"
    TW1029 the field "vcpus" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set vcpus=4
    TW1029 the field "memory" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set memory=4GiB
    TW1029 the field "runtime" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set runtime=2h
    "#);
    insta::assert_snapshot!(refused("{\"jobName\": \"a\",\n \"jobName\": \"b\"}", Format::AwsBatch, &[]), @r#"
    TW1009 the same key twice in one object: q:2
      got: the same key twice in one object: "jobName"
      accepted: each key once
    "#);
    insta::assert_snapshot!(refused("{\"jobName\": \"a\",\n", Format::AwsBatch, &[]), @r"
    TW1003 broken JSON: q:2
      got: EOF while parsing a value
      accepted: a whole document
    ");
    insta::assert_snapshot!(refused("{}", Format::AwsBatch, &[]), @r"
    TW1029 no job in the document: q:1
      got: neither jobName nor jobDefinitionName
      accepted: requests as the AWS command takes them
    ");
}

#[test]
fn gcp_batch() {
    insta::assert_snapshot!(imported(GCP, Format::GcpBatch, &[]), @r#"
    {"id":"render","count":50,"vcpus":1.5,"memory":"3000MiB","gpu":{"model":"T4","count":1},"disk":"20GiB","runtime":"10m","regions":["gcp/us-central1","gcp/us-east1"],"interruptible":true,"priority":80,"max_attempts":3,"labels":{"team":"film"},"command":["sh","-c","./render"]}
    note: 3 fields ignored: allocationPolicy.instances.policy.machineType, logsPolicy, taskGroups.taskSpec.volumes
    note: runtime taken from the time limit (an upper bound)
    note: the limit of tasks at once (parallelism) is not kept
    "#);
    insta::assert_snapshot!(refused(r#"{"taskGroups": [{"taskSpec": {}}]}"#, Format::GcpBatch, &[]), @r#"
    TW1029 the field "id" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set id=NAME
    TW1029 the field "runtime" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set runtime=2h
    "#);
}

#[test]
fn kubernetes_and_kueue() {
    insta::assert_snapshot!(imported(KUBERNETES, Format::Kubernetes, &[]), @r#"
    {"id":"train","project":"vision","nodes":4,"vcpus":4,"memory":"14813MiB","gpu":{"model":"L4","count":1},"runtime":"1h30m","interruptible":true,"priority":90,"max_attempts":3,"labels":{"app.kubernetes.io/name":"train"}}
    note: 9 fields ignored: kind Service, metadata.namespace, spec.completionMode, spec.suspend, spec.template.spec.containers.command, spec.template.spec.containers.env (2 times), spec.template.spec.containers.image (2 times), spec.template.spec.containers.name (2 times), spec.template.spec.restartPolicy
    note: runtime taken from the time limit (an upper bound)
    "#);
    let bad = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  completions: many\n  template:\n    spec:\n\
               \x20     activeDeadlineSeconds: 60\n      containers:\n      - resources:\n          requests:\n\
               \x20           cpu: 4x\n            memory: 4Gib\n";
    insta::assert_snapshot!(refused(bad, Format::Kubernetes, &[]), @r"
    TW1012 not a count: q:5 at /spec/completions
      got: many
      accepted: a whole number
    TW1012 not a quantity: q:12 at /spec/template/spec/containers/0/resources/requests/cpu
      got: 4x
      accepted: e.g. 500m, 2, 4Gi
    TW1012 not a quantity: q:13 at /spec/template/spec/containers/0/resources/requests/memory
      got: 4Gib
      accepted: e.g. 500m, 2, 4Gi
    ");
    insta::assert_snapshot!(refused("kind: Job\n a: b\n", Format::Kubernetes, &[]), @r"
    TW1003 broken YAML: q:2
      got: mapping values are not allowed in this context
      accepted: a whole document
    ");
}

#[test]
fn skypilot() {
    insta::assert_snapshot!(imported(SKYPILOT, Format::SkyPilot, &["runtime=3h"]), @r#"
    {"id":"prep","vcpus":4,"memory":"16GiB","runtime":"3h","regions":["aws/us-east-1"],"command":["bash","-c","make data"]}
    {"id":"train","nodes":2,"vcpus":96,"memory":"600GiB","gpu":{"model":"A100","count":8},"disk":"512GiB","runtime":"3h","clouds":["aws","gcp"],"interruptible":true,"depends_on":["prep"],"max_attempts":4,"command":["bash","-c","python train.py"]}
    note: 4 fields ignored: envs, file_mounts, resources.job_recovery.strategy, setup
    note: only the first accelerator is used: the others need a speed, --set gpu.alternatives.MODEL=SPEED
    note: regions are not kept where another choice is a whole cloud
    note: tasks of a pipeline run one after the other
    "#);
    insta::assert_snapshot!(refused("resources: {cpus: 4+, memory: lots}\n", Format::SkyPilot, &[]), @r#"
    TW1012 not a size: q:1 at /resources/memory
      got: lots
      accepted: GB as a number, or with MB, GB or TB
    TW1029 the field "id" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set id=NAME
    TW1029 the field "runtime" is missing: q:1
      got: nothing
      help: give it to the jobs that lack it: --set runtime=2h
    "#);
}

/// Importers answer whatever they are given: bytes flipped, cut out, doubled.
#[test]
fn nothing_makes_an_importer_panic() {
    let samples = [
        (SBATCH, Format::Slurm),
        (SACCT, Format::Sacct),
        (SWF, Format::Swf),
        (HPC, Format::HpcSimulator),
        (AWS, Format::AwsBatch),
        (GCP, Format::GcpBatch),
        (KUBERNETES, Format::Kubernetes),
        (SKYPILOT, Format::SkyPilot),
    ];
    let mut rng = StdRng::seed_from_u64(5);
    for (text, format) in samples {
        for _ in 0..400 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(0..bytes.len());
                let end = (at + rng.random_range(1..20)).min(bytes.len());
                match rng.random_range(0..4) {
                    0 => bytes[at] = rng.random_range(0..128),
                    1 => drop(bytes.drain(at..end)),
                    2 => bytes.extend_from_within(at..end),
                    _ => bytes.splice(at..at, b"9999999999999999999".iter().copied()).for_each(drop),
                }
                if bytes.is_empty() {
                    break;
                }
            }
            let read = queue::read("q", bytes.as_slice(), format, &Options::default());
            if let Err(problems) = read {
                assert!(problems.total > 0);
            }
        }
    }
}

/// What is given with `--set` is for jobs that lack it, and checked at once.
#[test]
fn settings_never_override() {
    let text = r#"{"id":"a","vcpus":2,"memory":"4GiB","runtime":"1h","checkpoint":{"save":"1s","restore":"1s","size":"1GB"}}
{"id":"b","vcpus":2,"gpu":{"count":2},"labels":{"c":"d"}}"#;
    let given = ["memory=8GiB", "runtime.p50=2h", "runtime.p95=3h", "gpu.model=L4", "labels.a=b"];
    insta::assert_snapshot!(imported(text, Format::JsonLines, &given), @r#"
    {"id":"a","vcpus":2,"memory":"4GiB","runtime":"1h","checkpoint":{"save":"1s","restore":"1s","size":"1GB"},"labels":{"a":"b"}}
    {"id":"b","vcpus":2,"memory":"8GiB","gpu":{"model":"L4","count":2},"runtime":{"p50":"2h","p95":"3h"},"labels":{"a":"b","c":"d"}}
    "#);
    for wrong in ["memory=4", "memory", "colour=red", "gpu.count=0.5", "runtime=", "deadline=2026-01-01"] {
        assert!(wrong.parse::<queue::Setting>().is_err(), "{wrong}");
    }
}
