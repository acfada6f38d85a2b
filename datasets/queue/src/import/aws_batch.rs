//! AWS Batch: SubmitJob and RegisterJobDefinition requests as JSON, one object or many.
//!
//! A request may name a job definition, a job queue and its compute environment of the same file;
//! definitions without any request are jobs themselves.

use std::io::BufRead;

use super::draft::Draft;
use super::tree::{Spot, Tree};
use super::{FROM_LIMIT, document, quantity};
use crate::intake::Intake;
use crate::node::Node;
use crate::problem::Problem;

/// Fields that are read, of requests (`containerOverrides`) and definitions (`containerProperties`).
pub(crate) const FIELDS: &[&str] = &[
    "jobName",
    "jobDefinition",
    "jobDefinitionName",
    "jobQueue",
    "arrayProperties.size",
    "dependsOn.jobId",
    "timeout.attemptDurationSeconds",
    "retryStrategy.attempts",
    "schedulingPriorityOverride",
    "schedulingPriority",
    "shareIdentifier",
    "tags",
    "containerOverrides.resourceRequirements",
    "containerOverrides.vcpus",
    "containerOverrides.memory",
    "containerOverrides.command",
    "containerProperties.image",
    "containerProperties.ephemeralStorage.sizeInGiB",
    "containerProperties.runtimePlatform.cpuArchitecture",
    "nodeProperties.numNodes",
    "nodeProperties.nodeRangeProperties.container",
    "nodeOverrides.numNodes",
    "computeEnvironmentOrder.computeEnvironment",
    "computeResources.type",
];

/// Reads every request.
pub(crate) fn read(input: impl BufRead, intake: &mut Intake<'_>) {
    let trees = document::json(input, intake);
    let file = File::of(&trees);
    let jobs = if file.requests.is_empty() { &file.definitions } else { &file.requests };
    let drafts: Vec<Draft<'_>> = jobs.iter().map(|job| Job::of(job, &file).draft(intake)).collect();
    trees.iter().for_each(|tree| tree.note_ignored("", &mut intake.notes));
    for draft in drafts {
        if !intake.draft(draft) {
            return;
        }
    }
    if jobs.is_empty() && !trees.is_empty() {
        let problem = intake.problem(Some(trees[0].line), "TW1029", "no job in the document");
        intake.push(
            problem.got("neither jobName nor jobDefinitionName").accepted("requests as the AWS command takes them"),
        );
    }
}

/// The objects of a file by their kind.
#[derive(Default)]
struct File<'t> {
    requests: Vec<Spot<'t>>,
    definitions: Vec<Spot<'t>>,
    queues: Vec<Spot<'t>>,
    environments: Vec<Spot<'t>>,
}

impl<'t> File<'t> {
    fn of(trees: &'t [Tree]) -> Self {
        let mut file = Self::default();
        trees.iter().for_each(|tree| file.add(tree.root()));
        file
    }

    fn add(&mut self, object: Spot<'t>) {
        let lists = ["jobs", "jobDefinitions", "jobQueues", "computeEnvironments"];
        let inner: Vec<Spot<'t>> = lists.iter().flat_map(|name| object.list(name)).chain(object.items()).collect();
        if !inner.is_empty() {
            inner.into_iter().for_each(|object| self.add(object));
        } else if object.get("jobName").is_some() || object.get("jobDefinition").is_some() {
            self.requests.push(object);
        } else if object.get("jobDefinitionName").is_some() || object.get("containerProperties").is_some() {
            self.definitions.push(object);
        } else if object.get("computeEnvironmentName").is_some() {
            self.environments.push(object);
        } else if object.get("jobQueueName").is_some() {
            self.queues.push(object);
        }
    }

