//! Ctrl-C: one ends what runs, whatever it is at.
#![cfg(unix)]

mod common;

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use common::Desk;

const SIGINT: i32 = 2;
/// What a signal is given to end a command, and no command here would end in by itself.
const SOON: Duration = Duration::from_secs(60);
/// Far more than fit in it.
const LONG: [&str; 4] = ["bench", "validate", "--scenarios=1000000", "--sample=100000"];

/// Starts `tradewind`, sends it one Ctrl-C after a while, and waits; whether it ended, and how.
fn interrupted(desk: &Desk, arguments: &[&str], after: Duration) -> Option<ExitStatus> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradewind"));
    command.args(arguments).current_dir(desk.path("")).stdin(Stdio::null());
    let mut child: Child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command starts");
    std::thread::sleep(after);
    assert_eq!(child.try_wait().expect("a child"), None, "it ended before it was interrupted");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    let begun = Instant::now();
    while begun.elapsed() < SOON {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().and_then(|()| child.wait()).expect("an end");
    None
}

/// Of the demo's queue it plans first, and then holds the plan's intervals for hours: one Ctrl-C ends the one as the
/// other. Before it listens the signal has its default.
#[test]
fn one_interrupt_ends_a_validation_in_any_part() {
    let desk = Desk::new("signals");
    for after in [500, 3_000, 12_000].map(Duration::from_millis) {
        let status = interrupted(&desk, &LONG, after).unwrap_or_else(|| panic!("it goes on after {after:?}"));
        assert!(status.code() == Some(130) || status.signal() == Some(SIGINT), "{after:?}: {status}");
    }
}
