use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tradewind_core::clock::Clock;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

use super::*;
use crate::approval::{Approval as Has, Approvals, Binding, Claim, Inbox, OPEN_FOR, Sealer};
use crate::control::State;
use crate::layers::{Approval, Policy, Register};
use crate::provider::Call;
use crate::refusal::{Class, Refusal};
use crate::tools::{Request, failover_route};

/// A clock that a test turns.
#[derive(Default)]
struct Turned(AtomicI64);

impl Clock for Turned {
    fn now(&self) -> Time {
        now() + Millis::new(self.0.load(Ordering::Relaxed))
    }
}

type Layer = Approval<Policy<Arc<Scripted>>>;

/// A layer around our rules and a backend, and the hands on its clock.
struct Scene {
    layer: Layer,
    clock: Arc<Turned>,
    backend: Arc<Scripted>,
    approvals: Approvals,
}

fn scene(inbox: Inbox) -> Scene {
    let (clock, backend) = (Arc::new(Turned::default()), Arc::new(Scripted::default()));
    let approvals = Approvals { sealer: Sealer::new([7; 32]), clock: clock.clone(), inbox };
    let policy = Policy::new(backend.clone(), "aws", &[]).expect("our rules");
    let register = Arc::new(Register::in_memory().expect("memory"));
    Scene { layer: Approval::new(policy, approvals.clone(), register), clock, backend, approvals }
}

/// A call that our rules want a yes for.
fn risky(key: &str) -> Call {
    let mut call = call(key);
    call.control.as_mut().expect("a control").state = State::Absent;
    call
}

fn asked(scene: &Scene, call: &Call) -> String {
    let refusal = run(&scene.layer, call).expect_err("a yes is needed");
    assert_eq!((refusal.code.as_ref(), refusal.class), ("TW5019", Class::Denied), "{refusal}");
    refusal.approval.expect("a ticket").state
}

fn answered(call: &Call, state: &str, by: &str) -> Call {
    let claim = Claim::Answer { state: state.to_owned(), by: by.to_owned() };
    Call { approval: Has::Claimed(claim), ..call.clone() }
}

fn told(outcome: crate::provider::Outcome) -> String {
    let refusal = outcome.expect_err("refused");
    assert_eq!((refusal.code.as_ref(), refusal.class), ("TW5020", Class::Denied), "{refusal}");
    refusal.message
}

#[test]
fn a_yes_lets_one_call_through_once_and_says_who_gave_it() {
    let scene = scene(Inbox::default());
    let call = risky("k");
    let state = asked(&scene, &call);
    assert_eq!(scene.backend.calls(), 0);
    let done = run(&scene.layer, &answered(&call, &state, "Ada")).expect("approved");
    assert_eq!((done.approved_by.as_deref(), scene.backend.calls()), (Some("Ada"), 1));
    assert_eq!(told(run(&scene.layer, &answered(&call, &state, "Ada"))), "the approval does not hold: it was used");
    assert_eq!(scene.backend.calls(), 1);
}

#[test]
fn what_needs_no_yes_is_not_asked_about() {
    let scene = scene(Inbox::default());
    run(&scene.layer, &call("k")).expect("done");
    assert_eq!(scene.backend.calls(), 1);
}

