use super::*;
use crate::layers::{Incident, Roles};
use crate::provider::Call;
use crate::tools::{Request, get_quotas};

fn reading() -> Call {
    Call { request: Request::GetQuotas(get_quotas::Request::default()), control: None, ..call("k") }
}

#[test]
fn an_incident_stops_changes_and_leaves_reading() {
    let incident = Incident::new(Scripted::default(), Box::new(|| Some("a leak".to_owned())));
    let refusal = run(&incident, &call("k")).expect_err("stopped");
    assert_eq!((refusal.code.as_ref(), refusal.message.as_str()), ("TW5018", "incident mode: a leak"));
    assert!(run(&incident, &reading()).is_ok());
    let quiet = Incident::new(Scripted::default(), Box::new(|| None));
    assert!(run(&quiet, &call("k")).is_ok());
}

#[test]
fn a_role_changes_only_what_it_is_for() {
    let as_role = |role: &str, mut call: Call| {
        call.caller.role = role.to_owned();
        run(&Roles(Scripted::default()), &call).map(|_| ()).map_err(|r| r.to_string())
    };
    assert_eq!(as_role("secret-admin", call("k")), Ok(()));
    assert_eq!(as_role("viewer", reading()), Ok(()));
    insta::assert_snapshot!(as_role("scheduler", call("k")).unwrap_err(), @r#"TW5004: the role "scheduler" may not call rotate_secret"#);
    assert!(as_role("nobody", reading()).is_err(), "a role that there is not may not even read");
}
