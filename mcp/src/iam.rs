//! What a role needs, as a policy in a cloud's own form.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::layers::permissions;

/// The tag by which the resources of Tradewind are known.
const OWNER_TAG: &str = "tradewind:owner";

/// The policy of a role on a cloud; `None` where there is no such role, or no form for the cloud.
pub fn policy(cloud: &str, role: &str) -> Option<Value> {
    let actions = permissions(role, cloud)?;
    let (_, form) = FORMS.iter().find(|(name, _)| *name == cloud)?;
    Some(form(role, &actions))
}

type Form = fn(&str, &BTreeSet<&'static str>) -> Value;

/// How each cloud writes a policy.
const FORMS: [(&str, Form); 3] = [("aws", statements), ("azure", custom_role), ("gcp", role_of_permissions)];

/// What ends something is allowed on tagged resources only; the rest where it is needed.
fn statements(_: &str, actions: &BTreeSet<&'static str>) -> Value {
    let ends = |a: &&&str| ["Terminate", "Delete", "Detach", "Stop", "Cancel"].iter().any(|w| a.contains(w));
    let (ending, other): (Vec<&str>, Vec<&str>) = actions.iter().partition(|a| ends(a));
    let mut statements = vec![json!({"Sid": "Use", "Effect": "Allow", "Action": other, "Resource": "*"})];
    if !ending.is_empty() {
        let condition = json!({"StringLike": {format!("aws:ResourceTag/{OWNER_TAG}"): "*"}});
        statements.push(json!({
            "Sid": "EndOwn", "Effect": "Allow", "Action": ending, "Resource": "*", "Condition": condition
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// One resource group is named by whoever assigns it.
fn custom_role(role: &str, actions: &BTreeSet<&'static str>) -> Value {
    let is_data = |a: &&&str| a.contains("/vaults/secrets/");
    let (data, control): (Vec<&str>, Vec<&str>) = actions.iter().partition(|a| is_data(a));
    json!({
        "Name": format!("Tradewind {role}"),
        "Description": format!("The least that the role {role} of Tradewind needs"),
        "Actions": control,
        "DataActions": data,
        "AssignableScopes": ["/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP"],
    })
}

fn role_of_permissions(role: &str, actions: &BTreeSet<&'static str>) -> Value {
    json!({"title": format!("Tradewind {role}"), "stage": "GA", "includedPermissions": actions})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulated::Traits;

    #[test]
    fn what_ends_something_is_allowed_on_own_resources_only() {
        let policy = policy("aws", "scheduler").expect("a role");
        for statement in policy["Statement"].as_array().expect("statements") {
            let actions = statement["Action"].as_array().expect("actions");
            let terminates = actions.iter().any(|a| a == "ec2:TerminateInstances");
            assert_eq!(terminates, statement.get("Condition").is_some(), "{statement}");
        }
    }

    #[test]
    fn every_cloud_has_a_form_and_viewers_change_nothing() {
        for cloud in Traits::clouds() {
            let text = policy(cloud, "viewer").expect("a policy").to_string().to_lowercase();
            for word in ["create", "delete", "write", "terminate", "runinstances"] {
                assert!(!text.contains(word), "{cloud}: {word} in {text}");
            }
        }
        assert!(policy("aws", "nobody").is_none());
    }
}
