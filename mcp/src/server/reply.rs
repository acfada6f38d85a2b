//! From an outcome to the result of a tool: `isError` is always true to it.

use rmcp::model::{CallToolResult, MetaObject};
use serde_json::{Map, Value, json};
use tradewind_core::time::Time;

use crate::provider::{Answer, Outcome};
use crate::refusal::{Class, Refusal};

/// Key of `_meta`: what is worth knowing of how the call was done.
const NOTE: &str = "dev.tradewind/note";

/// The result; `asked` is the time at which the caller believed the world to be.
pub(super) fn result(outcome: Outcome, asked: Option<Time>) -> CallToolResult {
    match outcome.and_then(|answer| Ok((structured(&answer)?, answer.at))) {
        Ok((value, at)) => {
            let mut result = CallToolResult::structured(value);
            if let Some(asked) = asked.filter(|asked| *asked < at) {
                let note = format!("done at {at}: the world is past {asked}, and time does not go back");
                result.meta = Some(MetaObject(Map::from_iter([(NOTE.to_owned(), Value::String(note))])));
            }
            result
        }
        Err(refusal) => CallToolResult::structured_error(json!({ "error": refusal })),
    }
}

/// The reply with its envelope.
pub(super) fn structured(answer: &Answer) -> Result<Value, Refusal> {
    let broken = |e: serde_json::Error| {
        let help = "this is a defect of Tradewind: please report it";
        Refusal::new("TW0001", Class::Unavailable, format!("the reply cannot be written: {e}"), help)
    };
    let mut value = answer.reply.to_value().map_err(broken)?;
    if let Value::Object(object) = &mut value {
        object.insert("at".to_owned(), Value::String(answer.at.to_string()));
        object.insert("replayed".to_owned(), Value::Bool(answer.replayed));
    }
    Ok(value)
}
