//! What every backend must do, as cases that run against any provider: one suite for the simulated clouds, for a
//! simulated cloud under all layers, and for live ones.
//!
//! A case says what it claims in a sentence. Where a cloud differs, the case asks its [`Traits`]. What a subject
//! cannot do (turn time, break things) makes a case *skipped*, never passed.

mod cases;
mod desk;
mod market;

pub use cases::cases;
pub use desk::{Desk, Hands};
pub use market::Names;

use std::future::Future;
use std::pin::Pin;

/// Whether a case held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Held,
    /// It could not be tried, and why.
    Skipped(String),
    /// It did not, and what was seen.
    Broken(String),
}

/// The course of a case: what was seen where it broke.
pub type Course<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// One claim.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// What it claims.
    pub claim: &'static str,
    /// Whether it turns time or breaks things.
    pub needs_hands: bool,
    /// Tries it.
    pub course: for<'a> fn(&'a Desk) -> Course<'a>,
}

impl Case {
    /// Tries it at a desk of its own.
    pub async fn run(&self, desk: &Desk) -> Verdict {
        if self.needs_hands && desk.hands().is_none() {
            return Verdict::Skipped("the subject's time and faults are not in our hands".to_owned());
        }
        match (self.course)(desk).await {
            Ok(()) => Verdict::Held,
            Err(seen) => Verdict::Broken(seen),
        }
    }
}

#[cfg(test)]
mod tests;
