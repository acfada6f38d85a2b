//! `tradewind apply`, `runs`, `replay`, `cancel` as a user meets them.

mod common;

use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::Desk;
use serde_json::{Value, json};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_mcp::provider::Provider;
use tradewind_mcp::simulated::What;
use tradewind_scheduler::drive::{Direct, Driver, NoWatch, Simulation, Trouble, recover, tell_again};
use tradewind_scheduler::journal::{Entry, Journal, JournalError, Memory, Snapshot, Sqlite};
use tradewind_scheduler::run::Script;
use tradewind_sim::plan::Moment;

const QUEUE: &str = r#"{"id":"train","count":6,"vcpus":8,"memory":"16GiB","runtime":"9h","interruptible":true,"clouds":["gcp"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"prep","count":3,"vcpus":2,"memory":"4GiB","runtime":"1h","clouds":["aws"]}
{"id":"after","depends_on":["prep"],"vcpus":4,"memory":"8GiB","runtime":"2h","clouds":["aws"]}
"#;

fn planned(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", QUEUE);
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    desk
}

fn bill(desk: &Desk, state: &str, more: &[&str]) -> Value {
    let arguments = ["apply", "p.json", "--state", state, "--format", "json"];
    serde_json::from_str(&desk.run(&[&arguments[..], more].concat()).expect(0).stdout).expect("JSON")
}

#[test]
fn a_plan_is_carried_out_and_told_again() {
    let desk = planned("apply");
    let first = bill(&desk, "s", &[]);
    assert_eq!(first["figures"]["tasks"]["done"], json!(10));
    assert_eq!(first["figures"]["nodes"], json!(0), "nothing is left");
    // Nothing goes wrong and few calls are made: the bill is that of the same luck.
    assert_eq!(first["figures"]["cost_usd"], first["simulated_same_luck_usd"]);
    assert_eq!(bill(&desk, "s", &[]), first, "done is done");
    let runs: Value =
        serde_json::from_str(&desk.run(&["runs", "--state", "s", "--format", "json"]).expect(0).stdout).expect("JSON");
    assert_eq!((runs.as_array().expect("a list").len(), &runs[0]["stage"]), (1, &json!("finished")));
    let name = runs[0]["run"].as_str().expect("a name");
    let replayed = desk.run(&["replay", name, "--state", "s", "--step"]).expect(0).stdout;
    assert!(replayed.contains("term 1 begins") && replayed.contains("told again"), "{replayed}");
}

/// Thirty real `kill -9` over five runs, and the same command each time.
#[test]
fn a_run_that_is_killed_goes_on() {
    let desk = planned("apply-kill");
    for seed in ["3", "4", "5", "6", "7"] {
        let whole = bill(&desk, "whole", &["--seed", seed]);
        for pause in [15, 30, 45, 60, 80, 100] {
            kill_after(&desk, seed, Duration::from_millis(pause));
        }
        assert_eq!(bill(&desk, "killed", &["--seed", seed]), whole);
    }
}

/// Keeps every snapshot that a run leaves.
#[derive(Default)]
struct Album {
    journal: Memory,
    snapshots: Vec<Snapshot>,
}

impl Journal for Album {
    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.journal.append(entry)
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        self.journal.sync()
    }

    fn read(&self, from: u64, each: &mut dyn FnMut(Entry) -> ControlFlow<()>) -> Result<(), JournalError> {
        self.journal.read(from, each)
    }

    fn keep(&mut self, snapshot: &Snapshot) -> Result<(), JournalError> {
        self.snapshots.push(snapshot.clone());
        Ok(())
    }

    fn snapshot(&self) -> Option<Snapshot> {
        None
    }
}

/// A run with interruptions and lost answers, with all the snapshots of it.
async fn photographed(script: &Arc<Script>, seed: u64) -> Album {
    let at = |h| Moment::After(Millis::from_hours(h));
    let trouble = |what, from, until| Trouble { cloud: "gcp".into(), what, place: String::new(), from, until };
    let troubles = vec![trouble(What::Interrupt, at(2), at(3)), trouble(What::ReplyLost { share: 0.3 }, at(0), at(6))];
    let simulation = Simulation { seed: Seed(seed), troubles, budget: Usd::from_nanos(i64::MAX), limits: true };
    let clouds = simulation.clouds(script).expect("clouds").into_iter();
    let hands = Direct(clouds.map(|(name, cloud)| (name, cloud as Arc<dyn Provider>)).collect());
    let mut nobody = NoWatch;
    let (script, album) = (script.clone(), Album::default());
    let mut driver = Driver::open_with_snapshots(script, album, hands, &mut nobody, 1 + seed % 9).expect("a run");
    driver.finish().await.expect("an end");
    driver.into_journal()
}

