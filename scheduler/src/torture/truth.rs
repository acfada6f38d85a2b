//! What the run may have and what it knows of, by the names that the clouds tag their nodes with.

use std::collections::{BTreeMap, BTreeSet};

use crate::run::script::Home;
use crate::run::{Intent, Run};

/// What an allocation may have.
pub(super) struct Allowed {
    cloud: String,
    region: String,
    pub nodes: u32,
}

impl Allowed {
    pub fn is_at(&self, cloud: &str, zone: &str) -> bool {
        self.cloud == cloud && zone.starts_with(&self.region)
    }
}

/// What each allocation may have: nodes as planned, and those behind tasks that left spot.
pub(super) fn allowed(run: &Run) -> BTreeMap<String, Allowed> {
    let mut all = BTreeMap::new();
    for node in &run.state().nodes {
        let site = run.script().site(node.home);
        let (cloud, region) = (site.cloud, site.region);
        all.entry(site.allocation).or_insert(Allowed { cloud, region, nodes: 0 }).nodes += 1;
    }
    all
}

/// The nodes that a run knows or has asked for: allocation, index, attempt.
pub(super) fn known(run: &Run) -> BTreeSet<(String, u32, u32)> {
    let state = run.state();
    let name = |node: u32, attempt: u32| {
        let home = state.nodes[node as usize].home;
        let (Home::Planned(_, index) | Home::Behind(_, index)) = home;
        (run.script().site(home).allocation, index, attempt)
    };
    let mut all: BTreeSet<_> = state.lives.iter().map(|life| name(life.node, life.attempt)).collect();
    for call in state.open.values() {
        if let Intent::Launch { nodes, attempt, .. } = &call.intent {
            all.extend(nodes.iter().map(|&node| name(node, *attempt)));
        }
    }
    all
}
