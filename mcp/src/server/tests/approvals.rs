//! The question reaches the person at the client on both wires, and who cannot be asked gets a ticket.

use rmcp::model::{
    ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationCapability,
};
use rmcp::service::RequestContext;
use rmcp::{ClientHandler, ErrorData};
use tradewind_core::clock::FixedClock;
use tradewind_core::time::Time;

use super::*;
use crate::approval::Approvals;
use crate::layers::{Approval, Policy, Register};

/// A person at a client.
#[derive(Clone)]
struct Person {
    /// What the client can show.
    shows_forms: bool,
    /// What they do with a form.
    answer: ElicitResult,
}

impl Person {
    fn says(name: &str) -> Self {
        let answer = ElicitResult::new(ElicitationAction::Accept).with_content(json!({"approver": name}));
        Self { shows_forms: true, answer }
    }
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let mut info = ClientConfig::default();
        let mut can = ClientCapabilities::default();
        can.elicitation = self.shows_forms.then(ElicitationCapability::new);
        info.capabilities = can;
        info
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, requested_schema, .. } = request else {
            panic!("a form: {request:?}");
        };
        assert!(message.starts_with("Approve failover_route (ticket ") && message.contains("P007"), "{message}");
        assert_eq!(requested_schema.required.as_deref(), Some(&["approver".to_owned()][..]));
        Ok(self.answer.clone())
    }
}

/// What comes of withdrawing a route, on a wire, with a person at the client.
async fn withdrawn(person: Person, lifecycle: ClientLifecycleMode) -> CallToolResult {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
    let policy = Policy::new(cloud, names.cloud, &[]).expect("our rules");
    let approvals = Approvals::in_memory(Arc::new(FixedClock(Time::from_ms(0)))).expect("randomness");
    let asking = Approval::new(policy, approvals, Arc::new(Register::in_memory().expect("memory")));
    let caller = Caller { name: "agent".to_owned(), role: "operator".to_owned(), drives_time: false };
    let server = Server::new(names.cloud, Arc::new(asking), caller);
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    tokio::spawn(async move { server.serve(ours).await.expect("a client").waiting().await });
    let client = person.serve_with_lifecycle(theirs, lifecycle).await.expect("a server");
    let mut result = None;
    for state in ["present", "absent"] {
        let arguments = json!({"route": "api.example", "targets": [{"host": "a.example", "weight": 1}], "state": state,
            "idempotency_key": state, "owner": "me", "ttl_s": 3600, "epoch": 1, "decision": "a/0/0/route"});
        let params = CallToolRequestParams::new("failover_route")
            .with_arguments(arguments.as_object().cloned().expect("an object"));
        result = Some(client.call_tool(params).await.expect("a result"));
    }
    client.cancel().await.expect("it leaves");
    result.expect("two calls")
}

#[tokio::test]
async fn a_person_is_asked_on_both_wires() {
    for lifecycle in [ClientLifecycleMode::Initialize, modern()] {
        let done = withdrawn(Person::says("Ada"), lifecycle.clone()).await;
        assert_eq!(done.is_error, Some(false), "{done:?}");
        let own = withdrawn(Person::says("agent"), lifecycle.clone()).await;
        assert_eq!(own.structured_content.expect("an error")["error"]["code"], "TW5020", "nobody approves their own");
        let no = Person { answer: ElicitResult::new(ElicitationAction::Decline), ..Person::says("") };
        let declined = withdrawn(no, lifecycle).await.structured_content.expect("an error");
        assert_eq!(declined["error"]["message"], "the approval does not hold: it was declined");
    }
}

#[tokio::test]
async fn who_cannot_be_asked_gets_a_ticket_and_no_state() {
    for lifecycle in [ClientLifecycleMode::Initialize, modern()] {
        let silent = Person { shows_forms: false, ..Person::says("Ada") };
        let error = withdrawn(silent, lifecycle).await.structured_content.expect("an error")["error"].take();
        let ticket = error["approval"]["ticket"].as_str().expect("a ticket").to_owned();
        assert!(error["help"].as_str().expect("help").contains(&format!("tradewind mcp approve {ticket}")), "{error}");
        assert_eq!((&error["code"], error["approval"].get("state")), (&json!("TW5019"), None), "{error}");
    }
}
