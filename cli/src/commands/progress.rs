//! A line on the terminal while work takes more than a second.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tradewind_optimizer::Progress;

/// How long work may be silent.
const SILENT: Duration = Duration::from_secs(1);

/// Shows nothing before [`SILENT`], and nothing at all where nobody watches.
pub struct Spinner {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Spinner {
    /// Starts the clock.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            bar.set_style(ProgressStyle::default_spinner());
            bar
        });
        Self { bar, started: Instant::now() }
    }

    /// Shows how far the search is.
    pub fn tell(&self, progress: &Progress) {
        let Some(bar) = &self.bar else { return };
        if self.started.elapsed() < SILENT {
            return;
        }
        if bar.is_hidden() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        let usd = |name: &str, value: Option<f64>| value.map_or(String::new(), |v| format!(", {name} USD {v:.2}"));
        bar.set_message(format!("{}{}{}", progress.stage, usd("cost", progress.cost), usd("bound", progress.bound)));
        bar.tick();
    }
}

/// How much of a known amount of work is done. Silent like [`Spinner`]; any thread may tell.
pub struct Bar {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Bar {
    /// Nothing of `total` is done yet.
    pub fn new(total: u64, what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
            let style = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} {msg}, {eta} to go");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(what);
            bar
        });
        Self { bar, started: Instant::now() }
    }

    /// So much more is done.
    pub fn add(&self, n: u64) {
        let Some(bar) = &self.bar else { return };
        bar.inc(n);
        if bar.is_hidden() && self.started.elapsed() >= SILENT {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
