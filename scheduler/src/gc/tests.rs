//! Orphans that are planted in a simulated cloud behind fence and idempotency.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_mcp::conformance::Names;
use tradewind_mcp::control::{Control, State};
use tradewind_mcp::layers::{Fence, Idempotency, Register, VirtualTimer};
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::simulated::{InMemory, Simulated};
use tradewind_mcp::tools::node::Launch;
use tradewind_mcp::tools::scale_nodepool::{self, Buys};
use tradewind_mcp::tools::{Reply, Request};

use super::{Census, Holding, Orphan, Outcome, Owner, Owners, Standing, end, look, may_end};
use crate::drive::{Direct, Hands};

/// A cloud, the runs that are known, and the time.
struct Scene {
    names: Names,
    cloud: Arc<Simulated>,
    hands: Direct,
    owners: Owners,
    now: Time,
}

impl Scene {
    fn new(cloud: &str) -> Self {
        let names = Names::of(cloud).expect("a cloud of the cases");
        let market = Arc::new(names.market());
        let now = market.as_of;
        let simulated = Arc::new(Simulated::new(cloud, market, Seed(1), Box::new(InMemory)).expect("a cloud"));
        let register = Arc::new(Register::in_memory().expect("memory"));
        let clock = simulated.clone();
        let timer = Arc::new(VirtualTimer(move || clock.now()));
        let kept = Idempotency::new(simulated.clone(), register.clone(), timer);
        let hands = Direct(BTreeMap::from([(cloud.to_owned(), Arc::new(Fence::new(kept, register)) as _)]));
        let owner = |standing| Owner {
            standing,
            epoch: 2,
            jobs: BTreeMap::from([("a-1".to_owned(), BTreeSet::from(["train".to_owned()]))]),
        };
        let owners = Owners::from([
            ("run-goes-on".to_owned(), owner(Standing::Unfinished)),
            ("run-over".to_owned(), owner(Standing::Over)),
            ("run-cancelled".to_owned(), owner(Standing::Cancelled)),
        ]);
        Self { names, cloud: simulated, hands, owners, now }
    }

    async fn call(&self, owner: &str, epoch: u64, key: &str, ttl_s: u32, request: Request) -> Result<Reply, Refusal> {
        let control = Control {
            state: State::Present,
            idempotency_key: key.to_owned(),
            owner: owner.to_owned(),
            ttl_s,
            epoch,
            // Some clouds know a node by its decision alone.
            decision: format!("a-1/{}/0/launch", Seed(7).bits(owner, 0) >> 40).parse().expect("a decision"),
        };
        self.hands.call(self.names.cloud, self.now, request, Some(control)).await
    }

    /// A node of somebody, for so long.
    async fn plant(&self, owner: &str, ttl_s: u32) {
        self.call(owner, 1, &format!("k-{owner}"), ttl_s, self.node()).await.expect("a node");
    }

    fn node(&self) -> Request {
        let (region, instance_type) = (self.names.region.to_owned(), self.names.small.to_owned());
        Request::ProvisionCompute(Launch {
            region,
            zone: None,
            instance_type,
            count: 1,
            min_count: None,
            node_ids: vec![],
        })
    }

    async fn look(&self) -> Vec<Holding> {
        let Census { holdings, is_cut } =
            look(&self.hands, self.names.cloud, &self.owners, self.now).await.expect("an answer");
        assert!(!is_cut);
        holdings
    }

    /// Owners of what is there, and why nobody needs it.
    async fn orphans(&self) -> Vec<(String, Option<Orphan>)> {
        let mut all: Vec<_> = self.look().await.into_iter().map(|h| (h.resource.owner, h.orphan)).collect();
        all.sort();
        all
    }

    /// Ends all orphans that may be ended, as the command does.
    async fn sweep(&self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for holding in self.look().await.iter().filter(|h| h.orphan.is_some() && may_end(h)) {
            outcomes.extend(end(&self.hands, holding, &self.owners, self.now).await);
        }
        outcomes
    }
}

fn block_on(course: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(course);
}

