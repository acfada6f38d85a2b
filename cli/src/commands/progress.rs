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

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How many of many things are done; shows nothing before [`SILENT`], and nothing at all where nobody watches.
pub struct Counter {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Counter {
    /// Starts the clock; `total` where it is known.
    pub fn new(total: Option<u64>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
            let template = if total.is_some() { "{wide_bar} {pos}/{len} {eta}" } else { "{spinner} {pos}" };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, started: Instant::now() }
    }

    /// So many more are done.
    pub fn add(&self, done: u64) {
        let Some(bar) = &self.bar else { return };
        bar.inc(done);
        if bar.is_hidden() && self.started.elapsed() >= SILENT {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
