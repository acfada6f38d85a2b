//! The house stands: imports point down, and the pure crates are pure.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floor of every crate, those still to come included.
fn floor(krate: &str) -> Option<u8> {
    Some(match krate {
        "tradewind-core" => 0,
        // A part of datasets with a folder and a manifest of its own: it needs no market and no polars.
        "tradewind-queue" => 1,
        "tradewind-datasets" | "tradewind-optimizer" | "tradewind-sim" => 1,
        "tradewind-mcp" | "tradewind-mcp-aws" | "tradewind-mcp-azure" | "tradewind-mcp-gcp" => 2,
        "tradewind-scheduler" => 3,
        "tradewind-cli" | "tradewind-benches" => 4,
        _ => return None,
    })
}

/// A live backend is a leaf: it may use `mcp`, which stands on its own floor.
fn may_use(user: &str, used: &str) -> bool {
    let is_leaf = user.starts_with("tradewind-mcp-") && used == "tradewind-mcp";
    let is_part = user == "tradewind-datasets" && used == "tradewind-queue";
    is_leaf || is_part || floor(used) < floor(user)
}

/// Names of the packages and of ours that they use: normal and build dependencies. Tests may reach
/// further.
fn manifests() -> BTreeMap<String, Vec<String>> {
    let mut manifests = BTreeMap::new();
    let root: toml::Table =
        fs::read_to_string(common::root().join("Cargo.toml")).expect("the workspace").parse().expect("TOML");
    let members = root["workspace"]["members"].as_array().expect("members").clone();
    for member in members.iter().filter_map(toml::Value::as_str) {
        let path = common::root().join(member).join("Cargo.toml");
        let text = fs::read_to_string(&path).expect("a manifest");
        let table: toml::Table = text.parse().expect("a TOML manifest");
        let name = table["package"]["name"].as_str().expect("a name").to_owned();
        let mut uses = Vec::new();
        for kind in ["dependencies", "build-dependencies"] {
            let Some(dependencies) = table.get(kind).and_then(toml::Value::as_table) else { continue };
            uses.extend(dependencies.keys().filter(|d| d.starts_with("tradewind")).cloned());
        }
        manifests.insert(name, uses);
    }
    manifests
}

#[test]
fn imports_point_down() {
    let manifests = manifests();
    assert!(manifests.len() >= 5, "{:?}", manifests.keys());
    for (user, uses) in &manifests {
        assert!(floor(user).is_some(), "{user} has no floor: add it here and to ARCHITECTURE.md");
        for used in uses {
            assert!(may_use(user, used), "{user} must not use {used}: imports point down");
        }
    }
}

/// Rust files under a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn pure_crates_have_no_clock_no_files_no_global_chance() {
    const FORBIDDEN: [&str; 8] =
        ["SystemTime", "Instant::now", "std::fs", "std::net", "std::env", "thread_rng", "rand::rng(", "println!"];
    // The simulated clouds are as pure as the simulator whose world they are.
    for folder in
        ["core/src", "optimizer/src", "sim/src", "mcp/src/simulated", "mcp/src/tools", "scheduler/src/nightly"]
    {
        for file in sources(&common::root().join(folder)) {
            let text = fs::read_to_string(&file).expect("a source");
            // Unit tests at the end of a file may print.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (n, line) in code.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
                let found = FORBIDDEN.iter().find(|f| line.contains(**f));
                assert!(found.is_none(), "{}:{}: {found:?} in a pure crate", file.display(), n + 1);
            }
        }
    }
}

#[test]
fn only_the_clock_reads_the_clock() {
    let allowed = ["cli/src/clock.rs", "cli/src/stop.rs", "cli/src/commands/progress.rs"];
    for krate in ["cli", "datasets", "mcp"] {
        for file in sources(&common::root().join(krate).join("src")) {
            let text = fs::read_to_string(&file).expect("a source");
            let reads = text.contains("SystemTime::now") || text.contains("Instant::now");
            let is_allowed = allowed.iter().any(|a| file.ends_with(a));
            assert!(!reads || is_allowed, "{} reads the clock", file.display());
        }
    }
}