#[test]
fn what_belongs_to_no_run_or_to_one_that_is_over_is_an_orphan_and_ends() {
    for names in Names::all() {
        block_on(async {
            let mut scene = Scene::new(names.cloud);
            for owner in ["run-goes-on", "run-over", "run-cancelled", "stranger"] {
                scene.plant(owner, 86_400).await;
            }
            scene.now = scene.now + Millis::HOUR;
            let why = |owner: &str, orphan| (owner.to_owned(), orphan);
            assert_eq!(
                scene.orphans().await,
                [
                    why("run-cancelled", Some(Orphan::RunWasCancelled)),
                    why("run-goes-on", None),
                    why("run-over", Some(Orphan::RunIsOver)),
                    why("stranger", Some(Orphan::OfNoRun)),
                ]
            );
            let jobs = scene.look().await.into_iter().map(|h| h.jobs.join(",")).collect::<Vec<_>>();
            assert_eq!(jobs.iter().filter(|j| *j == "train").count(), 3, "{jobs:?}");
            let outcomes = scene.sweep().await;
            assert!(matches!(
                outcomes[..],
                [Outcome::Ended(Some(_)), Outcome::Ended(Some(_)), Outcome::Ended(Some(_))]
            ));
            assert_eq!(scene.orphans().await, [why("run-goes-on", None)], "the node of a run that goes on stays");
            assert!(scene.sweep().await.is_empty(), "once is enough");
            assert_eq!(scene.cloud.world().inventory().len(), 1, "the cloud agrees with what it shows");
        });
    }
}

/// On these clouds a guest that shuts itself down is billed on: only a call ends it.
#[test]
fn a_node_that_outlived_its_time_is_an_orphan_though_its_run_goes_on() {
    block_on(async {
        let mut scene = Scene::new("azure");
        scene.plant("run-goes-on", 3600).await;
        assert_eq!(scene.orphans().await, [("run-goes-on".to_owned(), None)]);
        scene.now = scene.now + Millis::from_hours(2);
        assert_eq!(scene.orphans().await, [("run-goes-on".to_owned(), Some(Orphan::PastItsTime))]);
        assert!(matches!(scene.sweep().await[..], [Outcome::Ended(Some(_))]));
        assert!(scene.orphans().await.is_empty());
    });
}

#[test]
fn a_call_of_the_dead_leader_that_comes_after_the_sweep_is_refused() {
    block_on(async {
        let mut scene = Scene::new("aws");
        scene.plant("run-over", 86_400).await;
        scene.now = scene.now + Millis::HOUR;
        scene.sweep().await;
        let late = scene.call("run-over", 1, "late", 86_400, scene.node()).await;
        assert_eq!(late.map_err(|refusal| refusal.class), Err(Class::Fenced));
    });
}

#[test]
fn the_same_sweep_twice_is_one_call() {
    block_on(async {
        let mut scene = Scene::new("gcp");
        scene.plant("stranger", 86_400).await;
        scene.now = scene.now + Millis::HOUR;
        let seen = scene.look().await;
        let first = end(&scene.hands, &seen[0], &scene.owners, scene.now).await;
        // Killed before it read the answer, it sweeps what it saw again, later.
        scene.now = scene.now + Millis::from_hours(9);
        assert_eq!(end(&scene.hands, &seen[0], &scene.owners, scene.now).await, first);
    });
}

#[test]
fn a_pool_ends_with_its_nodes_and_does_not_replace_them() {
    block_on(async {
        let mut scene = Scene::new("aws");
        let (region, instance_type) = (scene.names.region.to_owned(), scene.names.small.to_owned());
        let pool = scale_nodepool::Request {
            pool: "web".to_owned(),
            region,
            zone: None,
            instance_type,
            capacity_type: Buys::OnDemand,
            desired: 2,
            min: 0,
            max: 4,
        };
        scene.call("stranger", 1, "pool", 86_400, Request::ScaleNodepool(pool)).await.expect("a pool");
        scene.now = scene.now + Millis::HOUR;
        assert_eq!(scene.orphans().await.len(), 3);
        scene.sweep().await;
        scene.sweep().await;
        assert!(scene.orphans().await.is_empty());
    });
}
