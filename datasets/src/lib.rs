//! Tradewind's market: embedded snapshots, a user's own tables, their validation and quarantine.
//!
//! [`load`] turns a [`MarketRequest`] into a [`LoadedMarket`]: the `core` [`Market`] and everything
//! there is to say about it (sources with dates and licences, quarantined prices with reasons,
//! assumptions, warnings). The library prints nothing and reads no clock; the embedded tables need no
//! file at run time. `datasets/SCHEMA.md` describes every table, `datasets/LICENSES.md` their origin.
//!
//! [`Market`]: tradewind_core::market::Market

mod active_vcpus;
mod assemble;
pub mod columnar;
mod contract;
mod csv_table;
mod daily;
mod error;
mod facts;
pub mod figures;
mod hazards;
pub mod import;
mod load;
#[cfg(test)]
mod mutations;
pub mod offers;
mod offers_csv;
mod offers_parquet;
mod parquet_table;
mod previous;
mod programme;
pub mod quarantine;
mod queue_parquet;
mod queue_to_parquet;
pub use tradewind_queue as queue;
mod quota_names;
mod quotas;
mod regions;
mod request;
mod scaled;
pub mod scenarios;
pub mod spot_bench;
pub mod synth;
mod tables;
mod tariffs;

pub use daily::Daily;
pub use error::{DataError, Fault, Place};
pub use load::{AgeLimits, LoadedMarket, load};
pub use parquet_table::parquet_table;
pub use programme::{Egress, EgressProgramme, egress_programmes};
pub use quarantine::{Price, Quarantined, Rule};
pub use queue_parquet::{read_queue, scan_queue};
pub use queue_to_parquet::write_parquet;
pub use quota_names::console_name;
pub use request::{HazardReading, MarketRequest, MarketSettings, MarketSource, MemoryBasis, QuotaChoice, Snapshot};
pub use scaled::{QuotaScale, Scaled, scaled};
pub use tables::TableSource;
