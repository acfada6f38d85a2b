//! A simulated cloud that outlives its process: the calls that changed it, in order, in a file.
//!
//! Equal worlds that get equal calls stay equal, so the calls are the world: opened again they are made again. A line
//! is written before its call is made; a process that is killed in between has made a call whose answer was lost.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tradewind_core::time::Time;
use tradewind_mcp::approval::Approval;
use tradewind_mcp::control::Control;
use tradewind_mcp::provider::{Call, Pending, Provider};
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::simulated::Simulated;
use tradewind_mcp::tools::Request;

use super::hands::caller;

/// A call that changed something.
#[derive(Serialize, Deserialize)]
struct Line {
    now: Option<Time>,
    request: Request,
    control: Control,
}

/// A simulated cloud with its log.
pub struct CallLog {
    cloud: Arc<Simulated>,
    file: Mutex<File>,
}

impl CallLog {
    /// Around a cloud as it began; what the file holds happens to it again.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub async fn open(cloud: Arc<Simulated>, path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).append(true).open(path)?;
        let mut whole = 0;
        for line in BufReader::new(&file).split(b'\n') {
            let line = line?;
            // The last line of a process that was killed may be cut: its call was not made.
            let Ok(Line { now, request, control }) = serde_json::from_slice(&line) else { break };
            whole += line.len() as u64 + 1;
            let call =
                Call { request, control: Some(control), caller: caller(), now, trace: None, approval: Approval::None };
            // Refusals are part of what happened.
            let _ = cloud.call(&call).await;
        }
        file.set_len(whole)?;
        file.flush()?;
        Ok(Self { cloud, file: Mutex::new(file) })
    }

    fn note(&self, call: &Call) -> io::Result<()> {
        let Some(control) = call.control.clone() else { return Ok(()) };
        let mut line = serde_json::to_vec(&Line { now: call.now, request: call.request.clone(), control })?;
        line.push(b'\n');
        self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
    }
}

impl Provider for CallLog {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(async move {
            self.note(call).map_err(|e| {
                let help = "free the disk; the same call again finds out whether it was done";
                Refusal::new("TW5013", Class::Unavailable, format!("the world could not be kept: {e}"), help)
            })?;
            self.cloud.call(call).await
        })
    }
}
