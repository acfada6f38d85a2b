use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

use super::*;
use crate::conformance::Names;
use crate::layers::{Buckets, Timer, VirtualTimer, Wait};
use crate::provider::{Call, Provider};
use crate::refusal::Class;
use crate::simulated::{InMemory, Simulated, Traits};
use crate::tools::{Request, get_quotas};

/// A clock that waiting moves.
struct Turned(AtomicI64);

impl Timer for Turned {
    fn now(&self) -> Time {
        Time::from_ms(self.0.load(Ordering::Relaxed))
    }

    fn wait(&self, time: Millis) -> Wait<'_> {
        self.0.fetch_add(time.get(), Ordering::Relaxed);
        Box::pin(ready(()))
    }
}

fn read() -> Call {
    Call { request: Request::GetQuotas(get_quotas::Request::default()), control: None, ..call("k") }
}

#[test]
fn a_full_bucket_is_waited_for_at_its_own_pace() {
    let limits = &Traits::of("aws").expect("a cloud").limits;
    let clock = Arc::new(Turned(AtomicI64::new(now().ms())));
    let buckets = Buckets::new(Scripted::default(), limits, clock.clone());
    // A hundred at once, then twenty a second (mcp/data/clouds.toml).
    for (calls, elapsed) in [(100, 0), (20, 1_000), (200, 11_000)] {
        (0..calls).for_each(|_| assert!(run(&buckets, &read()).is_ok()));
        assert_eq!(clock.now() - now(), Millis::new(elapsed));
    }
}

#[test]
fn who_would_wait_long_is_told_how_long_and_the_cloud_is_not_called() {
    let limits = &Traits::of("gcp").expect("a cloud").limits;
    let clock = Arc::new(Turned(AtomicI64::new(now().ms())));
    let inner = Arc::new(Scripted::default());
    let buckets = Buckets::new(inner.clone(), limits, clock.clone());
    (0..1500).for_each(|_| assert!(run(&buckets, &read()).is_ok()));
    let refusal = run(&buckets, &read()).expect_err("a minute is full");
    let told = (refusal.code.as_ref(), refusal.class, refusal.retryable, refusal.retry_after_ms);
    assert_eq!(told, ("TW5010", Class::Throttled, true, Some(60_000)));
    assert_eq!(refusal.cloud_code, None, "the cloud said nothing");
    assert_eq!((inner.calls(), clock.now()), (1500, now()));
    drop(clock.wait(Millis::from_secs(57)));
    assert!(run(&buckets, &read()).is_ok(), "three seconds are waited for");
    assert_eq!(clock.now(), now() + Millis::from_secs(60));
}

#[test]
fn where_waiting_takes_no_time_it_ends_all_the_same() {
    let limits = &Traits::of("aws").expect("a cloud").limits;
    let buckets = Buckets::new(Scripted::default(), limits, Arc::new(VirtualTimer(now)));
    let done = (0..1_000).take_while(|_| run(&buckets, &read()).is_ok()).count();
    assert_eq!(done, 100);
    assert!(run(&buckets, &read()).is_err());
}

/// The clock of a simulated cloud; waiting lets its time pass.
struct OfTheCloud(Arc<Simulated>);

impl Timer for OfTheCloud {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn wait(&self, time: Millis) -> Wait<'_> {
        self.0.pass(self.0.now() + time).expect("in memory");
        Box::pin(ready(()))
    }
}

fn run_dyn(provider: &dyn Provider, call: &Call) -> crate::provider::Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(provider.call(call))
}

#[test]
fn a_cloud_behind_it_never_throttles() {
    for names in Names::all() {
        let bare =
            || Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
        let limits = &Traits::of(names.cloud).expect("a cloud").limits;
        let throttled = |provider: &dyn Provider| {
            let outcomes = (0..13_000).map(|_| run_dyn(provider, &read()));
            outcomes.filter(|o| o.as_ref().is_err_and(|r| r.cloud_code.is_some())).count()
        };
        assert!(throttled(&bare()) > 0, "{}: it does by itself", names.cloud);
        let cloud = Arc::new(bare());
        let buckets = Buckets::new(cloud.clone(), limits, Arc::new(OfTheCloud(cloud.clone())));
        assert_eq!(throttled(&buckets), 0, "{}", names.cloud);
    }
}
