use std::sync::Arc;

use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;

use super::*;
use crate::conformance::Names;
use crate::layers::{Idempotency, Register, Retry, VirtualTimer};
use crate::provider::Call;
use crate::simulated::{Fault, InMemory, Simulated, What};
use crate::tools::node::Launch;
use crate::tools::{Reply, Request};

/// Launches 3 nodes on a cloud that loses a third of the replies and a fifth of the calls, each message sent once or
/// twice, the server restarted after every other failure. How many nodes there are in the end.
fn nodes_after_trouble(names: Names, market: &Arc<tradewind_core::market::Market>, seed: u64) -> usize {
    let cloud = Simulated::new(names.cloud, market.clone(), Seed(seed), Box::new(InMemory)).expect("a cloud");
    let cloud = Arc::new(cloud);
    let (from, until) = (cloud.now(), cloud.now() + Millis::from_hours(1));
    for what in [What::ReplyLost { share: 0.33 }, What::Unreachable { share: 0.2 }] {
        cloud.inject(Fault { what, place: String::new(), from, until }).expect("memory");
    }
    let register = Arc::new(Register::in_memory().expect("memory"));
    let timer = Arc::new(VirtualTimer(now));
    let start = || {
        let retry = Retry::new(cloud.clone(), timer.clone(), Seed(seed));
        Idempotency::new(retry, register.clone(), timer.clone())
    };
    let launch = Launch {
        region: names.region.to_owned(),
        zone: None,
        instance_type: names.small.to_owned(),
        count: 3,
        min_count: None,
        node_ids: vec![],
    };
    let call = Call { request: Request::ProvisionCompute(launch), ..call("k") };
    let mut server = start();
    for n in 0..100 {
        let outcome = run(&server, &call);
        let doubled = Seed(seed).bits("doubled", n).is_multiple_of(2);
        let again = if doubled { run(&server, &call) } else { outcome };
        if let Ok(answer) = again {
            let Reply::ProvisionCompute(launched) = answer.reply else { panic!("another reply") };
            assert_eq!(launched.nodes.len(), 3, "seed {seed}");
            break;
        }
        if n % 2 == 0 {
            server = start();
        }
    }
    cloud.world().census()[0].1
}

#[test]
fn no_launch_is_doubled_by_lost_replies_restarts_and_repeats() {
    const SEEDS: u64 = 3_334;
    for names in Names::all() {
        let market = Arc::new(names.market());
        for seed in 0..SEEDS {
            assert_eq!(nodes_after_trouble(names, &market, seed), 3, "{} seed {seed}", names.cloud);
        }
    }
}
