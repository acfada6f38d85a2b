//! Slurm batch scripts: `#SBATCH` options to a job.

use std::io::BufRead;

use super::draft::{Draft, Place};
use super::sbatch_lines::{Flag, Script, scripts};
use super::slurm_units::{self, Limit};
use super::{FROM_LIMIT, document, gpu, quantity, zone};
use crate::intake::Intake;
use crate::node::Node;
use crate::problem::Problem;

/// Options that are read.
pub(crate) const FIELDS: &[&str] = &[
    "job-name",
    "array",
    "nodes",
    "ntasks",
    "ntasks-per-node",
    "cpus-per-task",
    "mem",
    "mem-per-cpu",
    "mem-per-gpu",
    "gres",
    "gpus",
    "gpus-per-node",
    "gpus-per-task",
    "tmp",
    "time",
    "begin",
    "deadline",
    "dependency",
    "account",
    "comment",
    "partition",
    "qos",
    "exclusive",
    "licenses",
];

/// Reads every script.
pub(crate) fn read(input: impl BufRead, intake: &mut Intake<'_>) {
    let Some(text) = document::text(input, intake) else { return };
    for script in scripts(&text) {
        let mut draft = Draft::new(intake.file, Place::new(script.line, ""));
        if script.is_heterogeneous {
            let problem = Problem::of_file("TW1030", "a heterogeneous job", intake.file).got("hetjob");
            let help = "write its parts as jobs of their own";
            draft.problem(problem.accepted("jobs of like nodes").help(help), &Place::new(script.line, ""));
        }
        name_and_owner(&script, &mut draft);
        shape(&script, &mut draft, intake);
        times(&script, &mut draft, intake);
        dependencies(&script, &mut draft, intake);
        tell(&script, intake);
        if !intake.draft(draft) {
            return;
        }
    }
}

fn name_and_owner(script: &Script, draft: &mut Draft<'_>) {
    let fields = [
        ("job-name", "id"),
        ("account", "project"),
        ("comment", "labels.comment"),
        ("partition", "labels.partition"),
        ("qos", "labels.qos"),
    ];
    for (option, field) in fields {
        if let Some(flag) = script.flag(option) {
            draft.set(field, flag.value.as_str(), &flag.place());
        }
    }
}

/// A whole number above zero, or a refusal of `field`.
fn number(flag: Option<&Flag>, field: &str, draft: &mut Draft<'_>) -> Option<u64> {
    let flag = flag?;
    // `2-4` nodes will do with 2.
    let least = flag.value.split('-').next().unwrap_or_default();
    let number = least.parse().ok().filter(|n| (1..=u64::from(u32::MAX)).contains(n));
    if number.is_none() {
        draft.refuse(field, &flag.place(), "not a count", &flag.value, "a whole number, at least 1");
    }
    number
}

/// Nodes, CPUs, memory and GPUs: Slurm's are of tasks or of the whole job, ours of a node.
fn shape(script: &Script, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    let here = draft.place.clone();
    let nodes_flag = script.flag("nodes");
    let tasks = number(script.flag("ntasks"), "vcpus", draft);
    let each = number(script.flag("cpus-per-task"), "vcpus", draft).unwrap_or(1);
    let tasks_per_node = number(script.flag("ntasks-per-node"), "vcpus", draft);
    let stated = number(nodes_flag, "nodes", draft);
    let nodes = stated.or_else(|| Some(tasks?.div_ceil(tasks_per_node?))).unwrap_or(1);
    if stated.is_none() && tasks_per_node.is_none() && tasks.is_some_and(|n| n > 1) {
        intake.notes.remark("tasks without --nodes are planned on one node");
    }
    let tasks_per_node = tasks_per_node.unwrap_or_else(|| tasks.unwrap_or(nodes).div_ceil(nodes));
    let cpus = tasks_per_node.saturating_mul(each);
    let of_cpus = ["cpus-per-task", "ntasks", "ntasks-per-node", "nodes"].iter().find_map(|name| script.flag(name));
    let of_cpus = of_cpus.map_or(here.clone(), Flag::place);
    draft.set("vcpus", cpus, &of_cpus);
    if nodes > 1 {
        draft.set("nodes", nodes, &nodes_flag.map_or(of_cpus, Flag::place));
    }
    let gpus = gpus(script, nodes, tasks_per_node, draft, intake);
    memory(script, cpus, gpus, draft);
    if let Some(flag) = script.flag("tmp") {
        size(flag, "disk", 1, draft);
    }
    if let Some(flag) = script.flag("array") {
        match slurm_units::array(&flag.value) {
            Some((tasks, limited)) => {
                draft.set("count", tasks, &flag.place());
                if limited {
                    intake.notes.remark("the limit of array tasks at once is not kept");
                }
            }
            None => {
                draft.refuse("count", &flag.place(), "not an array", &flag.value, "e.g. 0-99, 1,3,5-9:2 or 0-99%10")
            }
        }
    }
}

