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
mod tests;
