//! JSON Schemas of tools, made from the types and kept small: a model reads them on every turn.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// A JSON object.
pub type Object = Map<String, Value>;

/// The schema of a type as one closed object, nothing by reference.
pub fn of<T: JsonSchema>() -> Object {
    let settings = SchemaSettings::draft2020_12().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    shrink(&mut schema);
    match schema {
        Value::Object(object) => object,
        other => unreachable!("the schema of a struct is an object, not {other}"),
    }
}

/// Takes off what says nothing: titles (the Rust name), number formats, defaults that are null; writes alternatives
/// as enumerations and what may be left out as such, not as null.
fn shrink(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            // Under "properties" the keys are names of fields, not words of the schema.
            if object.contains_key("type") || object.contains_key("oneOf") {
                object.remove("title");
                object.remove("format");
                object.retain(|key, value| !(key == "default" && value.is_null()));
                if object.contains_key("default") {
                    object.retain(|key, value| !(key == "description" && value.as_str().is_some_and(is_default)));
                }
                enumerate(object);
                without_null(object);
            }
            object.values_mut().for_each(shrink);
        }
        Value::Array(list) => list.iter_mut().for_each(shrink),
        _ => {}
    }
}

/// A description that says again what the default is.
fn is_default(description: &str) -> bool {
    description.starts_with("Default ")
}

/// Alternatives that are constants each, as one enumeration.
fn enumerate(object: &mut Object) {
    let Some(Value::Array(alternatives)) = object.get("oneOf") else { return };
    let constants: Option<Vec<Value>> = alternatives.iter().map(|a| a.get("const").cloned()).collect();
    if let Some(constants) = constants {
        object.remove("oneOf");
        object.insert("type".to_owned(), Value::from("string"));
        object.insert("enum".to_owned(), Value::Array(constants));
    }
}

/// What may be left out is left out: nobody needs to write null.
fn without_null(object: &mut Object) {
    let Some(Value::Array(types)) = object.get_mut("type") else { return };
    types.retain(|t| t != "null");
    if let [only] = &types[..] {
        let only = only.clone();
        object.insert("type".to_owned(), only);
    }
}

/// The schema of a reply in few words: field names with units say what descriptions would, and what is counted
/// is not negative anyway.
pub fn tersely(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("description").is_some_and(Value::is_string) {
                object.remove("description");
            }
            if object.get("minimum").is_some_and(Value::is_number) {
                object.remove("minimum");
                object.remove("maximum");
            }
            object.values_mut().for_each(tersely);
        }
        Value::Array(list) => list.iter_mut().for_each(tersely),
        _ => {}
    }
}

/// Adds the fields of one object schema to another.
pub fn merge(into: &mut Object, from: Object) {
    for word in ["properties", "required"] {
        match (into.get_mut(word), from.get(word)) {
            (Some(Value::Object(a)), Some(Value::Object(b))) => a.extend(b.clone()),
            (Some(Value::Array(a)), Some(Value::Array(b))) => a.extend(b.iter().cloned()),
            (None, Some(value)) => {
                into.insert(word.to_owned(), value.clone());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[schemars(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Sample {
        /// Its name.
        title: String,
        count: Option<u32>,
    }

    #[test]
    fn schemas_are_small_and_keep_field_names() {
        let schema = serde_json::to_string(&of::<Sample>()).unwrap();
        insta::assert_snapshot!(schema, @r#"{"additionalProperties":false,"properties":{"count":{"minimum":0,"type":"integer"},"title":{"description":"Its name.","type":"string"}},"required":["title"],"type":"object"}"#);
        let mut bare = Value::Object(of::<Sample>());
        tersely(&mut bare);
        assert!(!bare.to_string().contains("Its name"));
    }
}
