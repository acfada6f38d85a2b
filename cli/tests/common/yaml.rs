//! A YAML document as JSON: what a manifest's schema needs, no anchors and no tags.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// The only document of a text.
pub fn parse(text: &str) -> Value {
    let mut events = Parser::new_from_str(text)
        .map(|e| e.expect("YAML").0)
        .filter(|e| !matches!(e, Event::StreamStart | Event::DocumentStart(_) | Event::Nothing));
    let first = events.next().expect("a document");
    value(first, &mut events)
}

fn value<'t>(event: Event<'t>, events: &mut impl Iterator<Item = Event<'t>>) -> Value {
    match event {
        Event::Scalar(text, style, ..) => scalar(&text, style),
        Event::SequenceStart(..) => {
            let mut list = Vec::new();
            loop {
                match events.next().expect("the end of the list") {
                    Event::SequenceEnd => return Value::Array(list),
                    item => list.push(value(item, events)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut map = Map::new();
            loop {
                match events.next().expect("the end of the map") {
                    Event::MappingEnd => return Value::Object(map),
                    Event::Scalar(key, ..) => {
                        let item = events.next().expect("a value");
                        let twice = map.insert(key.into_owned(), value(item, events));
                        assert!(twice.is_none(), "a key stands twice");
                    }
                    other => panic!("a key that is no text: {other:?}"),
                }
            }
        }
        other => panic!("not of a manifest: {other:?}"),
    }
}

/// Plain words, numbers and switches are told apart as YAML 1.2 does.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_owned());
    }
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "" | "~" | "null" => Value::Null,
        _ => text.parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from),
    }
}
