//! The demo's first launches, one on each cloud, by MCP clients of three governed servers: what the rules deny, what
//! waits for a person, what goes through, and a call whose reply was lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tradewind_core::market::CapacityType;
use tradewind_core::plan::Allocation;
use tradewind_core::time::Millis;
use tradewind_datasets::queue::Problem;
use tradewind_mcp::control::{Control, Decision, State};
use tradewind_mcp::refusal::Refusal;
use tradewind_mcp::telemetry::Telemetry;
use tradewind_mcp::tools::node::{Launch, Launched};
use tradewind_mcp::tools::{Reply, Request, get_health, launch_spot};
use tradewind_scheduler::drive::{Clients, Hands};

use super::mcp::{CloudName, OpenArgs, Opened, Root, open, say_yes};
use crate::args::{Format, MarketArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, grid::Grid, grid::Side, report::Page};
use crate::{output, whole_file};

/// The rules of the demo's servers.
const RULES: &str = include_str!("../../demo/night.rego");
/// Whose the nodes are; the rules let nobody else launch.
const OWNER: &str = "night";
/// Who says yes.
const APPROVER: &str = "ana";
/// The longest life that the tools admit: what a careless agent asks for.
const WEEK: Millis = Millis::from_hours(7 * 24);
/// After so long every cloud lists what was launched.
const LISTED: Millis = Millis::from_secs(60);

/// Launches the first nodes of each cloud, on clouds kept in a folder of the demo's own, which is emptied first, and says
/// what came of every call.
pub fn launch_first(folder: &Path, allocations: &[Allocation]) -> Result<(), Failure> {
    // A demo shows it happen: what an earlier one left is its own.
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|e| Failure::unwritable(folder, &e))?;
    }
    let told = told(folder, allocations)?;
    output::data(&render::people(&page(&told, folder), Format::Table, output::data_style()))
}

/// A call or what a person did, and what came of it.
struct Told {
    cloud: String,
    what: String,
    came: String,
}

/// Opens the servers, makes the calls.
fn told(folder: &Path, allocations: &[Allocation]) -> Result<Vec<Told>, Failure> {
    fs::create_dir_all(folder).map_err(|e| Failure::unwritable(folder, &e))?;
    whole_file::write(&folder.join("night.rego"), RULES.as_bytes())?;
    let firsts = firsts(allocations);
    let opened = firsts.keys().map(|cloud| Ok((*cloud, open_cloud(cloud, folder)?))).collect::<Result<_, Failure>>()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|e| not_spoken_to(&e))?;
    runtime.block_on(async {
        let clients = connect(&opened).await?;
        let mut agent = Agent { clients, root: root(folder), told: Vec::new() };
        agent.launch_all(&firsts.into_values().collect::<Vec<_>>()).await?;
        Ok(agent.told)
    })
}

/// Of each cloud the launch that comes first; of those the dearest.
fn firsts(allocations: &[Allocation]) -> BTreeMap<&str, &Allocation> {
    let mut firsts: BTreeMap<&str, &Allocation> = BTreeMap::new();
    let rank = |a: &Allocation| (std::cmp::Reverse(a.start), a.expected_cost_usd);
    for a in allocations.iter().filter(|a| a.commitment.is_none()) {
        let first = firsts.entry(a.region.cloud()).or_insert(a);
        if rank(a) > rank(first) {
            *first = a;
        }
    }
    firsts
}

fn root(folder: &Path) -> Root {
    Root { world: Some(folder.to_owned()) }
}

fn open_cloud(cloud: &str, folder: &Path) -> Result<Opened, Failure> {
    let args = OpenArgs {
        cloud: CloudName(cloud.to_owned()),
        root: root(folder),
        seed: 0,
        role: "scheduler".to_owned(),
        policy: vec![folder.join("night.rego")],
        budget: None,
        driver: true,
        time_scale: None,
        market: MarketArgs::default(),
    };
    open(&args, Telemetry::default())
}

async fn connect(opened: &BTreeMap<&str, Opened>) -> Result<Clients, Failure> {
    let mut clients = Clients::default();
    for (cloud, opened) in opened {
        clients.connect(cloud, opened.server.clone()).await.map_err(|e| not_spoken_to(&e))?;
    }
    Ok(clients)
}

fn not_spoken_to(error: &dyn std::fmt::Display) -> Failure {
    let problem = Problem::of_file("TW4015", "a server could not start", "").got(error.to_string());
    Failure::new(Exit::Temporary, problem.help("try again"))
}

/// Who launches.
struct Agent {
    clients: Clients,
    root: Root,
    told: Vec<Told>,
}

impl Agent {
    /// The first launch for longer than the rules allow; each for as long as the plan needs it; the last one again, as
    /// if its reply had been lost.
    async fn launch_all(&mut self, firsts: &[&Allocation]) -> Result<(), Failure> {
        for (index, first) in firsts.iter().enumerate() {
            if index == 0 {
                let came = self.call(first, WEEK).await;
                self.tell(first, what(first, "7 days"), outcome(&came));
            }
            let came = self.launch(first).await?;
            if let (Ok(before), true) = (&came, index + 1 == firsts.len()) {
                self.again(first, before).await;
            }
        }
        Ok(())
    }

