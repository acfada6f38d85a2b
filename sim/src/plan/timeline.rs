//! One replication as spans of time: what a timeline shows.

/// Something that took time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First of its nodes; nodes from [`super::Model::planned_nodes`] on stand behind spot.
    pub node: u32,
    /// From, ms after the horizon's start.
    pub from: i64,
    /// Until.
    pub until: i64,
    /// What it is.
    pub what: What,
}

/// What a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A node, from launch to release or loss.
    Node {
        /// Whether the cloud took it back.
        lost: bool,
        /// What it was billed, nano-dollars.
        billed: i64,
    },
    /// A run of a task.
    Run {
        /// Index among the model's tasks.
        task: u32,
        /// Whether it was cut short.
        cut: bool,
    },
}
