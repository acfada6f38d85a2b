//! Data to standard output, talk to standard error.

use std::io::{self, IsTerminal, Write};

use crate::exit::Exit;
use crate::failure::Failure;
use tradewind_datasets::queue::Problem;

/// Writes data. A reader that has seen enough (`| head`) is no error.
pub fn data(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            let problem = Problem::of_file("TW4008", "the output cannot be written", "standard output");
            Err(Failure::new(Exit::BadInput, problem.got(e.to_string())))
        }
        _ => Ok(()),
    }
}

/// Says something to the person at the terminal.
pub fn talk(text: &str) {
    // Nothing is left to do if nobody listens.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Says a warning.
pub fn warn(text: &str) {
    let style = talk_style();
    talk(&format!("{} {text}\n", style.warning("warning:")));
}

/// How text may be decorated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// No decoration.
    pub const PLAIN: Self = Self { colour: false };

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Bold red.
    pub fn error(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// Yellow.
    pub fn warning(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Bold.
    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }
}

fn style_of(is_terminal: bool) -> Style {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    Style { colour: is_terminal && wanted }
}

/// The style of standard error.
pub fn talk_style() -> Style {
    style_of(io::stderr().is_terminal())
}

/// The style of standard output.
pub fn data_style() -> Style {
    style_of(io::stdout().is_terminal())
}
