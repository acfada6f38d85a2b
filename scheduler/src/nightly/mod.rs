//! The nightly re-evaluation: pure, given markets, plans and what was spent.
