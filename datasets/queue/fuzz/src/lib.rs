//! What the fuzz targets share: a count of cases, told when the target ends; queues made of plausible
//! and implausible values; a plan with a few of its values changed.

mod edits;
mod lines;
mod tally;

pub use edits::Edits;
pub use lines::Lines;
pub use tally::count;
