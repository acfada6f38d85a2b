//! The state folder of one cloud: its world, its register, its audit log. One server at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::layers::{Register, RegisterError};
use crate::simulated::{Keeper, World};

const WORLD: &str = "world.json";
const REGISTER: &str = "register.db";
const AUDIT: &str = "audit.jsonl";
const LOCK: &str = "lock";
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

    /// The world that is kept here, if there is one.
    ///
    /// # Errors
    /// A file that is no world of this version.
    pub fn world(&self) -> Result<Option<World>, FolderError> {
        let path = self.path.join(WORLD);
        match fs::read(&path) {
            Ok(text) => read_world(&text).map(Some).map_err(|what| FolderError::World(path, what)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(FolderError::Io(path, e)),
        }
    }

    /// Keeps worlds here.
    pub fn keeper(&self) -> Box<dyn Keeper> {
        Box::new(WorldFile(self.path.join(WORLD)))
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

/// A world file, written whole or not at all: beside it, synced, then renamed.
struct WorldFile(PathBuf);

impl Keeper for WorldFile {
    fn keep(&self, world: &World) -> io::Result<()> {
        let beside = self.0.with_extension("json.new");
        let mut file = File::create(&beside)?;
        file.write_all(&serde_json::to_vec(world)?)?;
        file.sync_all()?;
        fs::rename(&beside, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_core::seed::Seed;
    use tradewind_core::time::Time;

    #[test]
    fn a_folder_is_held_and_keeps_its_world() {
        let root = std::env::temp_dir().join(format!("tradewind-folder-{}", std::process::id()));
        let folder = Folder::open(&root, "aws").expect("a folder");
        assert!(matches!(Folder::open(&root, "aws"), Err(FolderError::Held(_))));
        assert_eq!(folder.world().expect("none yet"), None);
        let world = World::new("aws", "m".to_owned(), Seed(3), Time::from_ms(0));
        folder.keeper().keep(&world).expect("a disk");
        assert_eq!(folder.world().expect("a world"), Some(world));
        assert_eq!((folder.incident())(), None);
        fs::write(incident_file(&root, "aws"), "a leak\n").expect("a disk");
        assert_eq!((folder.incident())(), Some("a leak".to_owned()));
        drop(folder);
        Folder::open(&root, "aws").expect("free again");
        fs::remove_dir_all(root).expect("ours");
    }
}
