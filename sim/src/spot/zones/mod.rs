//! Several zones: one job that runs in one of them at a time, and what it may know of the others.

mod ask;
mod market;
mod optimal;
mod policy;
mod single;
mod skynomad;
mod up_a;
mod up_ap;
mod up_s;
mod world;

pub use market::{Job, Link, Market, Zone};
pub use optimal::Optimal;
pub use policy::Policy;
pub use single::run_single;
pub use skynomad::SkyNomad;
pub use up_a::UpA;
pub use up_ap::UpAp;
pub use up_s::UpS;
pub use world::{Instance, Outcome, Tick, run};
