//! `create_storage_bucket`: object storage, and data staged into it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tradewind_core::cost::{staging_cost, staging_time};
use tradewind_core::money::Usd;
use tradewind_core::place::RegionName;
use tradewind_core::size::Bytes;

use super::agenda::{Due, Kind};
use super::cloud::Cloud;
use super::tag::Tag;
use super::traits::{BucketAgain, Reason};
use crate::control::Control;
use crate::refusal::{Class, Refusal};
use crate::tools::create_storage_bucket::{Copied, Copy, Reply, Request};

/// A bucket with its datasets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    pub(super) tag: Tag,
    pub(super) region: String,
    pub(super) datasets: BTreeMap<String, Copied>,
}

impl Cloud<'_> {
    /// `create_storage_bucket`.
    pub fn create_storage_bucket(&mut self, request: &Request, control: &Control) -> Result<Reply, Refusal> {
        let name = &request.name;
        if control.wants_absent() {
            return self.delete_bucket(name);
        }
        self.check_bucket_name(name)?;
        let to = RegionName::new(&self.world.cloud, &request.region);
        let Some(to) = self.market.region_index(&to) else {
            return Err(self.traits.refuse(Reason::NoSuchType, format!("no region {:?}", request.region)));
        };
        let token = self.token(control, &request.region);
        let is_repeat = self.world.buckets.get(name).is_some_and(|b| b.tag.token == token);
        let is_new = !self.world.buckets.contains_key(name);
        if is_new {
            let tag = Tag::new(control, &token, self.now());
            self.world.agenda.note(tag.expires_at, Due::Expired(Kind::Bucket, name.clone()));
            let bucket = Bucket { tag, region: request.region.clone(), datasets: BTreeMap::new() };
            self.world.buckets.insert(name.clone(), bucket);
        } else if !is_repeat && request.copy_from.is_empty() && self.traits.bucket.again == BucketAgain::Refuse {
            return Err(self.traits.refuse(Reason::NameTaken, format!("the bucket {name:?} is there")));
        }
        let copied = request.copy_from.iter().map(|c| self.copied(c, to)).collect::<Result<Vec<_>, _>>()?;
        if let Some(bucket) = self.world.buckets.get_mut(name) {
            for copy in copied {
                bucket.datasets.entry(copy.dataset.clone()).or_insert(copy);
            }
        }
        Ok(self.told_bucket(name, is_new, None))
    }

    /// What copying a dataset here takes and costs.
    fn copied(&self, copy: &Copy, to: u16) -> Result<Copied, Refusal> {
        let from = copy.location.parse::<RegionName>().ok().and_then(|r| self.market.region_index(&r));
        let size = Bytes::new(copy.bytes);
        let cost = from.and_then(|from| staging_cost(self.market, from, to, size, self.now(), self.now()));
        let Some(cost) = cost else {
            let message = format!("no transfer price from {}", copy.location);
            return Err(Refusal::new("TW2009", Class::Invalid, message, "name a place as cloud/region"));
        };
        let ready_at = self.now() + staging_time(self.market, to, size);
        Ok(Copied { dataset: copy.dataset.clone(), bytes: copy.bytes, ready_at, egress_usd: cost.egress })
    }

    fn check_bucket_name(&self, name: &str) -> Result<(), Refusal> {
        let rule = &self.traits.bucket;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let sound = (rule.least..=rule.most).contains(&name.len())
            && name.chars().all(|c| plain(c) || rule.extra.contains(c))
            && name.starts_with(plain)
            && name.ends_with(plain);
        let extra: String = rule.extra.chars().map(|c| format!(" {c}")).collect();
        let accepted = format!("{} to {} of a-z 0-9{extra}", rule.least, rule.most);
        let message = format!("{name:?} is no bucket name here: {accepted}");
        if sound { Ok(()) } else { Err(self.traits.refuse(Reason::BadName, message)) }
    }

    fn delete_bucket(&mut self, name: &str) -> Result<Reply, Refusal> {
        if !self.world.buckets.contains_key(name) {
            return Err(self.traits.refuse(Reason::NoSuchThing, format!("no bucket {name:?}")));
        }
        let told = self.told_bucket(name, false, Some(self.storage_bill(name)));
        self.world.buckets.remove(name);
        self.world.tell(self.world.now, name, "deleted", "");
        Ok(told)
    }

    /// What keeping the datasets was billed, each from when its copy was asked for.
    fn storage_bill(&self, name: &str) -> Usd {
        let Some(bucket) = self.world.buckets.get(name) else { return Usd::ZERO };
        let region = self.market.region_index(&RegionName::new(&self.world.cloud, &bucket.region));
        let Some(region) = region else { return Usd::ZERO };
        let facts = &self.market.clouds[usize::from(self.market.regions[usize::from(region)].cloud)];
        let kept = |c: &Copied| {
            let began = c.ready_at - staging_time(self.market, region, Bytes::new(c.bytes));
            facts.storage.times(Bytes::new(c.bytes), self.now() - began)
        };
        bucket.datasets.values().map(kept).sum()
    }

    pub(super) fn expire_bucket(&mut self, name: &str) {
        if self.delete_bucket(name).is_ok() {
            self.world.tell(self.world.now, name, "expired", "");
        }
    }

    fn told_bucket(&self, name: &str, created: bool, billed_usd: Option<Usd>) -> Reply {
        let datasets = self.world.buckets.get(name).map(|b| b.datasets.values().cloned().collect());
        Reply { name: name.to_owned(), created, datasets: datasets.unwrap_or_default(), billed_usd }
    }
}
