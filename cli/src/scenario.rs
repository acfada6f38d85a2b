//! Scenarios: worlds to simulate in, by name or from a file.

use std::path::Path;

use tradewind_datasets::queue::{Problem, nearest};
use tradewind_datasets::scenarios::{self, SCENARIOS};
use tradewind_sim::plan::World;

use crate::exit::Exit;
use crate::failure::Failure;

/// Largest scenario file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// The world of a ready-made scenario or of a file.
///
/// # Errors
/// `TW4010`, exit 4, where it makes no sense; `TW1000` where there is neither.
pub fn read(name: &str) -> Result<World, Failure> {
    match scenarios::find(name) {
        Some(ready) => parse(name, ready.json),
        None => parse(name, &text(name)?),
    }
}

/// What `--help` says of the ready-made ones.
pub fn help() -> String {
    let widest = SCENARIOS.iter().map(|s| s.name.len()).max().unwrap_or(0);
    let lines: Vec<String> = SCENARIOS.iter().map(|s| format!("  {:widest$}  {}", s.name, s.about)).collect();
    format!("Ready-made scenarios:\n{}", lines.join("\n"))
}

fn text(name: &str) -> Result<String, Failure> {
    let unreadable = |e: &std::io::Error| {
        let problem = Problem::unreadable(name, e);
        let near = nearest(name, SCENARIOS.iter().map(|s| s.name));
        let is_name = !name.contains(['/', '\\', '.']);
        let names: Vec<&str> = SCENARIOS.iter().map(|s| s.name).collect();
        Failure::new(
            Exit::BadInput,
            match near {
                Some(near) => problem.help(format!("did you mean {near:?}?")),
                None if is_name => problem.accepted(format!("a file, or one of {}", names.join(", "))),
                None => problem,
            },
        )
    };
    let size = std::fs::metadata(Path::new(name)).map_err(|e| unreadable(&e))?.len();
    if size > MAX_BYTES {
        return Err(unreadable(&std::io::Error::other("it is larger than 1 MiB")));
    }
    std::fs::read_to_string(name).map_err(|e| unreadable(&e))
}

fn parse(name: &str, text: &str) -> Result<World, Failure> {
    let bad = || Problem::of_file("TW4010", "the scenario makes no sense", name);
    let world: World = serde_json::from_str(text).map_err(|e| {
        let told = e.to_string();
        let what = told.rsplit_once(" at line ").map_or(told.as_str(), |(what, _)| what);
        Failure::new(Exit::BadInput, unknown(bad(), what).line(e.line() as u64).column(e.column() as u64))
    })?;
    match world.problem() {
        None => Ok(world),
        Some(problem) => Err(Failure::new(Exit::BadInput, bad().at(format!("/{}", problem.field)).got(problem.what))),
    }
}

/// What could not be read; of an unknown word the nearest known one. Serde names them in backticks, ours first.
fn unknown(problem: Problem, what: &str) -> Problem {
    let words: Vec<&str> = what.split('`').skip(1).step_by(2).collect();
    match words.split_first().filter(|(_, known)| what.starts_with("unknown ") && !known.is_empty()) {
        Some((got, known)) => {
            let problem = problem.got(format!("unknown word {got:?}")).accepted(known.join(", "));
            match nearest(got, known.iter().copied()) {
                Some(near) => problem.help(format!("did you mean {near:?}?")),
                None => problem,
            }
        }
        None => problem.got(what).help("docs/schema/scenario.schema.json says what may stand there"),
    }
}
