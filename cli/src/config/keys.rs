//! The keys of `tradewind.toml` and of policy files, one list each for the reader and for the test of
//! its schema.

/// Every key a file may have, by table; the empty table is the top, `-` any item of a list.
pub type Keys = &'static [(&'static str, &'static [&'static str])];

/// Of `tradewind.toml`. `budgets`, `tenants`, `speed` and `callers` have free names.
/// `docs/schema/config.schema.json` says the same; a test compares them.
pub const KEYS: Keys = &[
    (
        "",
        &[
            "quotas",
            "budgets",
            "tenants",
            "spending",
            "settings",
            "speed",
            "risk",
            "horizon",
            "limits",
            "discount",
            "commitment",
            "egress",
            "policy",
            "callers",
        ],
    ),
    ("settings", &["memory", "hazard", "boot", "disk", "address", "allow_inverted"]),
    ("spending", &["soft", "critical_priority"]),
    ("risk", &["max_miss_probability", "concentration"]),
    ("horizon", &["length", "window"]),
    ("limits", &["spot_age", "on_demand_age"]),
    ("discount/-", &["name", "percent", "clouds", "regions", "residency", "families", "instance_types", "capacity"]),
    (
        "commitment/-",
        &[
            "name",
            "usd_per_hour",
            "percent",
            "starts",
            "ends",
            "clouds",
            "regions",
            "residency",
            "families",
            "instance_types",
        ],
    ),
    ("egress", &["programme", "usd_per_gb"]),
];

/// Of a policy file. `labels` has free names. `docs/schema/policy.schema.json` says the same.
pub const POLICY_KEYS: Keys = &[
    ("", &["rule"]),
    ("rule/-", &["id", "text", "when", "deny", "allow"]),
    ("rule/-/when", &["projects", "labels", "priorities", "interruptible", "datasets"]),
    ("rule/-/deny", &["clouds", "regions", "residency", "families", "instance_types", "capacity"]),
    ("rule/-/allow", &["clouds", "regions", "residency", "families", "instance_types", "capacity", "max_usd_per_hour"]),
];
