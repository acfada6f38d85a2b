//! From the arguments of a request to a call: every argument checked against the tool's schema first.

use std::collections::BTreeMap;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};
use tradewind_core::time::Time;

use crate::approval::{Approval, Claim};
use crate::control::Control;
use crate::provider::{Call, Caller};
use crate::refusal::{Class, Fault, Refusal};
use crate::tools::{Effect, Request, definitions};

/// Key of `_meta`: the caller's time, where it drives the time of a simulated cloud.
pub const NOW: &str = "dev.tradewind/now";
/// Key of `_meta`: a grant by `tradewind mcp approve`, where the client can carry one.
pub const APPROVAL: &str = "dev.tradewind/approval";

/// Faults that are told of one call.
const MOST_FAULTS: usize = 20;
/// Deepest nesting of arguments.
const MOST_DEPTH: usize = 16;

/// Reads the arguments of all tools.
pub(super) struct Reader {
    tools: BTreeMap<&'static str, Reads>,
    caller: Caller,
}

/// How the arguments of one tool are checked.
struct Reads {
    schema: Validator,
    effect: Effect,
    fields: Vec<String>,
}

impl Reads {
    fn new(schema: Map<String, Value>, effect: Effect) -> Self {
        let fields = schema.get("properties").and_then(Value::as_object);
        let fields = fields.into_iter().flat_map(|p| p.keys().cloned()).collect();
        let schema = jsonschema::validator_for(&Value::Object(schema)).expect("the schemas of tools are tested");
        Self { schema, effect, fields }
    }
}

impl Reader {
    pub fn new(caller: Caller) -> Self {
        let reads = definitions().into_iter().map(|d| (d.name, Reads::new(d.input, d.effect)));
        Self { tools: reads.collect(), caller }
    }

    /// The same with tools beside ours that only read: their names and schemas.
    #[cfg(debug_assertions)]
    pub fn beside(mut self, tools: impl Iterator<Item = (&'static str, Map<String, Value>)>) -> Self {
        self.tools.extend(tools.map(|(name, schema)| (name, Reads::new(schema, Effect::Reads))));
        self
    }

    /// Whether there is a tool of that name.
    pub fn knows(&self, tool: &str) -> bool {
        self.tools.contains_key(tool)
    }

    /// Who calls, where the connection does not say.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The call that the arguments and `_meta` of a known tool make.
    ///
    /// # Errors
    /// `TW5001` without a key, `TW5006` beyond the limits of a call, else `TW5000` with a pointer to each fault.
    pub fn read(&self, tool: &str, arguments: Map<String, Value>, meta: &Map<String, Value>) -> Result<Call, Refusal> {
        let reads = &self.tools[tool];
        let arguments = Value::Object(arguments);
        if depth(&arguments) > MOST_DEPTH {
            let message = format!("nested deeper than {MOST_DEPTH}");
            return Err(Refusal::arguments(vec![Fault { pointer: String::new(), message }]));
        }
        self.check(reads, &arguments)?;
        let (own, control) = apart(arguments, reads.effect).map_err(|e| at_root(&e))?;
        let request = match Request::read(tool, own) {
            Some(Ok(request)) => request,
            Some(Err(error)) => return Err(at_root(&error)),
            None => unreachable!("the tool is listed"),
        };
        let now = now(meta)?;
        let caller = self.caller.clone();
        let trace = meta.get("traceparent").and_then(Value::as_str).map(str::to_owned);
        let grant = meta.get(APPROVAL).and_then(Value::as_str);
        let approval = grant.map_or(Approval::None, |g| Approval::Claimed(Claim::Grant(g.to_owned())));
        Ok(Call { request, control, caller, now, trace, approval })
    }

    fn check(&self, reads: &Reads, arguments: &Value) -> Result<(), Refusal> {
        if reads.effect == Effect::Changes && arguments.get("idempotency_key").is_none() {
            let help = "make one for each thing you want done, and send it again with every retry";
            return Err(Refusal::new("TW5001", Class::Invalid, "idempotency_key is required", help));
        }
        if reads.schema.is_valid(arguments) {
            return Ok(());
        }
        let errors: Vec<_> = reads.schema.iter_errors(arguments).take(MOST_FAULTS).collect();
        let beyond = |e: &jsonschema::ValidationError<'_>| {
            let range = matches!(e.kind, ValidationErrorKind::Maximum { .. } | ValidationErrorKind::Minimum { .. });
            range && ["/ttl_s", "/count"].contains(&e.instance_path.to_string().as_str())
        };
        let is_limit = errors.iter().all(beyond);
        let faults = errors.iter().map(|e| fault(e, &reads.fields)).collect();
        let refusal = Refusal::arguments(faults);
        if is_limit {
            let help = "ttl_s is 60 to 604800 (7 days), count 1 to 1000 a call";
            return Err(Refusal { code: "TW5006".into(), help: help.to_owned(), ..refusal });
        }
        Err(refusal)
    }
}

/// The tool's own arguments, and the control that is among them.
fn apart(arguments: Value, effect: Effect) -> serde_json::Result<(Value, Option<Control>)> {
    let Value::Object(mut own) = arguments else { return Ok((arguments, None)) };
    if effect == Effect::Reads {
        return Ok((Value::Object(own), None));
    }
    let control: Map<String, Value> = Control::FIELDS.iter().filter_map(|f| own.remove_entry(*f)).collect();
    let control = serde_json::from_value(Value::Object(control))?;
    Ok((Value::Object(own), Some(control)))
}

/// The caller's time, where it drives the world's.
///
/// # Errors
/// `TW5000` for what is no time.
pub(super) fn now(meta: &Map<String, Value>) -> Result<Option<Time>, Refusal> {
    let Some(value) = meta.get(NOW) else { return Ok(None) };
    let time =
        value.as_str().ok_or_else(|| "not a string".to_owned()).and_then(|t| t.parse().map_err(|e| format!("{e}")));
    let pointer = format!("/_meta/{}", NOW.replace('/', "~1"));
    time.map(Some).map_err(|message: String| Refusal::arguments(vec![Fault { pointer, message }]))
}

/// What the schema admits and the types do not, such as a money amount that is no number.
fn at_root(error: &serde_json::Error) -> Refusal {
    Refusal::arguments(vec![Fault { pointer: String::new(), message: error.to_string() }])
}

/// A fault with the place it is at; of an unknown field the field itself, with the nearest that exists.
fn fault(error: &jsonschema::ValidationError<'_>, fields: &[String]) -> Fault {
    let place = error.instance_path.to_string();
    match &error.kind {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let name = unexpected.first().cloned().unwrap_or_default();
            let near = fields.iter().map(|f| (strsim::damerau_levenshtein(&name, f), f)).min();
            let hint = near.filter(|(d, _)| *d <= 3).map_or(String::new(), |(_, f)| format!("; did you mean {f:?}?"));
            Fault { pointer: format!("{place}/{name}"), message: format!("unknown field{hint}") }
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            Fault { pointer: format!("{place}/{name}"), message: "required".to_owned() }
        }
        _ => Fault { pointer: place, message: shortened(&error.to_string()) },
    }
}

/// A value that is repeated to the caller is cut: it may be long.
fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    let cut: String = text.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if cut.len() < text.len() { format!("{cut}...") } else { cut }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
