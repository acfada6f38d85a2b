//! What if: arms beside a base on common random numbers.
//!
//! Replication r of every arm has the draws of replication r of the base, so that what they share cancels and a
//! difference is known far better than either figure. Each arm is a plan in a world of its own; a node that both
//! plans launch, and a task that both run, have the same luck.

mod apart;
mod causes;
mod difference;
mod dominated;
mod figures;
mod median;

pub use apart::apart;
pub use causes::{Cause, Step, causes, steps};
pub use difference::{Difference, Shift, half_width};
pub use dominated::{Point, dominated};
pub use figures::Figures;
pub use median::{Life, Row, median, rows};

/// Of every interval.
const CONFIDENCE: f64 = 0.95;
