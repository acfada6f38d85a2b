use std::sync::Arc;

use tradewind_core::seed::Seed;

use super::*;
use crate::layers::{Retry, VirtualTimer};
use crate::refusal::Class;

fn around(outcomes: Vec<crate::provider::Outcome>) -> (Arc<Scripted>, Retry<Arc<Scripted>>) {
    let inner = Arc::new(Scripted::new(outcomes));
    (inner.clone(), Retry::new(inner, Arc::new(VirtualTimer(now)), Seed(1)))
}

#[test]
fn what_may_succeed_is_tried_four_times() {
    let failing = || Err(refusal(Class::Unavailable));
    let (inner, retry) = around(vec![failing(), failing(), done()]);
    assert!(run(&retry, &call("k")).is_ok());
    assert_eq!(inner.calls(), 3);
    let (inner, retry) = around((0..9).map(|_| failing()).collect());
    assert!(run(&retry, &call("k")).is_err());
    assert_eq!(inner.calls(), 4);
}

#[test]
fn what_meets_the_same_is_not_tried_again() {
    for class in [Class::Quota, Class::Denied, Class::Invalid, Class::Conflict, Class::Fenced, Class::Capacity] {
        let (inner, retry) = around(vec![Err(refusal(class))]);
        assert!(run(&retry, &call("k")).is_err());
        assert_eq!(inner.calls(), 1, "{class:?}");
    }
}

#[test]
fn a_long_wait_is_the_callers() {
    let (inner, retry) = around(vec![Err(refusal(Class::Throttled).retryable_after(60_000))]);
    assert_eq!(run(&retry, &call("k")).expect_err("throttled").retry_after_ms, Some(60_000));
    assert_eq!(inner.calls(), 1);
}

#[test]
fn retries_are_a_tenth_of_the_calls_when_all_fail() {
    let calls = 2000;
    let (inner, retry) = around((0..9 * calls).map(|_| Err(refusal(Class::Unavailable))).collect());
    for n in 0..calls {
        assert!(run(&retry, &call(&n.to_string())).is_err());
    }
    // A hundred were saved up.
    let retries = inner.calls() - calls;
    assert!((200..=300).contains(&retries), "{retries}");
}
