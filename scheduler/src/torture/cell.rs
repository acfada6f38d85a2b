//! Cells of the kill matrix: where the scheduler is killed, on which tool's call, to which cloud.

use serde::Serialize;
use tradewind_mcp::tools::definitions;

use crate::drive::Point;

/// A kill point of the fault model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Kill {
    /// Before the intent is written.
    K1,
    /// The intent is written, the call is not sent.
    K2,
    /// The call is sent and done, no reply.
    K3,
    /// The reply is there, not recorded.
    K4,
    /// It is recorded, nobody was told.
    K5,
    /// Whoever watches was told; it is not synced.
    K6,
    /// While something is undone.
    K7,
    /// While the journal is synced: some of it reached the disk.
    K8,
    /// Between a new file and its rename.
    K9,
}

impl Kill {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::K1, Self::K2, Self::K3, Self::K4, Self::K5, Self::K6, Self::K7, Self::K8, Self::K9];

    /// `K1` to `K9`.
    pub fn name(self) -> &'static str {
        ["K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9"][self as usize]
    }

    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::K1 => "before the intent is written",
            Self::K2 => "intent written, call not sent",
            Self::K3 => "call done, no reply",
            Self::K4 => "reply received, not recorded",
            Self::K5 => "recorded, nobody told",
            Self::K6 => "told, not synced",
            Self::K7 => "while something is undone",
            Self::K8 => "while the journal is synced",
            Self::K9 => "between a new file and its rename",
        }
    }

    /// Whether a driver is there, at a call that undoes something or not.
    pub(super) fn is_at(self, point: Point, undoes: bool) -> bool {
        match self {
            Self::K1 => point == Point::BeforeNote,
            Self::K2 => point == Point::BeforeCall,
            Self::K3 => point == Point::Called,
            Self::K4 => point == Point::Received,
            Self::K5 => point == Point::Recorded,
            Self::K6 => point == Point::Noted,
            Self::K7 => undoes && matches!(point, Point::BeforeCall | Point::Called | Point::Received),
            Self::K8 => point == Point::BeforeSync,
            Self::K9 => false,
        }
    }
}

/// Tools that a run calls to read.
const READ: [&str; 2] = ["get_quotas", "get_health"];
/// Tools that a run calls to change something, and to undo it.
const CHANGE: [&str; 3] = ["provision_compute", "launch_spot", "submit_ml_job"];

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Cell {
    /// Where it is killed.
    pub kill: Kill,
    /// On a call of this tool.
    pub tool: &'static str,
    /// To this cloud.
    pub cloud: String,
}

impl Cell {
    /// Every kill on every tool of these clouds.
    pub fn all(clouds: &[String]) -> Vec<Self> {
        let tools = definitions();
        let cell = |kill, tool, cloud: &String| Self { kill, tool, cloud: cloud.clone() };
        let of_tool = |kill| tools.iter().flat_map(move |t| clouds.iter().map(move |c| cell(kill, t.name, c)));
        Kill::ALL.into_iter().flat_map(of_tool).collect()
    }

    /// As people read it.
    pub fn name(&self) -> String {
        format!("{} {} {}", self.kill.name(), self.tool, self.cloud)
    }

    /// Why a run is never there; nothing where it is.
    pub fn without_meaning(&self) -> Option<&'static str> {
        if !READ.contains(&self.tool) && !CHANGE.contains(&self.tool) {
            Some("no run calls this tool yet")
        } else if self.kill == Kill::K9 {
            Some("no call writes a file: all that a run knows is in its journal")
        } else if self.kill == Kill::K7 && READ.contains(&self.tool) {
            Some("a read leaves nothing to undo")
        } else {
            None
        }
    }
}
