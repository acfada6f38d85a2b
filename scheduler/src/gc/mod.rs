//! What we own, why it exists, when it dies; and the end of what nobody needs.
//!
//! A cloud is asked through its MCP server, by whoever holds the lock of the runs on it: what a leader may be using is
//! not looked into. Everything that ends goes through the server's layers: the intent is in its register before the
//! cloud is asked, the answer in its audit log, and the key is made of the resource alone, so that the same sweep
//! after a kill finds what was done.

mod end;
mod holding;
mod look;
mod owner;

pub use end::{end, may_end};
pub use holding::{Holding, Orphan, Outcome};
pub use look::{Census, look};
pub use owner::{Owner, Owners, Standing};

#[cfg(test)]
mod tests;
