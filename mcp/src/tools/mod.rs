//! The twelve tools: what is asked, what is answered, and what a client is told about each. A file a tool.

pub mod attach_volume;
pub mod create_storage_bucket;
mod definition;
pub mod deploy_model;
pub mod failover_route;
#[cfg(debug_assertions)]
pub mod fixture;
pub mod get_cost_estimate;
pub mod get_health;
pub mod get_quotas;
pub mod launch_spot;
pub mod node;
pub mod provision_compute;
pub mod rotate_secret;
pub mod scale_nodepool;
pub mod submit_ml_job;

pub use definition::{About, Definition, Effect};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Joins the tools into one question and one answer; the order is that of `tools/list`.
macro_rules! tools {
    ($($variant:ident = $tool:ident),* $(,)?) => {
        /// A question: the arguments of one tool.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Request {
            $(#[doc = concat!("`", stringify!($tool), "`.")] $variant($tool::Request),)*
            /// A tool of the conformance suite.
            #[cfg(debug_assertions)]
            Fixture(fixture::Request),
        }

        /// An answer: the reply of one tool.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Reply {
            $(#[doc = concat!("`", stringify!($tool), "`.")] $variant($tool::Reply),)*
            /// Of a tool of the conformance suite.
            #[cfg(debug_assertions)]
            Fixture(fixture::Reply),
        }

        impl Request {
            /// The name of the tool.
            pub fn tool(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => stringify!($tool),)*
                    #[cfg(debug_assertions)]
                    Self::Fixture(asked) => asked.name.as_str(),
                }
            }

            /// Reads the arguments of a tool; `None` if there is no such tool.
            ///
            /// # Errors
            /// Arguments that the tool's schema does not admit.
            pub fn read(tool: &str, arguments: Value) -> Option<Result<Self, serde_json::Error>> {
                match tool {
                    $(stringify!($tool) => Some(serde_json::from_value(arguments).map(Self::$variant)),)*
                    #[cfg(debug_assertions)]
                    other => fixture::Name::new(other).map(|name| Ok(Self::Fixture(fixture::Request { name, arguments }))),
                    #[cfg(not(debug_assertions))]
                    _ => None,
                }
            }
        }

        impl Reply {
            /// The reply as JSON.
            ///
            /// # Errors
            /// None with these types: they hold nothing that JSON cannot say.
            pub fn to_value(&self) -> serde_json::Result<Value> {
                match self {
                    $(Self::$variant(reply) => serde_json::to_value(reply),)*
                    #[cfg(debug_assertions)]
                    Self::Fixture(reply) => serde_json::to_value(reply),
                }
            }
        }

        /// What a client is told of every tool, in the order of `tools/list`.
        pub fn definitions() -> Vec<Definition> {
            vec![$(Definition::new::<$tool::Request, $tool::Reply>(stringify!($tool), &$tool::ABOUT),)*]
        }
    };
}

tools! {
    ProvisionCompute = provision_compute,
    ScaleNodepool = scale_nodepool,
    LaunchSpot = launch_spot,
    CreateStorageBucket = create_storage_bucket,
    AttachVolume = attach_volume,
    SubmitMlJob = submit_ml_job,
    DeployModel = deploy_model,
    GetCostEstimate = get_cost_estimate,
    GetQuotas = get_quotas,
    RotateSecret = rotate_secret,
    GetHealth = get_health,
    FailoverRoute = failover_route,
}

#[cfg(test)]
mod tests;
