//! JSON Lines: blocks of whole lines, each parsed on a thread of its own, taken in the order of the file.
//!
//! Problems are those of a reader that takes one line after the other, at any number of threads.

use std::io::Read;

use rayon::prelude::*;
use tradewind_core::job::Job;

use crate::fields::{At, Sink};
use crate::intake::{Intake, job_of};
use crate::node::{Node, TOO_DEEP};
use crate::problem::{Collector, MAX_SHOWN, Problem};
use crate::{MAX_DEPTH, MAX_LINE, Options};

/// Bytes of a block, before it is rounded up to a whole line.
const BLOCK: usize = 1 << 18;

/// Reads every line; stops early where going on makes no sense.
pub(crate) fn read(mut input: impl Read, intake: &mut Intake<'_>) {
    let mut cut = Cut::default();
    loop {
        let mut blocks = Vec::new();
        let mut failed = None;
        while blocks.len() < rayon::current_num_threads() {
            match cut.next(&mut input) {
                Ok(Some(block)) => blocks.push(block),
                Ok(None) => break,
                Err(reason) => {
                    failed = Some(Problem::unreadable(intake.file, &reason).line(cut.line + 1));
                    break;
                }
            }
        }
        let (file, options) = (intake.file, intake.options);
        let parsed: Vec<Parsed> = blocks.par_iter().map(|block| block.parse(file, options)).collect();
        let ended = parsed.is_empty();
        if !parsed.into_iter().all(|block| block.hand_to(intake)) {
            return;
        }
        match failed {
            Some(problem) => return intake.push(problem),
            None if ended => return,
            None => {}
        }
    }
}

/// Cuts a stream into blocks of whole lines.
#[derive(Default)]
struct Cut {
    /// What was read beyond the last block.
    rest: Vec<u8>,
    /// Lines and bytes given so far.
    line: u64,
    offset: u64,
    ended: bool,
}

impl Cut {
    /// The next block; none at the end of the stream.
    fn next(&mut self, input: &mut impl Read) -> std::io::Result<Option<Block>> {
        let mut text = std::mem::take(&mut self.rest);
        while !self.ended {
            let wanted = BLOCK.saturating_sub(text.len()).max(BLOCK / 4) as u64;
            let read = input.by_ref().take(wanted).read_to_end(&mut text)?;
            self.ended = (read as u64) < wanted;
            let end = text.iter().rposition(|b| *b == b'\n').map(|at| at + 1);
            match end {
                Some(end) if !self.ended => {
                    self.rest = text.split_off(end);
                    break;
                }
                // A line without an end in sight is told by the parser, which sees that it is too long.
                None if text.len() > MAX_LINE + 2 => break,
                _ => {}
            }
        }
        if text.is_empty() {
            return Ok(None);
        }
        let lines = text.iter().filter(|b| **b == b'\n').count();
        let block = Block { first_line: self.line + 1, offset: self.offset, lines: lines + 1, text };
        self.line += lines as u64;
        self.offset += block.text.len() as u64;
        Ok(Some(block))
    }
}

/// Whole lines of the file.
struct Block {
    first_line: u64,
    offset: u64,
    /// At most so many.
    lines: usize,
    text: Vec<u8>,
}

/// What the lines of a block gave, in their order.
struct Parsed {
    lines: Vec<(u64, Result<Job, Collector>)>,
    /// Whether reading must stop after them.
    stopped: bool,
}

impl Block {
    fn parse(&self, file: &str, options: &Options) -> Parsed {
        let mut parsed = Parsed { lines: Vec::with_capacity(self.lines), stopped: false };
        let mut room = MAX_SHOWN;
        let mut offset = self.offset;
        for (line, bytes) in (self.first_line..).zip(self.text.split_inclusive(|b| *b == b'\n')) {
            let mut problems = Collector::with_room(room);
            let mut sink = Sink { file, line, problems: &mut problems };
            let text = text_of_line(bytes, offset, &mut sink);
            offset += bytes.len() as u64;
            let job = match text {
                Some(text) if text.trim().is_empty() => continue,
                Some(text) => parse(text, &mut sink).and_then(|node| job_of(node, options, &mut sink)),
                None => None,
            };
            parsed.stopped = text.is_none();
            room = room.saturating_sub(problems.shown().len());
            parsed.lines.push((line, job.ok_or(problems)));
            if parsed.stopped {
                break;
            }
        }
        parsed
    }
}

impl Parsed {
    /// Gives jobs and problems on; false where reading must stop.
    fn hand_to(self, intake: &mut Intake<'_>) -> bool {
        for (line, outcome) in self.lines {
            match outcome {
                Ok(job) => {
                    if !intake.job(job, line) {
                        return false;
                    }
                }
                Err(problems) => intake.problems.absorb(problems, |problem| problem),
            }
        }
        !self.stopped
    }
}

/// The line without its ending and without a byte order mark; `None` where reading must stop.
fn text_of_line<'b>(buffer: &'b [u8], offset: u64, sink: &mut Sink<'_>) -> Option<&'b str> {
    let line = buffer.strip_suffix(b"\n").unwrap_or(buffer);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > MAX_LINE {
        let problem = sink.problem("TW1025", "a line longer than 1 MiB", &At::Line);
        sink.push(
            problem
                .got("more than 1048576 bytes")
                .accepted("one JSON object a line")
                .help("if the file is one JSON array, write its items one a line; reading stopped here"),
        );
        return None;
    }
    let bad_byte = match std::str::from_utf8(line) {
        Ok(text) => match line.iter().position(|b| *b == 0) {
            None => return Some(text.strip_prefix('\u{feff}').filter(|_| offset == 0).unwrap_or(text)),
            Some(at) => (at, "a NUL byte".to_owned()),
        },
        Err(error) => (error.valid_up_to(), format!("byte 0x{:02x}", line[error.valid_up_to()])),
    };
    let (at, got) = bad_byte;
    let problem = sink.problem("TW1002", "not UTF-8 text", &At::Line).column(at as u64 + 1);
    sink.push(
        problem
            .got(format!("{got} at offset {}", offset + at as u64))
            .accepted("UTF-8 without NUL bytes")
            .help("compressed and binary tables are not read as queues; reading stopped here"),
    );
    None
}

/// The JSON of a line, or what is wrong with it.
fn parse(text: &str, sink: &mut Sink<'_>) -> Option<Node> {
    let error = match Node::parse(text) {
        Ok(node) => return Some(node),
        Err(error) => error,
    };
    let message = error.to_string();
    let what = message.split(" at line ").next().unwrap_or_default();
    let problem = if what == TOO_DEEP {
        sink.problem("TW1025", TOO_DEEP, &At::Line).got("deeper nesting").accepted(format!("{MAX_DEPTH} levels"))
    } else if what.starts_with("number out of range") {
        sink.problem("TW1011", "out of range", &At::Line).got("a number beyond 1e308").accepted("finite numbers")
    } else if text.trim_start().starts_with('[') {
        let problem = sink.problem("TW1003", "a JSON array", &At::Line).got(what).accepted("one JSON object a line");
        problem.help("write the items of the array one a line, e.g. `jq -c .[] queue.json`")
    } else if error.is_eof() {
        let problem = sink.problem("TW1003", "the line ends in the middle of a value", &At::Line).got(what);
        problem.accepted("one whole JSON object a line").help("the file may be cut off; write it again")
    } else {
        let problem = sink.problem("TW1003", "broken JSON", &At::Line).got(what);
        problem.accepted("one JSON object a line")
    };
    sink.push(problem.column(error.column() as u64));
    None
}
