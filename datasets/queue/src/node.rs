//! A parsed line before it has a meaning: JSON that keeps duplicate keys, or cells of a CSV row.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::MAX_DEPTH;
use crate::job::FIELDS;

/// The text of the error that the depth limit raises, so that the reader can tell it apart.
pub(crate) const TOO_DEEP: &str = "nested deeper than 64 levels";

/// A field's name: one of ours is not allocated.
pub(crate) type Key = Cow<'static, str>;
/// The fields of an object in the order of the file.
pub(crate) type Entries = Vec<(Key, Node)>;

/// A value of unknown meaning.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// A CSV cell: whoever reads it says what it is.
    Cell(String),
    List(Vec<Node>),
    /// In the order of the file, duplicates kept: the decoder refuses them by name.
    Object(Entries),
}

impl Node {
    /// Reads one JSON value.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let mut parser = serde_json::Deserializer::from_str(text);
        let node = Depth(0).deserialize(&mut parser)?;
        parser.end()?;
        Ok(node)
    }

    /// What it is, for "got".
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(b) => b.to_string(),
            Self::Number(n) => n.to_string(),
            Self::Text(t) => format!("{t:?}"),
            Self::Cell(t) => t.clone(),
            Self::List(l) => format!("a list of {}", l.len()),
            Self::Object(_) => "an object".to_owned(),
        }
    }
}

/// Reads a value that stands so many levels deep.
#[derive(Clone, Copy)]
struct Depth(usize);

impl Depth {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.0 < MAX_DEPTH { Ok(Self(self.0 + 1)) } else { Err(E::custom(TOO_DEEP)) }
    }
}

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Node, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Node, E> {
        Ok(Node::Bool(b))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Node, E> {
        Ok(Node::Number(n as f64))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Node, E> {
        Ok(Node::Number(n as f64))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Node, E> {
        Ok(Node::Number(n))
    }
    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let deeper = self.deeper()?;
        let mut list = Vec::new();
        while let Some(node) = seq.next_element_seed(deeper)? {
            list.push(node);
        }
        Ok(Node::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let deeper = self.deeper()?;
        // A job has many fields, what is inside it few.
        let mut entries = Vec::with_capacity(if self.0 == 0 { 16 } else { 4 });
        while let Some(key) = map.next_key_seed(Name)? {
            entries.push((key, map.next_value_seed(deeper)?));
        }
        Ok(Node::Object(entries))
    }
}

/// Reads a field's name.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Key;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Key, D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }
    fn visit_str<E>(self, text: &str) -> Result<Key, E> {
        Ok(key(text))
    }
}

/// Our names by their length, which tells them nearly apart.
static BY_LENGTH: LazyLock<[Vec<&'static str>; 32]> = LazyLock::new(|| {
    let mut names: [Vec<&'static str>; 32] = Default::default();
    for name in FIELDS.iter().flat_map(|(_, names)| names.iter()) {
        names[name.len() % 32].push(name);
    }
    names
});

/// The name as a key.
pub(crate) fn key(text: &str) -> Key {
    let known = BY_LENGTH[text.len() % 32].iter().find(|name| **name == text);
    known.map_or_else(|| Cow::Owned(text.to_owned()), |name| Cow::Borrowed(*name))
}

/// Puts a value under a path of names, making the objects on the way.
pub(crate) fn insert(object: &mut Entries, path: &[&str], value: Node) {
    let [name, rest @ ..] = path else { return };
    if rest.is_empty() {
        object.push((key(name), value));
        return;
    }
    let at = object.iter().position(|(n, _)| n == name).unwrap_or_else(|| {
        object.push((key(name), Node::Object(Entries::new())));
        object.len() - 1
    });
    if let Node::Object(inner) = &mut object[at].1 {
        insert(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_limited() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(Node::parse(&nested(MAX_DEPTH)).is_ok());
        assert!(Node::parse(&nested(MAX_DEPTH + 1)).unwrap_err().to_string().starts_with(TOO_DEEP));
    }

    #[test]
    fn duplicate_keys_are_kept() {
        let Node::Object(entries) = Node::parse(r#"{"a":1,"a":2}"#).unwrap() else { panic!("an object") };
        assert_eq!(entries.len(), 2);
    }
}
