//! A job as a task: followed in the world's time, cancelled, and unknown to clients that do not know tasks.

use rmcp::ClientHandler;
use rmcp::model::{
    CallToolResponse, CancelTaskParams, ClientCapabilities, ClientConfig, DetailedTask, GetTaskParams, JsonObject,
    MetaObject, RequestMetaObject, RequestParamsMeta, TaskPayload, TaskStatus,
};
use tradewind_core::time::{Millis, Time};

use super::*;
use crate::server::tasks::Asked;

/// A client that knows tasks.
#[derive(Clone)]
struct Patient;

impl ClientHandler for Patient {
    fn get_info(&self) -> ClientConfig {
        let mut info = ClientConfig::default();
        info.capabilities = ClientCapabilities::builder().enable_tasks().build();
        info
    }
}

/// A client that knows tasks, of a cloud.
async fn patient(lifecycle: ClientLifecycleMode) -> RunningService<RoleClient, Patient> {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
    let caller = Caller { name: "me".to_owned(), role: "operator".to_owned(), drives_time: true };
    let server = Server::new(names.cloud, Arc::new(cloud), caller);
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    tokio::spawn(async move { server.serve(ours).await.expect("a client").waiting().await });
    Patient.serve_with_lifecycle(theirs, lifecycle).await.expect("a server")
}

/// A job of about ten minutes on a managed machine.
fn job() -> CallToolRequestParams {
    let names = Names::all()[0];
    let managed = json!({"region": names.region, "instance_type": names.small, "count": 1});
    let arguments = json!({"name": "j", "managed": managed, "runtime_p50_s": 600, "idempotency_key": "k", "owner": "me",
        "ttl_s": 86_400, "epoch": 1, "decision": "a/0/0/submit"});
    CallToolRequestParams::new("submit_ml_job").with_arguments(arguments.as_object().cloned().expect("an object"))
}

/// A caller's time.
fn at(now: Time) -> RequestMetaObject {
    RequestMetaObject(MetaObject(JsonObject::from_iter([(NOW.to_owned(), json!(now.to_string()))])))
}

/// What became of a task, looked at so many hours after it began.
async fn looked(client: &RunningService<RoleClient, Patient>, task: &str, began: Time, hours: i64) -> DetailedTask {
    let mut params = GetTaskParams::new(task);
    params.set_meta(at(began + Millis::from_hours(hours)));
    client.get_task(params).await.expect("a task").task
}

/// The task of the job, and when it began.
async fn begun(client: &RunningService<RoleClient, Patient>) -> (String, Time) {
    let mut params = job();
    params.set_meta(at(Names::all()[0].market().as_of));
    match client.call_tool_once(params).await.expect("a result") {
        CallToolResponse::Task(created) => (created.task.task_id, created.task.created_at.parse().expect("a time")),
        other => panic!("a task: {other:?}"),
    }
}

#[tokio::test]
async fn a_job_is_followed_to_its_end_in_the_worlds_time() {
    let client = patient(modern()).await;
    let (task, began) = begun(&client).await;
    assert_eq!(begun(&client).await.0, task, "the same call is the same task");
    let early = looked(&client, &task, began, 0).await;
    assert_eq!((early.status(), &early.payload), (TaskStatus::Working, &TaskPayload::Working));
    let TaskPayload::Completed { result } = looked(&client, &task, began, 12).await.payload else { panic!("over") };
    let reply = &result["structuredContent"];
    assert_eq!((&reply["state"], &result["isError"]), (&json!("succeeded"), &json!(false)), "{reply}");
    assert_eq!(reply["remaining_ms"], 0, "{reply}");
    assert!(reply["ended_at"].is_string() && reply["billed_usd"].is_string(), "{reply}");
}

#[tokio::test]
async fn a_cancelled_task_is_a_cancelled_job() {
    let client = patient(modern()).await;
    let (task, began) = begun(&client).await;
    for _ in 0..2 {
        client.cancel_task(CancelTaskParams::new(&task)).await.expect("told twice, done once");
    }
    assert_eq!(looked(&client, &task, began, 0).await.status(), TaskStatus::Cancelled);
    let unknown = client.get_task(GetTaskParams::new("no-such")).await.expect_err("unknown");
    assert!(unknown.to_string().contains("-32602"), "{unknown}");
}

#[tokio::test]
async fn who_does_not_know_tasks_gets_the_answer() {
    let (_, client) = connected(Names::all()[0], modern()).await;
    let reply = client.call_tool(job()).await.expect("a result").structured_content.expect("a reply");
    assert_eq!(reply["job_id"].is_string(), true, "{reply}");
    client.get_task(GetTaskParams::new("any")).await.expect_err("it did not say that it knows tasks");
}

/// It would wait for ever on a world that nobody moves, and the older revision has no tasks.
#[tokio::test]
async fn who_cannot_follow_a_task_gets_the_answer() {
    for (lifecycle, drives) in [(modern(), false), (ClientLifecycleMode::Initialize, true)] {
        let client = patient(lifecycle).await;
        let mut params = job();
        if drives {
            params.set_meta(at(Names::all()[0].market().as_of));
        }
        let told = client.call_tool_once(params).await.expect("a result");
        assert!(matches!(told, CallToolResponse::Complete(_)), "{told:?}");
    }
}

/// The id of a task is no key to it: another caller learns nothing.
#[tokio::test]
async fn tasks_are_their_callers_own() {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
    let caller = |name: &str| Caller { name: name.to_owned(), role: "operator".to_owned(), drives_time: true };
    let arguments = job().arguments.expect("arguments");
    let call = Reader::new(caller("me")).read("submit_ml_job", arguments, &JsonObject::new()).expect("a call");
    let answer = cloud.call(&call).await.expect("an answer");
    let tasks = Tasks::default();
    let id = tasks.begun(&call, &answer).expect("a task").task_id;
    let asks = |name: &str| Asked { id: &id, caller: caller(name), now: None };
    tasks.look(&asks("me"), &cloud).await.expect("one's own");
    let told = tasks.look(&asks("you"), &cloud).await.expect_err("another's");
    assert_eq!(told.code, ErrorCode::INVALID_PARAMS);
    tasks.cancel(&asks("you"), &cloud).await.expect_err("another's");
}
