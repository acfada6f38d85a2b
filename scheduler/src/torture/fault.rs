//! What goes wrong in a round, and what of the fault model does not apply to it.

use serde::Serialize;

/// Joins the faults into one type, each with its number in the fault model and its words.
macro_rules! faults {
    ($($fault:ident = $number:literal $words:literal),* $(,)?) => {
        /// A fault, for the count of what was reached.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Fault {
            $(#[doc = concat!("F", $number, ": ", $words, ".")] $fault,)*
        }

        impl Fault {
            /// All of them: a test that never reaches one says nothing of it.
            pub const ALL: &[Self] = &[$(Self::$fault,)*];

            /// Its number in the fault model.
            pub fn number(self) -> u8 {
                match self { $(Self::$fault => $number,)* }
            }

            /// In a few words.
            pub fn words(self) -> &'static str {
                match self { $(Self::$fault => $words,)* }
            }
        }
    };
}

faults! {
    KillBeforeNote = 1 "killed before an event was written down",
    KillRecorded = 1 "killed after an event was written down, before anyone was told",
    KillNoted = 1 "killed after whoever watches was told",
    KillBeforeSync = 1 "killed while the journal was synced",
    KillBeforeCall = 1 "killed before a call was sent",
    KillCalled = 1 "killed after a call was done, before its answer",
    KillReceived = 1 "killed with an answer in its hands",
    KillSettled = 1 "killed between two events",
    FromSnapshot = 1 "a new leader went on from a snapshot",
    PowerCut = 2 "entries that were not synced were lost",
    Outage = 3 "a cloud and its server were out",
    ReplyLost = 4 "a call was done, its answer was lost",
    RequestLost = 4 "a call was lost on its way",
    Twice = 5 "a call arrived twice",
    Late = 5 "a call arrived long after it was given up",
    Throttled = 6 "the clouds' limit on calls",
    NoCapacity = 7 "no machine was left",
    Interrupted = 8 "a node was taken back",
    RegionOut = 9 "a region was called out, and launches there were given up",
    CloudOut = 9 "a cloud was called out, and launches there were given up",
    TakenBack = 9 "what had not begun was taken back from the run",
    ReadLost = 10 "a look at a cloud was not answered",
    OldLeader = 11 "a call of an old leader arrived after the new one began",
    ClockBack = 12 "the clock was set back by up to ten minutes",
    EventsLate = 20 "events were not told when they were first asked for",
    UndoLost = 24 "a call that undoes something was lost",
}

/// Faults of the model that no round has, and why.
pub const NOT_HERE: [(u8, &str); 12] = [
    (13, "a lost store is not rebuilt from the clouds: without its journal a run is refused"),
    (14, "a full disk ends the command; what was synced is there when it begins again"),
    (15, "a plan holds its prices; stale ones are refused when it is made"),
    (16, "a run pays what the clouds bill; it buys nothing anew when a price jumps"),
    (17, "malformed input never becomes a plan: fuzzed where queues are read"),
    (18, "hostile peers of the servers: tested where the servers are"),
    (19, "simulated clouds show what they made at once"),
    (21, "the nightly has tests of its own"),
    (22, "simulated clouds ask for no secret"),
    (23, "rules that fail refuse the call: tested where the rules are"),
    (25, "plans are re-proved before they run; nothing is solved in a round"),
    (26, "a simulated cloud starts nothing by itself"),
];
