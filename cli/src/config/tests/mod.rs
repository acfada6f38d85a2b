//! What the configuration refuses, word for word.

mod contract;
mod policy;

use super::*;
use crate::failure::Failure;
use crate::output::Style;

fn parse(text: &str) -> Result<Config, Problems> {
    Config::parse("tradewind.toml", text, Path::new("conf"))
}

fn refused(text: &str) -> String {
    let failure = Failure::from(parse(text).expect_err("the configuration must be refused"));
    format!("{}exit {}", crate::render::errors::render(&failure, false, Style::PLAIN), failure.exit as u8)
}

#[test]
fn everything_is_read() {
    let config = parse(
        r#"
        quotas = "quotas.csv"
        [budgets]
        vision = "250.00"
        "big data" = "0.01"
        [tenants]
        acme = "90.00"
        [spending]
        soft = "75%"
        critical_priority = 60
        [settings]
        memory = "nominal"
        hazard = "azure-per-hour"
        boot = false
        disk = false
        address = false
        allow_inverted = true
        [speed]
        m7i = 1.2
        e2 = 1
        [risk]
        max_miss_probability = 0.05
        concentration = "40%"
        [horizon]
        length = "72h"
        window = "30m"
        [limits]
        spot_age = "12h"
        on_demand_age = "30d"
        "#,
    )
    .unwrap();
    assert_eq!(config.quotas, Some(QuotaChoice::File("conf/quotas.csv".into())));
    assert_eq!(config.budgets["vision"].to_string(), "250.00");
    assert_eq!(config.spending.tenants["acme"].to_string(), "90.00");
    assert_eq!((config.spending.soft.to_string().as_str(), config.spending.critical_priority), ("75%", 60));
    assert_eq!(config.settings.speed["e2"], 1.0);
    assert_eq!(config.concentration, Some("40%".parse().unwrap()));
    assert!(config.settings.allow_inverted && !config.settings.boot);
    assert_eq!(config.window, Some(Millis::from_secs(1800)));
    assert_eq!(parse("").unwrap(), Config::default());
    assert_eq!(parse("quotas = 'none'").unwrap().quotas, Some(QuotaChoice::Unlimited));
    let scaled = parse("quotas = 'scaled:1.33'").unwrap().quotas;
    assert_eq!(scaled, Some(QuotaChoice::Scaled("scaled:1.33".parse().unwrap())));
    assert!(parse("quotas = 'scaled:much'").is_err());
}

#[test]
fn unknown_keys_and_words() {
    insta::assert_snapshot!(refused("[settings]\nboot = true\nmemroy = \"nominal\""), @r#"
    error[TW4001]: unknown key
     --> tradewind.toml:3:1 at settings.memroy
      got: memroy
      accepted: memory, hazard, boot, disk, address, allow_inverted
      help: did you mean "memory"?
    exit 4
    "#);
    insta::assert_snapshot!(refused("[budget]\nvision = \"1\""), @r#"
    error[TW4001]: unknown key
     --> tradewind.toml:1:2 at budget
      got: budget
      accepted: quotas, budgets, tenants, spending, settings, speed, risk, horizon, limits, discount, commitment, egress, policy, callers
      help: did you mean "budgets"?
    exit 4
    "#);
    insta::assert_snapshot!(refused("[settings]\nhazard = \"azure-per-hours\""), @r#"
    error[TW4001]: unknown word
     --> tradewind.toml:2:10 at settings.hazard
      got: azure-per-hours
      accepted: default, azure-per-hour, aws-per-launch, none
      help: did you mean "azure-per-hour"?
    exit 4
    "#);
}

#[test]
fn wrong_kinds_and_ranges() {
    insta::assert_snapshot!(refused("[budgets]\nvision = 250"), @r#"
    error[TW4001]: wrong kind of value
     --> tradewind.toml:2:10 at budgets.vision
      got: an integer
      accepted: dollars above zero as a decimal string, e.g. "250.00"
    exit 4
    "#);
    insta::assert_snapshot!(refused("[budgets]\nvision = \"-1\""), @r#"
    error[TW4001]: out of range
     --> tradewind.toml:2:10 at budgets.vision
      got: -1
      accepted: dollars above zero as a decimal string, e.g. "250.00"
    exit 4
    "#);
    insta::assert_snapshot!(refused("[horizon]\nlength = \"48\""), @r#"
    error[TW4001]: not understood
     --> tradewind.toml:2:10 at horizon.length
      got: "48" is not a duration with units such as "90s", "1h30m" or "2d"
      accepted: a duration above zero with its unit, e.g. "48h"
    exit 4
    "#);
    insta::assert_snapshot!(refused("[risk]\nmax_miss_probability = 0.9"), @r"
    error[TW4001]: out of range
     --> tradewind.toml:2:24 at risk.max_miss_probability
      got: 0.9
      accepted: more than 0, at most 0.5
    exit 4
    ");
    insta::assert_snapshot!(refused("[speed]\nm7i = inf"), @r"
    error[TW4001]: out of range
     --> tradewind.toml:2:7 at speed.m7i
      got: inf
      accepted: a speed relative to 1, 0.001 to 1000
    exit 4
    ");
    insta::assert_snapshot!(refused("settings = 3"), @r"
    error[TW4001]: wrong kind of value
     --> tradewind.toml:1:12 at settings
      got: an integer
      accepted: a table
    exit 4
    ");
    insta::assert_snapshot!(refused("[settings\n"), @r"
    error[TW4001]: broken TOML
     --> tradewind.toml:1:10
      got: unclosed table, expected `]`
      accepted: a TOML file
    exit 4
    ");
}

#[test]
fn a_stray_secret_is_not_repeated() {
    assert!(!refused("aws_secret_access_key = \"hunter2\"").contains("hunter2"));
    assert!(!refused("[budgets]\nvision = { token = \"hunter2\" }").contains("hunter2"));
}

#[test]
fn all_problems_are_reported_in_order() {
    let text = refused("[limits]\nspot = \"6h\"\n[horizon]\nwindow = \"0h\"\n[risk]\nx = 1");
    let lines: Vec<&str> = text.lines().filter(|l| l.contains("-->")).collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].contains(":2:") && lines[1].contains(":4:") && lines[2].contains(":6:"), "{text}");
}

#[test]
fn callers_are_workloads_with_roles() {
    let config = parse("[callers]\n\"spiffe://prod.example/a\" = \"viewer\"").expect("sound");
    let told: Vec<String> = config.callers.iter().map(|(id, role)| format!("{id} {role}")).collect();
    assert_eq!(told, ["spiffe://prod.example/a viewer"]);
    insta::assert_snapshot!(refused("[callers]\n\"spiffe://prod.example/a\" = \"sheduler\"\n\"prod/b\" = \"viewer\""), @r#"
    error[TW4001]: unknown role
     --> tradewind.toml:2:29 at callers.spiffe://prod.example/a
      got: sheduler
      accepted: ml-deployer, net-admin, operator, scheduler, secret-admin, storage-admin, viewer
      help: did you mean "scheduler"?
    error[TW4001]: not understood
     --> tradewind.toml:3:12 at callers.prod/b
      got: the name is no SPIFFE ID: it does not begin with spiffe://
      accepted: "spiffe://trust-domain/path" = "role"
    exit 4
    "#);
}
