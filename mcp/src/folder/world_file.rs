//! A world on disk: the whole world now and then, and the steps since, a line each. So a call costs what it says, not
//! what the world holds.
//!
//! The first line of the steps names the world that they go on from by its hash: steps that are left from before a
//! new world was written are not taken twice. A last line that a crash cut off was never answered.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tradewind_core::hash;

use crate::simulated::{Keeper, Step, Taken, World};

/// Steps in bytes after which the world is written whole again, and more where the world is larger: so all writing
/// together is at most twice that of the steps.
const LEAST_STEPS: u64 = 1 << 20;

/// The two files.
pub(super) struct WorldFile {
    world: PathBuf,
    steps: PathBuf,
    open: Mutex<Option<Open>>,
}

/// The steps that are being written.
struct Open {
    file: File,
    bytes: u64,
    /// Bytes after which the world is written whole.
    most: u64,
}

impl WorldFile {
    /// Goes on with nothing: what is kept first is the whole world.
    pub fn new(folder: &Path) -> Self {
        Self { world: world_path(folder), steps: steps_path(folder), open: Mutex::new(None) }
    }

    /// Writes the world beside what is there, then in its place, then begins the steps anew.
    fn whole(&self, world: &World) -> io::Result<Open> {
        let text = serde_json::to_vec(world)?;
        let beside = self.world.with_extension("json.new");
        let mut file = File::create(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, &self.world)?;
        let mut file = File::create(&self.steps)?;
        writeln!(file, "{}", hash::of_bytes(&text))?;
        file.sync_all()?;
        Ok(Open { file, bytes: 0, most: LEAST_STEPS.max(text.len() as u64) })
    }

    fn add(open: &mut Open, world: &World, step: Step) -> io::Result<()> {
        let is_answered_for = matches!(step, Step::Call { .. } | Step::Break(_));
        let mut line = serde_json::to_vec(&Taken::to(world, step))?;
        line.push(b'\n');
        open.file.write_all(&line)?;
        open.bytes += line.len() as u64;
        // Time that passed comes with the next call again.
        if is_answered_for { open.file.sync_data() } else { Ok(()) }
    }
}

impl Keeper for WorldFile {
    fn keep(&self, world: &World, step: Step) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out: after a failure nobody knows what stands in the file, and the next is the whole world.
        match open.take() {
            Some(mut steps) if steps.bytes < steps.most => {
                Self::add(&mut steps, world, step)?;
                *open = Some(steps);
            }
            _ => *open = Some(self.whole(world)?),
        }
        Ok(())
    }
}

pub(super) fn world_path(folder: &Path) -> PathBuf {
    folder.join("world.json")
}

pub(super) fn steps_path(folder: &Path) -> PathBuf {
    folder.join("world.steps.jsonl")
}

/// The steps that go on from the world of this text.
///
/// # Errors
/// A line that is no step, but for the last.
pub(super) fn steps_from(path: &Path, world: &[u8]) -> Result<Vec<Taken>, String> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(e) => return Err(e.to_string()),
    };
    let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    let mut lines = text[..whole].split(|b| *b == b'\n').filter(|line| !line.is_empty());
    if lines.next() != Some(hash::of_bytes(world).as_bytes()) {
        return Ok(vec![]);
    }
    let read = |(n, line)| serde_json::from_slice(line).map_err(|e| format!("{}: line {n}: {e}", path.display()));
    (2..).zip(lines).map(read).collect()
}
