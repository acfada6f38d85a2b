//! What replications were made from.

use serde::{Deserialize, Serialize};
use tradewind_core::hash;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_sim::draws::GENERATOR;
use tradewind_sim::plan::World;

/// The value of `schema`.
const SCHEMA: &str = "tradewind.replications/1";

/// Plan, seed and scenario: the same give the same replications.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    schema: String,
    /// Content hash of the plan.
    plan: String,
    seed: Seed,
    generator: String,
    scenario: World,
}

impl Origin {
    /// Of a run.
    pub fn new(plan: &Plan, seed: Seed, scenario: &World) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            plan: hash::of(plan),
            seed,
            generator: GENERATOR.to_owned(),
            scenario: scenario.clone(),
        }
    }

    /// The source of chance.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// A name for a file: another plan, seed or scenario has another one.
    pub fn name(&self) -> String {
        hash::of(self)
    }

    /// The first thing in which another run differs, with what it has there.
    pub(super) fn difference(&self, other: &Self) -> Option<(&'static str, String)> {
        let texts = [
            ("schema", &self.schema, &other.schema),
            ("plan", &self.plan, &other.plan),
            ("generator", &self.generator, &other.generator),
        ];
        let text = texts.into_iter().find(|(_, a, b)| a != b).map(|(name, _, b)| (name, b.clone()));
        let seed = || (self.seed != other.seed).then(|| ("seed", other.seed.0.to_string()));
        let scenario = || (self.scenario != other.scenario).then(|| ("scenario", "another world".to_owned()));
        text.or_else(seed).or_else(scenario)
    }
}
