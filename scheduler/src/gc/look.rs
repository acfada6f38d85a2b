//! What a cloud shows of ours.

use tradewind_core::time::Time;
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::tools::get_health::{self, Resource};
use tradewind_mcp::tools::{Reply, Request};

use super::holding::Holding;
use super::owner::Owners;
use crate::drive::Hands;

/// Resources in one look: the most that the tool shows.
const MOST_SEEN: u32 = 1000;

/// What a cloud shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// What is there, as the cloud lists it.
    pub holdings: Vec<Holding>,
    /// Whether the cloud may hold more than it shows at once.
    pub is_cut: bool,
}

/// Looks at everything of ours on a cloud, whoever owns it.
///
/// # Errors
/// The cloud does not answer.
pub async fn look(hands: &impl Hands, cloud: &str, owners: &Owners, now: Time) -> Result<Census, Refusal> {
    let request = get_health::Request { limit: MOST_SEEN, ..Default::default() };
    let reply = hands.call(cloud, now, Request::GetHealth(request), None).await?;
    let Reply::GetHealth(health) = reply else {
        let help = "ask again; if it stays so, the server is of another version";
        return Err(Refusal::new("TW5013", Class::Unavailable, "get_health was answered by another tool", help));
    };
    let is_cut = health.resources.len() >= MOST_SEEN as usize;
    let there = health.resources.into_iter().filter(is_there);
    let holdings = there.map(|resource| Holding::new(cloud, resource, owners, now)).collect();
    Ok(Census { holdings, is_cut })
}

/// Whether something is there that holds or costs anything: a job on a node ends with it, and costs what the node does.
fn is_there(resource: &Resource) -> bool {
    match resource.kind.as_str() {
        "node" => resource.state != "terminated",
        "job" => resource.place.is_empty() && matches!(resource.state.as_str(), "waiting" | "running"),
        _ => true,
    }
}
