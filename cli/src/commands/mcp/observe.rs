//! What a server tells of its calls, and where.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tradewind_mcp::telemetry::{Log, Metrics, Spans, Telemetry};

use crate::failure::Failure;

/// Telemetry. On HTTP, counts and times are at `/metrics` in any case.
#[derive(Debug, Clone, Args)]
pub struct ObserveArgs {
    /// Write a JSON object a call to standard error.
    #[arg(long)]
    pub log: bool,
    /// Add a span a call to this file, in OpenTelemetry's own file format (OTLP/JSON lines).
    #[arg(long, value_name = "FILE")]
    pub traces: Option<PathBuf>,
}

impl ObserveArgs {
    /// Where it all goes, of the server of a cloud.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn telemetry(&self, cloud: &str) -> Result<Telemetry, Failure> {
        let open = |path: &PathBuf| -> Result<Arc<Spans>, Failure> {
            let file = OpenOptions::new().create(true).append(true).open(path);
            let file = file.map_err(|e| Failure::unwritable(path, &e))?;
            Ok(Arc::new(Spans::new(&format!("tradewind-{cloud}"), Box::new(file))))
        };
        Ok(Telemetry {
            metrics: Arc::new(Metrics::default()),
            log: self.log.then(|| Arc::new(Log::new(Box::new(std::io::stderr())))),
            spans: self.traces.as_ref().map(open).transpose()?,
        })
    }
}
