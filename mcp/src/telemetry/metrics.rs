//! Counts and times of calls, as text that Prometheus reads (exposition format 0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use super::Observed;

/// Upper ends of the classes of times, in seconds: a simulated cloud answers in a millisecond, a real one in seconds.
const BOUNDS_S: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];
/// The name by the conventions of OpenTelemetry for MCP servers, in Prometheus' form.
const NAME: &str = "mcp_server_operation_duration_seconds";

/// The times of the calls of one tool with one end.
#[derive(Debug, Clone, Default)]
struct Times {
    counts: [u64; BOUNDS_S.len()],
    all: u64,
    seconds: f64,
}

/// Counts calls by tool and by code of refusal; both are few, whoever calls.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<BTreeMap<&'static str, BTreeMap<String, Times>>>);

impl Metrics {
    pub(super) fn count(&self, observed: &Observed<'_>) {
        let error = if observed.class.is_some() { observed.outcome } else { "" };
        let seconds = observed.took.as_secs_f64();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let by_error = all.entry(observed.call.request.tool()).or_default();
        // The name is copied the first time only.
        if !by_error.contains_key(error) {
            by_error.insert(error.to_owned(), Times::default());
        }
        let Some(times) = by_error.get_mut(error) else { return };
        if let Some(class) = BOUNDS_S.iter().position(|bound| seconds <= *bound) {
            times.counts[class] += 1;
        }
        times.all += 1;
        times.seconds += seconds;
    }

    /// All of them, in order.
    pub fn text(&self) -> String {
        let mut text =
            format!("# HELP {NAME} Calls of tools, by tool and by code of refusal.\n# TYPE {NAME} histogram\n");
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (tool, error, times) in all.iter().flat_map(|(tool, by)| by.iter().map(move |(e, t)| (tool, e, t))) {
            let labels = format!("mcp_method_name=\"tools/call\",gen_ai_tool_name=\"{tool}\",error_type=\"{error}\"");
            let mut below = 0;
            for (bound, count) in BOUNDS_S.iter().zip(times.counts) {
                below += count;
                let _ = writeln!(text, "{NAME}_bucket{{{labels},le=\"{bound}\"}} {below}");
            }
            let Times { all, seconds, .. } = times;
            let _ = writeln!(text, "{NAME}_bucket{{{labels},le=\"+Inf\"}} {all}");
            let _ = writeln!(text, "{NAME}_sum{{{labels}}} {seconds}\n{NAME}_count{{{labels}}} {all}");
        }
        text
    }
}
