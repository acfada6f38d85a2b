//! `rotate_secret`: versions without values.

use serde::{Deserialize, Serialize};
use tradewind_core::hash;

use super::cloud::Cloud;
use super::tag::Tag;
use super::traits::{Reason, VersionNames};
use crate::control::Control;
use crate::refusal::Refusal;
use crate::tools::rotate_secret::{Reply, Request, Version};

/// Versions that are told of.
const MOST_TOLD: usize = 10;

/// A secret: what is known of it without knowing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    pub(super) tag: Tag,
    /// The newest last; the stage is told, not kept.
    pub(super) versions: Vec<Version>,
    /// Of the calls that made them: a repeat makes no other.
    pub(super) tokens: Vec<String>,
}

impl Cloud<'_> {
    /// `rotate_secret`.
    pub fn rotate_secret(&mut self, request: &Request, control: &Control) -> Result<Reply, Refusal> {
        if control.wants_absent() {
            return self.disable(request);
        }
        let now = self.now();
        let token = self.token(control, &request.secret);
        if self.world.secrets.get(&request.secret).is_some_and(|s| s.tokens.contains(&token)) {
            return Ok(self.told_secret(&request.secret));
        }
        let (tag, traits) = (Tag::new(control, &token, now), self.traits);
        let name = request.secret.clone();
        let secret =
            self.world.secrets.entry(name).or_insert_with(|| Secret { tag, versions: Vec::new(), tokens: Vec::new() });
        secret.tokens.push(token);
        let number = secret.versions.len() + 1;
        let version = version_name(traits.secret_versions, &request.secret, number);
        secret.versions.push(Version {
            version: version.clone(),
            stage: String::new(),
            enabled: true,
            created_at: now,
        });
        self.world.tell(now, &request.secret, "rotated", version);
        Ok(self.told_secret(&request.secret))
    }

    fn disable(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let versions = self.world.secrets.get_mut(&request.secret).map(|s| &mut s.versions);
        let wanted = |v: &&mut Version| request.version.as_ref().is_some_and(|w| *w == v.version);
        let Some(version) = versions.and_then(|v| v.iter_mut().find(wanted)) else {
            let version = request.version.as_deref().unwrap_or_default();
            let message = format!("no version {version:?} of the secret {:?}", request.secret);
            return Err(self.traits.refuse(Reason::NoSuchThing, message));
        };
        version.enabled = false;
        Ok(self.told_secret(&request.secret))
    }

    fn told_secret(&self, name: &str) -> Reply {
        let newest = self.world.secrets.get(name).into_iter().flat_map(|s| s.versions.iter().rev()).take(MOST_TOLD);
        let stage = |age: usize| self.traits.secret_stages[age.min(2)].clone();
        let versions = newest.enumerate().map(|(age, v)| Version { stage: stage(age), ..v.clone() }).collect();
        Reply { secret: name.to_owned(), versions }
    }
}

/// The name of the `number`th version, as the cloud makes them.
fn version_name(names: VersionNames, secret: &str, number: usize) -> String {
    let digits = hash::of_bytes(format!("{secret}#{number}").as_bytes());
    match names {
        VersionNames::Number => number.to_string(),
        VersionNames::Hex => digits[..32].to_owned(),
        VersionNames::Uuid => {
            let d = &digits;
            format!("{}-{}-{}-{}-{}", &d[..8], &d[8..12], &d[12..16], &d[16..20], &d[20..32])
        }
    }
}
