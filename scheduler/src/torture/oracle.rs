//! The oracle: it sees the run and the clouds, and holds one against the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use tradewind_core::money::Usd;
use tradewind_mcp::simulated::{Kind, Simulated};

use super::promise::{Promise, Tally};
use crate::run::Run;

/// Sees everything.
pub(super) struct Oracle {
    pub clouds: BTreeMap<String, Arc<Simulated>>,
    pub tally: Tally,
}

impl Oracle {
    /// After an event.
    pub fn look(&mut self, run: &Run) {
        let allowed = allowed(run);
        let (mut nodes, mut jobs) = (BTreeMap::new(), BTreeMap::new());
        for (cloud, simulated) in &self.clouds {
            for thing in simulated.world().things() {
                match thing.kind {
                    Kind::Node if thing.runs => {
                        let name = thing.decision.allocation;
                        let inside = allowed.get(&name).is_some_and(|a| a.is_at(cloud, &thing.zone));
                        self.tally.look(Promise::R6, inside, || format!("{name} in {} of {cloud}", thing.zone));
                        *nodes.entry(name).or_insert(0) += 1;
                    }
                    Kind::Job if thing.runs => {
                        let task = format!("{}/{}", thing.decision.allocation, thing.decision.node);
                        *jobs.entry(task).or_insert(0) += 1;
                    }
                    _ => {}
                }
            }
        }
        for (name, n) in nodes {
            let most = allowed.get(&name).map_or(0, |a| a.nodes);
            self.tally.look(Promise::R2, n <= most, || format!("{n} nodes of {name}, {most} wanted"));
        }
        for (task, n) in jobs {
            self.tally.look(Promise::R3, n <= 1, || format!("{n} stints of {task} run at once"));
            self.tally.look(Promise::R7, n <= 1, || format!("{task} was started again while it ran"));
        }
    }

    /// At the end of a run.
    pub fn look_back(&mut self, run: &Run) {
        let state = run.state();
        for (t, task) in state.tasks.iter().enumerate() {
            self.tally.look(Promise::R1, task.phase.is_over(), || format!("task {t} is {:?}", task.phase));
            let ends = state.stints.iter().filter(|s| s.task == t as u32 && !s.cut).count();
            self.tally.look(Promise::R3, ends <= 1, || format!("task {t} ended {ends} times"));
        }
        for (cloud, simulated) in &self.clouds {
            let world = simulated.world();
            let left = world.things().filter(|t| t.kind == Kind::Node && t.is_there).count();
            self.tally.look(Promise::R4, left == 0, || format!("{left} nodes are left on {cloud}"));
        }
        let told: Usd = state.lives.iter().filter_map(|l| l.billed).sum();
        let billed: Usd = self.clouds.values().map(|c| c.world().billed()).sum();
        self.tally.look(Promise::R11, told == billed, || format!("the run says {told}, the clouds {billed}"));
    }
}

/// What an allocation may have.
struct Allowed {
    cloud: String,
    region: String,
    nodes: u32,
}

impl Allowed {
    fn is_at(&self, cloud: &str, zone: &str) -> bool {
        self.cloud == cloud && zone.starts_with(&self.region)
    }
}

/// What each allocation may have: nodes as planned, and those behind tasks that left spot.
fn allowed(run: &Run) -> BTreeMap<String, Allowed> {
    let mut all = BTreeMap::new();
    for node in &run.state().nodes {
        let site = run.script().site(node.home);
        let (cloud, region) = (site.cloud, site.region);
        all.entry(site.allocation).or_insert(Allowed { cloud, region, nodes: 0 }).nodes += 1;
    }
    all
}
