//! What limits on calls count, and what of it a call is.

use serde::Deserialize;

use crate::provider::Call;
use crate::tools::Request;

/// What a limit on calls counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Calls that read.
    Reads,
    /// Calls that change something.
    Writes,
    /// Calls that launch nodes.
    LaunchCalls,
    /// Nodes launched.
    LaunchedNodes,
    /// Nodes ended.
    EndedNodes,
}

/// What a call counts as, for the limits on calls.
pub fn counted(call: &Call) -> Vec<(Counted, u64)> {
    let Some(control) = &call.control else {
        // The driver of time looks for events: those come by the cloud's bus of events, no call for each.
        let is_feed = call.caller.drives_time && matches!(&call.request, Request::GetHealth(q) if q.events_only);
        return if is_feed { Vec::new() } else { vec![(Counted::Reads, 1)] };
    };
    let nodes = match &call.request {
        Request::ProvisionCompute(launch) => launch.count,
        Request::LaunchSpot(request) => request.launch.count,
        _ => return vec![(Counted::Writes, 1)],
    };
    if control.wants_absent() {
        return vec![(Counted::Writes, 1), (Counted::EndedNodes, u64::from(nodes))];
    }
    vec![(Counted::Writes, 1), (Counted::LaunchCalls, 1), (Counted::LaunchedNodes, u64::from(nodes))]
}
