//! Tradewind's allocator: from a queue and a market to a plan with a proven bound.
//!
//! ```text
//! Workload + Market -> Problem (classes, options, rejections)
//!      (many unlike classes: sketched by few, whose prices narrow the choices)
//!   -> relaxation (fluid LP by column generation)    prices and a bound
//!   -> construct (nodes by patterns, then by insertion) -> improve (local search)
//!      (with commitments also at the relaxation's tolls on them, the better of the two)
//!   -> baselines (kept if one is better)
//!   -> exact (small queues: the best choice among all nodes seen, by an integer program)
//!   -> assemble: Plan, certificate re-priced
//! ```
//!
//! [`revise::revise`] does the same where an earlier plan stands, and moves only what saves more than it is charged;
//! [`baseline`] is a simple rule alone.
//!
//! Pure: no I/O, no clock. The caller's [`Request::stop`] is polled between steps; a plan cut that
//! way is valid and says `reproducible: false`. The result does not depend on the number of threads.

mod accounts;
mod assemble;
mod baselines;
mod budgets;
mod cap;
mod certify;
mod classes;
mod construct;
mod eligible;
mod exact;
pub mod explain;
mod improve;
mod insertion;
mod occupancy;
mod orders;
mod patterns;
mod placeable;
mod problem;
mod regret;
mod relaxation;
mod request;
mod reseat;
pub mod revise;
mod schedule;
mod search;
mod singles;
mod sketch;
mod timeline;
mod tolls;
mod unplaced;

pub mod master;

pub use baselines::baseline;
pub use request::{MOST_TASKS, OptimizerError, Progress, Request, Stop, allocate};
