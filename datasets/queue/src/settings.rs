//! `--set memory=4GiB`: what holds where a job says nothing. A setting never overrides a job.

use std::str::FromStr;

use crate::Options;
use crate::csv_rows;
use crate::fields::Sink;
use crate::job;
use crate::node::{Entries, Node, insert};
use crate::problem::Collector;
use crate::suggest::did_you_mean;

/// A field and its value for the jobs that lack it, written `field=value` with a CSV column's name
/// and cell: `runtime=2h`, `gpu.model=A100`, `regions=aws/us-east-1;gcp/us-central1`.
///
/// ```
/// use tradewind_queue::Setting;
/// assert!("memory=4GiB".parse::<Setting>().is_ok());
/// assert!("memory=4G".parse::<Setting>().is_err());
/// assert!("memroy=4GiB".parse::<Setting>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    path: Vec<String>,
    cell: String,
}

impl Setting {
    /// Gives the field to a job without it. A GPU's model or speed is for jobs that ask for GPUs.
    fn fill(&self, job: &mut Entries) {
        let of_a_gpu = self.path[0] == "gpu";
        if of_a_gpu && !job.iter().any(|(name, _)| name == "gpu") {
            return;
        }
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        if lacks(job, &path) {
            insert(job, &path, Node::Cell(self.cell.clone()));
        }
    }

    /// Whether it gives this field.
    pub(crate) fn is_for(&self, field: &str) -> bool {
        self.path == [field]
    }

    /// Reads a job with this value, to see whether the value will do.
    fn check(&self) -> Result<(), String> {
        let mut entries = Entries::new();
        for (name, cell) in [("id", "a"), ("vcpus", "1"), ("memory", "1GiB"), ("runtime", "1h")] {
            if self.path[0] != name {
                insert(&mut entries, &[name], Node::Cell(cell.to_owned()));
            }
        }
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        insert(&mut entries, &path, Node::Cell(self.cell.clone()));
        let mut problems = Collector::default();
        let pointer = format!("/{}", self.path.join("/"));
        job::read(
            &Node::Object(entries),
            &Options::default(),
            &mut Sink { file: "", line: 0, problems: &mut problems },
        );
        // Fields that are missing beside this one may be in the file or in other settings.
        let own = |p: &&crate::Problem| p.pointer.as_deref().is_some_and(|at| at.starts_with(&pointer));
        match problems.shown().iter().find(own) {
            Some(p) => Err(format!("{}: got {}, accepted: {}", p.title, p.got, p.accepted)),
            None => Ok(()),
        }
    }
}

fn lacks(object: &Entries, path: &[&str]) -> bool {
    match object.iter().find(|(name, _)| name == path[0]) {
        None => true,
        Some((_, Node::Object(inner))) if path.len() > 1 => lacks(inner, &path[1..]),
        Some(_) => false,
    }
}

/// Gives every setting to a job.
pub(crate) fn fill(settings: &[Setting], job: &mut Node) {
    if let Node::Object(entries) = job {
        settings.iter().for_each(|setting| setting.fill(entries));
    }
}

impl FromStr for Setting {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let Some((name, cell)) = text.split_once('=').map(|(name, cell)| (name.trim(), cell.trim())) else {
            return Err("write field=value, e.g. memory=4GiB".to_owned());
        };
        let path: Vec<String> = name.splitn(3, '.').map(str::to_owned).collect();
        if !csv_rows::is_known(&path) {
            let known = csv_rows::known_columns();
            let list = || format!("known fields: {}", known.join(", "));
            return Err(did_you_mean(name, known.iter().map(String::as_str), list));
        }
        if cell.is_empty() {
            return Err(format!("{name} has no value"));
        }
        let setting = Self { path, cell: cell.to_owned() };
        setting.check().map(|()| setting)
    }
}
