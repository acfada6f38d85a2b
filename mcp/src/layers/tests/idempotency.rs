use std::sync::Arc;

use tokio::sync::Notify;

use super::*;
use crate::layers::{Idempotency, Register, VirtualTimer};
use crate::provider::{Call, Pending, Provider};
use crate::refusal::Class;
use crate::tools::Request;

fn around<P: Provider>(inner: P, register: &Arc<Register>) -> Idempotency<P> {
    Idempotency::new(inner, register.clone(), Arc::new(VirtualTimer(now)))
}

fn register() -> Arc<Register> {
    Arc::new(Register::in_memory().expect("memory"))
}

#[test]
fn a_repeat_is_answered_from_the_register() {
    let inner = Arc::new(Scripted::default());
    let layer = around(inner.clone(), &register());
    let first = run(&layer, &call("k")).expect("done");
    let again = run(&layer, &call("k")).expect("replayed");
    assert_eq!((first.replayed, again.replayed, inner.calls()), (false, true, 1));
    assert_eq!(first.reply, again.reply);
    run(&layer, &call("other")).expect("another call");
    assert_eq!(inner.calls(), 2);
}

#[test]
fn a_new_leader_finishes_what_an_old_one_began() {
    let layer = around(Scripted::default(), &register());
    run(&layer, &call("k")).expect("done");
    let mut later = call("k");
    if let Some(control) = &mut later.control {
        (control.epoch, control.ttl_s) = (9, 60);
    }
    assert!(run(&layer, &later).expect("replayed").replayed);
}

#[test]
fn other_arguments_under_a_key_are_a_conflict() {
    let layer = around(Scripted::default(), &register());
    run(&layer, &call("k")).expect("done");
    let mut other = call("k");
    if let Request::RotateSecret(request) = &mut other.request {
        request.secret = "another".to_owned();
    }
    let refusal = run(&layer, &other).expect_err("a conflict");
    assert_eq!((refusal.code.as_ref(), refusal.class), ("TW5002", Class::Conflict));
}

#[test]
fn a_refused_call_leaves_its_key_free() {
    let inner = Arc::new(Scripted::new([Err(refusal(Class::Capacity)), done()]));
    let layer = around(inner.clone(), &register());
    assert!(run(&layer, &call("k")).is_err());
    assert!(!run(&layer, &call("k")).expect("done").replayed);
    assert_eq!(inner.calls(), 2);
}

#[test]
fn a_call_that_may_have_been_done_stays_open_over_a_crash() {
    let register = register();
    let lost = around(Scripted::new([Err(refusal(Class::Unavailable))]), &register);
    assert!(run(&lost, &call("k")).is_err());
    drop(lost);
    let mut other = call("k");
    if let Request::RotateSecret(request) = &mut other.request {
        request.secret = "another".to_owned();
    }
    let inner = Arc::new(Scripted::default());
    let restarted = around(inner.clone(), &register);
    assert_eq!(run(&restarted, &other).expect_err("the key is taken").code, "TW5002");
    assert!(!run(&restarted, &call("k")).expect("done").replayed);
    assert!(run(&restarted, &call("k")).expect("replayed").replayed);
    assert_eq!(inner.calls(), 1);
}

/// Answers when it is told to.
struct Slow(Notify);

impl Provider for Slow {
    fn call<'a>(&'a self, _: &'a Call) -> Pending<'a> {
        Box::pin(async {
            self.0.notified().await;
            done()
        })
    }
}

#[test]
fn a_key_that_is_under_way_is_told_so() {
    let slow = Arc::new(Slow(Notify::new()));
    let layer = around(slow.clone(), &register());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (one, two) = (call("k"), call("k"));
    let (first, second) = runtime.block_on(async {
        tokio::join!(layer.call(&one), async {
            let second = layer.call(&two).await;
            slow.0.notify_one();
            second
        })
    });
    assert!(first.is_ok());
    let refusal = second.expect_err("under way");
    assert_eq!((refusal.code.as_ref(), refusal.retry_after_ms), ("TW5003", Some(1000)));
}
