//! One file a command.

pub mod audit;
pub mod bench;
pub mod check;
pub mod config;
pub mod demo;
pub mod diff;
pub mod explain;
pub mod mcp;
pub mod offers;
pub mod plan;
pub mod prices;
mod progress;
pub mod queue;
pub mod reevaluate;
pub mod show;
pub mod simulate;
pub mod whatif;
