//! Reproducible chance: one seed, named streams, no order of calls.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The one source of randomness of a run. A stream is a function of (seed, name, index) alone, so
/// adding a consumer never shifts what another one draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// 64 uniform bits of the stream `name` at `index`.
    ///
    /// ```
    /// use tradewind_core::seed::Seed;
    /// assert_eq!(Seed(1).bits("boot", 7), Seed(1).bits("boot", 7));
    /// assert_ne!(Seed(1).bits("boot", 7), Seed(1).bits("price", 7));
    /// ```
    pub fn bits(self, name: &str, index: u64) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.0.to_le_bytes());
        hash.update(index.to_le_bytes());
        hash.update(name.as_bytes());
        let digest = hash.finalize();
        u64::from_le_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
    }

    /// A uniform number in [0, 1) of the stream `name` at `index`.
    pub fn uniform(self, name: &str, index: u64) -> f64 {
        (self.bits(name, index) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
