use std::ops::ControlFlow;

use super::*;
use crate::run::{Event, Step, Told};
use tradewind_core::time::Time;

fn entries(count: u64) -> Vec<Entry> {
    let mut chain = Chain::new("r");
    let told = |n: u64| Told { at: Time::from_ms(n as i64), event: Event::Opened(n) };
    (1..=count).map(|n| chain.next(&told(n), &Step::default())).collect()
}

fn followed(entries: &[Entry]) -> Result<Chain, JournalError> {
    let mut chain = Chain::new("r");
    entries.iter().try_for_each(|e| chain.follow(e))?;
    Ok(chain)
}

#[test]
fn an_entry_is_a_cloud_event() {
    insta::assert_snapshot!(serde_json::to_string(&entries(1)[0]).unwrap(), @r#"{"specversion":"1.0","id":"1","source":"tradewind/run/r","type":"dev.tradewind.run.opened","time":"1970-01-01T00:00:00.001Z","data":{"event":{"opened":1}},"previous":"0000000000000000000000000000000000000000000000000000000000000000","hash":"70439179ef0fb3efd3b05da9463598b4fa30a593fefc95d3ba838abb46bd6863"}"#);
}

#[test]
fn edits_gaps_and_swaps_break_the_chain() {
    let sound = entries(5);
    assert_eq!(followed(&sound).expect("sound").len(), 5);
    let mut edited = sound.clone();
    edited[2].data.event = Event::Cancelled;
    let mut gap = sound.clone();
    gap.remove(2);
    let mut swapped = sound.clone();
    swapped.swap(2, 3);
    for broken in [edited, gap, swapped] {
        assert!(matches!(followed(&broken), Err(JournalError::Broken(3, _))));
    }
}

#[test]
fn a_file_keeps_what_was_synced_and_has_one_leader() {
    let folder = std::env::temp_dir().join(format!("tradewind-journal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("journal.db");
    let all = entries(4);
    let mut journal = Sqlite::open(&path).expect("new");
    journal.append(&all[0]).expect("room");
    journal.append(&all[1]).expect("room");
    journal.sync().expect("room");
    journal.append(&all[2]).expect("room");
    assert!(matches!(Sqlite::open(&path), Err(JournalError::Held)));
    // Dropped without a sync: as a process that is killed.
    drop(journal);
    let again = Sqlite::open(&path).expect("there");
    assert_eq!(again.entries().expect("readable"), all[..2]);
    drop(again);
    std::fs::remove_dir_all(folder).expect("ours");
}

fn snapshot(entry: &Entry) -> Snapshot {
    let (format, plan, state) = ("f".to_owned(), "p".to_owned(), format!("{{\"n\":{}}}", entry.id));
    Snapshot { format, plan, seq: entry.seq(), head: entry.hash.clone(), state, hash: "h".to_owned() }
}

/// The last snapshot is kept, and goes where the entry goes that it stands behind.
#[test]
fn a_snapshot_is_synced_and_lost_with_its_entries() {
    let folder = std::env::temp_dir().join(format!("tradewind-snapshot-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (path, all) = (folder.join("journal.db"), entries(6));
    let (mut file, mut memory) = (Sqlite::open(&path).expect("new"), Memory::default());
    for journal in [&mut file as &mut dyn Journal, &mut memory] {
        assert_eq!(journal.snapshot(), None);
        for entry in &all[..4] {
            journal.append(entry).expect("room");
            journal.keep(&snapshot(entry)).expect("room");
        }
        journal.sync().expect("room");
        assert_eq!(journal.snapshot(), Some(snapshot(&all[3])), "the last of them");
        journal.append(&all[4]).expect("room");
        journal.keep(&snapshot(&all[4])).expect("room");
    }
    // Killed before the sync.
    drop(file);
    memory.cut_power(0);
    let file = Sqlite::open(&path).expect("there");
    assert_eq!(file.snapshot(), Some(snapshot(&all[3])));
    assert_eq!(memory.snapshot(), None, "one is kept, and it was of an entry that is gone");
    let mut tail = Vec::new();
    let mut behind = |entry| {
        tail.push(entry);
        ControlFlow::Continue(())
    };
    file.read(3, &mut behind).expect("readable");
    assert_eq!(tail, all[2..4]);
    drop(file);
    // A journal of the format before has none, and takes one.
    let old = rusqlite::Connection::open(&path).expect("there");
    old.execute_batch("DROP TABLE snapshots; PRAGMA user_version = 1").expect("a change");
    drop(old);
    assert_eq!(Sqlite::read(&path).expect("there").snapshot(), None);
    let mut file = Sqlite::open(&path).expect("there");
    assert_eq!((file.entries().expect("readable").len(), file.snapshot()), (4, None));
    file.keep(&snapshot(&all[3])).and_then(|()| file.sync()).expect("room");
    assert_eq!(file.snapshot(), Some(snapshot(&all[3])));
    drop(file);
    std::fs::remove_dir_all(folder).expect("ours");
}
