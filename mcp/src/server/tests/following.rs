//! Calls that ask for progress where time runs by itself: told on the way, answered at the end, undone when given up.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use rmcp::handler::client::ClientHandler;
use rmcp::model::{
    CallToolRequest, CancelledNotificationParam, ClientRequest, ProgressNotificationParam, ServerResult,
};
use rmcp::service::{NotificationContext, PeerRequestOptions};
use tradewind_core::time::{Millis, Time};

use super::*;
use crate::layers::{Idempotency, Register, Wait};

/// The machine's time: each pause takes the world a minute on, where it may go on.
struct Turning {
    cloud: Arc<Simulated>,
    elapsed: AtomicI64,
    /// Whether the world stands still.
    is_stuck: bool,
}

impl Timer for Turning {
    fn now(&self) -> Time {
        Time::from_ms(self.elapsed.load(Ordering::Relaxed))
    }

    fn wait(&self, time: Millis) -> Wait<'_> {
        Box::pin(async move {
            self.elapsed.fetch_add(time.get(), Ordering::Relaxed);
            if self.is_stuck {
                // Time enough for the other side to say something.
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            } else {
                self.cloud.pass(self.cloud.now() + Millis::from_secs(60)).expect("in memory");
            }
        })
    }
}

/// Hears of progress.
#[derive(Clone, Default)]
struct Hears(Arc<Mutex<Vec<(f64, Option<f64>, String)>>>);

impl ClientHandler for Hears {
    async fn on_progress(&self, notice: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        let told = (notice.progress, notice.total, notice.message.unwrap_or_default());
        self.0.lock().expect("one test").push(told);
    }
}

/// A cloud whose time runs, a client of it, what it heard, and the time.
struct Desk {
    cloud: Arc<Simulated>,
    client: RunningService<RoleClient, Hears>,
    hears: Hears,
    timer: Arc<Turning>,
}

async fn desk(lifecycle: ClientLifecycleMode, is_stuck: bool) -> Desk {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
    let cloud = Arc::new(cloud);
    let timer = Arc::new(Turning { cloud: cloud.clone(), elapsed: AtomicI64::new(0), is_stuck });
    let register = Arc::new(Register::in_memory().expect("a register"));
    let keyed = Idempotency::new(cloud.clone(), register, timer.clone());
    let caller = Caller { name: "test".to_owned(), role: "operator".to_owned(), drives_time: false };
    let server = Server::new(names.cloud, Arc::new(keyed), caller).with_timer(timer.clone());
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    tokio::spawn(async move { server.serve(ours).await.expect("a client").waiting().await });
    let hears = Hears::default();
    let client = hears.clone().serve_with_lifecycle(theirs, lifecycle).await.expect("a server");
    Desk { cloud, client, hears, timer }
}

impl Desk {
    /// Sends a call; rmcp's client asks for progress of every request.
    async fn begin(&self, tool: &'static str, own: Value) -> rmcp::service::RequestHandle<RoleClient> {
        let mut arguments = json!({"idempotency_key": "k-1", "owner": "test", "ttl_s": 86_400, "epoch": 1,
            "decision": "a-1/0/0/launch", "region": "us-east-1", "instance_type": "m5.large"});
        arguments.as_object_mut().expect("an object").extend(own.as_object().expect("an object").clone());
        let arguments = arguments.as_object().cloned().expect("an object");
        let request = CallToolRequest::new(CallToolRequestParams::new(tool).with_arguments(arguments));
        let request = ClientRequest::CallToolRequest(request);
        self.client.send_cancellable_request(request, PeerRequestOptions::no_options()).await.expect("sent")
    }

    async fn call(&self, tool: &'static str, own: Value) -> Value {
        let result = self.begin(tool, own).await.await_response().await.expect("a result");
        let ServerResult::CallToolResult(result) = result else { panic!("{result:?}") };
        result.structured_content.expect("a reply")
    }

    fn nodes(&self) -> Vec<String> {
        self.cloud.world().inventory().into_iter().filter(|r| r.kind == "node").map(|r| r.state).collect()
    }
}

