//! Torture: this very scheduler in one process, with faults drawn by seed and promises looked at after every event.
//!
//! A seed is one world: what goes wrong on the clouds and on the way to them, and at which places the scheduler is
//! killed. Its journal is reopened from what was synced, with a few entries more that reached the disk by chance; the
//! clouds live on. The oracle sees both sides. The same seed gives the same round.

mod alarms;
mod bug;
mod cell;
mod chaos;
mod death;
mod fault;
mod matrix;
mod mistakes;
mod oracle;
mod promise;
mod round;
mod shared;
mod stage;
mod store;
mod truth;

pub use bug::Bug;
pub use cell::{Cell, Kill};
pub use fault::{Fault, NOT_HERE};
pub use matrix::{Matrix, Played};
pub use promise::{Promise, Tally};
pub use round::{Verdict, run_round, run_unwatched_round};
