use std::sync::Arc;

use super::*;
use crate::layers::{Fence, Register};

#[test]
fn an_old_epoch_is_refused_also_by_a_server_that_was_restarted() {
    let path = std::env::temp_dir().join(format!("tradewind-fence-{}.db", std::process::id()));
    let at = |epoch: u64, owner: &str| {
        let mut call = call("k");
        if let Some(control) = &mut call.control {
            (control.epoch, control.owner) = (epoch, owner.to_owned());
        }
        call
    };
    for seen in [5, 7] {
        let register = Arc::new(Register::open(&path).expect("a register"));
        let fence = Fence::new(Scripted::default(), register);
        assert!(run(&fence, &at(seen, "me")).is_ok(), "a new term");
        assert!(run(&fence, &at(seen, "me")).is_ok(), "the same term");
        let old = run(&fence, &at(4, "me")).expect_err("an old term");
        assert_eq!((old.code.as_ref(), old.retryable), ("TW5005", false));
        assert!(run(&fence, &at(1, "you")).is_ok(), "another owner has terms of its own");
    }
    let register = Arc::new(Register::open(&path).expect("a register"));
    let old = run(&Fence::new(Scripted::default(), register), &at(6, "me")).expect_err("an old term");
    assert!(old.message.contains("me has 7"), "{old}");
    std::fs::remove_file(path).expect("ours");
}

#[test]
fn a_register_that_cannot_be_used_is_worth_a_retry() {
    let error = Register::open(&std::env::temp_dir()).err().expect("a folder is no register");
    let refusal = crate::refusal::Refusal::from(error);
    assert_eq!((refusal.code.as_ref(), refusal.retryable), ("TW5016", true));
}
