//! `tradewind gc`: orphans that are planted on the clouds of a run and of a watch are found and ended; what a run needs,
//! or a process leads, is not touched.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::{Desk, JOB, root};
use serde_json::{Value, json};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_datasets::{MarketRequest, load};
use tradewind_mcp::control::{Control, State};
use tradewind_mcp::tools::node::Launch;
use tradewind_mcp::tools::{Reply, Request, attach_volume};
use tradewind_scheduler::drive::{Driver, Hands, Place, Point, Scene, Simulation, Watch};
use tradewind_scheduler::journal::Sqlite;
use tradewind_scheduler::run::{Run, Script};

/// A plan of one job on one cloud.
fn planned(name: &str) -> (Desk, Plan) {
    let desk = Desk::new(name);
    desk.write("q.jsonl", JOB.replace('}', r#","regions":["aws/us-east-1"]}"#));
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    let plan = serde_json::from_str(&desk.read("p.json")).expect("a plan");
    (desk, plan)
}

fn simulation() -> Simulation {
    Simulation { seed: Seed(0), troubles: Vec::new(), budget: Usd::from_nanos(i64::MAX), limits: true }
}

fn run_folder(desk: &Desk, runs: &str) -> PathBuf {
    fs::read_dir(desk.path(runs)).expect("runs").flatten().next().expect("a run").path()
}

fn block_on<T>(course: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(course)
}

/// Makes something on a cloud, as if a launch of somebody's had come late.
fn plant(scene: &Scene, folder: &Path, at: Time, owner: &str, request: Request) -> Reply {
    let control = Control {
        state: State::Present,
        idempotency_key: format!("planted-{owner}-{}", request.tool()),
        owner: owner.to_owned(),
        ttl_s: 86_400,
        epoch: 1,
        decision: "planted/0/0/launch".parse().expect("a decision"),
    };
    block_on(async {
        let hands = simulation().open_scene(scene, folder).await.expect("clouds");
        hands.call("aws", at, request, Some(control)).await.expect("it is made")
    })
}

fn node(instance_type: &str) -> Request {
    nodes(instance_type, 1)
}

fn nodes(instance_type: &str, count: u32) -> Request {
    let (region, instance_type) = ("us-east-1".to_owned(), instance_type.to_owned());
    Request::ProvisionCompute(Launch { region, zone: None, instance_type, count, min_count: None, node_ids: vec![] })
}

/// A leader of a run that stops where it has a node.
struct Until(fn(&Run) -> bool);

impl Watch for Until {
    fn at(&mut self, place: Place<'_>, run: &Run) -> bool {
        !(place.point == Point::Settled && (self.0)(run))
    }
}

/// A run that was begun, and whose leader was killed when it had a node; `cancelled` just before that.
fn killed(name: &str, cancelled: bool) -> (Desk, PathBuf) {
    let (desk, plan) = planned(name);
    desk.run(&["apply", "p.json", "--state", "s"]).expect(0);
    let folder = run_folder(&desk, "s");
    for file in ["journal.db", "aws"] {
        let path = folder.join(file);
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
    }
    let script = Arc::new(Script::new(&folder.file_name().expect("a name").to_string_lossy(), plan).expect("a plan"));
    block_on(async {
        let journal = Sqlite::open(&folder.join("journal.db")).expect("a journal");
        let hands = simulation().open(&script, &folder).await.expect("clouds");
        let mut until = Until(|run| run.figures().nodes > 0);
        let mut driver = Driver::open(script.clone(), journal, hands, &mut until).expect("a run");
        assert!(driver.finish().await.is_err(), "it is stopped");
        if cancelled {
            driver.cancel().expect("a journal");
        }
        let mut journal = driver.into_journal();
        tradewind_scheduler::journal::Journal::sync(&mut journal).expect("a disk");
    });
    (desk, folder)
}

fn report(desk: &Desk, arguments: &[&str], exit: i32) -> Value {
    let said = desk.run(&[&["gc", "--format", "json"], arguments].concat()).expect(exit).stdout;
    let report: Value = serde_json::from_str(&said).expect("JSON");
    let schema = fs::read_to_string(root().join("docs/schema/gc.schema.json")).expect("a schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("a sound schema")
        .iter_errors(&report)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    report
}

#[test]
fn orphans_of_a_run_that_is_over_are_found_then_ended_then_gone() {
    let (desk, plan) = planned("gc-run");
    desk.run(&["apply", "p.json", "--state", "s"]).expect(0);
    assert_eq!(report(&desk, &["--state", "s"], 0)["rows"], json!([]), "a run leaves nothing behind");
    // As soon as the cloud's own time admits.
    let (folder, at) = (run_folder(&desk, "s"), plan.rules.horizon.start);
    let node = || node(&plan.allocations[0].instance_type);
    let owner = folder.file_name().expect("a name").to_string_lossy().into_owned();
    let script = Script::new(&owner, plan.clone()).expect("a sound plan");
    for owner in [owner.as_str(), "stranger"] {
        plant(&Scene::of(&script), &folder, at, owner, node());
    }
    let seen = desk.run(&["gc", "--state", "s"]).expect(2).stdout.replace(&owner, "run-0123456789");
    let seen = seen.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(seen, @"
    2 resources of ours, 2 orphans

    Orphans
      what           id                   of              made for            dies in  why
      -------------  -------------------  --------------  ------------------  -------  ---------
      aws m5a.large  n-4b227777d4dd1fc61  stranger        planted/0/0/launch   23h55m  of no run
      aws m5a.large  n-4e07408562bedb8b6  run-0123456789  planted/0/0/launch   23h55m  run over
    The same command with --yes ends them.
    ");

    let found = report(&desk, &["--state", "s"], 2);
    assert_eq!((&found["orphans"], &found["left"]), (&json!(2), &json!(2)));
    let ended = report(&desk, &["--state", "s", "--yes"], 0);
    assert_eq!((&ended["orphans"], &ended["left"]), (&json!(2), &json!(0)));
    assert!(ended["rows"].as_array().expect("rows").iter().all(|row| row["outcome"]["ended"].is_string()), "{ended}");
    let audit = fs::read_to_string(folder.join("aws/audit.jsonl")).expect("a log");
    assert_eq!(audit.matches("planted/0/0/gc").count(), 2, "what was ended is in the cloud's audit log");
    assert_eq!(report(&desk, &["--state", "s", "--yes"], 0)["rows"], json!([]));
    // The bill of the run is its own: what was planted changed nothing of it.
    desk.run(&["apply", "p.json", "--state", "s"]).expect(0);
}

/// A real `kill -9` at many instants of a sweep.
#[test]
fn a_sweep_that_is_killed_is_gone_on_with() {
    let (desk, plan) = planned("gc-kill");
    desk.run(&["apply", "p.json", "--state", "s"]).expect(0);
    let (folder, at) = (run_folder(&desk, "s"), plan.rules.horizon.start);
    let scene = Scene::of(&Script::new("gc", plan.clone()).expect("a sound plan"));
    plant(&scene, &folder, at, "stranger", nodes(&plan.allocations[0].instance_type, 20));
    for pause in [10, 20, 30, 40, 60] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tradewind"));
        command.args(["gc", "--yes", "--state", "s"]).current_dir(desk.path(""));
        let mut sweep = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command");
        std::thread::sleep(Duration::from_millis(pause));
        sweep.kill().expect("SIGKILL");
        sweep.wait().expect("gone");
    }
    report(&desk, &["--state", "s", "--yes"], 0);
    assert_eq!(report(&desk, &["--state", "s"], 0)["rows"], json!([]));
    let calls = fs::read_to_string(folder.join("aws/calls.jsonl")).expect("the calls");
    let ends = calls.lines().filter(|line| line.contains("\"gc-")).count();
    assert!((20..=25).contains(&ends), "each is ended once, or once more where its answer was lost: {ends}");
}

#[test]
fn what_may_hold_data_waits_for_its_owner() {
    let (desk, plan) = planned("gc-data");
    desk.run(&["apply", "p.json", "--state", "s"]).expect(0);
    let (folder, at) = (run_folder(&desk, "s"), plan.rules.horizon.start + Millis::from_hours(30));
    let node = node(&plan.allocations[0].instance_type);
    let scene = Scene::of(&Script::new("gc", plan).expect("a sound plan"));
    let Reply::ProvisionCompute(made) = plant(&scene, &folder, at, "stranger", node) else { panic!("a node") };
    let (volume, node_id) = ("dataset".to_owned(), made.nodes[0].node_id.clone());
    // It is up by now.
    let at = at + Millis::HOUR;
    let disk = attach_volume::Request { volume, node_id, size_gib: 10, keep: false };
    plant(&scene, &folder, at, "stranger", Request::AttachVolume(disk));
    let report = report(&desk, &["--state", "s", "--yes"], 2);
    assert_eq!((&report["orphans"], &report["left"]), (&json!(2), &json!(1)));
    let rows = report["rows"].as_array().expect("rows");
    let volume = rows.iter().find(|row| row["kind"] == json!("volume")).expect("the volume");
    assert_eq!((&volume["id"], &volume["outcome"]), (&json!("dataset"), &Value::Null));
}

#[test]
fn the_nodes_of_a_run_that_goes_on_are_needed_and_those_of_one_that_is_led_are_not_looked_at() {
    let (desk, folder) = killed("gc-live", false);
    let seen = report(&desk, &["--state", "s", "--yes"], 0);
    assert_eq!((&seen["orphans"], &seen["rows"][0]["jobs"]), (&json!(0), &json!(["a"])), "{seen}");
    let leader = Sqlite::open(&folder.join("journal.db")).expect("the lock of a leader");
    let led = report(&desk, &["--state", "s", "--yes"], 0);
    assert_eq!((led["led"].as_array().map(Vec::len), &led["rows"]), (Some(1), &json!([])));
    drop(leader);
    desk.run(&["apply", "p.json", "--state", "s"]).expect(0);
}

#[test]
fn the_nodes_of_a_run_that_was_cancelled_are_ended_though_its_leader_was_killed() {
    let (desk, _) = killed("gc-cancelled", true);
    let ended = report(&desk, &["--state", "s", "--yes"], 0);
    assert_eq!((&ended["orphans"], &ended["rows"][0]["orphan"]), (&json!(1), &json!("run_was_cancelled")), "{ended}");
    // The run itself learns of it, and of the bill, when it is cancelled again.
    let bill: Value =
        serde_json::from_str(&desk.run(&["cancel", "run", "--state", "s", "--format", "json"]).expect(7).stdout)
            .expect("JSON");
    assert_eq!(bill["figures"]["billed_usd"], ended["rows"][0]["outcome"]["ended"]);
}

#[test]
fn the_runs_of_a_watch_are_its_own_and_what_is_left_on_its_clouds_is_ended() {
    let desk = Desk::new("gc-watch");
    fs::create_dir(desk.path("in")).expect("a folder");
    desk.write("in/q.jsonl", format!("{JOB}\n"));
    desk.run(&["run", "--watch", "in", "--until-idle"]).expect(0);
    let runs = "in/.tradewind/runs";
    let refused = desk.run(&["cancel", "run", "--state", runs]).error().replace(&*desk.path("").to_string_lossy(), "");
    insta::assert_snapshot!(refused, @"
    error[TW4040]: the runs here belong to a watch
     --> in/.tradewind/runs
      got: the state of a watch at in/.tradewind
      accepted: a folder of runs that no watch leads
      help: `tradewind run --watch` goes on with them; a plan of your own takes another --state
    exit 5
    ");
    desk.run(&["plan", "in/q.jsonl", "-o", "p.json"]).expect(0);
    let refused = desk.run(&["apply", "p.json", "--state", runs]);
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert_eq!(fs::read_dir(desk.path(runs)).expect("runs").count(), 1, "nothing was begun there");

    let market = load(&MarketRequest::default()).expect("the embedded market").market;
    let at = market.as_of;
    let clouds = vec!["aws".to_owned()];
    let scene = Scene { clouds, begins: market.as_of, start: market.as_of, market: Arc::new(market) };
    plant(&scene, &desk.path("in/.tradewind/clouds"), at, "stranger", node("m5.large"));
    for state in ["in/.tradewind", runs, "in"] {
        let found = report(&desk, &["--state", state], 2);
        assert_eq!((&found["left"], &found["rows"][0]["kept_by"]), (&json!(1), &json!("watch")));
    }
    assert_eq!(report(&desk, &["--state", runs, "--yes"], 0)["orphans"], json!(1));
    assert_eq!(report(&desk, &["--state", runs], 0)["orphans"], json!(0));
    let other = desk.run(&["gc", "--state", "in", "--snapshot", "2026"]);
    assert_eq!((other.code, other.stderr.contains("TW4033")), (6, true), "{}", other.stderr);
}
