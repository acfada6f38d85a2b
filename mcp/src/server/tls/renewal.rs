//! Certificates that are renewed while the server serves: their files are looked at from time to time, and what has changed
//! is used for the connections that come from then on. A new file that cannot be used changes nothing.

use std::io;
use std::path::PathBuf;

use tradewind_core::hash;
use tradewind_core::time::{Millis, Time};

use super::{Pem, Tls, TlsError};
use crate::layers::Timer;

/// Between two looks. A change is taken at the second look that sees it: three files are not written at one instant.
pub const LOOK_EVERY: Millis = Millis::from_secs(5);

/// The files of [`Pem`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PemFiles {
    /// Our certificate, and those between it and its authority.
    pub certificates: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// The authorities whose clients are let in.
    pub authorities: PathBuf,
}

/// Why new files are not used: what was used before still is.
#[derive(Debug, thiserror::Error)]
pub enum RenewalError {
    /// One cannot be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, io::Error),
    /// What is in one is of no use.
    #[error("{0}: {1}")]
    Unusable(PathBuf, TlsError),
}

/// Follows the files of a server.
#[derive(Debug)]
pub struct Renewal {
    tls: Tls,
    files: PemFiles,
    /// What is used now, what was refused, and what the last look saw: by hash, since one of the files is a secret.
    used: String,
    refused: Option<String>,
    seen: String,
}

/// The contents of the three files.
struct Read([Vec<u8>; 3]);

impl Read {
    fn pem(&self) -> Pem<'_> {
        let [certificates, key, authorities] = &self.0;
        Pem { certificates, key, authorities }
    }

    fn print(&self) -> String {
        print(self.pem())
    }
}

/// What three contents are known by.
fn print(pem: Pem<'_>) -> String {
    [pem.certificates, pem.key, pem.authorities].map(hash::of_bytes).join(" ")
}

impl PemFiles {
    fn read(&self) -> Result<Read, (PathBuf, io::Error)> {
        let read = |path: &PathBuf| std::fs::read(path).map_err(|e| (path.clone(), e));
        Ok(Read([read(&self.certificates)?, read(&self.key)?, read(&self.authorities)?]))
    }

    /// The file that an error is of.
    pub fn at_fault(&self, error: &TlsError) -> &PathBuf {
        match error {
            TlsError::Certificate(_) => &self.certificates,
            TlsError::Key(_) => &self.key,
            TlsError::Authorities(_) => &self.authorities,
        }
    }
}

impl Renewal {
    /// Follows the files that `tls` was made from; `used` is what was in them then.
    pub fn new(tls: Tls, files: PemFiles, used: Pem<'_>) -> Self {
        let used = print(used);
        Self { tls, files, refused: None, seen: used.clone(), used }
    }

    /// Looks at the files. Until when the new certificate is good, where one came into use; none where nothing is new.
    ///
    /// # Errors
    /// New files cannot be used. It is said once, and what was used before still is.
    pub fn look(&mut self) -> Option<Result<Time, RenewalError>> {
        let read = self.files.read();
        let seen = match &read {
            Ok(read) => read.print(),
            Err((path, error)) => format!("{}: {error}", path.display()),
        };
        let is_settled = self.seen == seen;
        self.seen = seen;
        if !is_settled || self.refused.as_ref() == Some(&self.seen) {
            return None;
        }
        if self.seen == self.used {
            self.refused = None;
            return None;
        }
        let renewed = match read {
            Ok(read) => {
                let renewed = self.tls.renew(read.pem());
                renewed.map_err(|e| RenewalError::Unusable(self.files.at_fault(&e).clone(), e))
            }
            Err((path, error)) => Err(RenewalError::Unreadable(path, error)),
        };
        match &renewed {
            Ok(_) => (self.used, self.refused) = (self.seen.clone(), None),
            Err(_) => self.refused = Some(self.seen.clone()),
        }
        Some(renewed)
    }

    /// Looks for ever; `tell` hears of what came of it.
    pub async fn follow(mut self, timer: &dyn Timer, tell: impl Fn(Result<Time, RenewalError>)) {
        loop {
            timer.wait(LOOK_EVERY).await;
            if let Some(news) = self.look() {
                tell(news);
            }
        }
    }
}
