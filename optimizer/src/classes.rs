//! Which jobs have interchangeable tasks, and which are tied in time.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use tradewind_core::job::{Job, Workload};
use tradewind_core::rules::Rules;
use tradewind_core::work::TaskLaw;

/// Jobs whose tasks are interchangeable, together.
pub(crate) struct Classes {
    /// By priority, highest first, and first job.
    pub members: BTreeMap<(std::cmp::Reverse<u8>, usize), Vec<usize>>,
    /// Whether each job waits for another or is waited for.
    pub tied: Vec<bool>,
}

impl Classes {
    /// Groups a queue.
    pub fn of(workload: &Workload, rules: &Rules) -> Self {
        let jobs = workload.jobs();
        let named: HashSet<&str> = jobs.iter().flat_map(|j| j.depends_on.iter().map(String::as_str)).collect();
        let tied: Vec<bool> = jobs.iter().map(|j| !j.depends_on.is_empty() || named.contains(j.id.as_str())).collect();
        let mut members: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut first_of: HashMap<String, usize> = HashMap::new();
        for (i, job) in jobs.iter().enumerate() {
            let first = *first_of.entry(class_key(job, tied[i], rules)).or_insert(i);
            members.entry((std::cmp::Reverse(job.priority), first)).or_default().push(i);
        }
        Self { members, tied }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.members.len()
    }
}

/// Equal keys mean interchangeable tasks: alike in everything that is planned, under the same policies.
fn class_key(job: &Job, tied: bool, rules: &Rules) -> String {
    if tied {
        return format!("tied {}", job.id);
    }
    let mut plain = job.clone();
    plain.id = String::new();
    plain.count = 1;
    plain.labels.clear();
    plain.image = None;
    plain.command.clear();
    serde_json::to_string(&(plain, rules.concerning(job))).unwrap_or_else(|_| job.id.clone())
}

/// For each job, the summed probability that something it waits for overruns its reservation.
pub(crate) fn overruns(workload: &Workload, order: &[usize]) -> Vec<f64> {
    let jobs = workload.jobs();
    let mut ancestors: Vec<BTreeSet<usize>> = vec![Default::default(); jobs.len()];
    for &j in order {
        let mut mine = BTreeSet::new();
        for p in jobs[j].depends_on.iter().filter_map(|d| workload.index_of(d)) {
            mine.insert(p);
            mine.extend(ancestors[p].iter().copied());
        }
        ancestors[j] = mine;
    }
    let chance = |p: &usize| f64::from(jobs[*p].count) * TaskLaw::overrun_probability(&jobs[*p]);
    ancestors.iter().map(|a| a.iter().map(chance).sum()).collect()
}
