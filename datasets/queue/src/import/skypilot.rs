//! SkyPilot: a task as YAML; several documents are a pipeline, whose tasks run one after the other.

use std::collections::BTreeSet;
use std::io::BufRead;

use super::draft::{Draft, Place};
use super::tree::Spot;
use super::{document, gpu, quantity};
use crate::intake::Intake;
use crate::node::Node;

/// Fields that are read; `any_of` and `ordered` may hold those of `resources` again.
pub(crate) const FIELDS: &[&str] = &[
    "name",
    "num_nodes",
    "run",
    "resources.cpus",
    "resources.memory",
    "resources.accelerators",
    "resources.disk_size",
    "resources.use_spot",
    "resources.infra",
    "resources.cloud",
    "resources.region",
    "resources.image_id",
    "resources.labels",
    "resources.job_recovery.max_restarts_on_errors",
    "resources.any_of",
    "resources.ordered",
];

/// Reads every task.
pub(crate) fn read(input: impl BufRead, intake: &mut Intake<'_>) {
    let trees = document::yaml(input, intake);
    let mut before = None;
    for (i, tree) in trees.iter().enumerate() {
        let task = tree.root();
        let is_title = |(key, _): &(&str, Spot<'_>)| matches!(*key, "name" | "execution");
        // A pipeline may begin with a document of its name alone.
        if !task.is_map() || (i == 0 && trees.len() > 1 && task.entries().iter().all(is_title)) {
            continue;
        }
        let mut draft = draft(&task, intake);
        if let Some(before) = before {
            draft.set("depends_on", Node::List(vec![Node::from(before)]), &task.place());
            intake.notes.remark("tasks of a pipeline run one after the other");
        }
        before = task.text_at("name");
        tree.note_ignored("", &mut intake.notes);
        if !intake.draft(draft) {
            return;
        }
    }
}

fn draft<'a>(task: &Spot<'_>, intake: &mut Intake<'a>) -> Draft<'a> {
    let mut draft = Draft::new(intake.file, task.place());
    for (key, field) in [("name", "id"), ("num_nodes", "nodes")] {
        if let Some(spot) = task.get(key) {
            draft.set(field, Node::Cell(spot.text().unwrap_or_default().to_owned()), &spot.place());
        }
    }
    if let Some(run) = task.get("run") {
        let words = ["bash", "-c", run.text().unwrap_or_default()].map(Node::from);
        draft.set("command", Node::List(words.into()), &run.place());
    }
    if let Some(resources) = task.get("resources") {
        size(&resources, &mut draft);
        terms(&resources, &mut draft);
        let mut choices = vec![resources.clone()];
        choices.extend(["any_of", "ordered"].iter().flat_map(|name| resources.list(name)));
        accelerators(&choices, &mut draft, intake);
        market(&choices, &mut draft, intake);
    }
    draft
}

/// `4+` is at least 4, as every request here; memory is in GiB where it has no unit.
fn size(resources: &Spot<'_>, draft: &mut Draft<'_>) {
    if let Some(cpus) = resources.get("cpus") {
        let text = cpus.text().unwrap_or_default().trim_end_matches('+');
        draft.set("vcpus", Node::Cell(text.to_owned()), &cpus.place());
    }
    for (key, field) in [("memory", "memory"), ("disk_size", "disk")] {
        let Some(spot) = resources.get(key) else { continue };
        let text = spot.text().unwrap_or_default();
        match gibibytes(text) {
            Some(bytes) => draft.set(field, quantity::size(bytes), &spot.place()),
            None => draft.refuse(field, &spot.place(), "not a size", text, "GB as a number, or with MB, GB or TB"),
        }
    }
}

/// SkyPilot's units are powers of 1024 by any name.
fn gibibytes(text: &str) -> Option<u64> {
    let text = text.trim().trim_end_matches('+').to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let shift = match &text[digits..] {
        "k" | "kb" | "ki" | "kib" => 10,
        "m" | "mb" | "mi" | "mib" => 20,
        "" | "g" | "gb" | "gi" | "gib" => 30,
        "t" | "tb" | "ti" | "tib" => 40,
        _ => return None,
    };
    let number = text[..digits].parse::<f64>().ok().filter(|n| n.is_finite() && *n < 1e6)?;
    Some((number * (1_u64 << shift) as f64).ceil() as u64)
}

fn terms(resources: &Spot<'_>, draft: &mut Draft<'_>) {
    if let Some(image) = resources.get("image_id") {
        let text = image.text().unwrap_or_default();
        draft.set("image", text.strip_prefix("docker:").unwrap_or(text), &image.place());
    }
    for (name, label) in resources.get("labels").iter().flat_map(Spot::entries) {
        draft.label(name, label.text().unwrap_or_default(), &label.place());
    }
    if let Some(restarts) = resources.get("job_recovery/max_restarts_on_errors") {
        match restarts.text().and_then(|t| t.parse::<u64>().ok()) {
            Some(n) => draft.set("max_attempts", n.saturating_add(1), &restarts.place()),
            None => draft.refuse("max_attempts", &restarts.place(), "not a count", "", "a whole number"),
        }
    }
}

/// `H100:8`, `{H100: 8}` or a list of such; the first is the model, the others need a speed.
fn accelerators(choices: &[Spot<'_>], draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    let mut models = BTreeSet::new();
    for spot in choices.iter().filter_map(|choice| choice.get("accelerators")) {
        let mut found: Vec<(String, String, Place)> = Vec::new();
        let mut named = |text: &str, at: &Spot<'_>| {
            let (model, count) = text.split_once(':').unwrap_or((text, "1"));
            found.push((gpu::model(model), count.trim().to_owned(), at.place()));
        };
        spot.text().into_iter().for_each(|text| named(text, &spot));
        spot.items().iter().for_each(|item| named(item.text().unwrap_or_default(), item));
        for (model, count) in spot.entries() {
            named(&format!("{model}:{}", count.text().unwrap_or("1")), &count);
        }
        for (model, count, at) in found {
            draft.set("gpu.count", Node::Cell(count), &at);
            draft.set("gpu.model", model.as_str(), &at);
            models.insert(model);
        }
    }
    if models.len() > 1 {
        let text = "only the first accelerator is used: the others need a speed, --set gpu.alternatives.MODEL=SPEED";
        intake.notes.remark(text);
    }
}

/// Where, and whether spot capacity will do: what any of the choices allows.
fn market(choices: &[Spot<'_>], draft: &mut Draft<'_>, intake: &mut Intake<'_>) {
    if let Some(spot) = choices.iter().filter_map(|c| c.get("use_spot")).find(|s| s.text() == Some("true")) {
        draft.set("interruptible", true, &spot.place());
    }
    let places: Vec<(String, Spot<'_>)> = choices.iter().filter_map(infra).collect();
    let Some((_, first)) = places.first() else { return };
    // A choice that names no place inherits that of the whole.
    let own: Vec<&(String, Spot<'_>)> = if places.len() > 1 && choices[0].get("infra").is_some() {
        places[1..].iter().collect()
    } else {
        places.iter().collect()
    };
    let regions = own.iter().all(|(place, _)| place.contains('/'));
    let field = if regions { "regions" } else { "clouds" };
    if !regions && own.iter().any(|(place, _)| place.contains('/')) {
        intake.notes.remark("regions are not kept where another choice is a whole cloud");
    }
    let names: BTreeSet<&str> = own
        .iter()
        .map(|(place, _)| if regions { place.as_str() } else { place.split('/').next().unwrap_or_default() })
        .collect();
    draft.set(field, Node::List(names.into_iter().map(Node::from).collect()), &first.place());
}

/// `cloud` or `cloud/region` of a choice; a zone is within its region.
fn infra<'t>(choice: &Spot<'t>) -> Option<(String, Spot<'t>)> {
    if let Some(infra) = choice.get("infra") {
        let mut parts = infra.text()?.split('/');
        let cloud = parts.next().filter(|cloud| *cloud != "*")?.to_ascii_lowercase();
        let place = parts
            .next()
            .filter(|region| *region != "*")
            .map_or_else(|| cloud.clone(), |region| format!("{cloud}/{region}"));
        return Some((place, infra));
    }
    let cloud = choice.get("cloud")?;
    let name = cloud.text()?.to_ascii_lowercase();
    let place = choice.text_at("region").map_or_else(|| name.clone(), |region| format!("{name}/{region}"));
    Some((place, cloud))
}
