//! Discounts, commitments, the transfer programme, and secrets.

use super::*;

#[test]
fn a_contract_is_read() {
    let config = parse(
        r#"
        [[discount]]
        name = "edp"
        percent = "12.5%"
        clouds = ["aws"]
        families = ["m6i*", "c6i"]
        capacity = "spot"
        [[commitment]]
        name = "sp"
        usd_per_hour = "1.250"
        percent = "27%"
        regions = ["aws/eu-*"]
        starts = "2024-01-01T00:00:00Z"
        ends = "2025-01-01T00:00:00Z"
        [egress]
        programme = "eu-at-cost"
        usd_per_gb = "0.008"
        "#,
    )
    .unwrap();
    let (discount, on) = &config.contract.discounts[0];
    assert_eq!((discount.name.as_str(), discount.percent.to_string().as_str()), ("edp", "12.5%"));
    assert_eq!((on.clouds.len(), on.families.len(), on.capacity.is_some()), (1, 2, true));
    let (commitment, on) = &config.contract.commitments[0];
    assert_eq!(commitment.usd_per_hour.to_string(), "1.25");
    assert!(commitment.starts < commitment.ends && on.regions == ["aws/eu-*"] && on.capacity.is_none());
    assert_eq!(config.egress.programme.as_deref(), Some("eu-at-cost"));
    assert_eq!(config.origins.of("discount.edp"), Some("tradewind.toml:2"));
    assert_eq!(config.origins.of("commitment.sp"), Some("tradewind.toml:8"));
}

