//! A governed read against a bare echo on the same HTTP in the same run, and reads a second.
//!
//! The client is a plain socket with keep-alive on the wire of 2026-07-28, so that it costs as little as it can: server
//! and client share the machine. `cargo bench --profile ci --workspace --bench mcp`.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ErrorData, ServerHandler};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tradewind_core::clock::Clock;
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
use tradewind_core::time::Time;
use tradewind_mcp::approval::Approvals;
use tradewind_mcp::conformance::Names;
use tradewind_mcp::layers::{Governed, Register, Settings, Trace, VirtualTimer};
use tradewind_mcp::provider::Caller;
use tradewind_mcp::server::{Http, Server, serve_http};
use tradewind_mcp::simulated::{InMemory, Simulated};
use tradewind_mcp::telemetry::{Stopwatch, Telemetry};

/// Calls of each kind that are timed one by one, in turns of a hundred.
const CALLS: usize = 4_000;
/// The number that the calls which differ begin at; all have as many digits.
const FIRST: u64 = 1_000_000_000;
/// Connections that read at once.
const CONNECTIONS: usize = 8;
/// How long they read.
const LASTS: Duration = Duration::from_secs(4);

type Failed = Box<dyn Error + Send + Sync>;

/// The machine's own time, from any instant.
struct Watch(Instant);

impl Clock for Watch {
    fn now(&self) -> Time {
        Time::from_ms(self.0.elapsed().as_millis() as i64)
    }
}

impl Stopwatch for Watch {
    fn ticks(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Answers everything with a word.
#[derive(Clone)]
struct Echo;

impl ServerHandler for Echo {
    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::success(vec![ContentBlock::text("echo")]).into())
    }
}

fn main() -> Result<(), Failed> {
    let runtime = Runtime::new()?;
    let echo = serve(&runtime, Echo)?;
    let governed = serve(&runtime, governed()?)?;
    let mut clients = [
        Client::new(&echo, "echo", json!({}))?,
        Client::new(&governed, "get_health", json!({}))?,
        // Each call asks for something else: no verdict on it was kept.
        Client::new(&governed, "get_health", json!({"since": FIRST}))?,
    ];
    let mut times = [vec![], vec![], vec![]];
    for turn in 0..CALLS / 100 + 2 {
        for (client, times) in clients.iter_mut().zip(&mut times) {
            for _ in 0..100 {
                let took = client.call()?;
                // The first turns warm up.
                times.extend((turn >= 2).then_some(took));
            }
        }
    }
    let [echo_times, governed_times, other_times] = times.map(|mut t| {
        t.sort();
        t
    });
    let at = |t: &[Duration], q: f64| t[((t.len() - 1) as f64 * q) as usize].as_secs_f64() * 1e3;
    let rows =
        [("bare echo", &echo_times), ("get_health, the same", &governed_times), ("get_health, others", &other_times)];
    for (name, t) in rows {
        let over = |q| at(t, q) / at(&echo_times, q);
        let (p50, p99) = (at(t, 0.5), at(t, 0.99));
        println!(
            "{name:<22} p50 {p50:.3} ms {:.2}x  p99 {p99:.3} ms {:.2}x  of {} calls",
            over(0.5),
            over(0.99),
            t.len()
        );
    }
    println!("get_quotas             {:.0} calls a second on {CONNECTIONS} connections", throughput(&governed)?);
    Ok(())
}

