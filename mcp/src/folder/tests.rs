use super::*;
use crate::conformance::Names;
use crate::control::Control;
use crate::provider::{Call, Caller, Provider};
use crate::simulated::{InMemory, Simulated, Step};
use crate::tools::Request;
use serde_json::json;
use tradewind_core::clock::FixedClock;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

#[test]
fn a_folder_is_held_and_keeps_its_world() {
    let root = std::env::temp_dir().join(format!("tradewind-folder-{}", std::process::id()));
    let folder = Folder::open(&root, "aws").expect("a folder");
    assert!(matches!(Folder::open(&root, "aws"), Err(FolderError::Held(_))));
    assert_eq!(folder.world().expect("none yet"), None);
    let world = World::new("aws", "m".to_owned(), Seed(3), Time::from_ms(0));
    folder.keeper().keep(&world, Step::Pass(world.now)).expect("a disk");
    assert_eq!(folder.world().expect("a world"), Some((world, vec![])));
    folder.approvals(Arc::new(FixedClock(Time::from_ms(0)))).expect("a key");
    assert_eq!(fs::read(root.join("aws").join(APPROVAL_KEY)).expect("a key").len(), crate::approval::KEY_BYTES);
    assert_eq!((folder.incident())(), None);
    fs::write(incident_file(&root, "aws"), "a leak\n").expect("a disk");
    assert_eq!((folder.incident())(), Some("a leak".to_owned()));
    drop(folder);
    Folder::open(&root, "aws").expect("free again");
    fs::remove_dir_all(root).expect("ours");
}

/// A cloud that is kept in a folder, as it was left.
fn opened(folder: &Folder, names: Names) -> Simulated {
    let market = Arc::new(names.market());
    match folder.world().expect("a sound world") {
        Some((world, steps)) => Simulated::resume(world, market, folder.keeper()).and_then(|s| s.again(steps)),
        None => Simulated::new(names.cloud, market, Seed(3), folder.keeper()),
    }
    .expect("a cloud")
}

fn launch(n: usize, at: Option<Time>) -> Call {
    let control = Control {
        state: Default::default(),
        idempotency_key: format!("k-{n}"),
        owner: "me".to_owned(),
        ttl_s: 86_400,
        epoch: 1,
        decision: format!("a-{n}/0/0/launch").parse().expect("a decision"),
    };
    let names = Names::all()[0];
    let launch = json!({"region": names.region, "instance_type": names.small, "count": 2, "min_count": 1});
    let request = Request::read("launch_spot", launch).expect("a tool").expect("arguments");
    let caller = Caller { name: String::new(), role: String::new(), drives_time: false };
    Call { request, control: Some(control), caller, now: at, trace: None, approval: Default::default() }
}

#[test]
fn a_call_is_kept_as_a_step_and_taken_again_after_a_crash() {
    let root = std::env::temp_dir().join(format!("tradewind-steps-{}", std::process::id()));
    let names = Names::all()[0];
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let folder = Folder::open(&root, names.cloud).expect("a folder");
    let cloud = opened(&folder, names);
    let begin = cloud.now();
    let mut whole = None;
    for n in 0..40 {
        let hour = begin + Millis::from_hours(n as i64 / 4);
        // Some of them meet a limit on calls: that is a step too.
        let _ = runtime.block_on(cloud.call(&launch(n, Some(hour))));
        let kept = fs::read(world_path(&folder.path)).expect("a world");
        assert_eq!(whole.get_or_insert_with(|| kept.clone()), &kept, "written whole once");
    }
    cloud.pass(begin + Millis::from_hours(30)).expect("a disk");
    let steps = fs::metadata(steps_path(&folder.path)).expect("steps").len();
    assert!(steps < 40 * 600, "{steps} bytes for 40 calls");
    let schema = include_str!("../../../docs/schema/world-steps.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).expect("JSON")).expect("a sound schema");
    let text = fs::read_to_string(steps_path(&folder.path)).expect("steps");
    for line in text.lines().skip(1) {
        let line = serde_json::from_str(line).expect("JSON");
        assert!(schema.is_valid(&line), "{line}");
    }
    let left = cloud.world();
    drop(cloud);
    assert_eq!(opened(&folder, names).world(), left, "taken again");
    // A line that was cut off was never answered: the world is the one before it.
    let mut text = fs::read(steps_path(&folder.path)).expect("steps");
    text.truncate(text.len() - 3);
    fs::write(steps_path(&folder.path), &text).expect("a disk");
    assert_ne!(opened(&folder, names).world(), left);
    // Steps from another world are not taken.
    fs::write(world_path(&folder.path), serde_json::to_vec(&left).expect("JSON")).expect("a disk");
    assert_eq!(opened(&folder, names).world(), left);
    fs::remove_dir_all(root).expect("ours");
}

#[test]
fn steps_that_lead_elsewhere_are_told_of() {
    let names = Names::all()[0];
    let fresh = || Simulated::new(names.cloud, Arc::new(names.market()), Seed(3), Box::new(InMemory)).expect("a cloud");
    let world = fresh().world();
    let mut taken = Taken::to(&world, Step::Pass(world.now));
    assert!(fresh().again(vec![taken.clone()]).is_ok());
    taken.made = 7;
    let error = fresh().again(vec![taken]).err().expect("elsewhere");
    assert_eq!(error.to_string(), "step 1 leads somewhere else than it did: the world was kept by another version");
}
