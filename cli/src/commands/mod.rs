//! One file a command.

pub mod check;
pub mod demo;
pub mod offers;
pub mod plan;
pub mod prices;
mod progress;
pub mod queue;
