//! The key that seals approvals: 32 random bytes that only the owner of the folder may read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::FolderError;
use crate::approval::{KEY_BYTES, Sealer, random};

/// Makes a key where there is none.
pub(super) fn make(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(&random()?)?;
    file.sync_all()
}

/// The seal of a key.
pub(super) fn sealer(path: &Path) -> Result<Sealer, FolderError> {
    let failed = |e| FolderError::Io(path.to_owned(), e);
    let bytes = fs::read(path).map_err(failed)?;
    if is_open(path).map_err(failed)? {
        return Err(FolderError::OpenKey(path.to_owned()));
    }
    let wrong = |_| failed(io::Error::new(io::ErrorKind::InvalidData, format!("a key has {KEY_BYTES} bytes")));
    Ok(Sealer::new(<[u8; KEY_BYTES]>::try_from(bytes).map_err(wrong)?))
}

/// Whether users other than its owner may read a file.
#[cfg(unix)]
fn is_open(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// Whether users other than its owner may read a file: not known here.
#[cfg(not(unix))]
fn is_open(_: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("tradewind-key-{}", std::process::id()));
        make(&path).expect("a key");
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        sealer(&path).expect("a seal");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("ours");
        assert!(matches!(sealer(&path), Err(FolderError::OpenKey(_))));
        fs::remove_file(path).expect("ours");
    }
}
