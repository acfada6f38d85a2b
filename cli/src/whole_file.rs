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

/// Writes what `make` writes; nothing is left behind where it fails. What is there and no file, such as
/// a pipe or `/dev/stdout`, is written to as it is.
///
/// # Errors
/// Those of `make`, and of the file system; a file that was there before is unchanged.
pub fn write_with<T, E: From<io::Error>>(
    path: &Path,
    make: impl FnOnce(&mut fs::File) -> Result<T, E>,
) -> Result<T, E> {
    let temporary = temporary_beside(path);
    let attempt = || -> Result<T, E> {
        if is_special(path)? {
            return make(&mut fs::OpenOptions::new().write(true).open(path)?);
        }
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
        if is_special(path)? {
            // Opening a pipe and closing it again would end it for its reader.
            return Ok(());
        }
        fs::File::create(&temporary)?;
        fs::remove_file(&temporary)
    };
    probe().map_err(|reason| Failure::unwritable(path, &reason))
}

/// Whether a device or a pipe is there, which a rename would replace by a file.
fn is_special(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Err(io::Error::other("it is a directory")),
        Ok(meta) => Ok(!meta.is_file()),
        Err(_) => Ok(false),
    }
}

fn temporary_beside(path: &Path) -> PathBuf {
    let name = path.file_name().map_or_else(|| "output".into(), |n| n.to_string_lossy().into_owned());
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}
