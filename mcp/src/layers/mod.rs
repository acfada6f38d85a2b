//! Layers around a provider. Each is a provider itself, small, and tested alone; [`Governed`] is all of them in
//! the order in which they must stand.
//!
//! From the outside in: audit (everything that is asked is written down), incident mode, roles, fence, idempotency (a
//! replay ends here), approval, policy, budget, breaker, retry, the cloud's limits on calls, and then the backend. The limits
//! stand right before it: each try counts, and calls that were refused before do not. A simulated cloud keeps its limits
//! by itself, and is given none.

mod approval;
mod audit;
mod breaker;
mod buckets;
mod budget;
mod fence;
mod governed;
mod idempotency;
mod incident;
mod pace;
mod policy;
mod register;
mod retry;
mod roles;
mod timer;
mod trace;

pub use approval::Approval;
pub use audit::{Audit, Broken, Head, Verified, verify};
pub use breaker::Breaker;
pub use buckets::Buckets;
pub use budget::Budget;
pub use fence::Fence;
pub use governed::{Governed, Settings, SettingsError};
pub use idempotency::Idempotency;
pub use incident::Incident;
pub use pace::Pace;
pub use policy::{Policy, PolicyError};
pub use register::{Register, RegisterError};
pub use retry::Retry;
pub use roles::{Roles, matrix, permissions};
pub use timer::{RealTimer, Timer, VirtualTimer, Wait};
pub use trace::Trace;

#[cfg(test)]
mod tests;