    /// The definition of a name, `name:revision` or resource name that ends so.
    fn definition(&self, wanted: &str) -> Option<Spot<'t>> {
        let name = wanted.rsplit('/').next().unwrap_or(wanted);
        let name = name.rsplit_once(':').filter(|(_, rev)| rev.parse::<u32>().is_ok()).map_or(name, |(name, _)| name);
        self.definitions.iter().find(|d| d.text_at("jobDefinitionName") == Some(name)).cloned()
    }

    /// The environment of a queue that buys spot capacity, if one does.
    fn spot_environment(&self, queue: &str) -> Option<Spot<'t>> {
        let queue = self.queues.iter().find(|q| q.text_at("jobQueueName") == Some(queue))?;
        let names: Vec<&str> =
            queue.list("computeEnvironmentOrder").iter().filter_map(|e| e.text_at("computeEnvironment")).collect();
        let environments = self
            .environments
            .iter()
            .filter(|e| e.text_at("computeEnvironmentName").is_some_and(|name| names.contains(&name)));
        environments
            .filter_map(|e| e.get("computeResources/type"))
            .find(|kind| kind.text().is_some_and(|kind| matches!(kind, "SPOT" | "FARGATE_SPOT")))
    }
}

/// A request and its definition, the request first.
struct Job<'t> {
    request: Spot<'t>,
    definition: Option<Spot<'t>>,
    spot: Option<Spot<'t>>,
}

impl<'t> Job<'t> {
    fn of(request: &Spot<'t>, file: &File<'t>) -> Self {
        let definition = request.text_at("jobDefinition").and_then(|name| file.definition(name));
        let spot = request.text_at("jobQueue").and_then(|queue| file.spot_environment(queue));
        Self { request: request.clone(), definition, spot }
    }

