//! A replication as a timeline in the trace event format, which Perfetto and Chrome show.

use serde_json::{Value, json};
use tradewind_core::plan::Plan;
use tradewind_sim::plan::{Model, Span, What};

/// The file: one process an allocation, one thread a node; what stands behind spot is a process of its own.
pub fn json(plan: &Plan, model: &Model, spans: &[Span]) -> String {
    let jobs: Vec<usize> = model.jobs_of_tasks().collect();
    let mut places: Vec<(usize, u32)> = Vec::with_capacity(model.planned_nodes());
    for (a, allocation) in plan.allocations.iter().enumerate() {
        places.extend((0..allocation.count).map(|n| (a, n)));
    }
    let behind = plan.allocations.len();
    let place = |node: u32| {
        let beyond = (node as usize).saturating_sub(places.len()) as u32;
        places.get(node as usize).copied().unwrap_or((behind, beyond))
    };
    let named =
        |(pid, name): (usize, String)| json!({"ph": "M", "name": "process_name", "pid": pid, "args": {"name": name}});
    let title = |(a, x): (usize, &tradewind_core::plan::Allocation)| {
        (a, format!("{} {} {} {}", x.id, x.region, x.instance_type, x.capacity_type))
    };
    let allocations = plan.allocations.iter().enumerate().map(title);
    let mut events: Vec<Value> = allocations.chain([(behind, "behind spot".to_owned())]).map(named).collect();
    events.extend(spans.iter().map(|s| {
        let (pid, tid) = place(s.node);
        let (name, cat, args) = match s.what {
            What::Node { lost, .. } => ("node".to_owned(), "node", json!({"lost": lost})),
            What::Run { task, cut } => {
                (plan.workload.jobs()[jobs[task as usize]].id.clone(), "task", json!({"cut": cut}))
            }
        };
        json!({"ph": "X", "name": name, "cat": cat, "pid": pid, "tid": tid, "ts": s.from * 1000,
               "dur": (s.until - s.from) * 1000, "args": args})
    }));
    let text = json!({"traceEvents": events, "displayTimeUnit": "ms"});
    format!("{text}\n")
}