/// From a snapshot on and from the start a run is the same, to the byte; from one that is not sound it is told from the
/// start.
#[test]
fn a_run_from_a_snapshot_is_the_run_from_the_start() {
    let desk = planned("apply-snapshots");
    let plan: Plan = serde_json::from_str(&desk.read("p.json")).expect("a plan");
    let script = Arc::new(Script::new("run-s", plan).expect("a sound plan"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mut snapshots, mut interrupted) = (0, 0);
    for seed in 0..40 {
        let Album { journal, snapshots: taken } = runtime.block_on(photographed(&script, seed));
        let (run, chain) = tell_again(script.clone(), &journal).expect("a journal");
        let state = serde_json::to_string(run.state()).expect("JSON");
        interrupted += run.figures().interruptions;
        let from = |snapshot: &Snapshot| {
            let mut journal = journal.clone();
            journal.keep(snapshot).expect("room");
            let recovered = recover(script.clone(), &journal).expect("a journal");
            assert_eq!(serde_json::to_string(recovered.run.state()).expect("JSON"), state, "seed {seed}");
            assert_eq!(recovered.chain, chain);
            recovered.kept
        };
        for snapshot in &taken {
            assert_eq!(from(snapshot), snapshot.seq);
        }
        snapshots += taken.len();
        let sound = taken[taken.len() / 2].clone();
        let forged = |state: &str| {
            let hash = String::new();
            Snapshot { state: state.to_owned(), hash, ..sound.clone() }
        };
        let unsound = [
            Snapshot { format: "0.0.0/0".to_owned(), ..sound.clone() },
            Snapshot { plan: "another".to_owned(), ..sound.clone() },
            Snapshot { seq: sound.seq + 1, ..sound.clone() },
            forged(&sound.state[..sound.state.len() / 2]),
            forged("{}"),
        ];
        assert!(unsound.iter().all(|snapshot| from(snapshot) == 0));
        // Sound by itself, of another course of events.
        let other = runtime.block_on(photographed(&script, seed + 1000)).snapshots.pop().expect("a snapshot");
        assert_eq!(from(&other), 0);
    }
    assert!(snapshots > 1000 && interrupted > 40, "{snapshots} snapshots, {interrupted} interruptions");
}

/// SIGKILL; a run that was over sooner is none that is killed.
fn kill_after(desk: &Desk, seed: &str, pause: Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tradewind"))
        .args(["apply", "p.json", "--state", "killed", "--seed", seed])
        .current_dir(desk.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command");
    std::thread::sleep(pause);
    let _ = child.kill();
    child.wait().expect("an end");
}

#[test]
fn troubles_on_the_way_are_survived() {
    let desk = planned("apply-troubles");
    let calm = bill(&desk, "s", &[]);
    desk.write(
        "t.json",
        r#"[{"cloud":"gcp","what":{"kind":"interrupt"},"from":"+2h","until":"+3h"},
            {"cloud":"aws","what":{"kind":"reply_lost","share":0.3},"from":"+0s","until":"+6h"}]"#,
    );
    let rough = bill(&desk, "s", &["--troubles", "t.json"]);
    assert_eq!(rough["figures"]["tasks"], calm["figures"]["tasks"]);
    assert!(rough["figures"]["interruptions"].as_u64() >= Some(1), "{rough}");
    desk.write("t.json", r#"[{"cloud":"gcp","what":{"kind":"flood"},"from":"+2h","until":"+3h"}]"#);
    let refused = desk.run(&["apply", "p.json", "--state", "s", "--troubles", "t.json"]).expect(4);
    assert!(refused.stderr.contains("TW4010"), "{}", refused.stderr);
}

/// Many nodes that are taken back at once are told in one line.
#[test]
fn choices_that_are_alike_are_told_together() {
    let desk = planned("apply-alike");
    let all = r#"[{"cloud":"gcp","what":{"kind":"interrupt"},"from":"+2h","until":"+3h"}]"#;
    desk.write("t.json", all);
    let told = desk.run(&["apply", "p.json", "--state", "s", "--troubles", "t.json"]).expect(0).stderr;
    let mut lines: Vec<(&str, &str)> = told
        .lines()
        .filter(|line| line.contains("launch again"))
        .filter_map(|line| Some((line.split_once(' ')?.0, line.split_once(": ")?.1)))
        .collect();
    let before = lines.len();
    lines.dedup();
    assert!(before > 0 && lines.len() == before, "{told}");
}

#[test]
fn what_cannot_go_on_says_so() {
    let desk = planned("apply-errors");
    let live = desk.run(&["apply", "p.json", "--state", "s", "--backend", "live"]).expect(64);
    assert!(live.stderr.contains("TW4005") && live.stderr.contains("--backend sim"), "{}", live.stderr);
    let none = desk.run(&["replay", "run-x", "--state", "s"]).expect(4);
    assert!(none.stderr.contains("TW4022") && none.stderr.contains("none yet"), "{}", none.stderr);
    bill(&desk, "s", &[]);
    let entry = std::fs::read_dir(desk.path("s")).expect("runs").flatten().next().expect("a run");
    let journal = entry.path().join("journal.db");
    let held = Sqlite::open(&journal).expect("a journal");
    let refused = desk.run(&["apply", "p.json", "--state", "s"]).expect(75);
    assert!(refused.stderr.contains("TW4006"), "{}", refused.stderr);
    drop(held);
    // An entry that does not follow from those before.
    let mut edited = Sqlite::open(&journal).expect("a journal");
    let mut entry_after = edited.entries().expect("entries").pop().expect("the last");
    entry_after.id = "999999".to_owned();
    edited.append(&entry_after).and_then(|()| edited.sync()).expect("room");
    drop(edited);
    let name = entry.file_name().to_string_lossy().into_owned();
    let broken = desk.run(&["replay", &name, "--state", "s"]).expect(5);
    assert!(broken.stderr.contains("TW4021"), "{}", broken.stderr);
    std::fs::write(&journal, b"no journal at all, but long enough to be looked at as one.......").expect("a disk");
    for wal in ["journal.db-wal", "journal.db-shm"] {
        let _ = std::fs::remove_file(entry.path().join(wal));
    }
    let broken = desk.run(&["apply", "p.json", "--state", "s"]).expect(75);
    assert!(broken.stderr.contains("TW4023"), "{}", broken.stderr);
}