    /// The first of some paths that is there.
    fn find(&self, paths: &[&str]) -> Option<Spot<'t>> {
        let objects = [Some(&self.request), self.definition.as_ref()];
        objects.into_iter().flatten().find_map(|object| paths.iter().find_map(|path| object.get(path)))
    }

    fn draft<'a>(&self, intake: &mut Intake<'a>) -> Draft<'a> {
        let mut draft = Draft::new(intake.file, self.request.place());
        self.words(&mut draft);
        self.shape(&mut draft, intake);
        self.dependencies(&mut draft, intake);
        if let Some(limit) = self.find(&["timeout/attemptDurationSeconds"]) {
            draft.set("runtime", quantity::seconds(limit.text().unwrap_or_default()), &limit.place());
            intake.notes.remark(FROM_LIMIT);
        }
        self.priority(&mut draft, intake);
        self.market(&mut draft, intake);
        draft
    }

    /// Names, labels, image and command.
    fn words(&self, draft: &mut Draft<'_>) {
        let fields: [(&str, &[&str]); 5] = [
            ("id", &["jobName", "jobDefinitionName"]),
            ("project", &["shareIdentifier"]),
            ("max_attempts", &["retryStrategy/attempts"]),
            ("count", &["arrayProperties/size"]),
            ("image", &["containerProperties/image"]),
        ];
        for (field, paths) in fields {
            if let Some(spot) = self.find(paths) {
                draft.set(field, Node::Cell(spot.text().unwrap_or_default().to_owned()), &spot.place());
            }
        }
        for (name, tag) in self.find(&["tags"]).iter().flat_map(Spot::entries) {
            draft.label(name, tag.text().unwrap_or_default(), &tag.place());
        }
        if let Some(command) = self.find(&["containerOverrides/command", "containerProperties/command"]) {
            let words = command.items().iter().map(|word| word.text().unwrap_or_default().into()).collect();
            draft.set("command", Node::List(words), &command.place());
        }
        if let Some(arch) = self.find(&["containerProperties/runtimePlatform/cpuArchitecture"]) {
            let name = arch.text().unwrap_or_default().to_ascii_lowercase();
            draft.set("arch", Node::List(vec![name.into()]), &arch.place());
        }
        if let Some(size) = self.find(&["containerProperties/ephemeralStorage/sizeInGiB"]) {
            draft.set("disk", format!("{}GiB", size.text().unwrap_or_default()), &size.place());
        }
    }

    /// vCPU, memory and GPUs of a container, or of the largest of a multi-node job's.
    fn shape(&self, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
        let mut containers: Vec<Spot<'t>> =
            ["containerOverrides", "containerProperties"].iter().filter_map(|path| self.find(&[path])).collect();
        if let Some(nodes) = self.find(&["nodeOverrides/numNodes", "nodeProperties/numNodes"]) {
            draft.set("nodes", Node::Cell(nodes.text().unwrap_or_default().to_owned()), &nodes.place());
            let ranges = self.find(&["nodeProperties"]).map_or_else(Vec::new, |n| n.list("nodeRangeProperties"));
            if ranges.len() > 1 {
                intake.notes.remark("every node gets the largest of the node ranges' resources");
            }
            containers.extend(ranges.iter().filter_map(|range| range.get("container")));
        }
        let kinds =
            [("VCPU", "vcpus", "vcpus", ""), ("MEMORY", "memory", "memory", "MiB"), ("GPU", "", "gpu.count", "")];
        for (kind, legacy, field, unit) in kinds {
            if let Some(found) = largest(&containers, kind, legacy) {
                let text = format!("{}{unit}", found.text().unwrap_or_default());
                draft.set(field, Node::Cell(text), &found.place());
            }
        }
    }

    fn dependencies(&self, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
        let Some(list) = self.find(&["dependsOn"]) else { return };
        let mut after = Vec::new();
        for dependency in list.items() {
            if let Some(id) = dependency.text_at("jobId") {
                after.push(Node::from(id));
                if dependency.text_at("type") == Some("N_TO_N") {
                    intake.notes.remark("N_TO_N: a job waits for all tasks of its predecessor");
                }
            }
        }
        if !after.is_empty() {
            draft.set("depends_on", Node::List(after), &list.place());
        }
    }

    fn priority(&self, draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
        let Some(spot) = self.find(&["schedulingPriorityOverride", "schedulingPriority"]) else { return };
        match spot.text().map(str::parse::<u64>) {
            Some(Ok(value @ 0..=100)) => draft.set("priority", value, &spot.place()),
            _ => intake.notes.remark("a scheduling priority outside 0 to 100 is not used"),
        }
    }

    /// Spot capacity is a wish of the compute environment; a gang on it must be wished by name.
    fn market(&self, draft: &mut Draft<'_>, intake: &Intake<'_>) {
        let Some(spot) = &self.spot else { return };
        let is_wished = intake.options.settings.iter().any(|setting| setting.is_for("interruptible"));
        if draft.has("nodes") && !is_wished {
            let problem = Problem::of_file("TW1028", "a multi-node job on spot capacity", intake.file);
            let help = "give it an on-demand queue, or say that it survives: --set interruptible=true";
            let problem = problem.got("numNodes with a SPOT compute environment").accepted("on-demand capacity");
            draft.problem(problem.help(help), &spot.place());
        } else if !is_wished {
            draft.set("interruptible", true, &spot.place());
        }
    }
}

/// The largest requirement of a kind; what a request overrides counts alone.
fn largest<'t>(containers: &[Spot<'t>], kind: &str, legacy: &str) -> Option<Spot<'t>> {
    let mut best: Option<(f64, Spot<'t>)> = None;
    for container in containers {
        let typed = container.list("resourceRequirements").into_iter().find(|r| r.text_at("type") == Some(kind));
        let found = typed.and_then(|r| r.get("value")).or_else(|| container.get(legacy));
        let Some(found) = found else { continue };
        let amount = found.text().and_then(|text| text.parse().ok()).unwrap_or(f64::INFINITY);
        if best.as_ref().is_none_or(|(most, _)| amount > *most) {
            best = Some((amount, found));
        }
    }
    best.map(|(_, found)| found)
}
