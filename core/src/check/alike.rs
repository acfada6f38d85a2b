//! Jobs that are equal in everything that a constraint or a cost rests on.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use crate::job::Job;

/// For each job the index of the first that is equal but for name, number of tasks, labels and what it runs.
pub(super) fn classes(jobs: &[Job]) -> Vec<usize> {
    let mut first = HashMap::new();
    jobs.iter().enumerate().map(|(k, job)| *first.entry(Alike(job)).or_insert(k)).collect()
}

/// A job without what tells equal ones apart.
struct Alike<'j>(&'j Job);

impl PartialEq for Alike<'_> {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0, other.0);
        (a.nodes, a.demand, &a.gpu, a.disk, &a.arch, a.burstable, a.interruptible)
            == (b.nodes, b.demand, &b.gpu, b.disk, &b.arch, b.burstable, b.interruptible)
            && (a.runtime, a.submit, a.earliest_start, a.deadline, a.max_miss_probability.to_bits())
                == (b.runtime, b.submit, b.earliest_start, b.deadline, b.max_miss_probability.to_bits())
            && (&a.inputs, &a.outputs, &a.residency, &a.clouds, &a.regions, &a.checkpoint)
                == (&b.inputs, &b.outputs, &b.residency, &b.clouds, &b.regions, &b.checkpoint)
            && (&a.project, a.priority, a.budget, a.max_price, &a.depends_on, a.max_attempts)
                == (&b.project, b.priority, b.budget, b.max_price, &b.depends_on, b.max_attempts)
    }
}

// A speed that is not a number makes its job equal to none: a class of its own.
impl Eq for Alike<'_> {}

impl Hash for Alike<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let j = self.0;
        (j.nodes, j.demand, j.runtime, j.submit, j.earliest_start, j.deadline).hash(state);
        (&j.project, j.priority, &j.inputs, &j.outputs, &j.regions).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Runtime;
    use crate::resources::Resources;
    use crate::time::Millis;

    #[test]
    fn names_do_not_tell_jobs_apart_but_wishes_do() {
        let runtime = Runtime { p50: Millis::HOUR, p95: Millis::HOUR };
        let job = |id: &str| Job::new(id, Resources::ZERO, runtime);
        let labelled = Job { labels: [("a".to_owned(), "b".to_owned())].into(), count: 7, ..job("b") };
        let spot = Job { interruptible: true, ..job("c") };
        let risky = Job { max_miss_probability: 0.02, ..job("d") };
        assert_eq!(classes(&[job("a"), labelled, spot, risky, job("e")]), [0, 0, 2, 3, 0]);
    }
}
