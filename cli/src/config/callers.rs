//! `[callers]`: who may call the MCP servers by mutual TLS, and as what.

use std::collections::BTreeMap;

use toml::de::DeTable;
use tradewind_mcp::layers::matrix;
use tradewind_mcp::server::SpiffeId;

use super::source::{Source, Value};

/// The roles of workloads, by SPIFFE ID.
pub(super) fn read(source: &mut Source<'_>, root: &DeTable<'_>) -> BTreeMap<SpiffeId, String> {
    source.map(root, "", "callers", caller).into_values().collect()
}

fn caller(source: &mut Source<'_>, value: &Value<'_>, at: &str) -> Option<(SpiffeId, String)> {
    let known: Vec<&str> = matrix().keys().map(String::as_str).collect();
    let role = source.text(value, at, &known.join(", "))?;
    if !known.contains(&role.as_str()) {
        source.refuse_word(&value.span(), at, "unknown role", &role, &known);
        return None;
    }
    match at.trim_start_matches("callers.").parse() {
        Ok(id) => Some((id, role)),
        Err(why) => {
            let why = format!("the name is no SPIFFE ID: {why}");
            source.refuse(&value.span(), at, "not understood", &why, "\"spiffe://trust-domain/path\" = \"role\"");
            None
        }
    }
}
