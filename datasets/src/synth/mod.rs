//! Seeded queues of any size, from one job to a million.
//!
//! What a public log has (arrival, runtime, processors or GPUs) is drawn from it: from its rows where
//! its licence lets us ship them, else from marginals fitted to it. What no log has (memory, GPU model,
//! gangs, deadlines, data, budgets, residency, spot) is drawn from the weighted tables of
//! `datasets/synth/`, each row with its reason. `datasets/SCHEMA.md` describes both.
//!
//! Every draw is a function of the seed, a purpose and the index of a class or a job, never of the
//! order of calls: blocks of a queue can be made in any order on any number of threads, and a queue of
//! classes is the beginning of every longer one.
//!
//! ```
//! use tradewind_core::{seed::Seed, time::Millis};
//! use tradewind_datasets::synth::{Generator, SynthRequest};
//! let request = SynthRequest {
//!     source: "philly".to_owned(),
//!     jobs: 3,
//!     classes: None,
//!     span: Millis::from_hours(24),
//!     start: "2024-03-31T00:00:00Z".parse().unwrap(),
//!     seed: Seed(1),
//! };
//! let mut queue = Vec::new();
//! let summary = Generator::new(&request).unwrap().write(&mut queue, 1).unwrap();
//! assert_eq!((summary.jobs, queue.iter().filter(|b| **b == b'\n').count()), (3, 3));
//! ```

mod arrivals;
mod chance;
mod classes;
pub(crate) mod fit;
mod generator;
mod log;
mod marginals;
mod request;
mod rows;
mod rules;
mod shape;
mod source;
mod summary;
mod tables;
mod weighted;

pub use generator::Generator;
pub use request::{MAX_JOBS, SynthError, SynthRequest};
pub use shape::DrawnRow;
pub use source::{About, Work, sources};
pub use summary::Summary;
pub use tables::Unit;
