//! The event engine: what happens next, in integer time.
//!
//! A model is a loop: take the next event, change the state, push what follows from it. Time is an integer of
//! milliseconds (or of any other tick), so no order is lost to rounding; events of one instant come in the order
//! in which they were pushed.

mod buckets;
mod calendar;
mod chunks;
mod event;
mod queue;

pub use calendar::Calendar;
pub use event::{Event, LATEST};
pub use queue::EventQueue;
