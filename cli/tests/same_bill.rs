//! The simulator and the simulated clouds are one world: what a replication launches and releases, done by calls of
//! tools on clouds of the same seed, is interrupted at the same millisecond and billed to the same nano-dollar.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::Desk;
use tradewind_core::market::CapacityType;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_mcp::control::{Control, Decision, State};
use tradewind_mcp::provider::{Call, Caller, Provider};
use tradewind_mcp::simulated::{InMemory, Simulated};
use tradewind_mcp::tools::launch_spot;
use tradewind_mcp::tools::node::{Launch, Launched, NodeState};
use tradewind_mcp::tools::{Reply, Request};
use tradewind_sim::plan::{Model, Span, Stop, What, World, simulate, timeline};

/// A node of an allocation, launched for the so-and-so-manieth time.
type Life = (usize, u32, u32);

/// What happens to nodes, in order of time; releases before launches of the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Release(Life),
    Lost(Life),
    Launch(Life),
}

/// The acts of a replication: every life of every planned node.
fn acts(plan: &Plan, spans: &[Span]) -> Vec<(Time, Act)> {
    let places: Vec<(usize, u32)> =
        plan.allocations.iter().enumerate().flat_map(|(a, x)| (0..x.count).map(move |n| (a, n))).collect();
    let start = plan.rules.horizon.start;
    let mut lives: BTreeMap<u32, u32> = BTreeMap::new();
    let mut acts = Vec::new();
    for span in spans {
        let What::Node { lost, .. } = span.what else { continue };
        let (a, n) = places[span.node as usize];
        let attempt = lives.entry(span.node).or_insert(0);
        let life = (a, n, *attempt);
        *attempt += 1;
        acts.push((start + Millis::new(span.from), Act::Launch(life)));
        acts.push((start + Millis::new(span.until), if lost { Act::Lost(life) } else { Act::Release(life) }));
    }
    acts.sort_unstable();
    acts
}

/// One cloud of the plan's market.
struct Cloud(Simulated);

impl Cloud {
    fn call(&self, plan: &Plan, (a, n, attempt): Life, state: State, now: Time, node_ids: Vec<String>) -> Launched {
        let allocation = &plan.allocations[a];
        let launch = Launch {
            region: allocation.region.region().to_owned(),
            zone: None,
            instance_type: allocation.instance_type.clone(),
            count: 1,
            min_count: None,
            node_ids,
        };
        let decision = Decision { allocation: allocation.id.clone(), node: n, attempt, purpose: "launch".to_owned() };
        let control = Control {
            state,
            idempotency_key: format!("{a}-{n}-{attempt}-{state:?}"),
            owner: "test".to_owned(),
            ttl_s: 604_800,
            epoch: 1,
            decision,
        };
        let request = match allocation.capacity_type {
            CapacityType::OnDemand => Request::ProvisionCompute(launch),
            CapacityType::Spot => Request::LaunchSpot(launch_spot::Request { launch, max_usd_per_hour: None }),
        };
        let caller = Caller { name: "test".to_owned(), role: "operator".to_owned(), drives_time: true };
        let call =
            Call { request, control: Some(control), caller, now: Some(now), trace: None, approval: Default::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        match runtime.block_on(self.0.call(&call)).expect("done").reply {
            Reply::ProvisionCompute(launched) | Reply::LaunchSpot(launched) => launched,
            other => panic!("another tool's reply: {other:?}"),
        }
    }
}

#[test]
fn lives_and_bills_are_those_of_the_simulator() {
    let desk = Desk::new("same-bill");
    let job =
        r#"{"id":"j","count":40,"vcpus":8,"memory":"16GiB","runtime":"20h","interruptible":true,"clouds":["gcp"]}"#;
    let sure = r#"{"id":"k","count":3,"vcpus":4,"memory":"8GiB","runtime":"3h","clouds":["aws"]}"#;
    desk.write("q.jsonl", format!("{job}\n{sure}\n"));
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    let mut plan: Plan = serde_json::from_str(&desk.read("p.json")).expect("a plan");
    // Taken back often: interruptions are what is compared.
    plan.market.hazards.iter_mut().for_each(|h| h.value = 0.6);
    let interruptions: u32 = (0..10).map(|seed| compare(&plan, Seed(seed))).sum();
    assert!(interruptions >= 10, "{interruptions} interruptions were compared");
}

/// Runs a replication both ways; its interruptions.
fn compare(plan: &Plan, seed: Seed) -> u32 {
    let model = Model::new(plan, &World::default()).expect("a sound plan");
    let outcome = simulate(&model, seed, Stop::Trials(1), 1, &|_| ()).outcomes.remove(0);
    assert_eq!(outcome.moved, 0, "no task has on-demand behind it");
    let market = Arc::new(plan.market.clone());
    let clouds: BTreeMap<String, Cloud> = ["aws", "gcp"]
        .into_iter()
        .filter(|cloud| market.clouds.iter().any(|c| c.name == *cloud))
        .map(|cloud| {
            let simulated = Simulated::new(cloud, market.clone(), seed, Box::new(InMemory)).expect("a cloud");
            (cloud.to_owned(), Cloud(simulated))
        })
        .collect();
    let mut ids: BTreeMap<Life, String> = BTreeMap::new();
    for (now, act) in acts(plan, &timeline(&model, seed, 0)) {
        let (Act::Launch(life) | Act::Lost(life) | Act::Release(life)) = act;
        let cloud = &clouds[plan.allocations[life.0].region.cloud()];
        match act {
            Act::Launch(_) => {
                let launched = cloud.call(plan, life, State::Present, now, vec![]);
                ids.insert(life, launched.nodes[0].node_id.clone());
            }
            // Its end is the same call as its owner's; only that it came too late.
            Act::Lost(_) | Act::Release(_) => {
                let ended = cloud.call(plan, life, State::Absent, now, vec![ids[&life].clone()]);
                let node = &ended.nodes[0];
                assert_eq!((node.state, node.ended_at), (NodeState::Terminated, Some(now)), "{act:?}");
                let history = cloud.0.world();
                let is_lost = history.events().any(|e| e.id == ids[&life] && e.what == "interrupted");
                assert_eq!(is_lost, matches!(act, Act::Lost(_)), "{act:?}");
            }
        }
    }
    let bill = |(life, id): (&Life, &String)| {
        let cloud = &clouds[plan.allocations[life.0].region.cloud()];
        cloud.0.world().bill_of(id).expect("over")
    };
    let billed: Usd = ids.iter().map(bill).sum();
    let simulated = outcome.compute + outcome.boot + outcome.idle + outcome.rules + outcome.address;
    assert_eq!(billed.nanos(), simulated, "{} nodes, {} interruptions", ids.len(), outcome.interruptions);
    outcome.interruptions
}