/// A cloud under all layers, observed.
fn governed() -> Result<Server, Failed> {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory))?;
    // Its time stands still: its limits on calls would be reached soon, and refusals be measured.
    let cloud = Arc::new(cloud.without_limits());
    let (clock, wall) = (cloud.clone(), Arc::new(Watch(Instant::now())));
    let audit = std::env::temp_dir().join(format!("tradewind-bench-{}.jsonl", std::process::id()));
    let settings = Settings {
        cloud: names.cloud.to_owned(),
        timer: Arc::new(VirtualTimer(move || clock.now())),
        register: Arc::new(Register::in_memory()?),
        audit: audit.clone(),
        rules: vec![],
        approvals: Approvals::in_memory(wall.clone())?,
        budget: Usd::from_nanos(i64::MAX),
        incident: Box::new(|| None),
        limits: &[],
        seed: Seed(1),
    };
    let governed = Governed::new(cloud, settings)?;
    std::fs::remove_file(audit)?;
    let caller = Caller { name: "bench".to_owned(), role: "operator".to_owned(), drives_time: false };
    let traced = Trace::new(governed, Telemetry::default(), wall);
    Ok(Server::new(names.cloud, Arc::new(traced), caller))
}

/// Serves on a free port; the address.
fn serve<H: ServerHandler + Clone + Sync>(runtime: &Runtime, handler: H) -> Result<String, Failed> {
    let http = runtime.block_on(Http::bind(([127, 0, 0, 1], 0).into()))?;
    let address = http.url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
    runtime.spawn(serve_http(handler, http, std::future::pending()));
    Ok(address)
}

/// A connection that makes the same call again and again.
struct Client {
    reader: BufReader<TcpStream>,
    request: Vec<u8>,
    /// The number in it that every call raises, and where it stands.
    count: Option<(usize, u64)>,
    reply: Vec<u8>,
}

impl Client {
    fn new(address: &str, tool: &str, arguments: Value) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": tool, "arguments": arguments,
            "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                      "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
                      "io.modelcontextprotocol/clientCapabilities": {}}}})
        .to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let request = format!("{head}{body}");
        let count = request.find(&FIRST.to_string()).map(|at| (at, FIRST));
        Ok(Self { reader: BufReader::new(stream), request: request.into_bytes(), count, reply: Vec::new() })
    }

    /// Calls, and reads the whole reply.
    fn call(&mut self) -> Result<Duration, Failed> {
        if let Some((at, count)) = &mut self.count {
            *count += 1;
            let digits = count.to_string();
            self.request[*at..*at + digits.len()].copy_from_slice(digits.as_bytes());
        }
        self.reply.clear();
        let began = Instant::now();
        self.reader.get_mut().write_all(&self.request)?;
        let (mut status, mut length) = (String::new(), None);
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            if status.is_empty() {
                status = line.clone();
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = Some(value.trim().parse()?);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        if !status.contains(" 200 ") {
            return Err(status.into());
        }
        match length {
            Some(length) => self.skip(length)?,
            None => self.skip_chunks()?,
        }
        let took = began.elapsed();
        // A refusal is fast, and not what is measured.
        match String::from_utf8_lossy(&self.reply).contains("\"isError\":true") {
            true => Err(String::from_utf8_lossy(&self.reply).into()),
            false => Ok(took),
        }
    }

    fn skip(&mut self, bytes: usize) -> Result<(), Failed> {
        let begin = self.reply.len();
        self.reply.resize(begin + bytes, 0);
        Ok(self.reader.read_exact(&mut self.reply[begin..])?)
    }

    fn skip_chunks(&mut self) -> Result<(), Failed> {
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16)?;
            self.skip(size + 2)?;
            if size == 0 {
                return Ok(());
            }
        }
    }
}

/// Reads a second on all connections together.
fn throughput(address: &str) -> Result<f64, Failed> {
    let connection = || -> Result<usize, Failed> {
        let mut client = Client::new(address, "get_quotas", json!({}))?;
        let (began, mut calls) = (Instant::now(), 0);
        while began.elapsed() < LASTS {
            client.call()?;
            calls += 1;
        }
        Ok(calls)
    };
    let counts: Vec<Result<usize, Failed>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(connection)).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a connection failed".into()))).collect()
    });
    let all = counts.into_iter().sum::<Result<usize, Failed>>()?;
    Ok(all as f64 / LASTS.as_secs_f64())
}
