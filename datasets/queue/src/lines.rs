//! JSON Lines: one bounded line at a time.

use std::io::{BufRead, Read};

use crate::fields::{At, Sink};
use crate::node::{Node, TOO_DEEP};
use crate::problem::{Collector, Problem};
use crate::whole::Gathered;
use crate::{MAX_DEPTH, MAX_LINE, Options, job};

/// Reads every line into `gathered`; stops early where going on makes no sense.
pub(crate) fn read(
    name: &str,
    mut input: impl BufRead,
    options: &Options,
    gathered: &mut Gathered<'_>,
    problems: &mut Collector,
) {
    let mut buffer = Vec::with_capacity(4096);
    let mut offset = 0_u64;
    for line in 1.. {
        buffer.clear();
        match input.by_ref().take(MAX_LINE as u64 + 2).read_until(b'\n', &mut buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(reason) => return problems.push(Problem::unreadable(name, &reason).line(line)),
        }
        let mut sink = Sink { file: name, line, problems };
        let Some(text) = text_of_line(&buffer, offset, &mut sink) else { return };
        offset += buffer.len() as u64;
        if text.trim().is_empty() {
            continue;
        }
        let Some(node) = parse(text, &mut sink) else { continue };
        let Some(job) = job::read(&node, options, &mut sink) else { continue };
        if !gathered.add(job, &mut sink) {
            return;
        }
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
