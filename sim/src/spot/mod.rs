//! Policies for spot capacity under a deadline, and the two public benchmarks that judge them.
//!
//! [`one_zone`] is the benchmark of "Can't Be Late" (NSDI '24): one zone, spot told each tick. [`zones`] is that
//! of SkyNomad (NSDI '27): several zones, prices, egress, probes. Both run in the published rules to the cent,
//! their quirks included, so that a published figure and ours mean the same thing. Therefore times are seconds
//! and money is dollars in `f64` here, evaluated in the published order, and nowhere else in Tradewind.

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
