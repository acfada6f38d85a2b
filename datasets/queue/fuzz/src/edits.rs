//! A few changes to a JSON document, made from bytes.

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use serde_json::{Number, Value};

/// Numbers at which arithmetic breaks.
const NUMBERS: [i64; 12] =
    [0, -1, 1, 255, 65_535, 1 << 31, 1 << 32, 1 << 40, 1 << 62, i64::MAX, i64::MIN, 1_711_843_200_000];
/// Texts that numbers, instants, money and names are written as.
const TEXTS: [&str; 10] = [
    "",
    "-1",
    "9223372036.854775807",
    "-9223372036.854775808",
    "0.000000001",
    "1970-01-01T00:00:00Z",
    "9999-12-30T22:00:00Z",
    "-009999-01-02T01:59:59Z",
    "aws/us-east-1",
    "prep",
];

/// A change to the value that a walk from the root ends at.
#[derive(Debug, Arbitrary)]
enum Edit {
    Number(u8),
    AnyNumber(i64),
    Fraction(f64),
    Scale(u8),
    Text(u8),
    AnyText(String),
    Null,
    Remove,
    Repeat(u8),
    SwapWithNext,
    Empty,
}

/// Changes, each with the walk to its value: at every level the child with this number.
#[derive(Debug, Arbitrary)]
pub struct Edits(Vec<(Vec<u8>, Edit)>);

impl Edits {
    /// Applies the first three changes: of more, few plans could still be read.
    pub fn apply(&self, document: &mut Value) {
        for (walk, edit) in self.0.iter().take(3) {
            edit.apply(walk_to(document, walk));
        }
    }
}

/// The value that a walk ends at.
fn walk_to<'v>(mut value: &'v mut Value, walk: &[u8]) -> &'v mut Value {
    for step in walk {
        let n = children(value);
        if n == 0 {
            break;
        }
        value = child(value, usize::from(*step) % n);
    }
    value
}

fn children(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    }
}

fn child(value: &mut Value, at: usize) -> &mut Value {
    match value {
        Value::Array(items) => &mut items[at],
        Value::Object(fields) => fields.values_mut().nth(at).expect("a child counted before"),
        leaf => leaf,
    }
}

impl Edit {
    fn apply(&self, value: &mut Value) {
        match self {
            Self::Number(i) => *value = NUMBERS[usize::from(*i) % NUMBERS.len()].into(),
            Self::AnyNumber(n) => *value = (*n).into(),
            Self::Fraction(f) => *value = Number::from_f64(*f).map_or(Value::Null, Value::Number),
            Self::Scale(by) => scale(value, *by),
            Self::Text(i) => *value = TEXTS[usize::from(*i) % TEXTS.len()].into(),
            Self::AnyText(text) => *value = text.as_str().into(),
            Self::Null => *value = Value::Null,
            Self::Remove => remove(value),
            Self::Repeat(times) => repeat(value, *times),
            Self::SwapWithNext => {
                if let Value::Array(items) = value
                    && items.len() > 1
                {
                    items.rotate_left(1);
                }
            }
            Self::Empty => empty(value),
        }
    }
}

/// A number a little or much larger or smaller, of its own kind: most such plans can still be read.
fn scale(value: &mut Value, by: u8) {
    if let Some(n) = value.as_i64() {
        let shifted = n.saturating_mul(1 << (by % 40)).saturating_add(i64::from(by));
        *value = if by % 2 == 0 { shifted } else { n / (1 + i64::from(by)) }.into();
    } else if let Some(f) = value.as_f64() {
        *value = Number::from_f64(f * f64::from(by)).map_or(Value::Null, Value::Number);
    }
}

fn remove(value: &mut Value) {
    match value {
        Value::Array(items) => drop(items.pop()),
        Value::Object(fields) => {
            if let Some(name) = fields.keys().next_back().cloned() {
                fields.remove(&name);
            }
        }
        leaf => *leaf = Value::Null,
    }
}

fn repeat(value: &mut Value, times: u8) {
    if let Value::Array(items) = value
        && let Some(last) = items.last().cloned()
    {
        items.extend(std::iter::repeat_n(last, usize::from(times)));
    }
}

fn empty(value: &mut Value) {
    match value {
        Value::Array(items) => items.clear(),
        Value::Object(fields) => fields.clear(),
        leaf => *leaf = Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_reach_every_level() {
        let mut document = serde_json::json!({"a": [1, {"b": 2}]});
        Edits(vec![(vec![0, 1, 0], Edit::Number(1)), (vec![0], Edit::Repeat(2))]).apply(&mut document);
        assert_eq!(document, serde_json::json!({"a": [1, {"b": -1}, {"b": -1}, {"b": -1}]}));
    }
}
