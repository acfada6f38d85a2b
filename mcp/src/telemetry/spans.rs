//! Spans in the file format of OpenTelemetry (OTLP/JSON, a line an export), which collectors read as it is.

use std::fmt;
use std::io::Write;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::Observed;

/// OTLP's number for the span of a server.
const SERVER: u8 = 2;
/// OTLP's number for a span that failed.
const FAILED: u8 = 2;

/// Where a call stands in a trace: a W3C `traceparent`, version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    trace: u128,
    span: u64,
}

impl TraceParent {
    /// A span below another, or at the top of a trace of its own. Where the machine has no randomness the ids are
    /// zeros, which say "none".
    pub fn below(parent: Option<Self>) -> Self {
        let mut bytes = [0; 24];
        let _ = getrandom::fill(&mut bytes);
        let (trace, span) = bytes.split_at(16);
        let own = u128::from_be_bytes(trace.try_into().unwrap_or_default());
        let span = u64::from_be_bytes(span.try_into().unwrap_or_default());
        Self { trace: parent.map_or(own, |p| p.trace), span }
    }

    /// 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// 16 hexadecimal digits.
    pub fn span_id(&self) -> String {
        format!("{:016x}", self.span)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.trace, self.span)
    }
}

/// Not a `traceparent` that is understood: a trace of its own begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTraceParent;

impl FromStr for TraceParent {
    type Err = NoTraceParent;

    fn from_str(text: &str) -> Result<Self, NoTraceParent> {
        let mut parts = text.split('-');
        let mut next = |digits: usize| {
            let part =
                parts.next().filter(|p| p.len() == digits && p.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
            u128::from_str_radix(part.ok_or(NoTraceParent)?, 16).map_err(|_| NoTraceParent)
        };
        let (version, trace, span, _) = (next(2)?, next(32)?, next(16)?, next(2)?);
        if version != 0 || trace == 0 || span == 0 || parts.next().is_some() {
            return Err(NoTraceParent);
        }
        Ok(Self { trace, span: span as u64 })
    }
}

/// Writes spans.
pub struct Spans {
    to: Mutex<Box<dyn Write + Send>>,
    /// What the spans are of, e.g. `tradewind-aws`.
    service: String,
}

impl Spans {
    /// Of a service, to a stream.
    pub fn new(service: &str, to: Box<dyn Write + Send>) -> Self {
        Self { to: Mutex::new(to), service: service.to_owned() }
    }

    pub(super) fn write(&self, observed: &Observed<'_>, parent: Option<TraceParent>) {
        let tool = observed.call.request.tool();
        let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let mut attributes = vec![
            text("mcp.method.name", "tools/call"),
            text("gen_ai.tool.name", tool),
            text("gen_ai.operation.name", "execute_tool"),
            text("tradewind.outcome", observed.outcome),
        ];
        attributes.extend(observed.class.is_some().then(|| text("error.type", observed.outcome)));
        let began = u128::from(observed.began.ms().unsigned_abs()) * 1_000_000;
        let span = json!({
            "traceId": observed.span.trace_id(),
            "spanId": observed.span.span_id(),
            "parentSpanId": parent.map_or(String::new(), |p| p.span_id()),
            "name": format!("tools/call {tool}"),
            "kind": SERVER,
            "startTimeUnixNano": began.to_string(),
            "endTimeUnixNano": (began + observed.took.as_nanos()).to_string(),
            "attributes": attributes,
            "status": if observed.class.is_some() { json!({"code": FAILED}) } else { json!({}) },
        });
        let line = json!({"resourceSpans": [{
            "resource": {"attributes": [text("service.name", &self.service)]},
            "scopeSpans": [{"scope": {"name": "tradewind-mcp", "version": env!("CARGO_PKG_VERSION")}, "spans": [span]}],
        }]});
        // Spans that cannot be written must not stop a call.
        let _ = writeln!(self.to.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
    }
}
