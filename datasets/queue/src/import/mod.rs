//! Queues of other schedulers: one file a format.
//!
//! An importer only translates. It gives drafts, which are jobs in our names and units that remember
//! where each value came from; drafts go through the same strict reader as a line of our own. What an
//! importer did not ask for is listed as ignored, what a format cannot say is given with `--set`, and
//! nothing that decides a plan is guessed.

use crate::Format;

pub(crate) mod aws_batch;
pub(crate) mod columns;
pub(crate) mod document;
pub(crate) mod draft;
pub(crate) mod gcp_batch;
pub(crate) mod gpu;
pub(crate) mod hpc_simulator;
pub(crate) mod json;
pub(crate) mod kubernetes;
pub(crate) mod quantity;
pub(crate) mod sacct;
pub(crate) mod sbatch_lines;
pub(crate) mod skypilot;
pub(crate) mod slurm;
pub(crate) mod slurm_units;
pub(crate) mod swf;
pub(crate) mod tree;
pub(crate) mod yaml;
pub(crate) mod zone;

/// Said where a limit stands in for the running time.
pub(crate) const FROM_LIMIT: &str = "runtime taken from the time limit (an upper bound)";

/// The fields of another scheduler's format that are read, by the names it gives them. For our own
/// formats see [`crate::FIELDS`].
pub(crate) fn fields(format: Format) -> &'static [&'static str] {
    match format {
        Format::JsonLines | Format::Csv | Format::Parquet => &[],
        Format::Swf => swf::FIELDS,
        Format::Slurm => slurm::FIELDS,
        Format::Sacct => sacct::FIELDS,
        Format::AwsBatch => aws_batch::FIELDS,
        Format::GcpBatch => gcp_batch::FIELDS,
        Format::Kubernetes => kubernetes::FIELDS,
        Format::SkyPilot => skypilot::FIELDS,
        Format::HpcSimulator => hpc_simulator::FIELDS,
    }
}
