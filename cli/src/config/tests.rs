//! What the configuration refuses, word for word.

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
    assert_eq!(config.settings.speed["e2"], 1.0);
    assert!(config.settings.allow_inverted && !config.settings.boot);
    assert_eq!(config.window, Some(Millis::from_secs(1800)));
    assert_eq!(parse("").unwrap(), Config::default());
    assert_eq!(parse("quotas = 'none'").unwrap().quotas, Some(QuotaChoice::Unlimited));
}

#[test]
fn unknown_keys_and_words() {
    insta::assert_snapshot!(refused("[settings]\nboot = true\nmemroy = \"nominal\""), @"");
    insta::assert_snapshot!(refused("[budget]\nvision = \"1\""), @"");
    insta::assert_snapshot!(refused("[settings]\nhazard = \"azure-per-hours\""), @"");
}

#[test]
fn wrong_kinds_and_ranges() {
    insta::assert_snapshot!(refused("[budgets]\nvision = 250"), @"");
    insta::assert_snapshot!(refused("[budgets]\nvision = \"-1\""), @"");
    insta::assert_snapshot!(refused("[horizon]\nlength = \"48\""), @"");
    insta::assert_snapshot!(refused("[risk]\nmax_miss_probability = 0.9"), @"");
    insta::assert_snapshot!(refused("[speed]\nm7i = inf"), @"");
    insta::assert_snapshot!(refused("settings = 3"), @"");
    insta::assert_snapshot!(refused("[settings\n"), @"");
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
