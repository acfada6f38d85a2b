//! What-ifs: the report as data, its answer in a sentence, its tables, its rows.

mod answer;
mod page;
mod report;
pub mod rows;
mod tables;
mod words;

pub use answer::answer;
pub use page::{middle_gain, page};
pub use report::{ArmRow, AxisRow, Compared, FrontierRow, Made, Median, Report, SCHEMA, Setting};
pub use tables::{arms, events, frontier, gain, is_shown, lives, made, waterfall};
pub use words::{about, change, interval, phrase, signed_percent};
