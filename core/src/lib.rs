//! Tradewind's vocabulary: money and time with units, jobs, the market, what things cost,
//! how likely a deadline is missed, and the plan with its independent check.
//!
//! This crate is pure: no I/O, no clock, no global randomness, no async. The same input gives
//! the same bytes on every run. Transcendental functions come from `libm` alone, so the closed
//! forms do not depend on the platform's C library.
//!
//! Reading order: [`money`], [`time`], [`size`], [`resources`] are the units; [`job`] and
//! [`market`] the inputs; [`cost`] and [`risk`] the closed forms; [`plan`] the answer and
//! [`mod@check`] its proof.

mod by_id;
pub mod certificate;
pub mod check;
pub mod clock;
pub mod concentration;
pub mod contract;
pub mod cost;
pub mod diff;
pub mod fallback;
pub mod hash;
pub mod job;
pub mod market;
pub mod money;
pub mod node_price;
pub mod notice;
pub mod offer_name;
mod offer_row;
pub mod percent;
pub mod place;
pub mod plan;
pub mod policy;
pub mod pool;
pub mod quota_use;
pub mod rejection;
pub mod resources;
pub mod risk;
pub mod rules;
pub mod seed;
pub mod select;
pub mod share;
pub mod size;
pub mod spending;
pub mod stint;
pub mod tariff;
pub mod terms;
pub mod time;
pub mod work;
