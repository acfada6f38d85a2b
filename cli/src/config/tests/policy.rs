//! Policy files: what they say, and that whatever is wrong with one denies everything.

use super::*;

/// The folder for the files of a test.
fn folder(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("tradewind-{name}-{}", std::process::id()))
}

fn with_policy(name: &str, policy: &str) -> Result<Config, Problems> {
    let folder = folder(name);
    std::fs::create_dir_all(&folder).expect("the test's folder");
    std::fs::write(folder.join("policy.toml"), policy).expect("a file of the test");
    let config = Config::parse("tradewind.toml", "policy = [\"policy.toml\"]", &folder);
    std::fs::remove_dir_all(&folder).expect("the test's folder");
    config
}

fn denied(name: &str, policy: &str) -> String {
    let failure = Failure::from(with_policy(name, policy).expect_err("the policy must be refused"));
    let text = crate::render::errors::render(&failure, false, Style::PLAIN);
    let text = text.replace(&folder(name).display().to_string(), "conf");
    format!("{text}exit {}", failure.exit as u8)
}

#[test]
fn rules_are_read() {
    let config = with_policy(
        "rules",
        r#"
        [[rule]]
        id = "eu"
        text = "stays in the EU"
        when = { projects = ["gen*"], labels = { data = "personal" }, priorities = [80, 100], interruptible = true, datasets = ["hg38"] }
        allow = { residency = ["EU"], max_usd_per_hour = "3.00" }
        deny = { regions = ["aws/us-*"], instance_types = ["m1*"], capacity = "spot" }
        "#,
    )
    .unwrap();
    let policy = &config.policies[0];
    assert_eq!(policy.when.priorities, Some([80, 100]));
    assert_eq!(policy.when.labels["data"], "personal");
    assert_eq!(policy.max_price.unwrap().to_string(), "3.00");
    assert!(policy.deny.as_ref().unwrap().capacity.is_some() && policy.allow.is_some());
    assert!(config.origins.of("policy.eu").unwrap().ends_with("policy.toml:2"));
}

#[test]
fn whatever_is_wrong_denies() {
    insta::assert_snapshot!(denied("syntax", "[[rule]\nid = 1"), @r#"
    error[TW4007]: broken TOML
     --> conf/policy.toml:1:8
      got: unclosed array table, expected `]`
      accepted: a TOML file
    exit 5
    "#);
    insta::assert_snapshot!(denied("empty", ""), @r#"
    error[TW4007]: a policy file without a rule
     --> conf/policy.toml:1:1
      got: no [[rule]]
      accepted: at least one [[rule]]
    exit 5
    "#);
    insta::assert_snapshot!(denied(
        "several",
        r#"
[[rule]]
id = "a"
text = "says nothing"
[[rule]]
id = "a b"
when = { project = ["x"], priorities = [9, 1] }
deny = {}
[[rule]]
id = "c"
text = "typo"
deny = { cloud = ["aws"], max_usd_per_hour = "1" }
[[rule]]
id = "c"
text = "again"
deny = { capacity = "Spot" }
"#
    ), @r#"
    error[TW4007]: a rule that says nothing
     --> conf/policy.toml:2:1 at rule[0]
      got: neither deny nor allow
      accepted: one of them, or both
    error[TW4007]: a key is missing
     --> conf/policy.toml:5:1 at rule[1]
      got: no text
      accepted: text = ...
    error[TW4007]: not a name
     --> conf/policy.toml:6:6 at rule[1].id
      got: a b
      accepted: 1 to 64 of the letters a-z, A-Z, 0-9, - and _
    error[TW4007]: unknown key
     --> conf/policy.toml:7:10 at rule[1].when.project
      got: project
      accepted: projects, labels, priorities, interruptible, datasets
      help: did you mean "projects"?
    error[TW4007]: not understood
     --> conf/policy.toml:7:40 at rule[1].when.priorities
      got: another value
      accepted: the least and the highest priority, e.g. [80, 100]
    error[TW4007]: an empty table
     --> conf/policy.toml:8:8 at rule[1].deny
      got: nothing selected
      accepted: at least one key
    error[TW4007]: unknown key
     --> conf/policy.toml:12:10 at rule[2].deny.cloud
      got: cloud
      accepted: clouds, regions, residency, families, instance_types, capacity
      help: did you mean "clouds"?
    error[TW4007]: unknown key
     --> conf/policy.toml:12:27 at rule[2].deny.max_usd_per_hour
      got: max_usd_per_hour
      accepted: clouds, regions, residency, families, instance_types, capacity
    error[TW4007]: a rule id is used twice
     --> conf/policy.toml:13:1 at rule[3].id
      got: c
      accepted: unique ids in all files
    error[TW4007]: unknown word
     --> conf/policy.toml:16:21 at rule[3].deny.capacity
      got: Spot
      accepted: on_demand, spot
      help: did you mean "spot"?
    exit 5
    "#);
}

#[test]
fn a_missing_file_denies_even_beside_other_mistakes() {
    let problems = Config::parse("tradewind.toml", "quotas = 1\npolicy = [\"no-such.toml\"]", Path::new("/nowhere"));
    let failure = Failure::from(problems.expect_err("refused"));
    let codes: Vec<&str> = failure.problems.shown.iter().map(|p| p.code).collect();
    assert_eq!((codes, failure.exit as u8), (vec!["TW4007", "TW4001"], 5));
}
