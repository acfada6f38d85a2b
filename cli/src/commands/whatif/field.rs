//! The fields of a schema by path: what may be varied, what each takes, and what it is in words.

use serde_json::Value;

/// A field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Dotted, e.g. `billing.minimum`.
    pub path: String,
    /// Whether the last step is free, as in `budgets.PROJECT`.
    free: bool,
    schema: Value,
}

impl Field {
    /// What is no field but everything together.
    pub fn whole(description: &str) -> Self {
        Self { path: String::new(), free: false, schema: serde_json::json!({"description": description}) }
    }

    /// All fields of a closed schema, by path. Tables with free names are one field each, whose last step is
    /// free; lists are taken whole.
    pub fn all(schema: &Value) -> Vec<Self> {
        let mut fields = Vec::new();
        collect(schema, schema, String::new(), &mut fields);
        fields
    }

    /// The field that a path names.
    pub fn find<'f>(fields: &'f [Self], path: &str) -> Option<&'f Self> {
        fields.iter().find(|f| match path.strip_prefix(f.path.as_str()) {
            Some("") => !f.free,
            Some(name) => f.free && name.len() > 1 && name.starts_with('.'),
            None => false,
        })
    }

    /// The steps of a path to this field.
    pub fn steps<'p>(&self, path: &'p str) -> Vec<&'p str> {
        match path.split_at_checked(self.path.len()) {
            Some((table, name)) if self.free => table.split('.').chain(name.strip_prefix('.')).collect(),
            _ => path.split('.').collect(),
        }
    }

    /// The path as it is shown: a free step is `NAME`.
    pub fn shown(&self) -> String {
        if self.free { format!("{}.NAME", self.path) } else { self.path.clone() }
    }

    /// A typed value of the kind that the schema wants, as far as the text can be read as one.
    pub fn value(&self, text: &str) -> Value {
        let string = || Value::String(text.to_owned());
        match self.schema["type"].as_str() {
            Some("string") => string(),
            _ => serde_json::from_str(text).unwrap_or_else(|_| string()),
        }
    }

    /// What it takes, in words.
    pub fn accepted(&self) -> String {
        if let Some(words) = self.schema["enum"].as_array() {
            return words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
        }
        let limit = |name: &str| self.schema[name].as_f64();
        match self.schema["type"].as_str().unwrap_or_default() {
            kind @ ("number" | "integer") => {
                let noun = if kind == "number" { "a number" } else { "a whole number" };
                let low = limit("minimum").map(|n| format!(" from {n}"));
                let low = low.or(limit("exclusiveMinimum").map(|n| format!(" above {n}")));
                let high = limit("maximum").map(|n| format!(" up to {n}"));
                format!("{noun}{}{}", low.unwrap_or_default(), high.unwrap_or_default())
            }
            "boolean" => "true or false".to_owned(),
            "array" => "a list as JSON".to_owned(),
            _ => self.description().trim_end_matches('.').to_owned(),
        }
    }

    /// What the schema says of it.
    pub fn description(&self) -> &str {
        self.schema["description"].as_str().unwrap_or_default()
    }

    /// Whether it is on or off.
    pub fn is_switch(&self) -> bool {
        self.schema["type"] == "boolean"
    }
}

fn collect(root: &Value, schema: &Value, path: String, fields: &mut Vec<Field>) {
    let schema = schema["$ref"].as_str().and_then(|r| root.pointer(r.trim_start_matches('#'))).unwrap_or(schema);
    let table = schema["additionalProperties"].as_object();
    if let Some(properties) = schema["properties"].as_object() {
        for (name, part) in properties {
            let step = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            collect(root, part, step, fields);
        }
    } else if let Some(value) = table {
        fields.push(Field { path, free: true, schema: Value::Object(value.clone()) });
    } else {
        fields.push(Field { path, free: false, schema: schema.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_found_by_path() {
        let schema = json!({"properties": {
            "a": {"type": "number", "minimum": 0, "maximum": 5},
            "t": {"properties": {"flag": {"type": "boolean"}, "r": {"$ref": "#/$defs/r"}}},
            "free": {"type": "object", "additionalProperties": {"type": "string", "description": "Dollars."}},
            "list": {"type": "array"}
        }, "$defs": {"r": {"enum": ["x", "y"]}}});
        let fields = Field::all(&schema);
        let shown: Vec<String> = fields.iter().map(Field::shown).collect();
        assert_eq!(shown, ["a", "free.NAME", "list", "t.flag", "t.r"]);
        let accepted = |path: &str| Field::find(&fields, path).map(Field::accepted);
        assert_eq!(accepted("a").as_deref(), Some("a number from 0 up to 5"));
        assert_eq!(accepted("t.flag").as_deref(), Some("true or false"));
        assert_eq!(accepted("t.r").as_deref(), Some("x, y"));
        assert_eq!(accepted("free.vision").as_deref(), Some("Dollars"));
        for unknown in ["", "t", "free", "free.", "freedom", "a.b", "b"] {
            assert_eq!(accepted(unknown), None, "{unknown}");
        }
        let free = Field::find(&fields, "free.a.b").expect("a free name");
        assert_eq!((free.steps("free.a.b"), free.value("1")), (vec!["free", "a.b"], json!("1")));
        assert_eq!(Field::find(&fields, "a").expect("a field").value("1.5"), json!(1.5));
    }
}
