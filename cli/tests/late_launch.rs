//! A launch whose call was never answered is refused when it is sent again, and given up. Then the first call comes
//! through after all: the node is found and ended.

mod common;

use std::sync::Arc;

use common::Desk;
use tradewind_core::plan::Plan;
use tradewind_core::time::Millis;
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::tools::{Reply, get_health};
use tradewind_scheduler::run::{Call, Event, Intent, Run, Script, Step, Told};

/// A run and its time.
struct Stage {
    run: Run,
    at: tradewind_core::time::Time,
}

impl Stage {
    fn tell(&mut self, event: Event) -> Step {
        self.run.tell(&Told { at: self.at, event })
    }

    fn refuse(&mut self, call: &Call, class: Class) -> Step {
        self.tell(Event::Refused(call.id, Refusal::new("TW5013", class, "no", "none")))
    }

    /// Wakes it when it wants to be woken, until it launches nodes.
    fn launch(&mut self) -> Call {
        loop {
            self.at = self.run.next_wake().expect("a launch is planned");
            let calls = self.tell(Event::Woke).calls;
            if let Some(call) = calls.into_iter().find(|c| matches!(c.intent, Intent::Launch { .. })) {
                return call;
            }
        }
    }
}

fn ready(id: &str, at: tradewind_core::time::Time) -> get_health::Event {
    get_health::Event { cursor: 1, at, id: id.to_owned(), what: "ready".to_owned(), detail: String::new() }
}

fn seen(resources: Vec<get_health::Resource>) -> get_health::Reply {
    get_health::Reply { resources, events: Vec::new(), next_cursor: 1, troubles: Vec::new(), next_event_at: None }
}

#[test]
fn a_node_that_comes_after_its_launch_was_given_up_is_ended() {
    let desk = Desk::new("late-launch");
    desk.write("q.jsonl", r#"{"id":"one","vcpus":2,"memory":"4GiB","runtime":"1h","clouds":["aws"]}"#);
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    let plan: Plan = serde_json::from_str(&desk.read("p.json")).expect("a plan");
    let script = Arc::new(Script::new("late", plan).expect("a script"));
    let mut stage = Stage { at: script.begins(), run: Run::new(script) };

    let quotas = stage.tell(Event::Opened(1)).calls;
    quotas.iter().for_each(|call| drop(stage.refuse(call, Class::Denied)));
    let launch = stage.launch();
    let (_, _, control) = stage.run.request(launch.id).expect("it is open");
    let decision = control.expect("a launch changes something").decision.to_string();
    // Nobody answers; sent again, it is refused.
    assert_eq!(stage.refuse(&launch, Class::Unavailable), Step::default());
    assert!(!stage.run.doubts("aws"));
    let again = stage.launch();
    assert_eq!(again.id, launch.id);
    // What is there already is looked for at once: nothing yet.
    let looks = stage.refuse(&again, Class::Capacity).calls;
    assert!(matches!(looks[..], [Call { intent: Intent::Look, .. }]), "{looks:?}");
    assert!(stage.run.doubts("aws"));
    stage.tell(Event::Answered(looks[0].id, Reply::GetHealth(seen(vec![]))));

    // The first call came through: a node is ready that the run does not know.
    stage.at = stage.at + Millis::from_secs(20);
    let at = stage.at;
    let looks = stage.tell(Event::Happened("aws".to_owned(), ready("n-1", at))).calls;
    assert!(matches!(looks[..], [Call { intent: Intent::Look, .. }]), "{looks:?}");
    let late = get_health::Resource {
        id: "n-1".to_owned(),
        kind: "node".to_owned(),
        state: "running".to_owned(),
        place: "us-east-1a".to_owned(),
        owner: "late".to_owned(),
        decision,
        offer: None,
        expires_at: None,
        billed_usd: None,
    };
    let step = stage.tell(Event::Answered(looks[0].id, Reply::GetHealth(seen(vec![late]))));
    assert!(matches!(step.calls[..], [Call { intent: Intent::End { .. }, .. }]), "{step:?}");
    assert_eq!(step.decisions[0].because, "its launch was given up and came late");
    assert_eq!(stage.run.state().unbilled, 1);
}
