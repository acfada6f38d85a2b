//! GCP Batch: jobs as JSON, one object or many.

use std::io::BufRead;

use super::draft::Draft;
use super::tree::Spot;
use super::{FROM_LIMIT, document, gpu, quantity};
use crate::intake::Intake;
use crate::node::Node;

/// Fields that are read.
pub(crate) const FIELDS: &[&str] = &[
    "name",
    "priority",
    "labels",
    "taskGroups.taskCount",
    "taskGroups.taskCountPerNode",
    "taskGroups.requireHostsFile",
    "taskGroups.taskSpec.computeResource.cpuMilli",
    "taskGroups.taskSpec.computeResource.memoryMib",
    "taskGroups.taskSpec.computeResource.bootDiskMib",
    "taskGroups.taskSpec.maxRunDuration",
    "taskGroups.taskSpec.maxRetryCount",
    "taskGroups.taskSpec.runnables.container.imageUri",
    "taskGroups.taskSpec.runnables.container.commands",
    "taskGroups.taskSpec.runnables.script.text",
    "allocationPolicy.instances.policy.provisioningModel",
    "allocationPolicy.instances.policy.accelerators",
    "allocationPolicy.location.allowedLocations",
];

/// What Batch assumes where `cpuMilli` or `memoryMib` is left out.
const DEFAULT: &str = "2000";

/// Reads every job.
pub(crate) fn read(input: impl BufRead, intake: &mut Intake<'_>) {
    let trees = document::json(input, intake);
    for tree in &trees {
        let root = tree.root();
        let listed = if root.is_map() { root.list("jobs") } else { root.items() };
        let jobs = if listed.is_empty() { vec![root] } else { listed };
        let drafts: Vec<Draft<'_>> = jobs.iter().map(|job| draft(job, intake)).collect();
        tree.note_ignored("", &mut intake.notes);
        for draft in drafts {
            if !intake.draft(draft) {
                return;
            }
        }
    }
}

fn draft<'a>(job: &Spot<'_>, intake: &mut Intake<'a>) -> Draft<'a> {
    let mut draft = Draft::new(intake.file, job.place());
    if let Some(name) = job.get("name") {
        let last = name.text().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        draft.set("id", last, &name.place());
    }
    if let Some(priority) = job.get("priority") {
        draft.set("priority", Node::Cell(priority.text().unwrap_or_default().to_owned()), &priority.place());
    }
    for (name, label) in job.get("labels").iter().flat_map(Spot::entries) {
        draft.label(name, label.text().unwrap_or_default(), &label.place());
    }
    let groups = job.list("taskGroups");
    match groups.as_slice() {
        [group] => tasks(group, &mut draft, intake),
        _ => {
            let problem = crate::Problem::of_file("TW1030", "not one task group", intake.file);
            draft
                .problem(problem.got(format!("{} groups", groups.len())).accepted("one, as Batch takes"), &job.place());
        }
    }
    policy(job, &mut draft, intake);
    draft
}

fn tasks(group: &Spot<'_>, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    let count = group.get("taskCount");
    let tasks = count.as_ref().map_or(Some(1), |c| c.text()?.parse::<u64>().ok());
    let per_node = group.text_at("taskCountPerNode").and_then(|t| t.parse::<u64>().ok()).unwrap_or(1).max(1);
    let is_gang = group.text_at("requireHostsFile") == Some("true");
    let at = count.as_ref().map_or_else(|| group.place(), Spot::place);
    match tasks {
        // Tasks that know each other's hosts run together: nodes of one task.
        Some(tasks) if is_gang => draft.set("nodes", tasks.div_ceil(per_node), &at),
        Some(tasks) => draft.set("count", tasks, &at),
        None => draft.refuse("count", &at, "not a count", count.and_then(|c| c.text()).unwrap_or_default(), "a number"),
    }
    if group.get("parallelism").is_some_and(|p| p.text().is_some()) && !is_gang {
        intake.notes.remark("the limit of tasks at once (parallelism) is not kept");
    }
    let Some(spec) = group.get("taskSpec") else { return };
    resources(&spec, if is_gang { per_node } else { 1 }, draft, intake);
    if let Some(limit) = spec.get("maxRunDuration") {
        draft.set("runtime", quantity::seconds(limit.text().unwrap_or_default()), &limit.place());
        intake.notes.remark(FROM_LIMIT);
    }
    if let Some(retries) = spec.get("maxRetryCount").filter(|r| r.text() != Some("0")) {
        let attempts = retries.text().and_then(|t| t.parse::<u64>().ok()).unwrap_or(0).saturating_add(1);
        draft.set("max_attempts", attempts, &retries.place());
    }
    program(&spec, draft);
}

