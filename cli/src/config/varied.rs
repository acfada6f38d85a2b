//! A configuration with some values in place of what its file says.

use std::path::Path;

use toml::{Table, Value};
use tradewind_datasets::queue::{Problem, Problems};

use super::{Config, source};

/// A value and the steps of the path to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// From the top table, e.g. `risk`, `concentration`.
    pub steps: Vec<String>,
    /// What stands there.
    pub value: Value,
}

impl Config {
    /// Reads the file, or nothing where there is none, with changes. Places in problems are those of a text that
    /// nobody wrote: the file itself has been read without any before.
    ///
    /// # Errors
    /// As [`Config::load`]; `TW4001` also where a path leads through a value that is no table.
    pub fn varied(path: Option<&Path>, changes: &[Change]) -> Result<Self, Problems> {
        let name = path.map_or_else(String::new, |p| p.display().to_string());
        let text = path.map_or(Ok(String::new()), source::text_of);
        let text = text.map_err(|e| Problems::one(Problem::unreadable(&name, &e)))?;
        let mut table: Table = match text.parse() {
            Ok(table) => table,
            // In the reader's words.
            Err(_) => return Self::load(path),
        };
        for change in changes {
            if set(&mut table, &change.steps, &change.value).is_none() {
                let problem = Problem::of_file("TW4001", "wrong kind of value", &name).at(change.steps.join("."));
                return Err(Problems::one(problem.got("no table on the way").accepted("tables up to the last step")));
            }
        }
        let folder = path.and_then(Path::parent).unwrap_or(Path::new(""));
        Self::parse(&name, &table.to_string(), folder)
    }
}

fn set(table: &mut Table, steps: &[String], value: &Value) -> Option<()> {
    let (last, way) = steps.split_last()?;
    let mut at = table;
    for step in way {
        at = at.entry(step).or_insert_with(|| Value::Table(Table::new())).as_table_mut()?;
    }
    at.insert(last.clone(), value.clone());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(steps: &[&str], value: impl Into<Value>) -> Change {
        Change { steps: steps.iter().map(|s| (*s).to_owned()).collect(), value: value.into() }
    }

    #[test]
    fn changed_values_are_read_as_if_they_were_written() {
        let changes = [change(&["risk", "max_miss_probability"], 0.2), change(&["budgets", "a.b"], "12.00")];
        let config = Config::varied(None, &changes).expect("sound values");
        assert_eq!(config.max_miss_probability, 0.2);
        assert_eq!(config.budgets["a.b"].to_string(), "12.00");
        let wrong = Config::varied(None, &[change(&["risk", "max_miss_probability"], 0.9)]).expect_err("too much");
        assert_eq!((wrong.shown[0].code, wrong.shown[0].accepted.as_str()), ("TW4001", "more than 0, at most 0.5"));
        let through = [change(&["quotas"], "none"), change(&["quotas", "x"], "y")];
        assert_eq!(Config::varied(None, &through).expect_err("no table").shown[0].code, "TW4001");
    }
}
