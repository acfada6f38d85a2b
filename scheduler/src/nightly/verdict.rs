//! What a night comes to: what the shell is told.

use serde::{Deserialize, Serialize};

/// The outcome of a night whose prices are fit for use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing to do: the last plan stands.
    Nothing,
    /// The plan is another.
    Changes,
    /// Something that should have been looked at could not be, or fewer tasks are placed than possible.
    Partial,
    /// Nothing can be placed.
    NothingPlaced,
}

/// What decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The plan decides something else than the last one.
    pub has_changes: bool,
    /// A source is missing, or a night could not be caught up.
    pub has_gaps: bool,
    /// Fewer tasks are placed than the proven bound although one more would fit.
    pub is_short: bool,
    /// Resources that nothing owns.
    pub orphans: u64,
    /// There are tasks, and none is placed.
    pub nothing_placed: bool,
}

impl Verdict {
    /// The first of nothing placed, partial, changes that applies.
    pub fn of(facts: Facts) -> Self {
        match facts {
            Facts { nothing_placed: true, .. } => Self::NothingPlaced,
            Facts { has_gaps, is_short, orphans, .. } if has_gaps || is_short || orphans > 0 => Self::Partial,
            Facts { has_changes: true, .. } => Self::Changes,
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_counts() {
        let quiet = Facts { has_changes: false, has_gaps: false, is_short: false, orphans: 0, nothing_placed: false };
        assert_eq!(Verdict::of(quiet), Verdict::Nothing);
        let changed = Facts { has_changes: true, ..quiet };
        assert_eq!(Verdict::of(changed), Verdict::Changes);
        for grave in
            [Facts { has_gaps: true, ..changed }, Facts { is_short: true, ..quiet }, Facts { orphans: 1, ..quiet }]
        {
            assert_eq!(Verdict::of(grave), Verdict::Partial);
        }
        assert_eq!(Verdict::of(Facts { nothing_placed: true, has_gaps: true, ..changed }), Verdict::NothingPlaced);
    }
}
