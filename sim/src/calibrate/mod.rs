//! Whether a plan's interval holds when the world is not as the planner thinks: an interval is issued first, then the
//! truth is drawn from processes that the planner does not use.

mod truth;

pub use truth::{Kind, Truth};
