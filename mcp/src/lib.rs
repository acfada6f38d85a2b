//! Tradewind's MCP servers: twelve tools, the same on every cloud, on backends that are real or simulated.
//!
//! - [`tools`]: what can be asked and answered, a file a tool, cloud-neutral, units in the names.
//! - [`provider`]: the one door. A backend is a [`provider::Provider`], and so is every layer around it.
//! - [`simulated`]: clouds that behave like the real ones; what differs between them is data.
//! - [`layers`]: fence, idempotency, retry, breaker, roles, policy, budget, audit: each a provider, each alone.
//! - [`limits`]: how many calls a cloud takes.
//! - [`approval`]: a person says yes to a call, before it is done.
//! - [`cloud_error`]: what the clouds' own error codes mean.
//! - [`folder`]: where a cloud keeps its world, its register and its log.
//! - [`server`]: the wire (`rmcp`): standard input and output, or HTTP on loopback.
//! - [`telemetry`]: what people who run a server see of it.
//! - [`conformance`]: what every backend must do, as cases that can be run against any provider.
//!
//! Time comes from the caller or a `Clock`; the simulated clouds are pure: the same calls and seed give the
//! same world to the byte.

pub mod approval;
pub mod cloud_error;
pub mod conformance;
pub mod control;
pub mod folder;
pub mod iam;
pub mod layers;
pub mod limits;
pub mod provider;
pub mod refusal;
pub mod schema;
pub mod server;
pub mod simulated;
pub mod telemetry;
pub mod tools;
