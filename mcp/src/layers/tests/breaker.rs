use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tradewind_core::time::Millis;

use super::*;
use crate::layers::{Breaker, VirtualTimer};
use crate::refusal::Class;

#[test]
fn five_failures_open_the_circuit_and_one_call_tries_after_half_a_minute() {
    let second = Arc::new(AtomicI64::new(0));
    let clock = second.clone();
    let timer = VirtualTimer(move || now() + Millis::from_secs(clock.load(Ordering::Relaxed)));
    let failing = || Err(refusal(Class::Unavailable));
    let inner = Arc::new(Scripted::new((0..6).map(|_| failing())));
    let breaker = Breaker::new(inner.clone(), Arc::new(timer));
    for _ in 0..5 {
        assert_eq!(run(&breaker, &call("k")).expect_err("fails").code, "TW5013");
    }
    let open = run(&breaker, &call("k")).expect_err("open");
    assert_eq!((open.code.as_ref(), open.retry_after_ms, inner.calls()), ("TW5017", Some(30_000), 5));
    second.store(30, Ordering::Relaxed);
    assert_eq!(run(&breaker, &call("k")).expect_err("tried and failed").code, "TW5013");
    assert_eq!(run(&breaker, &call("k")).expect_err("open again").code, "TW5017");
    second.store(60, Ordering::Relaxed);
    assert!(run(&breaker, &call("k")).is_ok(), "tried and closed");
    assert!(run(&breaker, &call("k")).is_ok());
    assert_eq!(inner.calls(), 8);
}

#[test]
fn a_refusal_is_an_answer() {
    let inner = Arc::new(Scripted::new((0..50).map(|_| Err(refusal(Class::Quota)))));
    let breaker = Breaker::new(inner.clone(), Arc::new(VirtualTimer(now)));
    for _ in 0..50 {
        assert_eq!(run(&breaker, &call("k")).expect_err("refused").class, Class::Quota);
    }
    assert_eq!(inner.calls(), 50);
}
