//! Opening a queue: a file, a packed file, or standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::problem::{Problem, Problems};

/// What is looked at to tell the format.
const HEAD: usize = 1 << 16;
/// A packed queue may not unpack to more than so many times its size, once above a megabyte.
const MAX_RATIO: u64 = 100;

/// Opens `path` (`-` is standard input), unpacking it where its name ends in `.gz`.
///
/// # Errors
/// `TW1000` with the reason of the system.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead>, Problems> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::with_capacity(HEAD, io::stdin())));
    }
    let file = || -> io::Result<File> {
        if std::fs::metadata(path)?.is_dir() {
            return Err(io::Error::other("it is a directory"));
        }
        File::open(path)
    };
    let file = file().map_err(|reason| Problems::one(Problem::unreadable(&path.display().to_string(), &reason)))?;
    let buffered = BufReader::with_capacity(HEAD, file);
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz")) {
        return Ok(Box::new(BufReader::with_capacity(HEAD, Unpacked::new(buffered))));
    }
    Ok(Box::new(buffered))
}

/// The unpacked text of a gzip stream, as long as it stays in proportion.
struct Unpacked<R> {
    decoder: MultiGzDecoder<Counted<R>>,
    unpacked: u64,
}

impl<R: BufRead> Unpacked<R> {
    fn new(packed: R) -> Self {
        Self { decoder: MultiGzDecoder::new(Counted { input: packed, read: 0 }), unpacked: 0 }
    }
}

/// Raised by [`Unpacked`].
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to more than {MAX_RATIO} times its size")]
struct Disproportion;

/// An input that cannot be read to its end: a packed one out of proportion is told apart.
pub(crate) fn unreadable(file: &str, reason: &io::Error) -> Problem {
    if reason.get_ref().is_some_and(|inner| inner.is::<Disproportion>()) {
        let problem = Problem::of_file("TW1025", "a packed file out of proportion", file).got(reason.to_string());
        return problem.accepted("at most 100 times its size").help("unpack it yourself if you trust it");
    }
    Problem::unreadable(file, reason)
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.decoder.read(out)?;
        self.unpacked += n as u64;
        if self.unpacked > (1 << 20).max(self.decoder.get_ref().read.saturating_mul(MAX_RATIO)) {
            return Err(io::Error::other(Disproportion));
        }
        Ok(n)
    }
}

/// Counts the packed bytes.
struct Counted<R> {
    input: R,
    read: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(out)?;
        self.read += n as u64;
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }
    fn consume(&mut self, n: usize) {
        self.read += n as u64;
        self.input.consume(n);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn a_bomb_is_stopped_early() {
        let mut text = Vec::new();
        let bomb = packed(&vec![b' '; 64 << 20]);
        let error = Unpacked::new(bomb.as_slice()).read_to_end(&mut text).expect_err("a bomb");
        assert_eq!(error.to_string(), "it unpacks to more than 100 times its size");
        assert!(text.len() < 16 << 20, "{} bytes were unpacked", text.len());
    }

    #[test]
    fn a_fair_file_is_unpacked() {
        let mut text = String::new();
        Unpacked::new(packed(b"one\ntwo\n").as_slice()).read_to_string(&mut text).expect("a fair file");
        assert_eq!(text, "one\ntwo\n");
    }
}
