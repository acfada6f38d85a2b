//! The two public benchmarks that judge policies for spot capacity under a deadline.
//!
//! [`one_zone`] is that of "Can't Be Late" (NSDI '24): one zone, spot told each tick. [`zones`] is that of SkyNomad
//! (NSDI '27): several zones, prices, egress, probes. Both run in the published rules to the cent, their quirks
//! included, so that a published figure and ours mean the same thing. Therefore times are seconds and money is dollars
//! in `f64` here, evaluated in the published order. The policies themselves are [`tradewind_core::policy::spot`]: here
//! are the worlds that they are asked in, and the optima of those who know the future.

pub mod one_zone;
pub mod zones;
