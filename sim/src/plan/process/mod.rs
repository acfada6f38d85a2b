//! The processes of a simulated world, one a file: what each does in one replication.
//!
//! A [`Course`] is a figure that changes at instants: how much faster nodes are lost, what a price is multiplied by.
//! Lives and bills read it without knowing where it comes from.

mod bucket;
mod course;
mod life;
mod prices;
mod quota;
mod spells;
#[cfg(test)]
mod tests;

pub(super) use bucket::Bucket;
pub(super) use course::{Course, mean, product};
pub(super) use life::Life;
pub(super) use prices::{Prices, PricesLaw};
pub(super) use quota::Held;
pub(super) use spells::{Spells, SpellsLaw};
