//! JSON Lines: blocks of whole lines, each parsed on a thread of its own, taken in the order of the file.
//!
//! Problems are those of a reader that takes one line after the other, at any number of threads.

use std::io::Read;

use rayon::prelude::*;
use tradewind_core::job::Job;

use crate::fields::{At, Sink};
use crate::intake::{Intake, job_of};
use crate::node::{Node, TOO_DEEP};
use crate::problem::{Collector, MAX_SHOWN};
use crate::{MAX_DEPTH, MAX_LINE, Options, source};

/// Bytes of a block, before it is rounded up to a whole line.
const BLOCK: usize = 1 << 18;

/// Reads every line; stops early where going on makes no sense.
pub(crate) fn read(mut input: impl Read, intake: &mut Intake<'_>) {
    let mut cut = Cut::default();
    // Made once and filled again and again: large buffers that come and go cost more than the parsing.
    let mut blocks: Vec<Block> = (0..2 * rayon::current_num_threads()).map(|_| Block::default()).collect();
    loop {
        let mut filled = 0;
        let mut failed = None;
        for block in &mut blocks {
            match cut.fill(&mut input, block) {
                Ok(true) => filled += 1,
                Ok(false) => break,
                Err(reason) => {
                    failed = Some(source::unreadable(intake.file, &reason).line(cut.line + 1));
                    break;
                }
            }
        }
        let (file, options) = (intake.file, intake.options);
        blocks[..filled].par_iter_mut().for_each(|block| block.parse(file, options));
        if !blocks[..filled].iter_mut().all(|block| block.hand_to(intake)) {
            return;
        }
        match failed {
            Some(problem) => return intake.push(problem),
            None if filled == 0 => return,
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
    /// Fills a block; false at the end of the stream.
    fn fill(&mut self, input: &mut impl Read, block: &mut Block) -> std::io::Result<bool> {
        let text = &mut block.text;
        text.clear();
        text.append(&mut self.rest);
        while !self.ended {
            let wanted = BLOCK.saturating_sub(text.len()).max(BLOCK / 4) as u64;
            let read = input.by_ref().take(wanted).read_to_end(text)?;
            self.ended = (read as u64) < wanted;
            match text.iter().rposition(|b| *b == b'\n') {
                Some(at) if !self.ended => {
                    self.rest.extend_from_slice(&text[at + 1..]);
                    text.truncate(at + 1);
                    break;
                }
                // A line without an end in sight is told by the parser, which sees that it is too long.
                None if text.len() > MAX_LINE + 2 => break,
                _ => {}
            }
        }
        block.first_line = self.line + 1;
        block.offset = self.offset;
        self.line += text.iter().filter(|b| **b == b'\n').count() as u64;
        self.offset += text.len() as u64;
        Ok(!text.is_empty())
    }
}

/// Whole lines of the file, and what they gave.
#[derive(Default)]
struct Block {
    first_line: u64,
    offset: u64,
    text: Vec<u8>,
    /// A job or its problems for each line that is not empty, in their order.
    parsed: Vec<(u64, Result<Job, Collector>)>,
    /// Whether reading must stop after them.
    stopped: bool,
}

impl Block {
    fn parse(&mut self, file: &str, options: &Options) {
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
            self.stopped = text.is_none();
            room = room.saturating_sub(problems.shown().len());
            self.parsed.push((line, job.ok_or(problems)));
            if self.stopped {
                return;
            }
        }
    }

    /// Gives jobs and problems on; false where reading must stop.
    fn hand_to(&mut self, intake: &mut Intake<'_>) -> bool {
        for (line, outcome) in self.parsed.drain(..) {
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
    if !sink.problems.is_open() {
        sink.problems.push_unshown();
        return None;
    }
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
