//! Jobs that arrive while others run: acknowledged durably, planned with what is running, carried out.
//!
//! - [`intake`]: takes what arrives, by batches.
//! - [`inbox`]: whole lines of the files that a batch scheduler drops or appends to.
//! - [`store`]: what was acknowledged and what is to be said about it, in one transaction.
//! - [`outbox`]: says it, at least once, to the same bytes.
//! - [`book`]: which tasks are to be planned; [`beside`]: what they are planned beside.
//! - [`closed`]: where nothing can be launched now; [`moves`]: what moves because of that.
//! - [`fleet`]: many runs on the same clouds in one time.
//! - [`planner`]: plans anew, and keeps the runs of plans; `pending`: a plan that is being made beside all that.
//! - [`watcher`]: the loop: take, plan, carry out, rest.

pub mod beside;
pub mod book;
pub mod closed;
mod decision;
pub mod fleet;
pub mod inbox;
pub mod intake;
pub mod moves;
pub mod outbox;
mod pending;
pub mod planner;
pub mod store;
pub mod watcher;

#[cfg(test)]
mod tests;
