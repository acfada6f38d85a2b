//! `attach_volume`: disks on nodes of their zone.

use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::size::Bytes;
use tradewind_core::time::Time;

use super::agenda::{Due, Kind};
use super::cloud::Cloud;
use super::tag::Tag;
use super::traits::Reason;
use crate::control::Control;
use crate::refusal::Refusal;
use crate::tools::attach_volume::{Reply, Request, VolumeState};

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    pub(super) tag: Tag,
    pub(super) zone: String,
    /// The offer of the node it was made for: whose cloud's disk price holds.
    pub(super) offer: u32,
    pub(super) size_gib: u32,
    pub(super) attached_to: Option<String>,
    pub(super) made_at: Time,
}

impl Cloud<'_> {
    /// `attach_volume`.
    pub fn attach_volume(&mut self, request: &Request, control: &Control) -> Result<Reply, Refusal> {
        if control.wants_absent() {
            return self.detach(request);
        }
        let Some(node) = self.world.nodes.get(&request.node_id).filter(|n| n.is_up()) else {
            let message = format!("no node {:?} that runs", request.node_id);
            return Err(self.traits.refuse(Reason::NoSuchNode, message));
        };
        let (zone, offer) = (node.zone.clone(), node.offer);
        match self.world.volumes.get(&request.volume) {
            Some(volume) => self.check_attachable(volume, request, &zone)?,
            None => {
                let tag = Tag::new(control, &self.token(control, &zone), self.now());
                self.world.agenda.note(tag.expires_at, Due::Expired(Kind::Volume, request.volume.clone()));
                let made_at = self.now();
                let volume = Volume { tag, zone, offer, size_gib: request.size_gib, attached_to: None, made_at };
                self.world.volumes.insert(request.volume.clone(), volume);
            }
        }
        if let Some(volume) = self.world.volumes.get_mut(&request.volume) {
            volume.attached_to = Some(request.node_id.clone());
        }
        self.told_volume(&request.volume, VolumeState::Attached, None)
    }

    fn check_attachable(&self, volume: &Volume, request: &Request, zone: &str) -> Result<(), Refusal> {
        if volume.zone != zone {
            let message = format!("the volume is in {}, the node in {zone}", volume.zone);
            return Err(self.traits.refuse(Reason::WrongZone, message));
        }
        match &volume.attached_to {
            Some(other) if *other != request.node_id => {
                let message = format!("the volume {:?} is on {other}", request.volume);
                Err(self.traits.refuse(Reason::AttachedElsewhere, message))
            }
            _ => Ok(()),
        }
    }

    fn detach(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let Some(volume) = self.world.volumes.get_mut(&request.volume) else {
            let message = format!("no volume {:?}", request.volume);
            return Err(self.traits.refuse(Reason::NoSuchThing, message));
        };
        volume.attached_to = None;
        if request.keep {
            return self.told_volume(&request.volume, VolumeState::Available, None);
        }
        let billed = self.volume_bill(&request.volume);
        let told = self.told_volume(&request.volume, VolumeState::Deleted, billed);
        self.world.volumes.remove(&request.volume);
        told
    }

    /// What a volume is billed until now: what the cloud rounds it up to, for as long as it is there.
    fn volume_bill(&self, name: &str) -> Option<Usd> {
        let volume = self.world.volumes.get(name)?;
        let bytes = Bytes::new(u64::from(self.traits.billed_gib(volume.size_gib)) << 30);
        Some(self.facts(self.offer(volume.offer)).disk.times(bytes, self.now() - volume.made_at))
    }

    /// A node is gone: its volumes are free.
    pub(super) fn detach_all_from(&mut self, node: &str) {
        for volume in self.world.volumes.values_mut().filter(|v| v.attached_to.as_deref() == Some(node)) {
            volume.attached_to = None;
        }
    }

    pub(super) fn expire_volume(&mut self, name: &str) {
        if let Some(bill) = self.volume_bill(name) {
            self.world.volumes.remove(name);
            self.world.tell(self.world.now, name, "expired", format!("billed {bill} USD"));
        }
    }

    fn told_volume(&self, name: &str, state: VolumeState, billed: Option<Usd>) -> Result<Reply, Refusal> {
        let none = || self.traits.refuse(Reason::NoSuchThing, format!("no volume {name:?}"));
        let volume = self.world.volumes.get(name).ok_or_else(none)?;
        Ok(Reply {
            volume_id: name.to_owned(),
            state,
            zone: volume.zone.clone(),
            billed_gib: self.traits.billed_gib(volume.size_gib),
            billed_usd: billed,
        })
    }
}
