//! The digest of a night: what it says, and how.

pub mod answer;
pub mod metrics;
pub mod page;
pub mod report;
mod tables;
