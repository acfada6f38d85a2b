//! A tool of the official conformance suite, mounted beside ours. Test builds only.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What the suite expects to find: its tools, and what they answer.
pub(crate) const TABLE: &str = include_str!("../../data/fixtures.json");

/// The names of the table's tools.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let table: Value = serde_json::from_str(TABLE).expect("mcp/data/fixtures.json is tested");
    let tools = table["tools"].as_array().into_iter().flatten();
    tools.filter_map(|row| row["tool"]["name"].as_str().map(str::to_owned)).collect()
});

/// The name of a tool of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name(&'static str);

impl Name {
    /// One that the suite has.
    pub fn new(name: &str) -> Option<Self> {
        NAMES.iter().find(|known| *known == name).map(|known| Self(known))
    }

    /// As text.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Self::new(&name).ok_or_else(|| serde::de::Error::custom(format!("no fixture {name:?}")))
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Of which tool.
    pub name: Name,
    /// Its arguments, held against its schema.
    pub arguments: Value,
}

/// What is answered: a result as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reply(pub Value);
