use super::*;

#[test]
fn twelve_tools_have_closed_schemas_and_those_that_change_something_need_their_control() {
    let definitions = definitions();
    assert_eq!(definitions.len(), 12);
    for d in &definitions {
        let mutating = d.effect == Effect::Changes;
        let required = d.input.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        for field in crate::control::Control::FIELDS.iter().filter(|f| **f != "state") {
            assert_eq!(required.contains(&Value::from(*field)), mutating, "{} {field}", d.name);
        }
        assert_eq!(d.input["additionalProperties"], false, "{}", d.name);
        assert_eq!(d.output["additionalProperties"], false, "{}", d.name);
    }
}

#[test]
fn unknown_tools_are_none() {
    assert!(Request::read("launch_rockets", Value::Null).is_none());
    assert!(Request::read("get_quotas", serde_json::json!({})).is_some_and(|r| r.is_ok()));
}
