//! Policies for one job on spot capacity under a deadline: what to run next, from what was seen until now.
//!
//! Nothing here knows a market's future, a world or a clock: a policy is asked, tick by tick, by whoever carries the
//! job, the simulator or a scheduler. [`one_zone`] are the rules of "Can't Be Late" (NSDI '24), [`zones`] those of
//! SkyNomad (NSDI '27), [`tradewind`] is ours for both. They decide in the published terms, so that a published
//! figure and ours mean the same thing: times are seconds and money is dollars in `f64`, evaluated in the published
//! order. No bill is made of them: `docs/decisions/0021-where-policies-live.md`.

pub mod one_zone;
pub mod tradewind;
pub mod zones;

/// How a machine is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Cheap, and gone when the zone runs out.
    Spot,
    /// Always to be had.
    OnDemand,
}

/// Work below this is done (seconds): the published simulators' tolerance.
pub const DONE: f64 = 1e-3;

/// Seconds an hour.
pub const HOUR: f64 = 3600.0;
