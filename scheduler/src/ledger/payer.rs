//! Who pays: the projects and tenants of a queue.

use tradewind_core::job::Workload;
use tradewind_core::spending::tenant_of;

/// Who pays for a job: its project, and its tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Payer {
    /// The project.
    pub project: Option<String>,
    /// The label `tenant`.
    pub tenant: Option<String>,
}

/// All who pay for jobs of a queue, in order of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payers {
    all: Vec<Payer>,
    of_job: Vec<u32>,
}

impl Payers {
    /// Of a queue.
    pub fn of(queue: &Workload) -> Self {
        let payers = queue.jobs().iter().map(|job| {
            let tenant = tenant_of(job).map(str::to_owned);
            Payer { project: job.project.clone(), tenant }
        });
        let payers: Vec<Payer> = payers.collect();
        let mut all = payers.clone();
        all.sort();
        all.dedup();
        let of_job = payers.iter().map(|p| all.binary_search(p).unwrap_or_default() as u32).collect();
        Self { all, of_job }
    }

    /// All of them.
    pub fn all(&self) -> &[Payer] {
        &self.all
    }

    /// Who pays for a job, by its index.
    pub fn of_job(&self, job: u32) -> u32 {
        self.of_job[job as usize]
    }
}
