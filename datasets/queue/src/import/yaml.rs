//! YAML documents with lines; aliases within a budget, merge keys refused.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::document::{Fault, MAX_VALUES, TOO_MANY};
use super::tree::{Tree, Value};
use crate::MAX_DEPTH;
use crate::node::TOO_DEEP;

/// Most values that aliases may repeat in one file.
const ALIAS_BUDGET: usize = 10_000;
/// Most values that anchors may mark in one file: each is kept a second time.
const ANCHOR_BUDGET: usize = 100_000;

/// All documents of a text.
pub(crate) fn parse(text: &str) -> Result<Vec<Tree>, Fault> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let marker = error.marker();
            Fault::new("TW1003", error.info(), marker.line(), marker.col() + 1)
        })?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

/// A list or an object whose end is to come.
struct Open {
    line: u64,
    anchor: usize,
    value: Value,
    /// The key whose value is to come.
    key: Option<String>,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Tree>,
    /// Values so far, those among them that aliases repeated, and those that anchors marked.
    values: usize,
    repeated: usize,
    marked: usize,
    documents: Vec<Tree>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let line = span.start.line() as u64;
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = match (&*text, style) {
                    ("" | "~" | "null" | "Null" | "NULL", ScalarStyle::Plain) => Value::Null,
                    _ => Value::Scalar(text.into_owned()),
                };
                self.add(Tree::new(line, value), anchor, span)
            }
            Event::Alias(anchor) => {
                let tree = self.alias(anchor, span)?;
                self.add(tree, 0, span)
            }
            Event::SequenceStart(anchor, _) => self.begin(line, anchor, Value::List(Vec::new()), span),
            Event::MappingStart(anchor, _) => self.begin(line, anchor, Value::Map(Vec::new()), span),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.add(Tree::new(open.line, open.value), open.anchor, span),
                None => Ok(()),
            },
            // Anchors are of one document.
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, line: u64, anchor: usize, value: Value, span: Span) -> Result<(), Fault> {
        if self.open.len() >= MAX_DEPTH {
            return Err(fault("TW1025", TOO_DEEP, span));
        }
        self.open.push(Open { line, anchor, value, key: None });
        Ok(())
    }

    /// What an alias stands for, as long as aliases do not blow up.
    fn alias(&mut self, anchor: usize, span: Span) -> Result<Tree, Fault> {
        let Some(tree) = self.anchors.get(&anchor) else {
            return Err(fault("TW1003", "an alias without its anchor", span));
        };
        self.repeated += tree.size();
        if self.repeated > ALIAS_BUDGET {
            return Err(fault("TW1025", "aliases repeat more than 10000 values", span));
        }
        Ok(tree.clone())
    }

    /// Puts a value where it belongs: a document, an item, a key or its value.
    fn add(&mut self, tree: Tree, anchor: usize, span: Span) -> Result<(), Fault> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(fault("TW1025", TOO_MANY, span));
        }
        if anchor > 0 {
            self.marked += tree.size();
            if self.marked > ANCHOR_BUDGET {
                return Err(fault("TW1025", "anchors mark more than 100000 values", span));
            }
            self.anchors.insert(anchor, tree.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.documents.push(tree);
            return Ok(());
        };
        match (&mut parent.value, parent.key.take()) {
            (Value::List(items), _) => items.push(tree),
            (Value::Map(entries), Some(key)) => entries.push((key, tree)),
            (Value::Map(entries), None) => parent.key = Some(key_of(tree, entries, span)?),
            _ => {}
        }
        Ok(())
    }
}

fn key_of(tree: Tree, entries: &[(String, Tree)], span: Span) -> Result<String, Fault> {
    let key = match tree.value {
        Value::Scalar(text) => text,
        Value::Null => "null".to_owned(),
        _ => return Err(fault("TW1003", "a list or an object as a key", span)),
    };
    if key == "<<" {
        return Err(fault("TW1003", "a merge key: write the fields out", span));
    }
    if entries.iter().any(|(known, _)| *known == key) {
        return Err(fault("TW1009", format!("the same key twice in one object: {key:?}"), span));
    }
    Ok(key)
}

fn fault(code: &'static str, what: impl Into<String>, span: Span) -> Fault {
    Fault::new(code, what, span.start.line(), span.start.col() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let fault = parse(text).expect_err("a fault");
        format!("{} {}: {}", fault.line, fault.code, fault.what)
    }

    #[test]
    fn documents_have_lines() {
        let trees = parse("a: 1\nb:\n  - x\n---\nc: ~\n").expect("YAML");
        let Value::Map(entries) = &trees[0].value else { panic!("an object") };
        assert_eq!((trees.len(), entries[0].1.line, entries[1].1.line), (2, 1, 3));
        let Value::Map(entries) = &trees[1].value else { panic!("an object") };
        assert_eq!(entries[0].1.value, Value::Null);
    }

    #[test]
    fn an_alias_bomb_is_refused_early() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..30 {
            let before = format!("*a{}, ", i - 1).repeat(10);
            bomb.push_str(&format!("a{i}: &a{i} [{}]\n", before.trim_end_matches(", ")));
        }
        assert_eq!(refused(&bomb), "4 TW1025: aliases repeat more than 10000 values");
        assert!(parse("a: &x {b: 1}\nc: *x\n").is_ok());
    }

    #[test]
    fn what_is_not_read_is_refused() {
        assert_eq!(refused("a: &a {x: 1}\nb:\n  <<: *a\n"), "3 TW1003: a merge key: write the fields out");
        assert_eq!(refused("a: 1\na: 2\n"), "2 TW1009: the same key twice in one object: \"a\"");
        let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
        assert_eq!(refused(&deep), "1 TW1025: nested deeper than 64 levels");
        let marked = format!("{}[{}]", "[&a ".repeat(60), "x, ".repeat(2000));
        assert_eq!(refused(&format!("{marked}{}", "]".repeat(60))), "1 TW1025: anchors mark more than 100000 values");
    }
}
