//! Kubernetes Jobs, with the labels of Kueue, as YAML or JSON documents.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::draft::Draft;
use super::tree::Spot;
use super::{FROM_LIMIT, document, gpu, quantity};
use crate::intake::Intake;
use crate::node::Node;

/// Fields that are read; `*` is any container, label or class.
pub(crate) const FIELDS: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata.name",
    "metadata.generateName",
    "metadata.namespace",
    "metadata.labels",
    "spec.completions",
    "spec.parallelism",
    "spec.activeDeadlineSeconds",
    "spec.backoffLimit",
    "spec.template.metadata.labels",
    "spec.template.metadata.annotations",
    "spec.template.spec.activeDeadlineSeconds",
    "spec.template.spec.priorityClassName",
    "spec.template.spec.nodeSelector",
    "spec.template.spec.containers.image",
    "spec.template.spec.containers.command",
    "spec.template.spec.containers.args",
    "spec.template.spec.containers.resources.requests",
    "spec.template.spec.containers.resources.limits",
];

const POD: &str = "spec/template/spec";
const QUEUE: &str = "kueue.x-k8s.io/queue-name";
const PRIORITY: &str = "kueue.x-k8s.io/priority-class";

/// Node labels that ask for spot capacity, with the value that does.
const SPOT: [(&str, &str); 5] = [
    ("cloud.google.com/gke-spot", "true"),
    ("cloud.google.com/gke-provisioning", "spot"),
    ("eks.amazonaws.com/capacityType", "SPOT"),
    ("karpenter.sh/capacity-type", "spot"),
    ("kubernetes.azure.com/scalesetpriority", "spot"),
];
/// Node labels that name a GPU model.
const GPU_MODEL: [&str; 2] = ["cloud.google.com/gke-accelerator", "nvidia.com/gpu.product"];
/// Marks of pods that start together: labels or annotations of the pod template.
const GANG: [&str; 3] = [
    "scheduling.x-k8s.io/pod-group",
    "kueue.x-k8s.io/podset-required-topology",
    "kueue.x-k8s.io/podset-preferred-topology",
];

/// Reads every document.
pub(crate) fn read(input: impl BufRead, intake: &mut Intake<'_>) {
    let trees = document::yaml(input, intake);
    let mut objects = Vec::new();
    for tree in &trees {
        let root = tree.root();
        match root.text_at("kind") {
            Some("List" | "JobList") => objects.extend(root.list("items")),
            _ => objects.push(root),
        }
    }
    let classes = classes(&objects);
    for object in objects {
        match object.text_at("kind") {
            Some("Job") => {
                object.text_at("apiVersion");
                let draft = draft(&object, &classes, intake);
                object.tree().note_ignored("", &mut intake.notes);
                if !intake.draft(draft) {
                    return;
                }
            }
            Some("PriorityClass" | "WorkloadPriorityClass") => {}
            Some(kind) => intake.notes.ignore(&format!("kind {kind}")),
            None => {
                let place = object.place();
                let problem = intake.problem(Some(place.line), "TW1029", "an object without a kind");
                intake.push(problem.got("nothing").accepted("kind: Job"));
            }
        }
    }
}

/// The values of the priority classes in the file.
fn classes<'t>(objects: &[Spot<'t>]) -> BTreeMap<&'t str, &'t str> {
    let is_class = |o: &&Spot<'t>| matches!(o.text_at("kind"), Some("PriorityClass" | "WorkloadPriorityClass"));
    objects.iter().filter(is_class).filter_map(|o| Some((o.text_at("metadata/name")?, o.text_at("value")?))).collect()
}

fn draft<'a>(job: &Spot<'_>, classes: &BTreeMap<&str, &str>, intake: &mut Intake<'a>) -> Draft<'a> {
    let mut draft = Draft::new(intake.file, job.place());
    if let Some(name) = job.get("metadata/name").or_else(|| job.get("metadata/generateName")) {
        draft.set("id", name.text().unwrap_or_default().trim_end_matches('-'), &name.place());
    }
    owner(job, &mut draft);
    priority(job, classes, &mut draft, intake);
    tasks(job, &mut draft, intake);
    times(job, &mut draft, intake);
    demand(job, &mut draft);
    place(job, &mut draft);
    program(job, &mut draft);
    draft
}

fn owner(job: &Spot<'_>, draft: &mut Draft<'_>) {
    let labels = job.get("metadata/labels");
    let queue = labels.as_ref().and_then(|labels| labels.key(QUEUE));
    if let Some(owner) = queue.or_else(|| job.get("metadata/namespace")) {
        draft.set("project", owner.text().unwrap_or_default(), &owner.place());
    }
    for (name, label) in labels.iter().flat_map(Spot::entries) {
        if let Some(text) = label.text().filter(|_| name != QUEUE && name != PRIORITY) {
            draft.label(name, text, &label.place());
        }
    }
}

/// The value of the class, where the file has it and it is on our scale.
fn priority(job: &Spot<'_>, classes: &BTreeMap<&str, &str>, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    let of_kueue = job.get("metadata/labels").and_then(|labels| labels.key(PRIORITY));
    let Some(class) = of_kueue.or_else(|| job.get(&format!("{POD}/priorityClassName"))) else { return };
    let name = class.text().unwrap_or_default();
    match classes.get(name).map(|value| value.parse::<u64>()) {
        Some(Ok(value @ 0..=100)) => draft.set("priority", value, &class.place()),
        Some(_) => intake.notes.remark(format!("priority class {name}: its value is outside 0 to 100 and is not used")),
        None => intake.notes.remark(format!("priority class {name} is not in the file and is not used")),
    }
}

