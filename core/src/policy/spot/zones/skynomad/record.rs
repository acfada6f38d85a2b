//! What SkyNomad remembers of a zone: runs, real and of probes, and how they ended.

use crate::policy::spot::HOUR;

use super::burst::Burst;
use super::curve::Curve;

/// Whether a run was its own machine's, or is what two probes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// A machine ran.
    Real,
    /// A probe found spot.
    Virtual,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Spot was gone.
    Failure,
    /// It was given up: the life was longer than seen.
    Cut,
}

/// A run from start to end, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// When it began.
    pub start: f64,
    /// When it ended.
    pub end: f64,
    /// Why.
    pub reason: End,
}

/// A zone's books.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Runs that ended.
    pub segments: Vec<Segment>,
    /// The run not yet ended, and when it began (seconds).
    pub open: Option<(f64, Run)>,
    /// Failures since the last step.
    pub failures: u32,
    burst: Burst,
    /// Ages at the last step, hours.
    real_age: Option<f64>,
    virtual_age: Option<f64>,
}

impl Record {
    /// A run begins; one that was open is forgotten.
    pub fn start(&mut self, now: f64, run: Run) {
        self.open = Some((now, run));
        match run {
            Run::Real => (self.real_age, self.virtual_age) = (Some(0.0), None),
            Run::Virtual => self.virtual_age = Some(0.0),
        }
    }

    /// A run ends. A failure counts even if no run was open.
    pub fn end(&mut self, now: f64, reason: End) {
        if let Some((start, _)) = self.open.take() {
            self.segments.push(Segment { start, end: now, reason });
        }
        if reason == End::Failure {
            self.failures += 1;
        }
    }

    /// Ends an open run of probes, because a launch takes its place.
    pub fn end_virtual(&mut self, now: f64) {
        if matches!(self.open, Some((_, Run::Virtual))) {
            self.end(now, End::Cut);
        }
    }

    /// A probe found no spot.
    pub fn fail_probe(&mut self) {
        self.failures += 1;
        self.virtual_age = None;
    }

    /// Hours since the open run began; 0 without one.
    pub fn age(&self, now: f64) -> f64 {
        self.open.map_or(0.0, |(start, _)| (now - start) / HOUR)
    }

    /// Hours of the runs within a span (seconds).
    pub fn hours_within(&self, from: f64, now: f64) -> f64 {
        let within = |start: f64, end: f64| (end - start.max(from)).max(0.0) / HOUR;
        let closed: f64 = self.segments.iter().map(|s| within(s.start, s.end)).sum();
        closed + self.open.map_or(0.0, |(start, _)| within(start, now))
    }

    /// The lifetimes seen so far.
    pub fn curve(&self, now: f64, samples_open: bool) -> Curve {
        let open = self.age(now);
        Curve::of(&self.segments, (samples_open && open > 0.0).then_some(open))
    }

    /// How much faster than its curve the zone has been failing.
    pub fn burst_factor(&self) -> f64 {
        self.burst.factor()
    }

    /// Books the risk run and the failures seen since the last step; `tick` in seconds.
    pub fn update_burst(&mut self, now: f64, tick: f64, samples_open: bool) {
        let failures = std::mem::take(&mut self.failures);
        let curve = self.curve(now, samples_open);
        let hours = tick / HOUR;
        let age = self.age(now);
        let mut risk = 0.0;
        let stored = match self.open {
            Some((_, Run::Real)) => self.real_age.replace(age),
            Some((_, Run::Virtual)) => {
                self.real_age = None;
                self.virtual_age.replace(age)
            }
            None => {
                self.real_age = None;
                if !samples_open {
                    self.virtual_age = None;
                }
                None
            }
        };
        if self.open.is_some() {
            let previous = stored.unwrap_or((age - hours).max(0.0));
            risk = curve.unseen_risk(previous, age, hours);
        } else if failures > 0 && curve.is_empty() {
            risk = curve.tail() * hours;
        }
        if failures > 0 && risk == 0.0 {
            risk = curve.tail() * hours;
        }
        self.burst.push(risk, f64::from(failures));
    }
}
