//! Tradewind's market: embedded snapshots, a user's own tables, their validation and quarantine.
//!
//! [`load`] turns a [`MarketRequest`] into a [`LoadedMarket`]: the `core` [`Market`] and everything
//! there is to say about it (sources with dates and licences, quarantined prices with reasons,
//! assumptions, warnings). The library prints nothing and reads no clock; the embedded tables need no
//! file at run time. `datasets/SCHEMA.md` describes every table, `datasets/LICENSES.md` their origin.
//!
//! [`Market`]: tradewind_core::market::Market

mod assemble;
pub mod columnar;
mod csv_table;
mod error;
mod facts;
mod hazards;
pub mod import;
mod load;
#[cfg(test)]
mod mutations;
pub mod offers;
mod offers_csv;
mod offers_parquet;
mod previous;
pub mod quarantine;
pub use tradewind_queue as queue;
mod quotas;
mod regions;
mod request;
mod tables;
mod tariffs;

pub use error::{DataError, Fault, Place};
pub use load::{AgeLimits, LoadedMarket, load};
pub use quarantine::{Price, Quarantined, Rule};
pub use request::{HazardReading, MarketRequest, MarketSettings, MarketSource, MemoryBasis, QuotaChoice, Snapshot};
pub use tables::TableSource;
