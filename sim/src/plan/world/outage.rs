//! Places that are out for a while.

use serde::{Deserialize, Serialize};

use super::Problem;
use super::moment::Moment;

/// A time in which nothing can be launched in a place, and all that runs there is lost at its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// A cloud (`aws`), a region (`aws/us-east-1`), or [`BUSIEST_REGION`].
    pub place: String,
    /// From here.
    pub start: Moment,
    /// Until here.
    pub end: Moment,
}

/// The place that stands for the region whose nodes cost the plan most.
pub const BUSIEST_REGION: &str = "busiest-region";

/// No scenario has more.
const MOST: usize = 1000;

/// What makes no sense in them.
pub(super) fn problem(outages: &[Outage]) -> Option<Problem> {
    if outages.len() > MOST {
        return Some(Problem::new("outages", format!("{} are more than {MOST}", outages.len())));
    }
    let backwards = outages.iter().position(|o| o.end.is_surely_not_after(o.start))?;
    let what = format!("the one of {} ends before it starts", outages[backwards].place);
    Some(Problem::new("outages", what))
}