#[tokio::test]
async fn progress_is_told_and_the_answer_comes_when_the_nodes_are_up() {
    for lifecycle in [ClientLifecycleMode::Initialize, modern()] {
        for tool in ["provision_compute", "launch_spot"] {
            let desk = desk(lifecycle.clone(), false).await;
            let reply = desk.call(tool, json!({"count": 3})).await;
            let nodes = reply["nodes"].as_array().expect("nodes");
            assert!(nodes.len() == 3 && nodes.iter().all(|n| n["state"] == "running"), "{reply}");
            let heard = desk.hears.0.lock().expect("one test").clone();
            assert_eq!(heard.first(), Some(&(0.0, Some(3.0), "0 of 3 nodes are up".to_owned())));
            assert_eq!(heard.last(), Some(&(3.0, Some(3.0), "3 of 3 nodes are up".to_owned())));
            assert!(heard.windows(2).all(|two| two[0].0 < two[1].0), "{heard:?}");
        }
    }
}

#[tokio::test]
async fn a_model_is_followed_into_service() {
    let desk = desk(modern(), false).await;
    let reply = desk.call("deploy_model", json!({"endpoint": "e", "model": "m", "traffic_percent": 100})).await;
    assert_eq!(reply["variants"][0]["in_service"], true, "{reply}");
    let heard: Vec<String> = desk.hears.0.lock().expect("one test").iter().map(|h| h.2.clone()).collect();
    assert_eq!(heard, ["0 of 1 models are in service", "1 of 1 models are in service"]);
}

#[tokio::test]
async fn nobody_waits_longer_than_clients_have_patience() {
    let desk = desk(modern(), true).await;
    let reply = desk.call("provision_compute", json!({})).await;
    assert_eq!(reply["nodes"][0]["state"], "pending", "told as it is");
    assert_eq!(desk.timer.elapsed.load(Ordering::Relaxed), 45_000);
    assert_eq!(desk.nodes(), ["pending"], "and it goes on");
}

#[tokio::test]
async fn what_is_given_up_is_undone_and_the_same_key_says_so() {
    for tool in ["provision_compute", "launch_spot"] {
        let desk = desk(ClientLifecycleMode::Initialize, true).await;
        let begun = desk.begin(tool, json!({"count": 2})).await;
        until(|| desk.nodes().len() == 2).await;
        let notice = CancelledNotificationParam::new(Some(begun.id.clone()), Some("changed my mind".to_owned()));
        desk.client.notify_cancelled(notice).await.expect("sent");
        // Who cancels gets no answer; what is there says it.
        until(|| desk.nodes().is_empty()).await;
        let again = desk.call(tool, json!({"count": 2})).await;
        assert_eq!(again["replayed"], true, "{again}");
        assert!(desk.nodes().is_empty(), "nothing is launched again");
    }
}

#[tokio::test]
async fn a_model_that_is_given_up_is_rolled_back_and_its_neighbour_keeps_the_traffic() {
    let desk = desk(ClientLifecycleMode::Initialize, true).await;
    let deploy = |model: &str, key: &str, percent: u8| json!({"endpoint": "e", "model": model, "traffic_percent": percent, "idempotency_key": key});
    desk.call("deploy_model", deploy("old", "k-1", 100)).await;
    let begun = desk.begin("deploy_model", deploy("new", "k-2", 5)).await;
    until(|| is_shared(&desk.cloud)).await;
    let notice = CancelledNotificationParam::new(Some(begun.id.clone()), None);
    desk.client.notify_cancelled(notice).await.expect("sent");
    until(|| !is_shared(&desk.cloud)).await;
    let reply = desk.call("deploy_model", deploy("old", "k-3", 100)).await;
    let shares: Vec<&Value> = reply["variants"].as_array().expect("variants").iter().collect();
    assert!(shares.len() == 1 && shares[0]["traffic_percent"] == 100, "{reply}");
}

/// Waits until something is so, at most some seconds.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..5_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    panic!("it never is so");
}

/// Whether two models share an endpoint.
fn is_shared(cloud: &Simulated) -> bool {
    serde_json::to_value(cloud.world()).expect("a world")["endpoints"]["e"]["models"].as_array().map_or(0, Vec::len)
        == 2
}

#[tokio::test]
async fn who_drives_the_time_is_answered_at_once() {
    let (cloud, client) = connected(Names::all()[0], modern()).await;
    let result = call(&client, "provision_compute", &script(Names::all()[0])[2].1).await;
    assert_eq!(result.structured_content.expect("a reply")["nodes"][0]["state"], "pending");
    assert_eq!(cloud.world().inventory().len(), 1);
}
