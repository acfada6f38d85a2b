//! The jobs of a world: by id, and by what else they are looked for. Written as the map that they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::job::Job;

/// Jobs by id. None is taken away, and what they are looked for by never changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Jobs {
    all: BTreeMap<String, Job>,
    by_token: BTreeMap<String, String>,
    by_name: BTreeMap<String, BTreeSet<String>>,
    by_node: BTreeMap<String, BTreeSet<String>>,
}

impl Jobs {
    /// Adds a job.
    pub fn insert(&mut self, id: String, job: Job) {
        // The first of a token is its job.
        self.by_token.entry(job.tag.token.clone()).or_insert_with(|| id.clone());
        self.by_name.entry(job.name.clone()).or_default().insert(id.clone());
        for node in &job.nodes {
            self.by_node.entry(node.clone()).or_default().insert(id.clone());
        }
        self.all.insert(id, job);
    }

    /// A job, to be changed: not its token, name or nodes.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Job> {
        self.all.get_mut(id)
    }

    /// The job that a token made.
    pub fn of_token(&self, token: &str) -> Option<&String> {
        self.by_token.get(token)
    }

    /// The jobs of a name, in order of their ids.
    pub fn of_name(&self, name: &str) -> impl DoubleEndedIterator<Item = (&String, &Job)> {
        self.found(self.by_name.get(name))
    }

    /// The jobs that were submitted for a node, in order of their ids.
    pub fn on_node(&self, node: &str) -> impl DoubleEndedIterator<Item = (&String, &Job)> {
        self.found(self.by_node.get(node))
    }

    fn found(&self, ids: Option<&BTreeSet<String>>) -> impl DoubleEndedIterator<Item = (&String, &Job)> {
        let ids: Vec<&String> = ids.into_iter().flatten().collect();
        ids.into_iter().filter_map(|id| self.all.get_key_value(id))
    }
}

/// To be read as the map.
impl Deref for Jobs {
    type Target = BTreeMap<String, Job>;

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl Serialize for Jobs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Jobs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut jobs = Self::default();
        for (id, job) in BTreeMap::<String, Job>::deserialize(deserializer)? {
            jobs.insert(id, job);
        }
        Ok(jobs)
    }
}
