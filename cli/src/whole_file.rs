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
    write_with(path, |file| file.write_all(bytes)).map_err(|reason| Failure::unwritable(path, &reason))
}

/// Writes what `make` writes; nothing is left behind where it fails.
///
/// # Errors
/// Those of `make`, and of the file system; a file that was there before is unchanged.
pub fn write_with<T, E: From<io::Error>>(
    path: &Path,
    make: impl FnOnce(&mut fs::File) -> Result<T, E>,
) -> Result<T, E> {
    let temporary = temporary_beside(path);
    let attempt = || -> Result<T, E> {
        refuse_folder(path)?;
        let mut file = fs::File::create(&temporary)?;
        let made = make(&mut file)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        Ok(made)
    };
    attempt().inspect_err(|_| {
        // Best effort: the temporary file may not even exist.
        let _ = fs::remove_file(&temporary);
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
