//! `deploy_model`: models behind an endpoint, with shares of its traffic.

use serde::{Deserialize, Serialize};
use tradewind_core::market::CapacityType;
use tradewind_core::money::UsdPerHour;
use tradewind_core::time::Time;

use super::agenda::{Due, Kind};
use super::cloud::Cloud;
use super::tag::Tag;
use super::traits::Reason;
use crate::control::Control;
use crate::refusal::Refusal;
use crate::tools::deploy_model::{Reply, Request, Variant};

/// An endpoint with its models, the first deployed first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub(super) tag: Tag,
    pub(super) models: Vec<Model>,
}

/// A model behind an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    pub(super) name: String,
    pub(super) offer: u32,
    pub(super) count: u32,
    pub(super) percent: u8,
    /// When its machines are up.
    pub(super) ready_at: Time,
}

impl Cloud<'_> {
    /// `deploy_model`.
    pub fn deploy_model(&mut self, request: &Request, control: &Control) -> Result<Reply, Refusal> {
        if control.wants_absent() {
            return self.roll_back(request);
        }
        let found = self.find(&request.region, &request.instance_type, CapacityType::OnDemand)?;
        self.check_quota(found, request.count)?;
        let boot = self.facts(found.offer).boot.mean();
        let (now, ready_at) = (self.now(), self.now() + boot);
        let tag = Tag::new(control, &self.token(control, &request.region), now);
        let name = request.endpoint.clone();
        self.world.agenda.note(tag.expires_at, Due::Expired(Kind::Endpoint, name.clone()));
        let endpoint = self.world.endpoints.entry(name).or_insert_with(|| Endpoint { tag, models: Vec::new() });
        match endpoint.models.iter_mut().find(|m| m.name == request.model) {
            Some(model) => (model.offer, model.count) = (found.index, request.count),
            None => {
                let name = request.model.clone();
                endpoint.models.push(Model { name, offer: found.index, count: request.count, percent: 0, ready_at });
            }
        }
        share(&mut endpoint.models, &request.model, request.traffic_percent);
        Ok(self.told_endpoint(&request.endpoint))
    }

    /// Takes a model away: the others take its share.
    fn roll_back(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let endpoint = self.world.endpoints.get_mut(&request.endpoint);
        let Some(endpoint) = endpoint.filter(|e| e.models.iter().any(|m| m.name == request.model)) else {
            let message = format!("no model {:?} behind {:?}", request.model, request.endpoint);
            return Err(self.traits.refuse(Reason::NoSuchThing, message));
        };
        share(&mut endpoint.models, &request.model, 0);
        endpoint.models.retain(|m| m.name != request.model);
        if endpoint.models.is_empty() {
            self.world.endpoints.remove(&request.endpoint);
        }
        self.world.tell(self.world.now, &request.endpoint, "rolled back", request.model.clone());
        Ok(self.told_endpoint(&request.endpoint))
    }

    pub(super) fn expire_endpoint(&mut self, name: &str) {
        if self.world.endpoints.remove(name).is_some() {
            self.world.tell(self.world.now, name, "expired", "");
        }
    }

    fn told_endpoint(&self, name: &str) -> Reply {
        let models = self.world.endpoints.get(name).map_or(&[][..], |e| &e.models);
        let variant = |m: &Model| Variant {
            model: m.name.clone(),
            traffic_percent: m.percent,
            in_service: m.ready_at <= self.now(),
        };
        let rate = |m: &Model| self.offer(m.offer).price.nanos().saturating_mul(i64::from(m.count));
        Reply {
            endpoint: name.to_owned(),
            variants: models.iter().map(variant).collect(),
            usd_per_hour: UsdPerHour::from_nanos(models.iter().map(rate).sum()),
        }
    }
}

/// Gives a model its share, and the others the rest in proportion to what they had; shares sum to 100. A model
/// that is alone has all of it, one that leaves none.
fn share(models: &mut [Model], name: &str, percent: u8) {
    let others: u32 = models.iter().filter(|m| m.name != name).map(|m| u32::from(m.percent)).sum();
    let percent = if others == 0 && percent > 0 { 100 } else { percent };
    let rest = u32::from(100 - percent);
    let (mut before, mut given) = (0, 0);
    for model in models {
        if model.name == name {
            model.percent = percent;
            continue;
        }
        before += u32::from(model.percent);
        let upto = (rest * before).checked_div(others).unwrap_or(0);
        model.percent = (upto - given) as u8;
        given = upto;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(models: &[(&str, u8)], name: &str, percent: u8) -> Vec<u8> {
        let model = |(name, percent): &(&str, u8)| Model {
            name: (*name).to_owned(),
            offer: 0,
            count: 1,
            percent: *percent,
            ready_at: Time::from_ms(0),
        };
        let mut models: Vec<Model> = models.iter().map(model).collect();
        share(&mut models, name, percent);
        models.iter().map(|m| m.percent).collect()
    }

    #[test]
    fn shares_sum_to_a_hundred() {
        assert_eq!(shares(&[("a", 0)], "a", 5), [100], "alone it has all");
        assert_eq!(shares(&[("a", 100), ("b", 0)], "b", 5), [95, 5], "a canary");
        assert_eq!(shares(&[("a", 95), ("b", 5)], "b", 0), [100, 0], "rolled back");
        assert_eq!(shares(&[("a", 33), ("b", 33), ("c", 34)], "c", 1), [49, 50, 1]);
        assert_eq!(shares(&[("a", 0), ("b", 100)], "b", 100), [0, 100]);
    }
}
