use std::path::PathBuf;
use std::sync::Arc;

use tradewind_core::seed::Seed;

use super::*;
use crate::layers::{Audit, Broken, VirtualTimer, verify};
use crate::refusal::Class;

/// A log of so many calls, its text and the head.
fn log(name: &str, calls: usize) -> (PathBuf, Vec<u8>, String) {
    let path = std::env::temp_dir().join(format!("tradewind-{name}-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let inner = Scripted::new([Err(refusal(Class::Quota))]);
    let audit = Audit::new(inner, &path, Arc::new(VirtualTimer(now))).expect("a log");
    for n in 0..calls {
        // What was refused is written too.
        assert_eq!(run(&audit, &call(&n.to_string())).is_err(), n == 0);
    }
    let head = audit.head().hash;
    (path.clone(), std::fs::read(&path).expect("a log"), head)
}

#[test]
fn a_log_is_gone_on_with_and_a_torn_line_is_cut() {
    let (path, text, head) = log("torn", 3);
    assert_eq!(verify(&text[..], None).expect("whole").head.hash, head);
    assert!(!String::from_utf8_lossy(&text).contains("\"db\""), "arguments are hashes");
    std::fs::write(&path, [&text[..], b"{\"seq\":3,\"ti"].concat()).expect("ours");
    let audit = Audit::new(Scripted::default(), &path, Arc::new(VirtualTimer(now))).expect("a log");
    run(&audit, &call("again")).expect("done");
    let verified = verify(&std::fs::read(&path).expect("a log")[..], Some(&head)).expect("whole");
    assert_eq!((verified.head.entries, verified.has_anchor), (4, true));
    std::fs::remove_file(path).expect("ours");
}

/// Single bits, lines removed, swapped and doubled, ends cut off: every one is found.
#[test]
fn ten_thousand_mutations_are_found() {
    let (path, text, head) = log("mutations", 20);
    std::fs::remove_file(path).expect("ours");
    let lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    let pick = |n: u64, of: usize, purpose: &str| (Seed(1).bits(purpose, n) % of as u64) as usize;
    for n in 0..10_000 {
        let (a, b) = (pick(n, lines.len(), "line"), pick(n, lines.len(), "other"));
        let mut mutant = lines.clone();
        let mutant = match n % 5 {
            0 => {
                mutant.remove(a);
                mutant.concat()
            }
            1 if a != b => {
                mutant.swap(a, b);
                mutant.concat()
            }
            2 => {
                mutant.insert(a, lines[a]);
                mutant.concat()
            }
            3 => lines[..a].concat(),
            _ => {
                let mut bytes = text.clone();
                let at = pick(n, bytes.len(), "byte");
                bytes[at] ^= 1 << pick(n, 8, "bit");
                bytes
            }
        };
        let is_found = verify(&mutant[..], Some(&head)).is_ok_and(|v| v.has_anchor);
        assert!(!is_found, "mutation {n} passed");
    }
}

#[test]
fn a_broken_log_is_not_gone_on_with() {
    let (path, mut text, _) = log("broken", 2);
    let at = text.iter().position(|b| *b == b'm').expect("a name");
    text[at] = b'x';
    std::fs::write(&path, &text).expect("ours");
    let error = Audit::new(Scripted::default(), &path, Arc::new(VirtualTimer(now))).err().expect("broken");
    assert!(matches!(error, Broken::Line { line: 1 | 2, .. }), "{error}");
    std::fs::remove_file(path).expect("ours");
}