fn memory(script: &Script, cpus: u64, gpus: u64, draft: &mut Draft<'_>) {
    let per = [("mem", 1), ("mem-per-cpu", cpus), ("mem-per-gpu", gpus)];
    for (name, times) in per {
        if let Some(flag) = script.flag(name) {
            size(flag, "memory", times, draft);
        }
    }
}

/// A size, so many times; zero is Slurm's "all of the node", which says nothing.
fn size(flag: &Flag, field: &str, times: u64, draft: &mut Draft<'_>) {
    match slurm_units::bytes(&flag.value) {
        Some(0) => {}
        Some(bytes) => draft.set(field, quantity::size(bytes.saturating_mul(times)), &flag.place()),
        None => draft.refuse(field, &flag.place(), "not a size", &flag.value, "MiB, or a number with K, M, G or T"),
    }
}

/// GPUs of a node; how many.
fn gpus(script: &Script, nodes: u64, tasks: u64, draft: &mut Draft<'_>, intake: &mut Intake<'_>) -> u64 {
    let found = [
        script.flag("gpus-per-node").map(|flag| (flag, flag.value.clone())),
        script.flag("gpus-per-task").map(|flag| (flag, flag.value.clone())),
        script.flag("gpus").map(|flag| (flag, flag.value.clone())),
        script.flag("gres").and_then(|flag| Some((flag, gpu_of_gres(&flag.value, intake)?))),
    ];
    let Some((flag, text)) = found.into_iter().flatten().next() else { return 0 };
    let Some((model, stated)) = slurm_units::gpus(&text).filter(|_| !text.contains(',')) else {
        draft.refuse("gpu", &flag.place(), "not a number of GPUs", &flag.value, "[type:]number, one type");
        return 0;
    };
    let count = match flag.name.as_str() {
        "gpus-per-task" => stated.saturating_mul(tasks),
        "gpus" => stated.div_ceil(nodes),
        _ => stated,
    };
    if count > 0 {
        draft.set("gpu.count", count, &flag.place());
        if let Some(model) = model {
            draft.set("gpu.model", gpu::model(model), &flag.place());
        }
    }
    count
}

/// The GPUs among generic resources: `gpu:a100:2`, several of them with commas; the others are ignored
/// by name.
fn gpu_of_gres(value: &str, intake: &mut Intake<'_>) -> Option<String> {
    let mut found = Vec::new();
    for item in value.split(',') {
        let item = item.strip_prefix("gres/").unwrap_or(item);
        match item.strip_prefix("gpu") {
            Some("") => found.push("1"),
            Some(rest) if rest.starts_with(':') => found.push(&rest[1..]),
            _ => intake.notes.ignore(&format!("gres/{}", item.split(':').next().unwrap_or_default())),
        }
    }
    (!found.is_empty()).then(|| found.join(","))
}

fn times(script: &Script, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    if let Some(flag) = script.flag("time") {
        match slurm_units::limit(&flag.value) {
            Some(Limit::At(limit)) => {
                draft.set("runtime", limit.to_string(), &flag.place());
                intake.notes.remark(FROM_LIMIT);
            }
            Some(Limit::None) => {}
            None => {
                let accepted = "minutes, minutes:seconds, hours:minutes:seconds or days-hours[:minutes[:seconds]]";
                draft.refuse("runtime", &flag.place(), "not a time limit", &flag.value, accepted);
            }
        }
    }
    for (option, field) in [("begin", "earliest_start"), ("deadline", "deadline")] {
        let Some(flag) = script.flag(option) else { continue };
        if flag.value.starts_with("now") {
            intake.notes.remark(format!("--{option}={} counts from the submission and is not kept", flag.value));
        } else {
            draft.set(field, zone::instant(&flag.value, intake.options.offset.as_ref()), &flag.place());
        }
    }
}

fn dependencies(script: &Script, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    let Some(flag) = script.flag("dependency") else { return };
    let mut after = Vec::new();
    for condition in flag.value.split([',', '?']).filter(|c| !c.is_empty()) {
        match condition.split_once(':') {
            Some(("afterok", ids)) => after.extend(ids.split(':').map(Node::from)),
            _ => intake.notes.ignore(&format!("dependency={}", condition.split(':').next().unwrap_or_default())),
        }
    }
    if !after.is_empty() {
        draft.set("depends_on", Node::List(after), &flag.place());
    }
}

/// What has no counterpart: lost promises as a warning, the rest as a list.
fn tell(script: &Script, intake: &mut Intake<'_>) {
    let promises: Vec<&Flag> = ["exclusive", "licenses"].iter().filter_map(|name| script.flag(name)).collect();
    if let Some(first) = promises.first() {
        let all: Vec<String> = promises
            .iter()
            .map(|f| if f.value.is_empty() { format!("--{}", f.name) } else { format!("--{}={}", f.name, f.value) })
            .collect();
        let problem = Problem::of_file("TW1027w", "options that a plan does not keep", intake.file).line(first.line);
        let help = "nodes may be shared and licences are not counted";
        intake.notes.warn(problem.got(all.join(", ")).help(help));
    }
    script.ignored().for_each(|name| intake.notes.ignore(name));
    if script.late > 0 {
        intake.notes.remark("#SBATCH lines behind the first command are not read, as in Slurm");
    }
}
