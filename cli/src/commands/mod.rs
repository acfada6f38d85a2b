//! One file a command.

pub mod apply;
pub mod audit;
pub mod bench;
pub mod check;
pub mod config;
pub mod demo;
mod demo_launches;
mod demo_run;
pub mod diff;
pub mod explain;
pub mod gc;
mod live_run;
pub mod mcp;
pub mod offers;
pub mod plan;
pub mod prices;
mod progress;
pub mod queue;
pub mod reevaluate;
pub mod run;
pub mod runs;
pub mod show;
pub mod simulate;
pub mod torture;
pub mod whatif;
