//! Rows 49 to 56: configuration and command line.

use std::process::Command;

use crate::{desk, job, run};

fn configured(text: &str) -> String {
    run(&[("q.jsonl", &job("a", "")), ("c.toml", text)], &["plan", "q.jsonl", "--config", "c.toml"])
}

#[test]
fn row_49_keys_and_kinds() {
    let unknown = "[settings]\nmemroy = \"nominal\"\nboot = \"yes\"\n[limits]\nspot_age = 6";
    insta::assert_snapshot!(configured(unknown), @r#"
    error[TW4001]: unknown key
     --> c.toml:2:1 at settings.memroy
      got: memroy
      accepted: memory, hazard, boot, disk, address, allow_inverted
      help: did you mean "memory"?
    error[TW4001]: wrong kind of value
     --> c.toml:3:8 at settings.boot
      got: a string
      accepted: true or false
    error[TW4001]: wrong kind of value
     --> c.toml:5:12 at limits.spot_age
      got: an integer
      accepted: a duration above zero with its unit, e.g. "48h"
    exit 4
    "#);
    insta::assert_snapshot!(configured("[settings\n"), @r"
    error[TW4001]: broken TOML
     --> c.toml:1:10
      got: unclosed table, expected `]`
      accepted: a TOML file
    exit 4
    ");
    let files = [("q.jsonl", job("a", "")), ("c.toml", "seed = 1".to_owned())];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let json = ["plan", "q.jsonl", "--config", "c.toml", "--format", "json"];
    insta::assert_snapshot!(run(&files, &json), @r#"
    {
      "errors": [
        {
          "code": "TW4001",
          "title": "unknown key",
          "file": "c.toml",
          "line": 1,
          "column": 1,
          "pointer": "seed",
          "got": "seed",
          "accepted": "quotas, budgets, tenants, spending, settings, speed, risk, horizon, limits, discount, commitment, egress, policy, callers",
          "help": "did you mean \"speed\"?"
        }
      ],
      "total": 1,
      "exit": 4
    }
    exit 4
    "#);
}

#[test]
fn row_53_flags_that_conflict() {
    let plan = |arguments: &[&str]| run(&[("q.jsonl", &job("a", ""))], &[&["plan", "q.jsonl"], arguments].concat());
    insta::assert_snapshot!(plan(&["--market", "m", "--snapshot", "2026"]), @r"
    error[TW4005]: the argument '--market <DIR>' cannot be used with '--snapshot <YEAR>'

    Usage: tradewind plan --market <DIR> <QUEUE>

    For more information, try '--help'.
    exit 64
    ");
    insta::assert_snapshot!(plan(&["--seed", "x"]), @r"
    error[TW4005]: invalid value 'x' for '--seed <N>': invalid digit found in string

    For more information, try '--help'.
    exit 64
    ");
    insta::assert_snapshot!(plan(&["--horizn", "2d"]), @r"
    error[TW4005]: unexpected argument '--horizn' found

      tip: a similar argument exists: '--horizon'

    Usage: tradewind plan --horizon <TIME> <QUEUE>

    For more information, try '--help'.
    exit 64
    ");
    insta::assert_snapshot!(plan(&["--horizon", "90000h", "--window", "1s"]), @r"
    error[TW4005]: too many windows
      got: a horizon of 3750d in windows of 1s
      help: take longer windows, 10000 of them at most
    exit 64
    ");
}

#[test]
fn row_56_output_that_cannot_be_written() {
    let queue = job("a", "");
    let files = [("q.jsonl", queue.as_str()), ("folder/x", "")];
    insta::assert_snapshot!(run(&files, &["plan", "q.jsonl", "-o", "folder"]), @r"
    error[TW4008]: the file cannot be written
     --> folder
      got: it is a directory
      help: a file that was there before is unchanged
    exit 4
    ");
    insta::assert_snapshot!(run(&files, &["plan", "q.jsonl", "-o", "none/p.json"]), @r"
    error[TW4008]: the file cannot be written
     --> none/p.json
      got: No such file or directory (os error 2)
      help: a file that was there before is unchanged
    exit 4
    ");
}

/// A file that may not grow as far as the plan needs: the old one stays, no piece of a new one does.
#[test]
fn row_56_a_disk_that_fills_up() {
    let desk = desk(&[("q.jsonl", &job("a", "")), ("p.json", "the old plan")]);
    let tradewind = env!("CARGO_BIN_EXE_tradewind");
    let ran = Command::new("sh")
        .args(["-c", &format!("trap '' XFSZ; ulimit -f 8; exec {tradewind} plan q.jsonl -o p.json")])
        .current_dir(desk.path(""))
        .env_remove("TRADEWIND_CONFIG")
        .output()
        .expect("a shell");
    insta::assert_snapshot!(String::from_utf8_lossy(&ran.stderr), @r"
    error[TW4008]: the file cannot be written
     --> p.json
      got: File too large (os error 27)
      help: a file that was there before is unchanged
    ");
    assert_eq!((ran.status.code(), desk.read("p.json").as_str()), (Some(4), "the old plan"));
    assert_eq!(desk.names(), ["p.json", "q.jsonl"]);
}

/// A device in place of a file is written to and is never replaced. By a link, so that a mistake here
/// costs the link.
#[test]
fn row_56_a_device_stays_a_device() {
    let desk = desk(&[("q.jsonl", &job("a", ""))]);
    for (name, device) in [("full", "/dev/full"), ("null", "/dev/null")] {
        std::os::unix::fs::symlink(device, desk.path(name)).expect("a link");
    }
    insta::assert_snapshot!(desk.run(&["plan", "q.jsonl", "-o", "full"]).error(), @r"
    error[TW4008]: the file cannot be written
     --> full
      got: No space left on device (os error 28)
      help: a file that was there before is unchanged
    exit 4
    ");
    let plan = desk.run(&["plan", "q.jsonl", "-o", "null"]).expect(0);
    assert!(plan.stdout.starts_with("1 job, 1 task"), "{}", plan.stdout);
    assert!(["full", "null"].iter().all(|name| desk.path(name).is_symlink()));
}

#[test]
fn row_51_a_secret_in_the_configuration() {
    let text = configured("aws_secret_access_key = \"hunter2\"\n");
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text, @r"
    error[TW4003]: a secret in a configuration file
     --> c.toml:1 at aws_secret_access_key
      got: a value under a name for secrets; it is not repeated here
      accepted: no secrets: no setting of Tradewind is one
      help: take it out, and revoke it if others have seen the file
    exit 4
    ");
}

#[test]
fn row_55_a_policy_file_that_cannot_be_understood() {
    let policy = "[[rule]]\nid = \"x\"\ntext = \"y\"\ndeny = { clouds = [\"aws\" }\n";
    let files = [("q.jsonl", &job("a", "")[..]), ("c.toml", "policy = [\"p.toml\"]"), ("p.toml", policy)];
    insta::assert_snapshot!(run(&files, &["plan", "q.jsonl", "--config", "c.toml"]), @r"
    error[TW4007]: broken TOML
     --> p.toml:4:26
      got: missing comma between array elements, expected `,`
      accepted: a TOML file
    exit 5
    ");
}
