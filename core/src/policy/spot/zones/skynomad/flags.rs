//! Virtual availability: each zone up, down or unknown, as probes and launches found it.

use super::record::{End, Record, Run};

/// The flags of all zones, and how long each was seen by probes.
#[derive(Debug, Clone)]
pub struct Flags {
    up: Vec<Option<bool>>,
    probed_hours: Vec<f64>,
}

impl Flags {
    /// Nothing known.
    pub fn new(zones: usize) -> Self {
        Self { up: vec![None; zones], probed_hours: vec![0.0; zones] }
    }

    /// Sets a flag; a change begins or ends a virtual run.
    pub fn set(&mut self, zone: usize, up: bool, record: &mut Record, now: f64) {
        match (self.up[zone].replace(up), up) {
            (None | Some(false), true) => record.start(now, Run::Virtual),
            (Some(true), false) => record.end(now, End::Failure),
            _ => {}
        }
    }

    /// Adds what a zone's probes were billed, in hours of its price.
    pub fn count_probe(&mut self, zone: usize, hours: f64) {
        self.probed_hours[zone] += hours;
    }

    /// Hours of a zone that were billed as probes.
    pub fn probed_hours(&self, zone: usize) -> f64 {
        self.probed_hours[zone]
    }
}
