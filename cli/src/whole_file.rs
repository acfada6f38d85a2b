//! Files written whole or not at all: a temporary file beside them, synced, then renamed.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Writes the bytes.
///
/// # Errors
/// `TW4008`; a file that was there before is unchanged.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let temporary = temporary_beside(path);
    let attempt = || -> io::Result<()> {
        refuse_folder(path)?;
        let mut file = fs::File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    attempt().map_err(|reason| {
        // Best effort: the temporary file may not even exist.
        let _ = fs::remove_file(&temporary);
        Failure::unwritable(path, &reason)
    })
}

/// Whether the file could be written, found out before the work is done.
///
/// # Errors
/// `TW4008`.
pub fn expect_writable(path: &Path) -> Result<(), Failure> {
    let temporary = temporary_beside(path);
    let probe = || -> io::Result<()> {
        refuse_folder(path)?;
        fs::File::create(&temporary)?;
        fs::remove_file(&temporary)
    };
    probe().map_err(|reason| Failure::unwritable(path, &reason))
}

fn refuse_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() { Err(io::Error::other("it is a directory")) } else { Ok(()) }
}

fn temporary_beside(path: &Path) -> PathBuf {
    let name = path.file_name().map_or_else(|| "output".into(), |n| n.to_string_lossy().into_owned());
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}
