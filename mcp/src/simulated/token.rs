//! What a cloud does with a launch that it has seen: by token, by request id, or by name.

use serde::{Deserialize, Serialize};
use tradewind_core::hash;
use tradewind_core::time::{Millis, Time};

use super::cloud::{Cloud, Found};
use super::traits::{OnOtherArguments, Reason, TokenKind};
use crate::control::Control;
use crate::refusal::Refusal;
use crate::tools::node::Launch;

/// A launch that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Of what was asked for.
    pub(super) arguments: String,
    /// What it made.
    pub(super) nodes: Vec<String>,
    /// When.
    pub(super) at: Time,
}

/// What is to be done about a launch.
pub(super) enum Seen {
    /// It is new.
    No,
    /// It was done: these are its nodes.
    Done(Vec<String>),
    /// It was done, and asks for other machines now.
    Changed(Vec<String>),
}

impl Cloud<'_> {
    /// The token of a call, as this cloud wants it; in another scope it is another call.
    pub fn token(&self, control: &Control, scope: &str) -> String {
        let d = &control.decision;
        let name = match self.traits.token.kind {
            // The name of what is launched, whoever asks under whatever key.
            TokenKind::ResourceName => format!("{}/{}/{}/{scope}", d.allocation, d.node, d.attempt),
            TokenKind::ClientToken | TokenKind::RequestId => {
                format!("{}/{}/{scope}", control.owner, control.idempotency_key)
            }
        };
        format!("tw-{}", &hash::of_bytes(name.as_bytes())[..40])
    }

    /// Whether the launch was seen.
    pub fn seen(&mut self, token: &str, launch: &Launch) -> Result<Seen, Refusal> {
        self.forget_tokens();
        let Some(known) = self.world.tokens.get(token) else { return Ok(Seen::No) };
        if known.arguments == hash::of(launch) {
            return Ok(Seen::Done(known.nodes.clone()));
        }
        match self.traits.token.on_other_arguments {
            OnOtherArguments::Ignore => Ok(Seen::Done(known.nodes.clone())),
            OnOtherArguments::Update => Ok(Seen::Changed(known.nodes.clone())),
            OnOtherArguments::Refuse => {
                let message = format!("{token} was used for another launch at {}", known.at);
                Err(self.traits.refuse(Reason::OtherArguments, message))
            }
        }
    }

    /// Remembers a launch.
    pub fn remember(&mut self, token: &str, launch: &Launch, nodes: &[String]) {
        let token_of = Token { arguments: hash::of(launch), nodes: nodes.to_vec(), at: self.now() };
        self.world.tokens.insert(token.to_owned(), token_of);
    }

    /// Forgets what this cloud forgets: after a window, or with what was made.
    fn forget_tokens(&mut self) {
        let (now, rule, nodes) = (self.now(), self.traits.token, &self.world.nodes);
        let window = Millis::from_secs(rule.window_s);
        self.world.tokens.retain(|_, token| {
            let ended = token.nodes.iter().filter_map(|id| nodes.get(id));
            match rule.kind {
                TokenKind::RequestId => now < token.at + window,
                TokenKind::ResourceName => ended.into_iter().any(super::node::Node::is_there),
                TokenKind::ClientToken => {
                    let last = ended.map(|n| n.ended_at.unwrap_or(now)).max().unwrap_or(token.at);
                    now < last.max(token.at) + window
                }
            }
        });
    }

    /// The name of a node, unique in its place. Where requests are known by their id only, the name is what protects later.
    /// A name is free again when its node is gone; the next node of the name has an id and a bill of its own.
    pub fn node_id(&mut self, control: &Control, index: u32, place: &str) -> Result<String, Refusal> {
        let named = match self.traits.token.kind {
            TokenKind::ClientToken => format!("{}", self.world.number()),
            TokenKind::RequestId | TokenKind::ResourceName => {
                let d = &control.decision;
                format!("{}/{}/{}/{place}", d.allocation, index, d.attempt)
            }
        };
        let mut id = node_id(&named);
        let mut again = 0;
        while let Some(node) = self.world.nodes.get(&id) {
            if node.is_there() {
                return Err(self.traits.refuse(Reason::NameTaken, format!("a node {id} exists in {place}")));
            }
            again += 1;
            id = node_id(&format!("{named}/{again}"));
        }
        Ok(id)
    }

    /// Changes the machines of nodes in place.
    pub fn change(&mut self, nodes: &[String], found: Found<'_>) {
        let (now, price) = (self.now(), self.price(found));
        for id in nodes {
            let Some(node) = self.world.nodes.get_mut(id).filter(|n| n.is_up()) else { continue };
            if node.offer != found.index {
                node.offer = found.index;
                node.meter.reprice(now, price);
                self.world.tell(now, id, "changed", "another machine, in place");
            }
        }
    }
}

fn node_id(named: &str) -> String {
    format!("n-{}", &hash::of_bytes(named.as_bytes())[..17])
}
