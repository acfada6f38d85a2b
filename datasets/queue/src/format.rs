//! In which ways a queue can be written down, and how to tell them apart.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// How a queue is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line: our own.
    JsonLines,
    /// A header of dotted names, one job a row; lists are separated by `;`: our own.
    Csv,
    /// The columns of [`Format::Csv`] as Parquet. `tradewind-datasets` reads it: this crate has no polars.
    Parquet,
    /// The Standard Workload Format of parallel job logs: 18 numbers a line.
    Swf,
    /// Slurm batch scripts with `#SBATCH` lines; several scripts in a row are several jobs.
    Slurm,
    /// `sacct -P` or CSV with its column names.
    Sacct,
    /// AWS Batch: SubmitJob and RegisterJobDefinition requests as JSON.
    AwsBatch,
    /// GCP Batch: jobs as JSON.
    GcpBatch,
    /// Kubernetes Jobs, with Kueue's labels, as YAML or JSON.
    Kubernetes,
    /// SkyPilot tasks and pipelines as YAML.
    SkyPilot,
    /// The job table of the AWS HPC cost simulator as CSV.
    HpcSimulator,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::JsonLines,
        Self::Csv,
        Self::Parquet,
        Self::Swf,
        Self::Slurm,
        Self::Sacct,
        Self::AwsBatch,
        Self::GcpBatch,
        Self::Kubernetes,
        Self::SkyPilot,
        Self::HpcSimulator,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Swf => "swf",
            Self::Slurm => "slurm",
            Self::Sacct => "sacct",
            Self::AwsBatch => "aws-batch",
            Self::GcpBatch => "gcp-batch",
            Self::Kubernetes => "kubernetes",
            Self::SkyPilot => "skypilot",
            Self::HpcSimulator => "hpc-simulator",
        }
    }

    /// The fields of another scheduler's format that are read, by the names it gives them; what
    /// else stands in a file is listed as ignored. None for our own formats: see [`crate::FIELDS`].
    pub fn fields(self) -> &'static [&'static str] {
        crate::import::fields(self)
    }

    /// By the ending of the name, and where that says too little by the first bytes of the content.
    /// What nothing else claims is JSON Lines.
    pub fn of(path: &Path, head: &[u8]) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let head = String::from_utf8_lossy(head);
        let head = head.trim_start_matches('\u{feff}');
        match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "jsonl" | "ndjson" => Self::JsonLines,
            "parquet" | "pq" => Self::Parquet,
            "swf" => Self::Swf,
            "sbatch" | "slurm" => Self::Slurm,
            "json" => of_json(head),
            "yaml" | "yml" => of_yaml(head),
            "csv" => of_header(head).unwrap_or(Self::Csv),
            _ => of_content(head),
        }
    }
}

/// Objects of a cloud's batch service, or lines of our own.
fn of_json(head: &str) -> Format {
    let has = |names: &[&str]| names.iter().any(|name| head.contains(&format!("\"{name}\"")));
    if has(&["taskGroups"]) {
        Format::GcpBatch
    } else if has(&["jobDefinition", "jobDefinitionName", "jobDefinitions", "jobQueue", "containerProperties"]) {
        Format::AwsBatch
    } else if has(&["apiVersion"]) {
        Format::Kubernetes
    } else {
        Format::JsonLines
    }
}

fn of_yaml(head: &str) -> Format {
    if starts_a_line(head, "apiVersion:") { Format::Kubernetes } else { Format::SkyPilot }
}

/// Another scheduler's table by its column names.
fn of_header(head: &str) -> Option<Format> {
    let header = head.lines().next().unwrap_or_default();
    let names: Vec<&str> = header.split(['|', ',']).map(|name| name.trim().trim_matches('"')).collect();
    let has = |name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    if has("JobID") || has("JobIDRaw") {
        Some(Format::Sacct)
    } else if has("job_id") && has("num_cores") {
        Some(Format::HpcSimulator)
    } else {
        None
    }
}

fn of_content(head: &str) -> Format {
    let first = head.trim_start();
    if head.starts_with("PAR1") {
        Format::Parquet
    } else if first.starts_with("#!") || starts_a_line(head, "#SBATCH") {
        Format::Slurm
    } else if first.starts_with(['{', '[']) {
        of_json(head)
    } else if first.starts_with(';') || is_a_row_of_numbers(first.lines().next().unwrap_or_default()) {
        Format::Swf
    } else if let Some(format) = of_header(head) {
        format
    } else if starts_a_line(head, "apiVersion:") || starts_a_line(head, "resources:") {
        of_yaml(head)
    } else {
        Format::JsonLines
    }
}

fn starts_a_line(text: &str, start: &str) -> bool {
    text.lines().any(|line| line.starts_with(start))
}

fn is_a_row_of_numbers(line: &str) -> bool {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    fields.len() >= 10 && fields.iter().all(|f| f.parse::<f64>().is_ok())
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        let known = Self::ALL.into_iter().find(|f| f.name() == text);
        known
            .ok_or_else(|| crate::suggest::did_you_mean(text, names, || format!("known formats: {}", names.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, head: &str) -> &'static str {
        Format::of(Path::new(name), head.as_bytes()).name()
    }

    #[test]
    fn endings_decide_where_they_can() {
        let names = ["q.jsonl", "Q.CSV", "q.swf.gz", "q.sbatch", "q.yaml", "q.json", "q", "q.parquet"];
        let formats = names.map(|name| of(name, ""));
        assert_eq!(formats, ["jsonl", "csv", "swf", "slurm", "skypilot", "jsonl", "jsonl", "parquet"]);
    }

    #[test]
    fn content_decides_elsewhere() {
        assert_eq!(of("q.json", r#"[{"jobName": "a", "jobQueue": "q"}]"#), "aws-batch");
        assert_eq!(of("q.json", r#"{"taskGroups": []}"#), "gcp-batch");
        assert_eq!(of("q.json", r#"{"id": "a"}"#), "jsonl");
        assert_eq!(of("q.yml", "# a comment\napiVersion: batch/v1\n"), "kubernetes");
        assert_eq!(of("q.csv", "JobID,State\n"), "sacct");
        assert_eq!(of("q.txt", "JobID|State\n"), "sacct");
        assert_eq!(of("q.csv", "job_id,num_cores\n"), "hpc-simulator");
        assert_eq!(of("q.csv", "id,vcpus\n"), "csv");
        assert_eq!(of("job.sh", "#!/bin/bash\n#SBATCH -n 1\n"), "slurm");
        assert_eq!(of("-", "; UnixStartTime: 0\n"), "swf");
        assert_eq!(of("-", "resources:\n  cpus: 4\n"), "skypilot");
        assert_eq!(of("-", "PAR1"), "parquet");
    }

    #[test]
    fn names_are_read_back() {
        assert!(Format::ALL.iter().all(|f| f.name().parse() == Ok(*f)));
        assert_eq!("kubernets".parse::<Format>(), Err("did you mean \"kubernetes\"?".to_owned()));
    }
}
