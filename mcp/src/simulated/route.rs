//! `failover_route`: where a name leads.

use serde::{Deserialize, Serialize};
use tradewind_core::time::{Millis, Time};

use super::cloud::Cloud;
use super::tag::Tag;
use super::traits::Reason;
use crate::control::Control;
use crate::refusal::Refusal;
use crate::tools::failover_route::{Reply, Request, Target};

/// A name with its targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub(super) tag: Tag,
    pub(super) targets: Vec<Target>,
    pub(super) revision: u32,
    pub(super) in_sync_at: Time,
}

impl Cloud<'_> {
    /// `failover_route`.
    pub fn failover_route(&mut self, request: &Request, control: &Control) -> Result<Reply, Refusal> {
        let in_sync_at = self.now() + Millis::from_secs(self.traits.route_sync_s);
        if control.wants_absent() {
            return match self.world.routes.remove(&request.route) {
                Some(Route { revision, .. }) => Ok(told(request, &[], revision + 1, in_sync_at)),
                None => Err(self.traits.refuse(Reason::NoSuchThing, format!("no route {:?}", request.route))),
            };
        }
        self.check_weights(&request.targets)?;
        let tag = Tag::new(control, &self.token(control, &request.route), self.now());
        let fresh = || Route { tag, targets: Vec::new(), revision: 0, in_sync_at };
        let route = self.world.routes.entry(request.route.clone()).or_insert_with(fresh);
        if route.targets != request.targets {
            (route.targets, route.in_sync_at) = (request.targets.clone(), in_sync_at);
            route.revision += 1;
        }
        let (revision, in_sync_at) = (route.revision, route.in_sync_at);
        self.world.tell(self.world.now, &request.route, "routed", format!("revision {revision}"));
        Ok(told(request, &request.targets, revision, in_sync_at))
    }

    fn check_weights(&self, targets: &[Target]) -> Result<(), Refusal> {
        let refuse = |message: String| Err(self.traits.refuse(Reason::BadWeight, message));
        if let Some(heavy) = targets.iter().find(|t| t.weight > self.traits.most_weight) {
            let message = format!("{}: weight {} is above {}", heavy.host, heavy.weight, self.traits.most_weight);
            return refuse(message);
        }
        if targets.iter().all(|t| t.weight == 0) {
            return refuse("no target has a weight above 0: the name would lead nowhere".to_owned());
        }
        Ok(())
    }
}

fn told(request: &Request, targets: &[Target], revision: u32, in_sync_at: Time) -> Reply {
    Reply { route: request.route.clone(), targets: targets.to_vec(), revision, in_sync_at }
}
