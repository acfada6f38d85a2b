//! A file that is written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file in the making: a temporary one beside it, which takes its name when it is done and is removed
/// when it is given up.
pub struct WholeFile {
    path: PathBuf,
    temporary: PathBuf,
    out: BufWriter<File>,
    /// The first failure; writing goes on into nothing.
    failed: Option<io::Error>,
}

impl WholeFile {
    /// # Errors
    /// `TW4008` where no file can be made there.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let name = path.file_name().map_or_else(|| "queue".into(), |n| n.to_string_lossy().into_owned());
        let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        let open = || {
            if path.is_dir() {
                return Err(io::Error::other("it is a directory"));
            }
            File::create(&temporary)
        };
        let file = open().map_err(|reason| Failure::unwritable(path, &reason))?;
        Ok(Self { path: path.to_owned(), temporary, out: BufWriter::with_capacity(1 << 16, file), failed: None })
    }

    /// Adds bytes. A failure is told by [`WholeFile::finish`].
    pub fn add(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.out.write_all(bytes).err();
        }
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// `TW4008`; a file that was there before is unchanged.
    pub fn finish(mut self) -> Result<(), Failure> {
        let mut finish = || {
            if let Some(reason) = self.failed.take() {
                return Err(reason);
            }
            self.out.flush()?;
            self.out.get_ref().sync_all()?;
            fs::rename(&self.temporary, &self.path)
        };
        finish().map_err(|reason| Failure::unwritable(&self.path, &reason))
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        // Best effort: after a rename it is not there any more.
        let _ = fs::remove_file(&self.temporary);
    }
}
