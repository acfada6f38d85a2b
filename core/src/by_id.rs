//! Where a job stands, by its id.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use crate::job::Job;

/// Fewer jobs are searched.
const FEW: usize = 1_000;

/// An index of jobs that are sorted by id and never change, made at the first question. It is no part of what jobs are:
/// all are equal, and a copy begins anew.
#[derive(Debug, Default)]
pub(crate) struct ById(OnceLock<HashMap<u64, u32>>);

impl Clone for ById {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for ById {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl ById {
    /// Where the job `id` stands among `jobs`, which are the same at every call.
    pub(crate) fn index_of(&self, jobs: &[Job], id: &str) -> Option<usize> {
        let searched = || jobs.binary_search_by(|j| j.id.as_str().cmp(id)).ok();
        if jobs.len() < FEW {
            return searched();
        }
        let index = self.0.get_or_init(|| jobs.iter().zip(0..).map(|(j, at)| (hashed(&j.id), at)).collect());
        // Of two ids of one hash only one is found by it.
        let at = *index.get(&hashed(id))? as usize;
        if jobs[at].id == id { Some(at) } else { searched() }
    }
}

fn hashed(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Runtime;
    use crate::resources::Resources;
    use crate::time::Millis;

    #[test]
    fn an_indexed_queue_answers_as_a_searched_one() {
        let runtime = Runtime { p50: Millis::HOUR, p95: Millis::HOUR };
        let mut jobs: Vec<Job> =
            (0..2 * FEW).map(|n| Job::new(&format!("j{}", 7 * n), Resources::ZERO, runtime)).collect();
        jobs.sort_by(|a, b| a.id.cmp(&b.id));
        let by_id = ById::default();
        for n in 0..14 * FEW {
            let id = format!("j{n}");
            let searched = jobs.binary_search_by(|j| j.id.as_str().cmp(&id)).ok();
            assert_eq!(by_id.index_of(&jobs, &id), searched, "{id}");
            assert_eq!(searched.is_some(), n % 7 == 0, "{id}");
        }
    }
}
