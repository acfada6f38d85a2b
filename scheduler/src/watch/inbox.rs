//! The folder that a batch scheduler drops queues into: whole lines, each once, however the file grows.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use tradewind_core::hash;

/// The ending of the names of queues; nothing else in the folder is read.
const ENDING: &str = ".jsonl";
/// Most bytes of a file that are taken at once: what a transaction holds.
const MOST_BYTES: u64 = 8 << 20;
/// Bytes before the mark by which a file is known again.
const TAIL: u64 = 256;

/// How far a file was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mark {
    /// Bytes.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// Hash of the last bytes before the mark: another file of the same name does not have them.
    pub tail: String,
}

/// Whole lines of a file that were not taken yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The file's name in the folder.
    pub file: String,
    /// Number of the first of them, from 1.
    pub first: u64,
    /// The lines, each with its end.
    pub text: Vec<u8>,
    /// The mark behind them.
    pub mark: Mark,
}

/// Names of the queues in a folder, sorted.
///
/// # Errors
/// It cannot be read.
pub fn files(folder: &Path) -> io::Result<Vec<String>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<io::Result<Vec<String>>>()?;
    names.retain(|name| name.ends_with(ENDING) && !name.starts_with('.'));
    names.sort();
    Ok(names)
}

/// The whole lines behind a mark. A line without its end is not there yet. A file that is not the one that was marked
/// is taken from its beginning: what of it is known changes nothing.
///
/// # Errors
/// The file cannot be read; one line is longer than what is taken at once.
pub fn lines(folder: &Path, name: &str, mark: &Mark) -> io::Result<Option<Batch>> {
    let mut file = File::open(folder.join(name))?;
    let from = if is_same(&mut file, mark)? { mark.clone() } else { Mark::default() };
    file.seek(SeekFrom::Start(from.bytes))?;
    let mut text = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut text)?;
    let is_full = text.len() as u64 == MOST_BYTES;
    text.truncate(text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1));
    if text.is_empty() {
        let too_long = || io::Error::other(format!("a line is longer than {MOST_BYTES} bytes"));
        return if is_full { Err(too_long()) } else { Ok(None) };
    }
    let lines = text.iter().filter(|b| **b == b'\n').count() as u64;
    let bytes = from.bytes + text.len() as u64;
    let tail = tail(&mut File::open(folder.join(name))?, bytes)?;
    Ok(Some(Batch {
        file: name.to_owned(),
        first: from.lines + 1,
        text,
        mark: Mark { bytes, lines: from.lines + lines, tail },
    }))
}

fn is_same(file: &mut File, mark: &Mark) -> io::Result<bool> {
    Ok(mark.bytes == 0 || (file.metadata()?.len() >= mark.bytes && tail(file, mark.bytes)? == mark.tail))
}

fn tail(file: &mut File, until: u64) -> io::Result<String> {
    let from = until.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(until - from).read_to_end(&mut bytes)?;
    Ok(hash::of_bytes(&bytes))
}
