//! Planted bugs: mistakes that schedulers are known to make. Torture that does not find them is no torture.

use serde::Serialize;

/// Joins the bugs into one type with their words.
macro_rules! bugs {
    ($($bug:ident = $words:literal),* $(,)?) => {
        /// A mistake between a run and its clouds or its journal. Only a round that asks for one has it: the
        /// scheduler itself holds no code for any.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Bug {
            $(#[doc = concat!($words, ".")] $bug,)*
        }

        impl Bug {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$bug,)*];

            /// In a few words.
            pub fn words(self) -> &'static str {
                match self { $(Self::$bug => $words,)* }
            }
        }
    };
}

bugs! {
    KeyOfTheTerm = "a new leader makes new keys for what the old one began",
    KeyWithoutAttempt = "a launch has the key of the launch before",
    KeyOfEachSend = "every sending of a call has a key of its own",
    KeyWithoutStint = "a start has the key of the start before",
    OldTerm = "a new leader says the term of the first",
    OneTooMany = "a launch asks for a node more",
    EndDropped = "nodes are said to have ended, and were not",
    ShortLife = "what is launched may live for ten minutes only",
    SavedWorkForgotten = "a start does not say what was saved",
    SavedWorkUnread = "what a stopped task saved is not read",
    BillsForgotten = "bills are forgotten",
    BillsTwice = "bills are counted twice",
    NodeForgotten = "the last node of an answered launch is forgotten",
    DoneTooSoon = "a job that was started counts as done",
    EndsLost = "events of jobs that end are lost",
    InterruptionsLost = "events of what was taken back are lost",
    FirstEventLost = "the first event of each look is skipped",
    StaleRead = "a look is answered with the look before",
    SilenceIsRefusal = "a call without an answer counts as not done",
    SilenceIsDeath = "nodes of a cloud that does not answer count as dead",
    NoFence = "calls of an old leader are let through",
    NoBudget = "the budget is not looked at before a launch",
    EntryDropped = "an entry is not written",
    EntryChanged = "an entry is not written as it was",
    EntryTwice = "an entry is written twice",
    EntriesSwapped = "two entries are read in the wrong order",
    SyncOmitted = "nothing is synced before a call",
    TornEntryRead = "an entry that was cut by a power cut is believed",
    JournalLost = "a new leader begins with an empty journal",
}
