//! Keys of `--vary`: `scenario.` and a path into the schema of scenarios, `config.` and one into that of
//! `tradewind.toml`.

use serde_json::Value;
use tradewind_datasets::queue::{Problem, nearest};

use super::field::Field;
use crate::exit::Exit;
use crate::failure::Failure;

const SCENARIO: &str = include_str!("../../../../docs/schema/scenario.schema.json");
const CONFIG: &str = include_str!("../../../../docs/schema/config.schema.json");

/// The key whose values are whole scenarios.
pub const WHOLE_WORLD: &str = "scenario";

/// What a key is a path into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The simulated world: the plan stays.
    Scenario,
    /// The configuration: the queue is planned again.
    Config,
}

impl Root {
    /// The first step of its keys, with the dot.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Scenario => "scenario.",
            Self::Config => "config.",
        }
    }
}

/// A key that exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// What it is a path into.
    pub root: Root,
    /// The field there.
    pub field: Field,
    /// The steps of the path; none to the whole.
    pub steps: Vec<String>,
}

/// Every key.
pub struct Keys {
    fields: Vec<(Root, Field)>,
}

impl Keys {
    /// Those of the schemas that Tradewind was built with.
    pub fn new() -> Self {
        let of = |root, text: &str| {
            // Our own files: a test holds that they are read.
            let schema: Value = serde_json::from_str(text).unwrap_or_default();
            Field::all(&schema).into_iter().map(move |field| (root, field))
        };
        Self { fields: of(Root::Scenario, SCENARIO).chain(of(Root::Config, CONFIG)).collect() }
    }

    /// The key of this name.
    ///
    /// # Errors
    /// `TW4011` with the nearest key, or the list of all.
    pub fn find(&self, name: &str) -> Result<Key, Failure> {
        if name == WHOLE_WORLD {
            let field = Field::whole("The world: a ready-made scenario by its name, or a file.");
            return Ok(Key { root: Root::Scenario, field, steps: Vec::new() });
        }
        for root in [Root::Scenario, Root::Config] {
            let Some(path) = name.strip_prefix(root.prefix()) else { continue };
            let fields: Vec<Field> = self.fields.iter().filter(|(r, _)| *r == root).map(|(_, f)| f.clone()).collect();
            if let Some(field) = Field::find(&fields, path) {
                let steps = field.steps(path).into_iter().map(str::to_owned).collect();
                return Ok(Key { root, field: field.clone(), steps });
            }
        }
        Err(self.unknown(name))
    }

    fn unknown(&self, name: &str) -> Failure {
        // Where it is clear which schema is meant, the keys of the other one are no help.
        let begins = |root: Root| name.starts_with(root.prefix());
        let is_clear = begins(Root::Scenario) || begins(Root::Config);
        let meant = self.fields.iter().filter(|(root, _)| !is_clear || begins(*root));
        let names = meant.map(|(root, f)| format!("{}{}", root.prefix(), f.shown()));
        let names: Vec<String> = [WHOLE_WORLD.to_owned()].into_iter().chain(names).collect();
        let ends = |n: &&String| n.ends_with(&format!(".{name}"));
        let near = names.iter().find(ends).map(String::as_str).or(nearest(name, names.iter().map(String::as_str)));
        let help = near.map_or_else(
            || "docs/schema/scenario.schema.json and docs/config.md say what each is".to_owned(),
            |near| format!("did you mean {near:?}?"),
        );
        let problem = Problem::of_file("TW4011", "no such key to vary", &format!("--vary {name}")).got(name);
        Failure::new(Exit::Usage, problem.accepted(names.join(", ")).help(help))
    }
}

impl Key {
    /// A value that makes no sense there: `TW4011`.
    pub fn refuse(&self, name: &str, value: &str, why: &str) -> Failure {
        let problem = Problem::of_file("TW4011", "no such value", &format!("--vary {name}={value}")).got(why);
        Failure::new(Exit::Usage, problem.accepted(self.field.accepted()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_are_read() {
        let keys = Keys::new();
        for name in ["scenario.hazard_factor", "scenario.billing.minimum", "config.quotas", "config.budgets.vision"] {
            assert!(keys.find(name).is_ok(), "{name}");
        }
        let help = |name: &str| keys.find(name).expect_err("unknown").problems.shown[0].help.clone();
        assert_eq!(help("hazard_factor"), "did you mean \"scenario.hazard_factor\"?");
        assert_eq!(help("config.risk.concentratoin"), "did you mean \"config.risk.concentration\"?");
        assert!(help("colour").contains("docs/config.md"));
    }
}
