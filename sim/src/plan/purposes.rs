//! What chance is drawn for, where the simulated clouds of the servers draw it too: by one definition, so that a plan
//! costs the same here and there.

use crate::draws::Purpose;

/// Launch of a node to usable.
pub const BOOT: Purpose = Purpose(1);
/// Launch of a node to its interruption.
pub const LIFE: Purpose = Purpose(2);
/// Running time of a task.
pub const RUNTIME: Purpose = Purpose(3);
