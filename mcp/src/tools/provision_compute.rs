//! `provision_compute`: nodes on demand.

use super::{About, Effect};

/// What is asked.
pub type Request = super::node::Launch;
/// What is answered.
pub type Reply = super::node::Launched;

pub(super) const ABOUT: About = About {
    title: "Launch or terminate nodes on demand",
    text: "Launches on-demand nodes, or terminates nodes. Kept until released or the TTL ends.",
    effect: Effect::Changes,
};
