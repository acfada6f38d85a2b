//! Who may call what: a matrix of roles and tools, and what each tool needs of its cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::provider::{Call, Pending, Provider};
use crate::refusal::{Class, Refusal};

/// The table of `mcp/data/permissions.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// The tools that change something, by role.
    roles: BTreeMap<String, BTreeSet<String>>,
    /// The cloud's actions, by tool and cloud.
    tools: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/permissions.toml")).expect("mcp/data/permissions.toml is tested")
});

/// The tools that change something, by role; every role may read.
pub fn matrix() -> &'static BTreeMap<String, BTreeSet<String>> {
    &TABLE.roles
}

/// The actions of a cloud that a role needs, sorted; `None` if there is no such role.
pub fn permissions(role: &str, cloud: &str) -> Option<BTreeSet<&'static str>> {
    let tools = TABLE.roles.get(role)?;
    let reads = TABLE.tools.keys().filter(|t| t.starts_with("get_"));
    let actions = tools.iter().chain(reads).filter_map(|t| TABLE.tools.get(t)?.get(cloud));
    Some(actions.flatten().map(String::as_str).collect())
}

/// Lets a role change only what it is for.
pub struct Roles<P>(pub P);

impl<P: Provider> Provider for Roles<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(async move {
            check(call)?;
            self.0.call(call).await
        })
    }
}

fn check(call: &Call) -> Result<(), Refusal> {
    let (role, tool) = (&call.caller.role, call.request.tool());
    let may = |r: &str| TABLE.roles.get(r).is_some_and(|tools| tools.contains(tool));
    if call.control.is_none() && TABLE.roles.contains_key(role) || may(role) {
        return Ok(());
    }
    let able: Vec<&str> = TABLE.roles.keys().map(String::as_str).filter(|r| may(r)).collect();
    let message = format!("the role {role:?} may not call {tool}");
    Err(Refusal::new("TW5004", Class::Denied, message, format!("roles that may: {}", able.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulated::Traits;
    use crate::tools::{Effect, definitions};

    #[test]
    fn every_tool_has_a_role_and_actions_on_every_cloud() {
        for tool in definitions() {
            let roles = TABLE.roles.values().filter(|tools| tools.contains(tool.name)).count();
            // Its own role and the operator's.
            assert_eq!(roles, if tool.effect == Effect::Changes { 2 } else { 0 }, "{}", tool.name);
            for cloud in Traits::clouds() {
                assert!(!TABLE.tools[tool.name][cloud].is_empty(), "{} {cloud}", tool.name);
            }
        }
        assert_eq!(TABLE.tools.len(), 12);
    }

    #[test]
    fn no_role_may_read_the_value_of_a_secret() {
        const READ: [&str; 3] = ["secretsmanager:GetSecretValue", "getSecret/action", "secretmanager.versions.access"];
        for role in TABLE.roles.keys() {
            for cloud in Traits::clouds() {
                let actions = permissions(role, cloud).expect("a role");
                assert!(!actions.iter().any(|a| READ.iter().any(|r| a.ends_with(r))), "{role} {cloud}");
            }
        }
    }
}
