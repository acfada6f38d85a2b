//! The nightly re-evaluation: pure, given markets, plans and what was spent.
//!
//! - [`churn`]: when a move is worth its disturbance.
//! - [`started`]: what of the last plan runs already and therefore stays.
//! - [`regret`]: what last night's plan was worth beside simple rules and perfect foresight.
//! - [`anomaly`], [`robust`]: prices and spending that are unlike their own past.
//! - [`calendar`]: which nights were missed.
//! - [`verdict`]: what the shell is told.

pub mod anomaly;
pub mod calendar;
pub mod churn;
pub mod regret;
pub mod robust;
pub mod started;
pub mod verdict;
