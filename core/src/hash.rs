//! Content hashes: SHA-256 of a value's canonical JSON.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Lower-case hexadecimal SHA-256 of the bytes.
pub fn of_bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal SHA-256 of parts that follow one another.
pub fn of_parts(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hexadecimal(&hash.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Bytes that are hashed at a time.
const BLOCK: usize = 1 << 16;

/// What is written is hashed, so that the text of a large value is never held.
#[derive(Debug)]
struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// SHA-256 of the value as compact JSON. Our types write their fields in a fixed order and their
/// maps sorted, so equal values have equal hashes on every run.
///
/// # Panics
/// If the value cannot be written as JSON; none of this crate's types can fail.
pub fn of<T: Serialize>(value: &T) -> String {
    let mut writer = BufWriter::with_capacity(BLOCK, Hashing(Sha256::new()));
    serde_json::to_writer(&mut writer, value).expect("core types serialize");
    let Hashing(hash) = writer.into_inner().expect("hashing does not fail");
    hexadecimal(&hash.finalize())
}
