//! Several zones: one job that runs in one of them at a time, and what it may know of the others.

mod ask;
mod job;
mod policy;
mod skynomad;
mod tick;
mod up_a;
mod up_ap;
mod up_s;

pub use ask::Standing;
pub use job::{Job, Link};
pub use policy::Policy;
pub use skynomad::SkyNomad;
pub use tick::{Instance, Tick};
pub use up_a::UpA;
pub use up_ap::UpAp;
pub use up_s::UpS;
