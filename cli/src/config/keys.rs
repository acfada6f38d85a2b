//! The keys of `tradewind.toml`, one list for the reader and for the test of its schema.

/// Every key the file may have, by table; the empty table is the top. `budgets` and `speed` have
/// free names. `docs/schema/config.schema.json` says the same; a test compares them.
pub const KEYS: &[(&str, &[&str])] = &[
    ("", &["quotas", "budgets", "settings", "speed", "risk", "horizon", "limits"]),
    ("settings", &["memory", "hazard", "boot", "disk", "address", "allow_inverted"]),
    ("risk", &["max_miss_probability"]),
    ("horizon", &["length", "window"]),
    ("limits", &["spot_age", "on_demand_age"]),
];
