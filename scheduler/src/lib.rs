//! Tradewind's scheduler: it carries plans out, survives what happens to them, and looks at them again each night.
//!
//! - [`run`]: the run of a plan as a pure state machine, events in and commands out.
//! - [`journal`]: what a run was told and what followed, on disk before it is done.
//! - [`ledger`]: who pays for what of it, what is set aside, run up, billed.
//! - [`drive`]: the one place with effects: the clock, the journal, the calls.
//! - [`gc`]: what we own, why it exists, when it dies; the end of what nobody needs.
//! - [`watch`]: jobs that arrive while others run: acknowledged, planned anew, carried out.
//! - [`nightly`]: what the re-evaluation decides: what changed, what last night was worth, what to do.
//!
//! It knows neither tables nor a solver: whoever calls it hands it plans, markets and a way to plan anew.

mod database;
pub mod drive;
pub mod gc;
pub mod journal;
pub mod ledger;
pub mod nightly;
pub mod run;
pub mod torture;
pub mod watch;
