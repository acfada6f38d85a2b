//! From an intent to the call of a tool: the same intent is the same call, whoever leads and however often it is sent.

use tradewind_core::hash;
use tradewind_core::market::CapacityType;
use tradewind_core::stint::Rhythm;
use tradewind_core::time::Millis;
use tradewind_mcp::control::{Control, Decision, State as Wanted};
use tradewind_mcp::tools::node::Launch;
use tradewind_mcp::tools::{Request, get_health, get_quotas, launch_spot, submit_ml_job};

use super::call::{Call, Intent};
use super::script::{Home, Script, Site};
use super::state::State;

/// How long what is made may live: the longest that the tools admit. The run ends it long before; if nobody leads any
/// more, this does.
const TTL_S: u32 = 604_800;
/// Longest runtime that can be told to a live cloud, seconds.
const MOST_RUNTIME_S: i64 = 2_592_000;
/// Resources in one look.
const MOST_SEEN: u32 = 1000;

/// A call as it goes to its cloud.
pub fn request(script: &Script, state: &State, call: &Call) -> (Request, Option<Control>) {
    let control = |decision: Decision, wanted: Wanted| {
        let key = key(script, call, &decision, wanted);
        Some(Control {
            state: wanted,
            idempotency_key: key,
            owner: script.owner.clone(),
            ttl_s: TTL_S,
            epoch: state.epoch,
            decision,
        })
    };
    match &call.intent {
        Intent::Quotas => (Request::GetQuotas(get_quotas::Request::default()), None),
        Intent::Look => {
            let owner = Some(script.owner.clone());
            (Request::GetHealth(get_health::Request { owner, limit: MOST_SEEN, ..Default::default() }), None)
        }
        Intent::Launch { nodes, attempt, zone } => {
            let (site, index) = place(script, state, nodes[0]);
            let decision = decision(&site.allocation, index, *attempt, "launch");
            (nodes_request(&site, nodes.len() as u32, zone.clone(), vec![]), control(decision, Wanted::Present))
        }
        Intent::End { lives } => {
            let first = &state.lives[lives[0] as usize];
            let (site, index) = place(script, state, first.node);
            let ids: Vec<String> = lives.iter().map(|&l| state.lives[l as usize].id.clone()).collect();
            let decision = decision(&site.allocation, index, first.attempt, "end");
            (nodes_request(&site, ids.len() as u32, None, ids), control(decision, Wanted::Absent))
        }
        Intent::Start { task, stint, nodes, resume } => {
            let moved = state.tasks[*task as usize].moved;
            let request = start(script, (*task, *stint), moved, nodes, *resume);
            (request, control(task_decision(script, *task, *stint, "start"), Wanted::Present))
        }
        Intent::Stop { task, stint } => {
            let request = start(script, (*task, *stint), false, &["gone".to_owned()], Millis::ZERO);
            (request, control(task_decision(script, *task, *stint, "stop"), Wanted::Absent))
        }
    }
}

/// The key of a call: of all that makes it another call, and of nothing else.
fn key(script: &Script, call: &Call, decision: &Decision, wanted: Wanted) -> String {
    let name = (&script.owner, &call.cloud, &call.intent, decision.to_string(), wanted);
    format!("tw-{}", &hash::of(&name)[..52])
}

fn place(script: &Script, state: &State, node: u32) -> (Site, u32) {
    let home = state.nodes[node as usize].home;
    let (Home::Planned(_, index) | Home::Behind(_, index)) = home;
    (script.site(home), index)
}

fn decision(allocation: &str, node: u32, attempt: u32, purpose: &str) -> Decision {
    Decision { allocation: allocation.to_owned(), node, attempt, purpose: purpose.to_owned() }
}

/// A task has the name in its decisions under which its chance is drawn.
fn task_decision(script: &Script, task: u32, stint: u32, purpose: &str) -> Decision {
    decision(&script.job(task).id, script.task(task).index, stint, purpose)
}

fn nodes_request(site: &Site, count: u32, zone: Option<String>, node_ids: Vec<String>) -> Request {
    let min_count = (!site.together && node_ids.is_empty()).then_some(1);
    let (region, instance_type) = (site.region.clone(), site.instance_type.clone());
    let launch = Launch { region, zone, instance_type, count, min_count, node_ids };
    match site.capacity_type {
        CapacityType::OnDemand => Request::ProvisionCompute(launch),
        CapacityType::Spot => Request::LaunchSpot(launch_spot::Request { launch, max_usd_per_hour: None }),
    }
}

fn start(script: &Script, (task, stint): (u32, u32), moved: bool, nodes: &[String], resume: Millis) -> Request {
    let (planned, rhythm) = (script.task(task), script.rhythm(task, moved));
    let seconds = |hours: f64| (Millis::from_hours_f64(hours).get() / 1000).clamp(1, MOST_RUNTIME_S) as u32;
    let ms = |time: Millis| time.get().unsigned_abs();
    let interval = if rhythm.interval == Rhythm::NEVER { Millis::ZERO } else { rhythm.interval };
    let law = submit_ml_job::Law {
        median_h: planned.runtime.median,
        sigma: planned.runtime.sigma,
        interval_ms: ms(interval),
        save_ms: ms(rhythm.save),
        restore_ms: ms(rhythm.restore),
    };
    let name = hash::of(&(&script.owner, &script.job(task).id, planned.index, stint));
    Request::SubmitMlJob(submit_ml_job::Request {
        name: format!("tw-{}", &name[..40]),
        node_ids: nodes.to_vec(),
        managed: None,
        command: script.job(task).command.clone(),
        runtime_p50_s: seconds(planned.runtime.median),
        runtime_p95_s: Some(seconds(planned.runtime.upper_quantile(0.05))),
        checkpoint_interval_s: seconds(interval.hours()),
        resume_from_ms: ms(resume),
        law: Some(law),
    })
}
