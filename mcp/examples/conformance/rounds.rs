//! Fixtures that ask in their result, in one round or more; the round is in the sealed state.

use std::collections::BTreeMap;

use rmcp::ErrorData;
use rmcp::model::{InputRequests, InputRequiredResult, InputResponses, JsonObject, RequestStateCodec};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;

/// What is asked, by name and round.
pub struct Rounds {
    asks: BTreeMap<String, Vec<JsonObject>>,
    codec: RequestStateCodec,
}

/// The next question, or what to say at the end.
type Next = Result<InputRequiredResult, String>;

impl Rounds {
    /// Of a table.
    pub fn new(asks: BTreeMap<String, Vec<JsonObject>>) -> Self {
        Self { asks, codec: RequestStateCodec::new_unchecked(*b"a key of the suite, for 1 run...") }
    }

    /// Whether something asks.
    pub fn has(&self, name: &str) -> bool {
        self.asks.contains_key(name)
    }

    /// What comes next.
    ///
    /// # Errors
    /// A state that was tampered with.
    pub fn next(
        &self,
        name: &str,
        answers: Option<&InputResponses>,
        state: Option<&str>,
        context: &RequestContext<RoleServer>,
    ) -> Result<Next, ErrorData> {
        let round = match state {
            Some(state) => {
                self.codec.open_json::<usize>(state).map_err(|e| ErrorData::invalid_params(e.to_string(), None))?
            }
            None => 0,
        };
        let rounds = &self.asks[name];
        let asked = rounds.get(round).ok_or_else(|| ErrorData::invalid_params("no such round", None))?;
        let is_answered = answers.is_some_and(|given| asked.iter().all(|(key, ask)| answers_it(given.get(key), ask)));
        match (is_answered, rounds.get(round + 1)) {
            (false, _) => self.ask(asked, round, context),
            (true, Some(more)) => self.ask(more, round + 1, context),
            (true, None) => {
                let told = serde_json::to_string(&answers).unwrap_or_default();
                let name = answers.and_then(|a| a.get("user_name")).and_then(|a| a["content"]["name"].as_str());
                Ok(Err(format!("Hello, {}! state-ok: {told}", name.unwrap_or("you"))))
            }
        }
    }

    /// Asks, but for what the client cannot do.
    fn ask(&self, asks: &JsonObject, round: usize, context: &RequestContext<RoleServer>) -> Result<Next, ErrorData> {
        let can = context.client_capabilities().and_then(|c| serde_json::to_value(c).ok()).unwrap_or_default();
        let is_able = |ask: &Value| {
            let ability = ask["method"].as_str().and_then(|m| m.split('/').next()).unwrap_or_default();
            can.get(ability).is_some()
        };
        let mut able: JsonObject = asks.clone();
        able.retain(|_, ask| is_able(ask));
        // A client that says of nothing that it can do it is asked all the same: so the suite asks for it.
        let asks = if able.is_empty() { asks.clone() } else { able };
        let broken = |e: &dyn std::fmt::Display| ErrorData::internal_error(e.to_string(), None);
        let asks: InputRequests = serde_json::from_value(Value::Object(asks)).map_err(|e| broken(&e))?;
        let state = self.codec.seal_json(&round).map_err(|e| broken(&e))?;
        Ok(Ok(InputRequiredResult::new(Some(asks), Some(state))))
    }
}

/// Whether something is an answer of the kind that was asked for.
fn answers_it(answer: Option<&Value>, ask: &Value) -> bool {
    let Some(answer) = answer else { return false };
    match ask["method"].as_str() {
        Some("elicitation/create") => {
            answer["action"].is_string() && (answer["action"] != "accept" || answer["content"].is_object())
        }
        Some("roots/list") => answer["roots"].is_array(),
        _ => answer.get("content").is_some(),
    }
}
