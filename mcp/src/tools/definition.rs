//! What a client is told of a tool.

use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::control::Control;
use crate::schema::{self, Object};

/// What a tool does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Reads,
    /// Makes and ends things; the same key never twice.
    Changes,
}

/// A tool in words.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// For people.
    pub title: &'static str,
    /// For models: what it does, in the fewest words.
    pub text: &'static str,
    /// What it does to the world.
    pub effect: Effect,
}

/// A tool as a client sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// For models.
    pub text: &'static str,
    /// What it does to the world.
    pub effect: Effect,
    /// What may be asked: the tool's own fields, and those of [`Control`] if it changes something.
    pub input: Object,
    /// What is answered.
    pub output: Object,
}

impl Definition {
    pub(super) fn new<Q: JsonSchema, A: JsonSchema>(name: &'static str, about: &About) -> Self {
        let mut input = schema::of::<Q>();
        undescribed(&mut input, &EXPLAINED_ONCE);
        if about.effect == Effect::Changes {
            schema::merge(&mut input, control());
        }
        input.insert("additionalProperties".to_owned(), Value::Bool(false));
        input.remove("description");
        let mut output = Value::Object(schema::of::<A>());
        schema::tersely(&mut output);
        let Value::Object(mut output) = output else { unreachable!("an object stays an object") };
        schema::merge(&mut output, envelope());
        output.insert("additionalProperties".to_owned(), Value::Bool(false));
        Self { name, title: about.title, text: about.text, effect: about.effect, input, output }
    }
}

/// The fields of [`Control`]: the same in nine tools, so the server's instructions explain them once.
fn control() -> Object {
    let mut control = schema::of::<Control>();
    undescribed(&mut control, &Control::FIELDS);
    control
}

/// Fields of many tools that the server's instructions explain: names are the cloud's own.
const EXPLAINED_ONCE: [&str; 3] = ["region", "zone", "instance_type"];

/// Takes the descriptions off some fields of an object, and of the objects in it.
fn undescribed(schema: &mut Object, fields: &[&str]) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, field) in properties.into_iter().flatten() {
        let Some(field) = field.as_object_mut() else { continue };
        if fields.contains(&name.as_str()) {
            field.remove("description");
        }
        undescribed(field, fields);
    }
}

/// What every reply says besides its own fields: the time in the world, and whether it was given before.
fn envelope() -> Object {
    let envelope = json!({
        "properties": {"at": {"type": "string"}, "replayed": {"type": "boolean"}},
        "required": ["at", "replayed"],
    });
    envelope.as_object().cloned().unwrap_or_default()
}