#[test]
fn mistakes_in_a_contract_are_all_named() {
    insta::assert_snapshot!(refused(
        r#"
[[discount]]
name = "edp"
procent = "5%"
[[discount]]
name = "e d p"
percent = "0.5"
clouds = []
regions = ["us-east-1"]
families = ["m*i"]
capacity = "on-demand"
[[commitment]]
name = "sp"
usd_per_hour = "0.0005"
percent = "100%"
capacity = "spot"
starts = "2025-01-01T00:00:00Z"
ends = "2024-01-01T00:00:00Z"
"#
    ), @r#"
    error[TW4001]: a key is missing
     --> tradewind.toml:2:1 at discount[0]
      got: no percent
      accepted: percent = ...
    error[TW4001]: unknown key
     --> tradewind.toml:4:1 at discount[0].procent
      got: procent
      accepted: name, percent, clouds, regions, residency, families, instance_types, capacity
      help: did you mean "percent"?
    error[TW4001]: not a name
     --> tradewind.toml:6:8 at discount[1].name
      got: e d p
      accepted: 1 to 64 of the letters a-z, A-Z, 0-9, - and _
    error[TW4001]: not understood
     --> tradewind.toml:7:11 at discount[1].percent
      got: "0.5" is not a share such as "12.5%", above 0% and below 100%, with at most three decimals
      accepted: a share above "0%" and below "100%" with at most three decimals, e.g. "12.5%"
    error[TW4001]: an empty list
     --> tradewind.toml:8:10 at discount[1].clouds
      got: []
      accepted: a list of names, each whole or ending in *
    error[TW4001]: not understood
     --> tradewind.toml:9:12 at discount[1].regions
      got: us-east-1
      accepted: regions as cloud/region, each whole or ending in *, e.g. "aws/eu-*"
    error[TW4001]: not understood
     --> tradewind.toml:10:13 at discount[1].families
      got: m*i
      accepted: names, each whole or ending in *
    error[TW4001]: unknown word
     --> tradewind.toml:11:12 at discount[1].capacity
      got: on-demand
      accepted: on_demand, spot
      help: did you mean "on_demand"?
    error[TW4001]: out of range
     --> tradewind.toml:14:16 at commitment[0].usd_per_hour
      got: 0.0005
      accepted: dollars per hour from "0.001" to "1000000" with at most three decimals, e.g. "1.250"
    error[TW4001]: not understood
     --> tradewind.toml:15:11 at commitment[0].percent
      got: "100%" is not a share such as "12.5%", above 0% and below 100%, with at most three decimals
      accepted: a share above "0%" and below "100%" with at most three decimals, e.g. "12.5%"
    error[TW4001]: unknown key
     --> tradewind.toml:16:1 at commitment[0].capacity
      got: capacity
      accepted: name, usd_per_hour, percent, starts, ends, clouds, regions, residency, families, instance_types
    error[TW4001]: it ends before it starts
     --> tradewind.toml:18:8 at commitment[0].ends
      got: 2024-01-01T00:00:00Z
      accepted: after 2025-01-01T00:00:00Z
    exit 4
    "#);
    insta::assert_snapshot!(refused("[discount]\nname = \"edp\"\npercent = \"5%\""), @r#"
    error[TW4001]: wrong kind of value
     --> tradewind.toml:1:1 at discount
      got: a table
      accepted: tables under [[discount]]
    exit 4
    "#);
    let twice = "[[discount]]\nname = \"a\"\npercent = \"5%\"\n".repeat(2);
    insta::assert_snapshot!(refused(&twice), @r#"
    error[TW4001]: a name is used twice
     --> tradewind.toml:4:1 at discount[1].name
      got: discount.a
      accepted: another name: line 1 has this one
    exit 4
    "#);
}

#[test]
fn mistakes_in_the_programme() {
    insta::assert_snapshot!(refused("[egress]\nprogramme = \"eu-at-costs\""), @r#"
    error[TW4001]: unknown word
     --> tradewind.toml:2:13 at egress.programme
      got: eu-at-costs
      accepted: none, eu-at-cost, gcp-dte
      help: did you mean "eu-at-cost"?
    exit 4
    "#);
    insta::assert_snapshot!(refused("[egress]\nprogramme = \"eu-at-cost\""), @r#"
    error[TW4001]: a key is missing
     --> tradewind.toml:2:13 at egress
      got: no usd_per_gb
      accepted: usd_per_gb = "...", the rate that your cloud has granted you
      help: the rate of eu-at-cost is not published: Tradewind does not guess it
    exit 4
    "#);
    insta::assert_snapshot!(refused("[egress]\nprogramme = \"gcp-dte\"\nusd_per_gb = \"0.01\""), @r#"
    error[TW4001]: a rate that is not used
     --> tradewind.toml:2:13 at egress
      got: usd_per_gb with programme gcp-dte
      accepted: no usd_per_gb: its rate is published
    exit 4
    "#);
    insta::assert_snapshot!(refused("[egress]\nusd_per_gb = \"0.01\""), @r#"
    error[TW4001]: a rate without a programme
     --> tradewind.toml:2:14 at egress
      got: usd_per_gb
      accepted: programme = "..." as well
    exit 4
    "#);
    insta::assert_snapshot!(refused("[egress]\nprogramme = \"eu-at-cost\"\nusd_per_gb = 0.01"), @r#"
    error[TW4001]: wrong kind of value
     --> tradewind.toml:3:14 at egress.usd_per_gb
      got: a float
      accepted: dollars per GB from "0" to "10" as a decimal string, e.g. "0.008"
    exit 4
    "#);
}

#[test]
fn secrets_are_refused_by_name_and_never_repeated() {
    let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
    let text =
        format!("aws_secret_access_key = \"hunter2\"\nquotas = \"{key}\"\n[settings]\nmemory = 3\n\"{key}\" = 1");
    let shown = refused(&text);
    assert!(!shown.contains("hunter2") && !shown.contains(&key), "{shown}");
    insta::assert_snapshot!(shown, @r#"
    error[TW4003]: a secret in a configuration file
     --> tradewind.toml:1 at aws_secret_access_key
      got: a value under a name for secrets; it is not repeated here
      accepted: no secrets: no setting of Tradewind is one
      help: take it out, and revoke it if others have seen the file
    error[TW4003]: a secret in a configuration file
     --> tradewind.toml:2 at quotas
      got: a value that looks like a secret; it is not repeated here
      accepted: no secrets: no setting of Tradewind is one
      help: take it out, and revoke it if others have seen the file
    error[TW4003]: a secret in a configuration file
     --> tradewind.toml:5 at settings
      got: a key that looks like a secret; it is not repeated here
      accepted: no secrets: no setting of Tradewind is one
      help: take it out, and revoke it if others have seen the file
    exit 4
    "#);
    parse("[budgets]\ntokenizer = \"1\"\ntoken = \"2.50\"").expect("a project may have any name");
}
