//! What an arm changes: a field of the world, or one of the configuration.

use serde_json::Value;
use tradewind_sim::plan::World;

use super::key::{Key, Root};
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::render::whatif::Setting;
use crate::scenario;

/// A value of an axis, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// As it was typed.
    pub setting: Setting,
    /// Where it goes.
    pub to: Target,
}

/// Where a value goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Into the world, by the steps of its path.
    World(Vec<String>, Value),
    /// Into the configuration.
    Config(config::Change),
}

impl Change {
    /// Reads a value and tries it by itself on what it changes.
    ///
    /// # Errors
    /// `TW4011` where it makes no sense there; those of a scenario file.
    pub fn new(
        name: &str,
        key: &Key,
        text: &str,
        world: &World,
        file: Option<&std::path::Path>,
    ) -> Result<Self, Failure> {
        let refuse = |why: &str| key.refuse(name, text, why);
        let value = match key.steps.is_empty() {
            true => serde_json::to_value(scenario::read(text)?).map_err(|e| refuse(&e.to_string()))?,
            false => key.field.value(text),
        };
        let to = match key.root {
            Root::Scenario => Target::World(key.steps.clone(), value),
            Root::Config => {
                let value = toml::Value::try_from(&value).map_err(|e| refuse(&e.to_string()))?;
                Target::Config(config::Change { steps: key.steps.clone(), value })
            }
        };
        match &to {
            Target::World(steps, value) => drop(with(world, steps, value).map_err(|why| refuse(&why))?),
            Target::Config(change) => {
                let tried = Config::varied(file, std::slice::from_ref(change));
                let first = |p: tradewind_datasets::queue::Problems| p.shown.into_iter().next();
                if let Some(problem) = tried.err().and_then(first) {
                    return Err(refuse(&format!("{}: {}", problem.title, problem.got)));
                }
            }
        }
        Ok(Self { setting: Setting { key: name.to_owned(), value: text.to_owned() }, to })
    }
}

/// The world with a value in place of what stands at a path, of no steps in place of all.
///
/// # Errors
/// Why it makes no sense.
pub fn with(world: &World, steps: &[String], value: &Value) -> Result<World, String> {
    let mut json = serde_json::to_value(world).map_err(|e| e.to_string())?;
    let mut at = &mut json;
    for step in steps {
        // A field that is left out where it says nothing is made on the way.
        if at.is_null() {
            *at = Value::Object(serde_json::Map::new());
        }
        at = at.as_object_mut().ok_or("no table on the way")?.entry(step).or_insert(Value::Null);
    }
    *at = value.clone();
    let world: World = serde_json::from_value(json).map_err(|e| e.to_string())?;
    match world.problem() {
        None => Ok(world),
        Some(problem) => Err(problem.what),
    }
}

/// What stands at a path of the world, as it would be typed.
pub fn at(world: &World, steps: &[String]) -> Option<String> {
    let json = serde_json::to_value(world).ok()?;
    let value = steps.iter().try_fold(&json, |at, step| at.get(step))?;
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Null => return None,
        // Not 1.0 but 1.
        Value::Number(n) => n.as_f64().map_or_else(|| n.to_string(), |n| n.to_string()),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn steps(path: &str) -> Vec<String> {
        path.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn a_world_is_changed_by_path() {
        let world = World::default();
        let doubled = with(&world, &steps("hazard_factor"), &json!(2)).expect("a factor");
        assert_eq!((doubled.hazard_factor, at(&doubled, &steps("hazard_factor"))), (2.0, Some("2".to_owned())));
        let free = with(&doubled, &steps("billing.minimum"), &json!(false)).expect("a switch");
        assert!(!free.billing.minimum && free.hazard_factor == 2.0);
        let outage = json!([{"place": "aws", "start": "2024-03-31T00:00:00Z", "end": "2024-03-31T01:00:00Z"}]);
        assert_eq!(with(&world, &steps("outages"), &outage).expect("a list").outages.len(), 1);
        for (path, value) in [("hazard_factor", json!("x")), ("hazard_factor", json!(-1)), ("billing.x", json!(true))] {
            assert!(with(&world, &steps(path), &value).is_err(), "{path} {value}");
        }
        assert_eq!(at(&world, &steps("no.such")), None);
    }
}
