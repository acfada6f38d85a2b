//! A plan in simulated time: nodes boot, are interrupted and replaced; tasks run, lose work and start again.
//!
//! What is the same as in the closed forms of the plan: prices, billing rules, the laws of runtime, boot and
//! interruption, checkpoints. What is simulated instead of assumed: tasks that share a node are interrupted
//! together; a node that comes late holds up its tasks; a task that overruns keeps its node, and what follows
//! waits; bills are those of each launch. A spot node that is lost is launched again at once while tasks need
//! it; a task with on-demand behind it moves when the plan's rule says so. The conventions are those of
//! `docs/decisions/0014-simulating-a-plan.md`.

mod line;
mod model;
mod monte_carlo;
mod outcome;
mod process;
mod purposes;
mod queue;
mod rare;
mod report;
mod run;
mod shares;
mod state;
mod timeline;
mod world;

pub(crate) use model::PoolOf;
pub use model::{Model, ModelError, PlannedNode, PlannedTask, Rescue};
pub use monte_carlo::{PoolFigures, Simulated, Stop, pool_figures, resume, simulate, timeline};
pub use outcome::Outcome;
pub use purposes::{BOOT, LIFE, RUNTIME};
pub use rare::{RareMiss, Sharpness, rare_miss};
pub use report::{CauseRow, CostFigures, JobRow, PoolRow, Report, RuleRow};
pub use shares::{PoolSums, Shares};
pub use timeline::{Span, What};
pub use world::{
    BUSIEST_REGION, BillingRules, Course, Each, LaunchRate, Moment, Outage, PricePath, Problem, QuotaCut, Retry,
    Shortage, When, World,
};
