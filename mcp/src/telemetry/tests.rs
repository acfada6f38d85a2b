use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tradewind_core::clock::Clock;
use tradewind_core::seed::Seed;
use tradewind_core::time::Time;

use super::*;
use crate::approval::{Approval, Claim};
use crate::conformance::Names;
use crate::layers::{Audit, Policy, RealTimer, Trace};
use crate::provider::{Caller, Provider};
use crate::simulated::{InMemory, Simulated};
use crate::tools::{Request, get_quotas, rotate_secret};

/// A clock by which every call takes a millisecond.
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> Time {
        Time::from_ms(1_795_305_600_000)
    }
}

impl Stopwatch for Ticking {
    fn ticks(&self) -> Duration {
        Duration::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A stream whose text can be looked at.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("one test").write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("one test").clone()).expect("UTF-8")
    }
}

fn call(request: Request) -> Call {
    let caller = Caller { name: "agent-7".to_owned(), role: "operator".to_owned(), drives_time: false };
    Call { request, control: None, caller, now: None, trace: None, approval: Approval::None }
}

/// Calls a cloud under observation, and gives all that was told: log, spans, metrics, audit.
fn told(calls: &[Call]) -> [String; 4] {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
    let clock = Arc::new(Ticking(AtomicU64::new(0)));
    let path = std::env::temp_dir().join(format!("tradewind-told-{}-{}.jsonl", std::process::id(), calls.len()));
    let policy = Policy::new(cloud, names.cloud, &[]).expect("our rules");
    let audit = Audit::new(policy, &path, Arc::new(RealTimer(clock.clone()))).expect("a log");
    let (log, spans) = (Seen::default(), Seen::default());
    let telemetry = Telemetry {
        metrics: Arc::default(),
        log: Some(Arc::new(Log::new(Box::new(log.clone())))),
        spans: Some(Arc::new(Spans::new("tradewind-aws", Box::new(spans.clone())))),
    };
    let provider = Trace::new(audit, telemetry.clone(), clock);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for call in calls {
        let _ = runtime.block_on(provider.call(call));
    }
    let audit = std::fs::read_to_string(&path).expect("a log");
    std::fs::remove_file(path).expect("ours");
    [log.text(), spans.text(), telemetry.metrics.text(), audit]
}

fn quotas() -> Request {
    Request::GetQuotas(get_quotas::Request::default())
}

#[test]
fn a_call_is_told_of_in_the_words_of_the_conventions() {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let traced = Call { trace: Some(parent.to_owned()), ..call(quotas()) };
    let [log, spans, metrics, _] = told(&[traced, call(quotas())]);
    let line: Value = serde_json::from_str(log.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        (&line["tool"], &line["outcome"], &line["caller"]),
        (&"get_quotas".into(), &"done".into(), &"agent-7".into())
    );
    let lines: Vec<Value> = spans.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let span = |n: usize| &lines[n]["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(span(0)["traceId"], "0af7651916cd43dd8448eb211c80319c", "the caller's trace");
    assert_eq!(
        (&span(0)["parentSpanId"], &span(0)["name"]),
        (&"b7ad6b7169203331".into(), &"tools/call get_quotas".into())
    );
    assert!(span(1)["traceId"] != span(0)["traceId"] && span(1)["parentSpanId"] == "", "a trace of its own");
    assert_eq!(span(0)["startTimeUnixNano"], "1795305600000000000");
    assert_eq!(span(0)["endTimeUnixNano"], "1795305600001000000");
    let count = metrics.lines().find(|l| l.contains("_count{")).expect("a count");
    assert_eq!(
        count,
        "mcp_server_operation_duration_seconds_count{mcp_method_name=\"tools/call\",\
        gen_ai_tool_name=\"get_quotas\",error_type=\"\"} 2"
    );
}

#[test]
fn a_refusal_is_an_error_by_its_code() {
    let change = Request::RotateSecret(rotate_secret::Request { secret: "db".to_owned(), version: None });
    let [log, spans, metrics, _] = told(&[call(change)]);
    assert!(log.contains(r#""level":"warn""#) && log.contains(r#""outcome":"TW5001""#), "{log}");
    assert!(spans.contains(r#"{"key":"error.type","value":{"stringValue":"TW5001"}}"#), "{spans}");
    assert!(metrics.contains("gen_ai_tool_name=\"rotate_secret\",error_type=\"TW5001\""), "{metrics}");
}

#[test]
fn no_secret_is_told_anywhere() {
    const SECRET: &str = "s3cr3t-that-nobody-may-see";
    let claims = [Claim::Grant(SECRET.to_owned()), Claim::Answer { state: SECRET.to_owned(), by: SECRET.to_owned() }];
    let mut calls: Vec<Call> =
        claims.into_iter().map(|claim| Call { approval: Approval::Claimed(claim), ..call(quotas()) }).collect();
    let secret =
        Request::RotateSecret(rotate_secret::Request { secret: SECRET.to_owned(), version: Some(SECRET.to_owned()) });
    calls.push(call(secret));
    calls.push(call(Request::GetQuotas(get_quotas::Request { region: Some(SECRET.to_owned()) })));
    calls.push(Call { trace: Some(SECRET.to_owned()), ..call(quotas()) });
    for (what, text) in ["log", "spans", "metrics", "audit"].into_iter().zip(told(&calls)) {
        assert!(!text.is_empty() && !text.contains(SECRET), "{what}: {text}");
    }
}

#[test]
fn traces_that_are_none_are_not_gone_on_with() {
    let sound = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert_eq!(sound.parse::<TraceParent>().expect("sound").to_string(), sound);
    for text in [
        "",
        "00-0-0-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
    ] {
        assert!(text.parse::<TraceParent>().is_err(), "{text:?}");
    }
}
