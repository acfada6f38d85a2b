//! Tradewind's simulator: what a plan, a market and a policy do in time, drawn by seed.
//!
//! Pure: no I/O, no clock, no chance but [`draws`]. The same input and seed give the same bytes at any
//! number of threads, and any one replication can be run alone.

pub mod calibrate;
pub mod draws;
pub mod engine;
pub mod plan;
pub mod spot;
pub mod stats;
pub mod validate;
pub mod whatif;
