//! A document with lines, which remembers what of it was read.

use std::cell::Cell;

use super::draft::Place;
use crate::notes::Notes;

/// A value of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    pub(crate) line: u64,
    pub(crate) value: Value,
    /// Whether an importer has read it.
    taken: Cell<bool>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    /// A text, number or truth value, as it is written.
    Scalar(String),
    List(Vec<Tree>),
    /// In the order of the file; keys are unique.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn new(line: u64, value: Value) -> Self {
        Self { line, value, taken: Cell::new(false) }
    }

    /// The root of a document.
    pub(crate) fn root(&self) -> Spot<'_> {
        Spot { tree: self, pointer: String::new() }
    }

    /// How many values it has.
    pub(crate) fn size(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Self::size).sum(),
            Value::Map(entries) => entries.iter().map(|(_, tree)| tree.size()).sum::<usize>(),
            _ => 0,
        }
    }

    fn has_taken(&self) -> bool {
        self.taken.get()
            || match &self.value {
                Value::List(items) => items.iter().any(Self::has_taken),
                Value::Map(entries) => entries.iter().any(|(_, tree)| tree.has_taken()),
                _ => false,
            }
    }

    /// Notes every field that nobody read, by the dotted name of the outermost such one.
    pub(crate) fn note_ignored(&self, name: &str, notes: &mut Notes) {
        if self.taken.get() || self.value == Value::Null {
            return;
        }
        if !self.has_taken() && !name.is_empty() {
            return notes.ignore(name);
        }
        match &self.value {
            Value::List(items) => items.iter().for_each(|item| item.note_ignored(name, notes)),
            Value::Map(entries) => {
                for (key, tree) in entries {
                    let full = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    tree.note_ignored(&full, notes);
                }
            }
            _ => {}
        }
    }
}

/// A value and its place in the document.
#[derive(Debug, Clone)]
pub(crate) struct Spot<'t> {
    tree: &'t Tree,
    pointer: String,
}

impl<'t> Spot<'t> {
    pub(crate) fn place(&self) -> Place {
        Place::new(self.tree.line, self.pointer.clone())
    }

    pub(crate) fn tree(&self) -> &'t Tree {
        self.tree
    }

    /// The value under a path of keys, `a/b`; a null is nothing.
    pub(crate) fn get(&self, path: &str) -> Option<Spot<'t>> {
        path.split('/').try_fold(self.clone(), |spot, key| spot.key(key))
    }

    /// The value under one key, which may have slashes.
    pub(crate) fn key(&self, key: &str) -> Option<Spot<'t>> {
        let Value::Map(entries) = &self.tree.value else { return None };
        let (_, tree) = entries.iter().find(|(k, tree)| k == key && tree.value != Value::Null)?;
        Some(Spot { tree, pointer: format!("{}/{}", self.pointer, escaped(key)) })
    }

    /// The items of a list; none where it is no list.
    pub(crate) fn items(&self) -> Vec<Spot<'t>> {
        let Value::List(items) = &self.tree.value else { return Vec::new() };
        let at = |(i, tree)| Spot { tree, pointer: format!("{}/{i}", self.pointer) };
        items.iter().enumerate().map(at).collect()
    }

    /// The items of the list under a path.
    pub(crate) fn list(&self, path: &str) -> Vec<Spot<'t>> {
        self.get(path).map_or_else(Vec::new, |spot| spot.items())
    }

    /// The fields of an object; none where it is no object.
    pub(crate) fn entries(&self) -> Vec<(&'t str, Spot<'t>)> {
        let Value::Map(entries) = &self.tree.value else { return Vec::new() };
        let at = |(k, tree): &'t (String, Tree)| {
            (k.as_str(), Spot { tree, pointer: format!("{}/{}", self.pointer, escaped(k)) })
        };
        entries.iter().map(at).collect()
    }

    /// The text of a scalar, which is thereby read.
    pub(crate) fn text(&self) -> Option<&'t str> {
        let Value::Scalar(text) = &self.tree.value else { return None };
        self.tree.taken.set(true);
        Some(text)
    }

    /// The text under a path.
    pub(crate) fn text_at(&self, path: &str) -> Option<&'t str> {
        self.get(path).and_then(|spot| spot.text())
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.tree.value, Value::Map(_))
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
