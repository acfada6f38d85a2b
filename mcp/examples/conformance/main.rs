//! Our server with the fixtures of the official conformance suite mounted beside its twelve tools: the same HTTP, the
//! same checks of hosts, origins, sizes and bodies, the same twelve tools under all their layers. Test builds only.
//!
//! `conformance 127.0.0.1:0 aws` serves until it is ended, and says where on standard error.

mod fixtures;
mod live;
mod rounds;
mod slow;

use std::net::SocketAddr;
use std::sync::Arc;

use tradewind_core::clock::FixedClock;
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
use tradewind_mcp::approval::Approvals;
use tradewind_mcp::conformance::Names;
use tradewind_mcp::layers::{Governed, Register, Settings, VirtualTimer};
use tradewind_mcp::provider::Caller;
use tradewind_mcp::server::{Http, Server, serve_http};
use tradewind_mcp::simulated::{InMemory, Simulated};

use fixtures::Fixtures;

type Failed = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let listen: SocketAddr = std::env::args().nth(1).as_deref().unwrap_or("127.0.0.1:0").parse()?;
    let http = Http::bind(listen).await?;
    eprintln!("serving {} with the suite's fixtures", http.url);
    let cloud = std::env::args().nth(2).unwrap_or_else(|| Names::all()[0].cloud.to_owned());
    serve_http(Fixtures::new(server(&cloud)?)?, http, std::future::pending()).await?;
    Ok(())
}

/// A governed cloud that ends with its server.
fn server(cloud: &str) -> Result<Server, Failed> {
    let names = Names::all().into_iter().find(|names| names.cloud == cloud).ok_or("no such cloud")?;
    let cloud = Arc::new(Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory))?);
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
    Ok(Server::new(names.cloud, Arc::new(governed), caller))
}
