//! Several zones: their traces, what a tick of them costs and brings, and the optimum of one who knows them all.

mod market;
mod optimal;
mod single;
mod world;

pub use market::{Market, Zone};
pub use optimal::Optimal;
pub use single::run_single;
pub use world::{Outcome, run};