/// Of a task, so many times for the tasks of a gang's node.
fn resources(spec: &Spot<'_>, times: u64, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    let kinds: [(&str, &str, fn(u64) -> Node); 3] = [
        ("cpuMilli", "vcpus", quantity::units),
        ("memoryMib", "memory", |mib| quantity::size(mib.saturating_mul(1 << 20))),
        ("bootDiskMib", "disk", |mib| quantity::size(mib.saturating_mul(1 << 20))),
    ];
    for (name, field, write) in kinds {
        let found = spec.get(&format!("computeResource/{name}"));
        let text = match &found {
            Some(found) => found.text().unwrap_or_default(),
            None if name == "bootDiskMib" => continue,
            None => {
                intake.notes.remark(format!("{name} is left out: Batch's default of {DEFAULT} is used"));
                DEFAULT
            }
        };
        let at = found.as_ref().unwrap_or(spec).place();
        match text.parse::<u64>() {
            Ok(amount) => draft.set(field, write(amount.saturating_mul(times)), &at),
            Err(_) => draft.refuse(field, &at, "not a whole number", text, "a whole number"),
        }
    }
}

/// Image and command of the only runnable.
fn program(spec: &Spot<'_>, draft: &mut Draft<'_>) {
    let runnables = spec.list("runnables");
    let [runnable] = runnables.as_slice() else { return };
    if let Some(image) = runnable.get("container/imageUri") {
        draft.set("image", image.text().unwrap_or_default(), &image.place());
    }
    if let Some(commands) = runnable.get("container/commands") {
        let words = commands.items().iter().map(|word| word.text().unwrap_or_default().into()).collect();
        draft.set("command", Node::List(words), &commands.place());
    }
    if let Some(script) = runnable.get("script/text") {
        let words = ["sh", "-c", script.text().unwrap_or_default()].map(Node::from);
        draft.set("command", Node::List(words.into()), &script.place());
    }
}

/// What the instances are, and where.
fn policy(job: &Spot<'_>, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    for policy in job.list("allocationPolicy/instances").iter().filter_map(|i| i.get("policy")) {
        if let Some(model) = policy.get("provisioningModel") {
            match model.text() {
                Some("SPOT" | "PREEMPTIBLE") => draft.set("interruptible", true, &model.place()),
                Some("STANDARD" | "PROVISIONING_MODEL_UNSPECIFIED") => {}
                other => {
                    let other = other.unwrap_or_default();
                    intake.notes.remark(format!("provisioning model {other} is planned as on demand"));
                }
            }
        }
        for accelerator in policy.list("accelerators") {
            if let (Some(kind), Some(count)) = (accelerator.get("type"), accelerator.get("count")) {
                draft.set("gpu.model", gpu::model(kind.text().unwrap_or_default()), &kind.place());
                draft.set("gpu.count", Node::Cell(count.text().unwrap_or_default().to_owned()), &count.place());
            }
        }
    }
    let Some(locations) = job.get("allocationPolicy/location/allowedLocations") else { return };
    let regions: Vec<Node> = locations.items().iter().filter_map(|l| Some(region(l.text()?).into())).collect();
    if !regions.is_empty() {
        draft.set("regions", Node::List(regions), &locations.place());
    }
}

/// `regions/us-central1` and `zones/us-central1-a` as `gcp/us-central1`.
fn region(location: &str) -> String {
    let name = location.strip_prefix("regions/").unwrap_or(location);
    let name = match location.strip_prefix("zones/") {
        Some(zone) => zone.rsplit_once('-').map_or(zone, |(region, _)| region),
        None => name,
    };
    format!("gcp/{name}")
}
