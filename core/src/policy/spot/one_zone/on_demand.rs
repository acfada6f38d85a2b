//! On-demand from start to end: what it costs to be safe.

use crate::policy::spot::Kind;

use super::{Moment, Rule, Setting};

/// Never spot.
#[derive(Debug, Clone, Copy)]
pub struct OnDemand;

impl Rule for OnDemand {
    fn choose(&mut self, _: &Setting, _: &Moment) -> Option<Kind> {
        Some(Kind::OnDemand)
    }
}
