//! Whose the limits on calls are: those of a backend that keeps none are kept in front of it, and none twice.

use std::sync::Arc;

use tradewind_core::clock::FixedClock;
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;

use super::*;
use crate::approval::Approvals;
use crate::conformance::Names;
use crate::layers::{Governed, Register, Settings, VirtualTimer};
use crate::limits::Limit;
use crate::provider::{Call, Provider};
use crate::refusal::{Class, Refusal};
use crate::simulated::{InMemory, Simulated, Traits};
use crate::tools::{Request, get_quotas};

fn limits(cloud: &str) -> &'static [Limit] {
    &Traits::of(cloud).expect("a cloud").limits
}

/// All layers around a backend, at an instant that stands still.
fn governed<P: Provider>(backend: P, cloud: &str, limits: &'static [Limit]) -> Governed<P> {
    let name = format!("tradewind-governed-{}-{cloud}-{}.jsonl", std::process::id(), limits.len());
    let audit = std::env::temp_dir().join(name);
    let settings = Settings {
        cloud: cloud.to_owned(),
        timer: Arc::new(VirtualTimer(now)),
        register: Arc::new(Register::in_memory().expect("memory")),
        audit: audit.clone(),
        rules: vec![],
        approvals: Approvals::in_memory(Arc::new(FixedClock(now()))).expect("randomness"),
        budget: Usd::from_nanos(i64::MAX),
        incident: Box::new(|| None),
        limits,
        seed: Seed(1),
    };
    let governed = Governed::new(backend, settings).expect("sound settings");
    // The open file keeps working without its name.
    std::fs::remove_file(audit).expect("ours");
    governed
}

/// Reads that get through until one is refused, and how it is refused.
fn through(provider: &impl Provider) -> (usize, Refusal) {
    let read = Call { request: Request::GetQuotas(get_quotas::Request::default()), control: None, ..call("k") };
    for done in 0..100_000 {
        if let Err(refusal) = run(provider, &read) {
            return (done, refusal);
        }
    }
    panic!("there is no limit");
}

#[test]
fn a_backend_without_limits_of_its_own_is_kept_within_those_of_its_cloud() {
    for cloud in Traits::clouds() {
        let backend = Arc::new(Scripted::default());
        let (done, refusal) = through(&governed(backend.clone(), cloud, limits(cloud)));
        let told = (refusal.code.as_ref(), refusal.class, refusal.cloud_code.as_deref());
        assert_eq!(told, ("TW5010", Class::Throttled, None), "{cloud}: the cloud said nothing");
        assert_eq!(backend.calls(), done, "{cloud}: what is refused here does not reach it");
        assert!(done >= 100, "{cloud}: {done}");
    }
}

#[test]
fn a_simulated_cloud_refuses_by_itself_and_no_call_is_counted_twice() {
    for names in Names::all() {
        let cloud =
            || Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
        let (alone, by_itself) = through(&cloud());
        let (done, refusal) = through(&governed(cloud(), names.cloud, &[]));
        assert_eq!(done, alone, "{}: as many calls get through the layers", names.cloud);
        assert_eq!(refusal.cloud_code, by_itself.cloud_code, "{}: in the cloud's own word", names.cloud);
        assert!(refusal.cloud_code.is_some(), "{}", names.cloud);
    }
}