/// Pods are tasks; pods that are marked to start together are the nodes of a gang.
fn tasks(job: &Spot<'_>, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    let parallelism = job.get("spec/parallelism");
    let count = |spot: &Option<Spot<'_>>| spot.as_ref().and_then(|s| s.text()?.parse::<u64>().ok());
    let together = count(&parallelism).unwrap_or(1);
    let completions = job.get("spec/completions").or(parallelism.clone());
    let Some(pods) = completions.as_ref() else { return };
    let Some(total) = count(&completions) else {
        return draft.refuse(
            "count",
            &pods.place(),
            "not a count",
            pods.text().unwrap_or("an object"),
            "a whole number",
        );
    };
    if is_gang(job) && together > 1 {
        draft.set("nodes", together, &parallelism.as_ref().unwrap_or(pods).place());
        draft.set("count", total.div_ceil(together), &pods.place());
        return;
    }
    draft.set("count", total, &pods.place());
    if together < total {
        intake.notes.remark("the limit of pods at once (parallelism) is not kept");
    }
}

fn is_gang(job: &Spot<'_>) -> bool {
    ["spec/template/metadata/labels", "spec/template/metadata/annotations"].iter().any(|path| {
        let marks = job.get(path);
        GANG.iter().any(|mark| marks.as_ref().and_then(|m| m.key(mark)?.text()).is_some())
    })
}

fn times(job: &Spot<'_>, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    let of_pod = job.get(&format!("{POD}/activeDeadlineSeconds"));
    let of_job = job.get("spec/activeDeadlineSeconds");
    if let Some(limit) = of_pod.or(of_job) {
        draft.set("runtime", quantity::seconds(limit.text().unwrap_or_default()), &limit.place());
        intake.notes.remark(FROM_LIMIT);
    }
    if let Some(retries) = job.get("spec/backoffLimit") {
        match retries.text().and_then(|t| t.parse::<u64>().ok()) {
            Some(retries_left) => draft.set("max_attempts", retries_left.saturating_add(1), &retries.place()),
            None => draft.refuse("max_attempts", &retries.place(), "not a count", "", "a whole number"),
        }
    }
}

/// What the containers of a pod ask for together; a limit stands in for a request.
fn demand(job: &Spot<'_>, draft: &mut Draft<'_>) {
    let containers = job.list(&format!("{POD}/containers"));
    let kinds: [(&str, &str, fn(&str) -> Option<u64>, fn(u64) -> Node); 4] = [
        ("cpu", "vcpus", quantity::milli, quantity::units),
        ("memory", "memory", quantity::bytes, quantity::size),
        ("ephemeral-storage", "disk", quantity::bytes, quantity::size),
        ("nvidia.com/gpu", "gpu.count", |text| text.parse().ok(), Node::from),
    ];
    for (name, field, read, write) in kinds {
        let mut total = 0_u64;
        let mut at = None;
        for container in &containers {
            let of = |kind| container.get("resources").and_then(|r: Spot<'_>| r.key(kind)?.key(name));
            let (request, limit) = (of("requests"), of("limits"));
            limit.as_ref().map(Spot::text);
            let Some(asked) = request.or(limit) else { continue };
            let text = asked.text().unwrap_or_default();
            match read(text) {
                Some(amount) => total = total.saturating_add(amount),
                None => draft.refuse(field, &asked.place(), "not a quantity", text, "e.g. 500m, 2, 4Gi"),
            }
            at.get_or_insert(asked.place());
        }
        if let Some(at) = at.filter(|_| total > 0) {
            draft.set(field, write(total), &at);
        }
    }
}

/// Node labels with a meaning here.
fn place(job: &Spot<'_>, draft: &mut Draft<'_>) {
    let Some(selector) = job.get(&format!("{POD}/nodeSelector")) else { return };
    for (label, wanted) in SPOT {
        if let Some(value) = selector.key(label)
            && value.text().is_some_and(|text| text.eq_ignore_ascii_case(wanted))
        {
            draft.set("interruptible", true, &value.place());
        }
    }
    if let Some(arch) = selector.key("kubernetes.io/arch") {
        let name = match arch.text() {
            Some("amd64") => "x86_64",
            other => other.unwrap_or_default(),
        };
        draft.set("arch", Node::List(vec![name.into()]), &arch.place());
    }
    for label in GPU_MODEL {
        if let Some(model) = selector.key(label).filter(|_| draft.has("gpu.count")) {
            draft.set("gpu.model", gpu::model(model.text().unwrap_or_default()), &model.place());
        }
    }
}

/// Image and command of the only container.
fn program(job: &Spot<'_>, draft: &mut Draft<'_>) {
    let containers = job.list(&format!("{POD}/containers"));
    let [container] = containers.as_slice() else { return };
    if let Some(image) = container.get("image") {
        draft.set("image", image.text().unwrap_or_default(), &image.place());
    }
    let words: Vec<Spot<'_>> = ["command", "args"].iter().flat_map(|name| container.list(name)).collect();
    if let Some(first) = words.first() {
        let line = words.iter().map(|word| word.text().unwrap_or_default().into()).collect();
        draft.set("command", Node::List(line), &first.place());
    }
}
