use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tradewind_core::job::{Job, Runtime};
use tradewind_core::resources::Resources;
use tradewind_core::time::{Millis, Time};

use super::book::{Book, Shares};
use super::intake::{Count, take};
use super::store::{Store, StoreError};
use crate::run::Share;

/// A folder that goes with the test.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("tradewind-watch-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("in")).expect("a folder");
        Self(folder)
    }

    fn store(&self) -> Store {
        Store::open(&self.0.join("watch.db")).expect("a store")
    }

    fn drop(&self, name: &str, text: &str) {
        fs::write(self.0.join("in").join(name), text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join("in").join(name)).unwrap_or_default()
    }

    fn take(&self, store: &mut Store) -> Count {
        take(store, &self.0.join("in"), Time::from_ms(0), &reader).expect("taken")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn job(id: &str, count: u32, after: &[&str]) -> Job {
    let runtime = Runtime { p50: Millis::HOUR, p95: Millis::HOUR };
    let demand = Resources { vcpu_milli: 1000, memory_mib: 1024, gpu_milli: 0 };
    let depends_on = after.iter().map(|a| (*a).to_owned()).collect();
    Job { count, depends_on, ..Job::new(id, demand, runtime) }
}

/// A line is an id and a count.
fn reader(_: &str, _: u64, text: &str) -> Result<Job, Value> {
    let (id, count) = text.trim().split_once(' ').ok_or_else(|| json!("no count"))?;
    Ok(job(id, count.parse().map_err(|_| json!("no number"))?, &[]))
}

fn count(accepted: u64, known: u64, refused: u64) -> Count {
    Count { accepted, known, refused }
}

#[test]
fn whole_lines_are_taken_once_however_the_file_grows() {
    let (desk, mut growing) = (Desk::new("grows"), String::new());
    let mut store = desk.store();
    // Cut in the middle of a line: what has no end is not there yet.
    for (text, expected) in [("a 1\nb", 1), (" 2\n", 1), ("c 3\nd 4\n", 2), ("e", 0)] {
        growing.push_str(text);
        desk.drop("q.jsonl", &growing);
        assert_eq!(desk.take(&mut store), count(expected, 0, 0), "{growing:?}");
    }
    assert_eq!(desk.read("q.jsonl.ack").lines().count(), 4);
    assert_eq!(desk.take(&mut store), Count::default());
    // The same jobs in another file, and the file again, shorter.
    desk.drop("again.jsonl", "b 2\na 1\n");
    desk.drop("q.jsonl", "d 4\n");
    assert_eq!(desk.take(&mut store), count(0, 3, 0));
}

#[test]
fn bad_lines_and_other_jobs_of_an_id_are_put_aside() {
    let desk = Desk::new("bad");
    let mut store = desk.store();
    desk.drop("q.jsonl", "a 1\nnonsense\n\na 2\nb 1\n");
    assert_eq!(desk.take(&mut store), count(2, 0, 2));
    let bad = desk.read("q.jsonl.bad");
    assert!(bad.contains(r#""line":2"#) && bad.contains("nonsense"), "{bad}");
    assert!(bad.contains("TW4031") && bad.contains(r#""line":4"#), "{bad}");
    let ids: Vec<String> = store.jobs_after(0).expect("a store").into_iter().map(|(_, kept)| kept.job).collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn what_was_said_is_said_again_to_the_same_bytes() {
    let desk = Desk::new("again");
    let mut store = desk.store();
    desk.drop("q.jsonl", "a 1\n");
    desk.take(&mut store);
    let before = desk.read("q.jsonl.ack");
    // Committed, and killed half-way through saying it.
    let change = store.change().expect("a store");
    change.say("q.jsonl.ack", "second\n").expect("room");
    change.commit().expect("room");
    fs::write(desk.0.join("in/q.jsonl.ack"), format!("{before}sec")).expect("a file");
    drop(store);
    let mut store = desk.store();
    super::outbox::deliver(&mut store, &desk.0.join("in")).expect("said");
    assert_eq!(desk.read("q.jsonl.ack"), format!("{before}second\n"));
    assert!(store.unsaid().expect("a store").is_empty());
}

#[test]
fn what_was_not_committed_was_not_taken_and_a_store_has_one_holder() {
    let desk = Desk::new("held");
    let mut store = desk.store();
    desk.drop("q.jsonl", "a 1\n");
    let change = store.change().expect("a store");
    change.say("x", "never").expect("room");
    drop(change);
    assert!(store.unsaid().expect("a store").is_empty());
    assert!(matches!(Store::open(&desk.0.join("watch.db")), Err(StoreError::Held)));
}

#[test]
fn a_job_is_planned_when_what_it_waits_for_is_done_or_planned_with_it() {
    let desk = Desk::new("book");
    let mut store = desk.store();
    let change = store.change().expect("a store");
    for (id, count, after) in [("a", 3, &[][..]), ("b", 1, &["a"]), ("c", 1, &["elsewhere"]), ("d", 1, &["c"])] {
        let text = serde_json::to_string(&job(id, count, after)).expect("JSON");
        let at = Time::from_ms(0);
        let hash = id.to_owned();
        change.take(&super::store::Submission { id: id.to_owned(), hash, job: text, at }).expect("room");
    }
    change.commit().expect("room");
    let mut book = Book::default();
    book.read(&store).expect("a store");
    let ready = |book: &Book, live: &Shares| -> Vec<(String, u32, usize)> {
        let jobs = book.ready(Time::from_ms(0), live);
        jobs.into_iter().map(|j| (j.id, j.count, j.depends_on.len())).collect()
    };
    assert_eq!(ready(&book, &Shares::new()), [("a".to_owned(), 3, 0), ("b".to_owned(), 1, 1)]);
    // Two of its tasks run: the third may be planned, what waits for all three may not.
    let live = Shares::from([("a".to_owned(), Share { live: 2, ..Share::default() })]);
    assert_eq!(ready(&book, &live), [("a".to_owned(), 1, 0)]);
    book.count("a", 3, 0);
    assert_eq!(ready(&book, &Shares::new()), [("b".to_owned(), 1, 0)]);
}
