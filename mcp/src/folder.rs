//! The state folder of one cloud: its world, its register, its audit log. One server at a time.

mod key;
mod world_file;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tradewind_core::clock::Clock;

use crate::approval::{Approvals, Inbox};
use crate::layers::{Register, RegisterError};
use crate::simulated::{Keeper, Taken, World};
use world_file::{WorldFile, steps_from, steps_path, world_path};

const REGISTER: &str = "register.db";
const AUDIT: &str = "audit.jsonl";
const LOCK: &str = "lock";
const APPROVAL_KEY: &str = "approval.key";
const INBOX: &str = "approvals";
/// While this file is there no change is allowed; its text says why.
const INCIDENT: &str = "INCIDENT";

/// A folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another server holds it.
    #[error("{0} is held by another server")]
    Held(PathBuf),
    /// It cannot be read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// The world in it is none of ours.
    #[error("{0}: {1}")]
    World(PathBuf, String),
    /// The key in it can be read by others: what it seals proves nothing.
    #[error("{0} can be read by other users")]
    OpenKey(PathBuf),
    /// The register in it cannot be used.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// The folder, held until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// The folder of a cloud in `root`, made where there is none, and held.
    ///
    /// # Errors
    /// Another server holds it, or it cannot be made.
    pub fn open(root: &Path, cloud: &str) -> Result<Self, FolderError> {
        let path = root.join(cloud);
        fs::create_dir_all(&path).map_err(|e| FolderError::Io(path.clone(), e))?;
        let name = path.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&name);
        let lock = lock.map_err(|e| FolderError::Io(name.clone(), e))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::Held(path)),
            Err(TryLockError::Error(e)) => Err(FolderError::Io(name, e)),
        }
    }

    /// The world that was kept whole here, if there is one, and the steps since: [`Simulated::again`] takes them.
    ///
    /// [`Simulated::again`]: crate::simulated::Simulated::again
    ///
    /// # Errors
    /// A file that is no world of this version.
    pub fn world(&self) -> Result<Option<(World, Vec<Taken>)>, FolderError> {
        let path = world_path(&self.path);
        let read = |text: Vec<u8>| Ok((read_world(&text)?, steps_from(&steps_path(&self.path), &text)?));
        match fs::read(&path) {
            Ok(text) => read(text).map(Some).map_err(|what| FolderError::World(path, what)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(FolderError::Io(path, e)),
        }
    }

    /// Keeps worlds here.
    pub fn keeper(&self) -> Box<dyn Keeper> {
        Box::new(WorldFile::new(&self.path))
    }

    /// The register that is kept here.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn register(&self) -> Result<Register, FolderError> {
        Ok(Register::open(&self.path.join(REGISTER))?)
    }

    /// Where the audit log is.
    pub fn audit(&self) -> PathBuf {
        self.path.join(AUDIT)
    }

    /// How calls are approved here: by a key that is kept here, made where there is none.
    ///
    /// # Errors
    /// The key cannot be read or made, or others can read it.
    pub fn approvals(&self, clock: Arc<dyn Clock + Send + Sync>) -> Result<Approvals, FolderError> {
        let path = self.path.join(APPROVAL_KEY);
        if !path.exists() {
            key::make(&path).map_err(|e| FolderError::Io(path.clone(), e))?;
        }
        Ok(Approvals { sealer: key::sealer(&path)?, clock, inbox: Inbox::new(self.path.join(INBOX)) })
    }

    /// Asks whether no change is allowed now, and why: the text of a file, so that one command stops a server.
    pub fn incident(&self) -> Box<dyn Fn() -> Option<String> + Send + Sync> {
        let path = self.path.join(INCIDENT);
        Box::new(move || match fs::read_to_string(&path) {
            Ok(why) => Some(why.trim().to_owned()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => Some(format!("{}: {e}", path.display())),
        })
    }
}

/// Where the switch of incident mode is, for a cloud in `root`: it is thrown without holding the folder.
pub fn incident_file(root: &Path, cloud: &str) -> PathBuf {
    root.join(cloud).join(INCIDENT)
}

/// What approves calls of a cloud in `root`, as a server holds it or will: it is used without holding the folder.
///
/// # Errors
/// No server ever made a key there, or it cannot be read.
pub fn approvals(root: &Path, cloud: &str, clock: Arc<dyn Clock + Send + Sync>) -> Result<Approvals, FolderError> {
    let path = root.join(cloud);
    Ok(Approvals { sealer: key::sealer(&path.join(APPROVAL_KEY))?, clock, inbox: Inbox::new(path.join(INBOX)) })
}

/// Where the audit log of a cloud in `root` is: it is read without holding the folder.
pub fn audit_file(root: &Path, cloud: &str) -> PathBuf {
    root.join(cloud).join(AUDIT)
}

/// Reads a world file.
///
/// # Errors
/// What is wrong with it.
pub fn read_world(text: &[u8]) -> Result<World, String> {
    let world: World = serde_json::from_slice(text).map_err(|e| e.to_string())?;
    match world.schema.as_str() {
        crate::simulated::SCHEMA => Ok(world),
        other => Err(format!("a world of {other:?}; this version reads {:?}", crate::simulated::SCHEMA)),
    }
}

#[cfg(test)]
mod tests {
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
        let fresh =
            || Simulated::new(names.cloud, Arc::new(names.market()), Seed(3), Box::new(InMemory)).expect("a cloud");
        let world = fresh().world();
        let mut taken = Taken::to(&world, Step::Pass(world.now));
        assert!(fresh().again(vec![taken.clone()]).is_ok());
        taken.made = 7;
        let error = fresh().again(vec![taken]).err().expect("elsewhere");
        assert_eq!(error.to_string(), "step 1 leads somewhere else than it did: the world was kept by another version");
    }
}
