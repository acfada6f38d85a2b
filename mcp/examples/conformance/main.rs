//! Our server with the fixtures of the official conformance suite mounted beside its twelve tools: the same HTTP, the
//! same checks of hosts, origins, sizes and bodies, the same layers: before each fixture a call that reads goes through
//! all of them, and what stops it stops the fixture. `/metrics` counts what went through. Test builds only.
//!
//! `conformance 127.0.0.1:0 aws` serves until it is ended, and says where on standard error.

mod fixtures;
mod live;
mod rounds;
mod slow;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tradewind_core::clock::{Clock, FixedClock};
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

use fixtures::Fixtures;

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

type Failed = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let listen: SocketAddr = std::env::args().nth(1).as_deref().unwrap_or("127.0.0.1:0").parse()?;
    let telemetry = Telemetry::default();
    let http = Http::bind(listen).await?.with_metrics(telemetry.metrics.clone());
    eprintln!("serving {} with the suite's fixtures", http.url);
    let cloud = std::env::args().nth(2).unwrap_or_else(|| Names::all()[0].cloud.to_owned());
    serve_http(Fixtures::new(server(&cloud, telemetry)?)?, http, std::future::pending()).await?;
    Ok(())
}

/// A governed cloud that ends with its server.
fn server(cloud: &str, telemetry: Telemetry) -> Result<Server, Failed> {
    let names = Names::all().into_iter().find(|names| names.cloud == cloud).ok_or("no such cloud")?;
    // Its time stands still, so that its limits on calls would be reached and stay so.
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory))?.without_limits();
    let cloud = Arc::new(cloud);
    let clock = cloud.clone();
    let audit = std::env::temp_dir().join(format!("tradewind-conformance-{}.jsonl", std::process::id()));
    let settings = Settings {
        cloud: names.cloud.to_owned(),
        timer: Arc::new(VirtualTimer(move || clock.now())),
        register: Arc::new(Register::in_memory()?),
        audit: audit.clone(),
        rules: vec![],
        approvals: Approvals::in_memory(Arc::new(FixedClock(cloud.now())))?,
        budget: Usd::from_nanos(i64::MAX),
        incident: Box::new(|| None),
        seed: Seed(1),
    };
    let governed = Governed::new(cloud, settings)?;
    // The open file keeps working without its name.
    std::fs::remove_file(audit)?;
    let caller = Caller { name: "suite".to_owned(), role: "operator".to_owned(), drives_time: false };
    let traced = Trace::new(governed, telemetry, Arc::new(Watch(Instant::now())));
    Ok(Server::new(names.cloud, Arc::new(traced), caller))
}