#[test]
fn nobody_approves_their_own_call_and_a_no_is_a_no() {
    let scene = scene(Inbox::default());
    let call = risky("k");
    let state = asked(&scene, &call);
    let mut seen = Vec::new();
    for by in ["test", " TEST ", "", "a\nb"] {
        seen.push(told(run(&scene.layer, &answered(&call, &state, by))));
    }
    let declined = Call { approval: Has::Claimed(Claim::Declined), ..call.clone() };
    seen.push(told(run(&scene.layer, &declined)));
    insta::assert_snapshot!(seen.join("\n"), @r#"
    the approval does not hold: "test" makes the call: somebody else has to approve it
    the approval does not hold: "TEST" makes the call: somebody else has to approve it
    the approval does not hold: it says nobody's name in 1 to 64 characters
    the approval does not hold: it says nobody's name in 1 to 64 characters
    the approval does not hold: it was declined
    "#);
    let forged = Call {
        approval: Has::Given(crate::approval::Given { by: "Ada".to_owned(), way: crate::approval::Way::Form }),
        ..call
    };
    assert_eq!(run(&scene.layer, &forged).expect_err("only the layer gives").code, "TW5019");
    assert_eq!(scene.backend.calls(), 0);
}

#[test]
fn a_lost_answer_leaves_the_yes_to_the_same_call() {
    let scene = scene(Inbox::default());
    let call = risky("k");
    let state = asked(&scene, &call);
    let lost = Arc::new(Scripted::new([Err(refusal(Class::Unavailable)), Err(refusal(Class::Conflict))]));
    let register = Arc::new(Register::in_memory().expect("memory"));
    let layer = Approval::new(lost.clone(), scene.approvals, register);
    let approved = answered(&call, &state, "Ada");
    assert_eq!(run(&layer, &approved).expect_err("lost").class, Class::Unavailable);
    assert_eq!(run(&layer, &approved).expect_err("answered").class, Class::Conflict);
    assert_eq!(told(run(&layer, &approved)), "the approval does not hold: it was used");
    assert_eq!(lost.calls(), 2);
}

#[test]
fn a_grant_is_left_in_the_folder_for_clients_that_cannot_be_asked() {
    let folder = std::env::temp_dir().join(format!("tradewind-inbox-{}", std::process::id()));
    let scene = scene(Inbox::new(folder.clone()));
    let call = risky("k");
    asked(&scene, &call);
    let waiting = scene.approvals.inbox.waiting(now()).expect("a folder");
    let [one] = &waiting[..] else { panic!("one question: {waiting:?}") };
    assert_eq!(
        (one.tool.as_str(), one.state.as_str(), one.ticket == Binding::of(&call).ticket()),
        ("rotate_secret", "absent", true)
    );
    let grant = scene.approvals.sealer.grant(&one.binding, one.until, "Grace").expect("randomness");
    scene.approvals.inbox.grant(&one.ticket, &grant).expect("a folder");
    assert_eq!(scene.approvals.inbox.waiting(now()).expect("a folder"), []);
    let done = run(&scene.layer, &call).expect("granted");
    assert_eq!(done.approved_by.as_deref(), Some("Grace"));
    // Copied before it was taken, and left again: used.
    scene.approvals.inbox.grant(&one.ticket, &grant).expect("a folder");
    assert_eq!(told(run(&scene.layer, &call)), "the approval does not hold: it was used");
    // Carried by the client instead: the same seal.
    let carried = Call { approval: Has::Claimed(Claim::Grant(grant)), ..risky("other") };
    assert!(told(run(&scene.layer, &carried)).contains("altered, or belongs to another call"));
    std::fs::remove_dir_all(folder).expect("ours");
}

#[test]
fn questions_end_and_do_not_pile_up() {
    let folder: PathBuf = std::env::temp_dir().join(format!("tradewind-piles-{}", std::process::id()));
    let scene = scene(Inbox::new(folder.clone()));
    for key in 0..5 {
        asked(&scene, &risky(&format!("k{key}")));
        asked(&scene, &risky(&format!("k{key}")));
    }
    assert_eq!(scene.approvals.inbox.waiting(now()).expect("a folder").len(), 5);
    assert_eq!(scene.approvals.inbox.waiting(now() + OPEN_FOR).expect("a folder").len(), 0);
    assert_eq!(std::fs::read_dir(folder.join("asked")).expect("a folder").count(), 0);
    for name in ["../asked", "", "x y"] {
        assert_eq!(scene.approvals.inbox.take_grant(name).expect("no file"), None, "{name:?}");
    }
    std::fs::remove_dir_all(folder).expect("ours");
}

/// Changes one place of a state, by seed: a character, a cut, or one too many.
fn altered(state: &str, n: u64) -> String {
    let mut bytes = state.as_bytes().to_vec();
    let at = (Seed(n).bits("where", 0) % bytes.len() as u64) as usize;
    match n % 4 {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, b'A'),
        _ => bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' },
    }
    String::from_utf8(bytes).expect("ASCII")
}

/// One tampered call by its kind, made from a sound one and its state.
fn tampered(scene: &Scene, kind: u64, n: u64) -> Call {
    let call = risky(&format!("k{n}"));
    let state = scene.approvals.sealer.ask(&Binding::of(&call), now() + OPEN_FOR).expect("randomness");
    match kind {
        0 => answered(&call, &altered(&state, n), "Ada"),
        1 => {
            let ended =
                scene.approvals.sealer.ask(&Binding::of(&call), now() - Millis::new(n as i64)).expect("randomness");
            answered(&call, &ended, "Ada")
        }
        2 => {
            let sound = answered(&call, &state, "Ada");
            run(&scene.layer, &sound).expect("the first time");
            sound
        }
        3 => {
            let route = failover_route::Request { route: "api.example".to_owned(), targets: vec![] };
            answered(&Call { request: Request::FailoverRoute(route), ..call }, &state, "Ada")
        }
        _ => {
            let mut other = answered(&call, &state, "Ada");
            other.caller.name = format!("another-{n}");
            other
        }
    }
}

#[test]
fn ten_thousand_tampered_states_are_refused() {
    let scene = scene(Inbox::default());
    let mut refused = [0; 5];
    for n in 0..10_000 {
        let kind = n % 5;
        let tampered = tampered(&scene, kind, n);
        let before = scene.backend.calls();
        let refusal: Refusal = run(&scene.layer, &tampered).expect_err("tampered");
        assert_eq!((refusal.code.as_ref(), scene.backend.calls()), ("TW5020", before), "{kind} {n}: {refusal}");
        refused[kind as usize] += 1;
    }
    assert_eq!(refused, [2_000; 5], "altered, ended, replayed, another tool's, another caller's");
    // Turned instead of sealed in the past: the same end.
    let call = risky("late");
    let state = asked(&scene, &call);
    scene.clock.0.store(OPEN_FOR.get(), Ordering::Relaxed);
    assert_eq!(
        told(run(&scene.layer, &answered(&call, &state, "Ada"))),
        "the approval does not hold: its time is over"
    );
}
