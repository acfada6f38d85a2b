//! Content hashes: SHA-256 of a value's canonical JSON.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Lower-case hexadecimal SHA-256 of the bytes.
pub fn of_bytes(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// SHA-256 of the value as compact JSON. Our types write their fields in a fixed order and their
/// maps sorted, so equal values have equal hashes on every run.
///
/// # Panics
/// If the value cannot be written as JSON; none of this crate's types can fail.
pub fn of<T: Serialize>(value: &T) -> String {
    of_bytes(&serde_json::to_vec(value).expect("core types serialize"))
}