    /// Launches; where that waits for a yes, a person says it, and the same call goes out again.
    async fn launch(&mut self, first: &Allocation) -> Result<Result<Launched, Refusal>, Failure> {
        let life = life(first);
        let came = self.call(first, life).await;
        self.tell(first, what(first, &format!("{} min", life.get() / 60_000)), outcome(&came));
        let Err(Refusal { approval: Some(wanted), .. }) = &came else { return Ok(came) };
        let (cloud, ticket) = (CloudName(first.region.cloud().to_owned()), &wanted.ticket);
        say_yes(&self.root, &cloud, ticket, APPROVER)?;
        let command = format!("tradewind mcp approve {ticket} --as {APPROVER}");
        self.tell(first, command, "a second person says yes to this call, once".to_owned());
        let came = self.call(first, life).await;
        self.tell(first, "the same call again".to_owned(), outcome(&came));
        Ok(came)
    }

    /// The same call once more: the same reply, and no second node.
    async fn again(&mut self, first: &Allocation, before: &Launched) {
        let came = match self.call(first, life(first)).await {
            Ok(after) if after == *before => format!("replayed, the same reply; {}", self.nodes(first).await),
            Ok(_) => "done a second time".to_owned(),
            refused => outcome(&refused),
        };
        self.tell(first, "the same call once more".to_owned(), came);
    }

    async fn call(&self, first: &Allocation, life: Millis) -> Result<Launched, Refusal> {
        match self.clients.call(first.region.cloud(), first.start, request(first), Some(control(first, life))).await? {
            Reply::ProvisionCompute(launched) | Reply::LaunchSpot(launched) => Ok(launched),
            other => unreachable!("a launch is answered by what was launched, not {other:?}"),
        }
    }

    /// How many nodes the cloud has of ours.
    async fn nodes(&self, first: &Allocation) -> String {
        let asked = get_health::Request { owner: Some(OWNER.to_owned()), limit: 1000, ..Default::default() };
        let (cloud, now) = (first.region.cloud(), first.start + LISTED);
        match self.clients.call(cloud, now, Request::GetHealth(asked), None).await {
            Ok(Reply::GetHealth(health)) => {
                let nodes = health.resources.iter().filter(|r| r.kind == "node").count();
                format!("{cloud} has {}", render::count(nodes as u64, "node"))
            }
            Ok(other) => unreachable!("health is answered by health, not {other:?}"),
            Err(refusal) => refusal.to_string(),
        }
    }

    fn tell(&mut self, first: &Allocation, what: String, came: String) {
        self.told.push(Told { cloud: first.region.cloud().to_owned(), what, came });
    }
}

/// What is launched, and for how long.
fn what(a: &Allocation, life: &str) -> String {
    format!("{} x {}, {}, for {life}", a.count, a.instance_type, render::bought_as(a.capacity_type, false))
}

fn outcome(came: &Result<Launched, Refusal>) -> String {
    match came {
        Ok(launched) => {
            let ids: Vec<&str> = launched.nodes.iter().map(|n| n.node_id.as_str()).collect();
            format!("launched {} at USD {} an hour", ids.join(", "), launched.usd_per_hour)
        }
        Err(Refusal { approval: Some(wanted), .. }) => format!("waits: {}", wanted.reasons.join("; ")),
        Err(refusal) => format!("refused: {}", refusal.message),
    }
}

/// As long as the plan may need it, in whole minutes.
fn life(a: &Allocation) -> Millis {
    let minute = Millis::from_secs(60).get();
    Millis::new(((a.reserved_end - a.start).get() + minute - 1) / minute * minute)
}

fn request(a: &Allocation) -> Request {
    let launch = Launch {
        region: a.region.region().to_owned(),
        zone: None,
        instance_type: a.instance_type.clone(),
        count: a.count,
        min_count: None,
        node_ids: vec![],
    };
    match a.capacity_type {
        CapacityType::OnDemand => Request::ProvisionCompute(launch),
        CapacityType::Spot => Request::LaunchSpot(launch_spot::Request { launch, max_usd_per_hour: None }),
    }
}

/// The same launch is the same key: however often it goes out, and whoever sends it.
fn control(a: &Allocation, life: Millis) -> Control {
    let decision = Decision { allocation: a.id.clone(), node: 0, attempt: 0, purpose: "launch".to_owned() };
    Control {
        state: State::Present,
        idempotency_key: format!("{OWNER}-{}", a.id),
        owner: OWNER.to_owned(),
        ttl_s: u32::try_from(life.get() / 1000).unwrap_or(u32::MAX),
        epoch: 1,
        decision,
    }
}

fn page(told: &[Told], folder: &Path) -> Page {
    let mut page = Page::default();
    page.title("The first launches, by an agent that speaks the Model Context Protocol");
    page.line(format!("Rules: {}. The same from a shell:", folder.join("night.rego").display()));
    page.line(format!("tradewind mcp call launch_spot --world {} --cloud ...", folder.display()));
    let mut grid = Grid::new(["cloud", "call", "what came of it"].map(|name| (name, Side::Left)));
    for Told { cloud, what, came } in told {
        grid.row([cloud.clone(), what.clone(), came.clone()]);
    }
    page.table("Calls", grid);
    page.line("Who asked, who said yes and what came of it stands in a chain of hashes: `tradewind audit verify`.");
    page
}

#[cfg(test)]
mod tests;
