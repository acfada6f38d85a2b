//! What was seen, and how sure one can be: estimates with intervals, for any number of replications.
//!
//! A replication is one sample: what happens inside one shares its luck. Confidence is a fraction of 1 everywhere.

mod clusters;
mod cvar;
mod interval;
mod moments;
mod paired;
mod proportion;
mod quantile;
mod sequential;
mod splitting;

pub use clusters::Clusters;
pub use cvar::cvar;
pub use interval::{Estimate, Interval};
pub use moments::Moments;
pub use paired::Paired;
pub use proportion::{most_probable_when_never_seen, proportion};
pub use quantile::quantile;
pub use sequential::{Sequential, Stopped};
pub use splitting::{Climber, Split, split};
