//! Asking the person at the client: as a request for input where the client speaks 2026-07-28, as an elicitation where
//! it speaks an older revision and can show forms. Who can do neither reads the ticket in the refusal.

use std::collections::BTreeMap;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ClientCapabilities, ElicitRequest, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationSchema, InputRequest, InputRequiredResult, ProtocolVersion,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;

use crate::approval::{Approval, Claim, OPEN_FOR, Wanted};

/// The name under which the question stands among the requests for input.
const QUESTION: &str = "approval";
/// The field of the form.
const NAME: &str = "approver";

/// How a client can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// In the result of its own request.
    ByResult,
    /// By a request to it.
    ByRequest,
    /// Not at all.
    Not,
}

/// How this client can be asked.
pub(super) fn asks(context: &RequestContext<RoleServer>) -> Asks {
    let shows_forms = |c: &ClientCapabilities| {
        // A client that names no mode shows forms: there was nothing else before the modes.
        c.elicitation.as_ref().is_some_and(|e| e.form.is_some() || e.url.is_none())
    };
    if !context.client_capabilities().as_ref().is_some_and(shows_forms) {
        return Asks::Not;
    }
    match context.protocol_version() {
        Some(version) if version.as_str() >= ProtocolVersion::V_2026_07_28.as_str() => Asks::ByResult,
        Some(_) => Asks::ByRequest,
        None => Asks::Not,
    }
}

/// The question as the result of a call: the client asks, and calls again.
pub(super) fn by_result(tool: &str, wanted: &Wanted) -> CallToolResponse {
    let question = InputRequest::Elicitation(ElicitRequest::new(form(tool, wanted)));
    let questions = BTreeMap::from([(QUESTION.to_owned(), question)]);
    InputRequiredResult::new(Some(questions), Some(wanted.state.clone())).into()
}

/// The question as a request to the client; what it answers. Nothing where it does not.
pub(super) async fn by_request(context: &RequestContext<RoleServer>, tool: &str, wanted: &Wanted) -> Approval {
    let patience = Duration::from_millis(OPEN_FOR.get().unsigned_abs());
    let asked = context.peer.create_elicitation_with_timeout(form(tool, wanted), Some(patience)).await;
    asked.map_or(Approval::None, |answer| claim(&wanted.state, answer))
}

/// What the answers that came with a call claim; nothing where there are none.
pub(super) fn answered(request: &CallToolRequestParams) -> Approval {
    let answer = request.input_responses.as_ref().and_then(|answers| answers.get(QUESTION));
    let answer = answer.and_then(|a| serde_json::from_value::<ElicitResult>(a.clone()).ok());
    match (answer, &request.request_state) {
        (Some(answer), Some(state)) => claim(state, answer),
        _ => Approval::None,
    }
}

fn claim(state: &str, answer: ElicitResult) -> Approval {
    if answer.action != ElicitationAction::Accept {
        return Approval::Claimed(Claim::Declined);
    }
    let name = answer.content.as_ref().and_then(|c| c.get(NAME)).and_then(Value::as_str).unwrap_or_default();
    Approval::Claimed(Claim::Answer { state: state.to_owned(), by: name.to_owned() })
}

/// What the person sees. The names in it are data of the caller: they stand after our own words.
fn form(tool: &str, wanted: &Wanted) -> ElicitRequestParams {
    let message = format!("Approve {tool} (ticket {})? {}", wanted.ticket, wanted.reasons.join("; "));
    let requested_schema = ElicitationSchema::builder().required_string(NAME).build().unwrap_or_else(|e| {
        unreachable!("a form of one field is a schema: {e}");
    });
    ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema }
}
