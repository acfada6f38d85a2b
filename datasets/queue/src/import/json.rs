//! JSON documents with lines.

use std::cell::Cell;
use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::document::{Fault, MAX_VALUES, TOO_MANY};
use super::tree::{Tree, Value};
use crate::MAX_DEPTH;
use crate::node::TOO_DEEP;

/// All values of a text, one after the other.
pub(crate) fn parse(text: &str) -> Result<Vec<Tree>, Fault> {
    let (line, values) = (Cell::new(1), Cell::new(0));
    let mut parser = serde_json::Deserializer::from_reader(Lines { bytes: text.as_bytes(), line: &line });
    let mut trees = Vec::new();
    // The end is looked for first: that moves the line to the next value.
    while parser.end().is_err() {
        let tree = Seed { line: &line, values: &values, depth: 0 }.deserialize(&mut parser).map_err(|e| fault(&e))?;
        trees.push(tree);
    }
    Ok(trees)
}

fn fault(error: &serde_json::Error) -> Fault {
    let message = error.to_string();
    let what = message.split(" at line ").next().unwrap_or_default().to_owned();
    let code = match what.as_str() {
        TOO_DEEP | TOO_MANY => "TW1025",
        twice if twice.starts_with(TWICE) => "TW1009",
        _ => "TW1003",
    };
    Fault { code, what, line: error.line() as u64, column: error.column() as u64 }
}

/// How a duplicate key is told.
const TWICE: &str = "the same key twice";

/// Counts the lines that a parser, which reads byte by byte, has begun.
struct Lines<'a> {
    bytes: &'a [u8],
    line: &'a Cell<u64>,
}

impl Read for Lines<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.bytes.read(out)?;
        self.line.set(self.line.get() + out[..n].iter().filter(|b| **b == b'\n').count() as u64);
        Ok(n)
    }
}

/// Reads a value that stands so many levels deep.
#[derive(Clone, Copy)]
struct Seed<'a> {
    line: &'a Cell<u64>,
    /// How many values there are so far.
    values: &'a Cell<usize>,
    depth: usize,
}

impl Seed<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth < MAX_DEPTH { Ok(Self { depth: self.depth + 1, ..self }) } else { Err(E::custom(TOO_DEEP)) }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Tree, D::Error> {
        let line = self.line.get();
        self.values.set(self.values.get() + 1);
        if self.values.get() > MAX_VALUES {
            return Err(D::Error::custom(TOO_MANY));
        }
        d.deserialize_any(self).map(|value| Tree::new(line, value))
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Scalar(b.to_string()))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(Value::Scalar(n.to_string()))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Scalar(n.to_string()))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Value, E> {
        Ok(Value::Scalar(n.to_string()))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Scalar(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(deeper)? {
            items.push(item);
        }
        Ok(Value::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut entries: Vec<(String, Tree)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("{TWICE} in one object: {key:?}")));
            }
            entries.push((key, map.next_value_seed(deeper)?));
        }
        Ok(Value::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_values() {
        let trees = parse("{\n \"a\": 1\n,\n\t\"b\": [\n  2\n]}\n\n3").expect("JSON");
        let Value::Map(entries) = &trees[0].value else { panic!("an object") };
        let Value::List(items) = &entries[1].1.value else { panic!("a list") };
        let lines = [trees[0].line, entries[0].1.line, entries[1].1.line, items[0].line, trees[1].line];
        assert_eq!(lines, [1, 2, 4, 5, 8]);
    }

    #[test]
    fn duplicates_and_depth_are_faults() {
        assert_eq!(parse("{\"a\":1,\n\"a\":2}").expect_err("twice").code, "TW1009");
        let deep = format!("{}{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
        assert_eq!(parse(&deep).expect_err("deep").code, "TW1025");
        assert_eq!(parse("{").expect_err("cut").code, "TW1003");
        let many = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert_eq!(parse(&many).expect_err("many").what, TOO_MANY);
    }
}
