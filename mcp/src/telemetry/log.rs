//! The log: a JSON object a line and a call.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tradewind_core::time::Time;

use super::Observed;

/// Writes lines.
pub struct Log(Mutex<Box<dyn Write + Send>>);

impl Log {
    /// To a stream: standard error, of a server.
    pub fn new(to: Box<dyn Write + Send>) -> Self {
        Self(Mutex::new(to))
    }

    /// Writes of something that is no call: `level` is `info` or `warn`, `event` its name.
    pub fn note(&self, time: Time, level: &str, event: &str, message: &str) {
        self.line(&json!({"time": time, "level": level, "event": event, "message": message}));
    }

    fn line(&self, line: &Value) {
        // A log that cannot be written must not stop a call: the audit log is the one that does.
        let _ = writeln!(self.0.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
    }

    pub(super) fn write(&self, observed: &Observed<'_>) {
        let call = observed.call;
        self.line(&json!({
            "time": observed.began,
            "level": if observed.class.is_some() { "warn" } else { "info" },
            "event": "tools/call",
            "tool": call.request.tool(),
            "caller": call.caller.name,
            "role": call.caller.role,
            "outcome": observed.outcome,
            "class": observed.class,
            "ms": observed.took.as_secs_f64() * 1e3,
            "trace_id": observed.span.trace_id(),
            "span_id": observed.span.span_id(),
        }));
    }
}
