//! `tradewind run --watch` as a batch scheduler meets it.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{Desk, root};
use serde_json::{Value, json};
use tradewind_core::job::{Job, Runtime};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::resources::Resources;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_mcp::provider::Provider;
use tradewind_scheduler::drive::{Direct, Simulation};
use tradewind_scheduler::journal::Memory;
use tradewind_scheduler::run::Script;
use tradewind_scheduler::watch::planner::{Ask, Planner, Planning};
use tradewind_scheduler::watch::store::Store;
use tradewind_scheduler::watch::watcher::{Turn, Watcher};

const JOBS: &str = r#"{"id":"prep","count":3,"vcpus":2,"memory":"4GiB","runtime":"1h","clouds":["aws"]}
{"id":"train","count":4,"vcpus":8,"memory":"16GiB","runtime":"9h","interruptible":true,"clouds":["gcp"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
"#;
/// They come while those above run; one of them waits for one of those.
const LATER: &str = r#"{"id":"after","depends_on":["prep"],"vcpus":4,"memory":"8GiB","runtime":"2h","clouds":["aws"]}
{"id":"late","submit":"2024-03-31T03:00:00Z","vcpus":2,"memory":"4GiB","runtime":"1h"}
"#;

fn desk(name: &str) -> Desk {
    let desk = Desk::new(name);
    fs::create_dir(desk.path("in")).expect("a folder");
    desk
}

fn idle(desk: &Desk, exit: i32) -> Value {
    let ran = desk.run(&["run", "--watch", "in", "--until-idle", "--format", "json"]);
    serde_json::from_str(&ran.expect(exit).stdout).expect("JSON")
}

fn lines(desk: &Desk, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(desk.path(name)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn watching(desk: &Desk) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradewind"));
    command.args(["run", "--watch", "in"]).current_dir(desk.path(""));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command")
}

#[test]
fn a_folder_is_taken_planned_carried_out_and_told() {
    let desk = desk("watch");
    desk.write("in/a.jsonl", JOBS).write("in/b.jsonl", LATER);
    let first = idle(&desk, 0);
    assert_eq!((&first["jobs"], &first["tasks"], &first["done"]), (&json!(4), &json!(9), &json!(9)));
    let acknowledged = lines(&desk, "in/a.jsonl.ack");
    assert_eq!(acknowledged.len(), 2);
    assert_eq!((&acknowledged[0]["job"], &acknowledged[0]["is"]), (&json!("prep"), &json!("accepted")));
    let told = lines(&desk, "in/decisions.out");
    let planned: Vec<&Value> = told.iter().filter(|line| line["is"] == json!("planned")).collect();
    assert!(planned.len() >= 2, "what is submitted later is planned later: {planned:?}");
    let cost: f64 = told
        .iter()
        .filter_map(|line| line["cost_usd"].as_str().filter(|_| line["is"] == json!("ended")))
        .map(|c| c.parse::<f64>().expect("a number"))
        .sum();
    assert!(
        cost > 0.0
            && (cost - first["cost_usd"].as_str().expect("money").parse::<f64>().expect("a number")).abs() < 1e-6
    );
    // Nothing new: nothing happens.
    assert_eq!(idle(&desk, 0), first);
    // More of the same file, and a job that waits for one that is done.
    desk.write(
        "in/b.jsonl",
        format!("{LATER}{}\n", r#"{"id":"last","depends_on":["after"],"vcpus":2,"memory":"4GiB","runtime":"1h"}"#),
    );
    assert_eq!(idle(&desk, 0)["done"], json!(10));
    assert_eq!(lines(&desk, "in/b.jsonl.ack").len(), 3);
}

/// What has not begun when more arrives is planned with it; what has begun stays.
#[test]
fn what_has_not_begun_is_planned_anew() {
    let desk = desk("watch-recall");
    let noon =
        r#"{"id":"noon","earliest_start":"2024-03-31T12:00:00Z","count":2,"vcpus":2,"memory":"4GiB","runtime":"1h"}"#;
    desk.write("in/a.jsonl", format!("{JOBS}{noon}\n{LATER}"));
    assert_eq!(idle(&desk, 0)["done"], json!(11));
    let told = lines(&desk, "in/decisions.out");
    let recalled: u64 = told.iter().filter_map(|line| line["recalled"].as_u64()).sum();
    assert!(recalled >= 2, "{told:?}");
    let begun_again = told.iter().filter(|l| l["is"] == json!("over") && l["job"] == json!("train")).count();
    assert_eq!(begun_again, 1, "what has begun is in one run");
}

#[test]
fn the_same_arrivals_give_the_same_bytes() {
    let told = |name: &str| {
        let desk = desk(name);
        desk.write("in/a.jsonl", JOBS).write("in/b.jsonl", LATER);
        idle(&desk, 0);
        (desk.read("in/decisions.out"), desk.read("in/a.jsonl.ack"))
    };
    assert_eq!(told("watch-once"), told("watch-twice"));
}

#[test]
fn what_is_not_sound_is_put_aside_and_the_rest_is_done() {
    let desk = desk("watch-bad");
    let other = r#"{"id":"prep","count":9,"vcpus":2,"memory":"4GiB","runtime":"1h"}"#;
    let lost = r#"{"id":"lost","depends_on":["nobody"],"vcpus":2,"memory":"4GiB","runtime":"1h"}"#;
    let circle = |id: &str, before: &str| {
        format!(r#"{{"id":"{id}","depends_on":["{before}"],"vcpus":2,"memory":"4GiB","runtime":"1h"}}"#)
    };
    let prep = JOBS.lines().next().expect("a line");
    desk.write("in/a.jsonl", format!("{prep}\n{{\"id\":\"x\",\"vcpu\":1}}\n{other}\n{prep}\n"));
    let done = idle(&desk, 0);
    assert_eq!((&done["jobs"], &done["done"]), (&json!(1), &json!(3)));
    let bad = lines(&desk, "in/a.jsonl.bad");
    let codes: Vec<&Value> = bad.iter().map(|line| &line["problems"][0]["code"]).collect();
    assert_eq!((codes[1], bad[0]["line"].as_u64(), bad.len()), (&json!("TW4031"), Some(2), 2));
    assert!(bad[0]["problems"].to_string().contains("did you mean"), "{}", bad[0]);
    // What waits for nobody, and for each other, waits; nothing is broken by it.
    desk.write("in/b.jsonl", format!("{lost}\n{}\n{}\n", circle("m", "n"), circle("n", "m")));
    let waiting = idle(&desk, 7);
    assert_eq!((&waiting["jobs"], &waiting["done"]), (&json!(4), &json!(3)));
}

/// A real `kill -9` at many instants: what is acknowledged is done in the end, once.
#[test]
fn what_is_acknowledged_outlives_a_kill() {
    let desk = desk("watch-kill");
    let mut submitted = String::new();
    for (n, pause) in [5, 10, 20, 40, 60, 80, 120, 160, 240].into_iter().enumerate() {
        let mut child = watching(&desk);
        submitted.push_str(&format!("{{\"id\":\"j{n}\",\"vcpus\":2,\"memory\":\"4GiB\",\"runtime\":\"1h\"}}\n"));
        desk.write("in/a.jsonl", &submitted);
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().expect("SIGKILL");
        child.wait().expect("gone");
    }
    let before: BTreeSet<String> = lines(&desk, "in/a.jsonl.ack").iter().map(|l| l["job"].to_string()).collect();
    let done = idle(&desk, 0);
    assert_eq!((&done["tasks"], &done["done"]), (&json!(9), &json!(9)));
    let after = lines(&desk, "in/a.jsonl.ack");
    assert!(after.iter().all(|line| line["is"] == json!("accepted")) && after.len() == 9, "each once: {after:?}");
    assert!(before.iter().all(|job| after.iter().any(|line| line["job"].to_string() == *job)));
    let over = lines(&desk, "in/decisions.out");
    let done: Vec<&Value> = over.iter().filter(|l| l["is"] == json!("over")).map(|l| &l["job"]).collect();
    assert_eq!(done.len(), 9, "each is done once: {done:?}");
}

#[test]
fn a_watch_has_one_process_one_folder_and_one_market() {
    let desk = desk("watch-one");
    let none = desk.run(&["run", "--watch", "nowhere", "--until-idle"]).expect(4);
    assert!(none.stderr.contains("TW4030"), "{}", none.stderr);
    let mut child = watching(&desk);
    desk.write("in/a.jsonl", JOBS);
    let begun = Instant::now();
    while !desk.path("in/a.jsonl.ack").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never acknowledged");
        std::thread::sleep(Duration::from_millis(20));
    }
    let second = desk.run(&["run", "--watch", "in", "--until-idle"]).expect(75);
    assert!(second.stderr.contains("TW4032"), "{}", second.stderr);
    child.kill().expect("SIGKILL");
    child.wait().expect("gone");
    let other = desk.run(&["run", "--watch", "in", "--until-idle", "--seed", "9"]).expect(6);
    assert!(other.stderr.contains("TW4033") && other.stderr.contains("another seed"), "{}", other.stderr);
    fs::write(desk.path("in/.tradewind/watch.db"), "no database").expect("a file");
    let _ = fs::remove_file(desk.path("in/.tradewind/watch.db-wal"));
    let broken = desk.run(&["run", "--watch", "in", "--until-idle"]).expect(75);
    assert!(broken.stderr.contains("TW4034"), "{}", broken.stderr);
}

/// Where two kinds of jobs may run.
const FREE: [&str; 3] = ["aws/us-east-1", "azure/eastus", "gcp/us-central1"];
const BOUND: [&str; 2] = ["aws/us-east-1", "aws/us-east-2"];

fn within(id: &str, regions: &[&str]) -> String {
    let job = json!({"id": id, "count": 3, "vcpus": 4, "memory": "8GiB", "runtime": "2h", "regions": regions,
        "deadline": "2024-03-31T12:00:00Z"});
    format!("{job}\n")
}

/// Regions go out for a day after they were chosen and before anything was launched there: what was to run there runs
/// elsewhere, in time, and within the regions that it may be in.
#[test]
fn what_has_not_begun_leaves_a_region_that_is_out() {
    let desk = desk("watch-outage");
    desk.write("calm.jsonl", within("free", &FREE)).run(&["plan", "calm.jsonl", "-o", "calm.json"]).expect(0);
    let calm: Value = serde_json::from_str(&desk.read("calm.json")).expect("a plan");
    let chosen = calm["allocations"][0]["region"].as_str().expect("a region").to_owned();
    let outage = |place: &str| {
        let (cloud, region) = place.split_once('/').expect("cloud/region");
        json!({"cloud": cloud, "what": {"kind": "outage"}, "place": region, "from": "+5m", "until": "+24h"})
    };
    desk.write("t.json", json!([outage(&chosen), outage("aws/us-east-1")]).to_string());
    desk.write("in/a.jsonl", within("free", &FREE) + &within("bound", &BOUND));
    let ran = desk.run(&["run", "--watch", "in", "--until-idle", "--troubles", "t.json", "--format", "json"]);
    let status: Value = serde_json::from_str(&ran.expect(0).stdout).expect("JSON");
    assert_eq!((&status["tasks"], &status["done"]), (&json!(6), &json!(6)));

    let told = lines(&desk, "in/decisions.out");
    let schema = fs::read_to_string(root().join("docs/schema/watch.schema.json")).expect("a schema");
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("a sound schema");
    assert!(told.iter().all(|line| schema.is_valid(line)), "{told:?}");
    let over = told.iter().filter(|line| line["is"] == json!("over"));
    assert!(
        over.clone().count() >= 2 && over.clone().all(|l| l["at"].as_str() < Some("2024-03-31T12:00:00Z")),
        "{told:?}"
    );
    let moved = told.iter().find(|line| !line["moved"].is_null()).expect("something moved");
    assert_eq!(moved["closed"][&chosen], json!("out"), "{moved}");
    let free = moved["moved"].as_array().expect("moves").iter().find(|m| m["job"] == json!("free")).expect("it moved");
    let is_there = |offers: &Value| offers.to_string().contains(&format!("{chosen}/"));
    assert!(is_there(&free["from"]) && !is_there(&free["to"]), "{free}");
    assert!(!free["more_usd"].as_str().expect("money").starts_with('-'), "it was the cheapest: {free}");

    for run in fs::read_dir(desk.path("in/.tradewind/runs")).expect("runs").flatten() {
        let plan: Value =
            serde_json::from_slice(&fs::read(run.path().join("plan.json")).expect("a plan")).expect("JSON");
        for placement in plan["placements"].as_array().expect("placements") {
            let allocations = plan["allocations"].as_array().expect("allocations");
            let its = allocations.iter().find(|a| a["id"] == placement["allocation"]).expect("its allocation");
            let allowed: &[&str] = if placement["job"] == json!("free") { &FREE } else { &BOUND };
            assert!(allowed.contains(&its["region"].as_str().expect("a region")), "{placement} in {}", its["region"]);
        }
    }
}

/// A planner that has its plan when the test says so: the first job is placed, no other is.
struct Gated {
    plan: Plan,
    gate: Arc<Mutex<Receiver<()>>>,
    asked: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Planner for Gated {
    type Error = ();
    type Journal = Memory;

    fn read(&self, _: &str, _: u64, text: &str) -> Result<Job, Value> {
        let demand = Resources { vcpu_milli: 1000, memory_mib: 1024, gpu_milli: 0 };
        Ok(Job::new(text.trim(), demand, Runtime { p50: Millis::HOUR, p95: Millis::HOUR }))
    }

    fn planning(&self, ask: Ask) -> Planning<()> {
        let (mut plan, gate) = (self.plan.clone(), Arc::clone(&self.gate));
        self.asked.lock().expect("the test").push(ask.jobs.iter().map(|job| job.id.clone()).collect());
        if ask.wave > 1 {
            plan.placements.clear();
        }
        Box::new(move || {
            // Open for good once the test has let go of it.
            let _ = gate.lock().expect("the test").recv();
            Ok(plan)
        })
    }

    fn keep(&self, _: &Plan) -> Result<String, ()> {
        Ok("run-1".to_owned())
    }

    fn open(&self, run: &str) -> Result<(Arc<Script>, Memory), ()> {
        Ok((Arc::new(Script::new(run, self.plan.clone()).map_err(|_| ())?), Memory::default()))
    }
}

/// What arrives while a plan is being made is on disk and acknowledged before the plan is there, and is in the next one.
#[test]
fn a_job_that_comes_while_planning_is_acknowledged_before_the_plan_is_ready() {
    let desk = desk("watch-planning");
    desk.write("q.jsonl", "{\"id\":\"a\",\"vcpus\":2,\"memory\":\"4GiB\",\"runtime\":\"1h\",\"clouds\":[\"aws\"]}\n");
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    let plan: Plan = serde_json::from_str(&desk.read("p.json")).expect("a plan");
    let script = Script::new("run-1", plan.clone()).expect("a sound plan");
    let simulation = Simulation { seed: Seed(0), troubles: vec![], budget: Usd::from_nanos(i64::MAX), limits: true };
    let clouds = simulation.clouds(&script).expect("clouds").into_iter();
    let hands = Direct(clouds.map(|(name, cloud)| (name, cloud as Arc<dyn Provider>)).collect());
    let (open, gate) = channel();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let planner = Gated { plan, gate: Arc::new(Mutex::new(gate)), asked: Arc::clone(&asked) };
    let store = Store::open(&desk.path("watch.db")).expect("a store");
    let begins = script.begins();
    let every = Millis::from_secs(15 * 60);
    let mut watcher = Watcher::open(planner, store, desk.path("in"), hands, begins, every).expect("a watch");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        desk.write("in/first.jsonl", "a\n");
        assert_eq!(watcher.take().expect("taken").accepted, 1);
        while watcher.turn().await.expect("a turn") != Turn::Planning {}
        // The solver is at work, and would be for ever.
        desk.write("in/second.jsonl", "b\n");
        assert_eq!(watcher.take().expect("taken").accepted, 1);
        assert_eq!(lines(&desk, "in/second.jsonl.ack")[0]["is"], json!("accepted"));
        assert_eq!(watcher.turn().await.expect("a turn"), Turn::Planning);
        assert!(!desk.path("in/decisions.out").exists(), "no plan is there yet");
        drop(open);
        while watcher.turn().await.expect("a turn") != Turn::Idle {}
    });
    let asked = asked.lock().expect("over");
    assert_eq!(asked[0], ["a"]);
    // Asked again once there is room.
    assert!(asked.len() > 1 && asked[1..].iter().all(|jobs| *jobs == ["b"]), "{asked:?}");
    let told = lines(&desk, "in/decisions.out");
    let planned: Vec<&Value> =
        told.iter().filter(|line| line["is"] == json!("planned")).map(|l| &l["placed"]).collect();
    assert_eq!(planned.len(), asked.len(), "{told:?}");
    let status = watcher.status().expect("a store");
    assert_eq!((status.jobs.jobs, status.jobs.done), (2, 1));
}

/// A zone goes out for a day after its region was chosen: what was not launched by then runs elsewhere; what may be
/// nowhere else goes on in the other zones.
#[test]
fn what_has_not_begun_leaves_a_region_of_which_a_zone_is_out() {
    let desk = desk("watch-zone");
    let zone = |region: &str, zone: &str| {
        let (cloud, _) = region.split_once('/').expect("cloud/region");
        json!({"cloud": cloud, "what": {"kind": "outage"}, "place": zone, "from": "+5m", "until": "+24h"})
    };
    let zones = |letters: &str| -> Vec<Value> {
        letters.chars().map(|z| zone("aws/us-east-1", &format!("us-east-1{z}"))).collect()
    };
    desk.write("t.json", Value::from(zones("abcde")).to_string());
    let places = ["aws/us-east-1", "aws/us-west-1"];
    desk.write("in/a.jsonl", within("free", &places) + &within("bound", &places[..1]));
    let ran = desk.run(&["run", "--watch", "in", "--until-idle", "--troubles", "t.json", "--format", "json"]);
    let status: Value = serde_json::from_str(&ran.expect(0).stdout).expect("JSON");
    assert_eq!((&status["tasks"], &status["done"]), (&json!(6), &json!(6)));
    let told = lines(&desk, "in/decisions.out");
    let closed: Vec<&Value> = told.iter().filter(|line| !line["closed"].is_null()).collect();
    assert!(closed.iter().all(|line| line["closed"]["aws/us-east-1"] == json!("zone_out")), "{told:?}");
    assert!(!closed.is_empty(), "{told:?}");
    let over = told.iter().filter(|line| line["is"] == json!("over"));
    assert!(over.clone().all(|l| l["at"].as_str() < Some("2024-03-31T12:00:00Z")), "before the zone is back: {told:?}");
}
