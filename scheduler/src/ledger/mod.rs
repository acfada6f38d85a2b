//! The ledger of a run: who pays for what, what is set aside, what has run up, what the clouds billed.
//!
//! Pure, and a part of the state of a run: told its events again it is the same to the nano-dollar. Who pays for a node
//! is known before it is launched ([`Chart`]); each launch is a [`Line`] from the call that asks for it to its bill; the
//! [`Ledger`] sums them. What follows from it for the run is decided in `run::budgets`
//! and `run::dearer`.

mod book;
mod chart;
mod data;
mod expected;
mod limit;
mod line;
mod payer;
mod showback;
#[cfg(test)]
mod tests;

pub use book::{Account, Dearer, Ledger, Projects, Standing, Sum};
pub use chart::Chart;
pub use expected::Expected;
pub use limit::{Limit, Scope};
pub use line::{Line, Part, Term};
pub use payer::{Payer, Payers};
pub use showback::{By, Row, Showback};
