//! The concentration cap, as people say it and read what it costs.

mod common;

use common::{Desk, JOB};

/// Fifty tasks with a deadline that accept spot, and some that may wait.
const QUEUE: &str = r#"{"id":"nightly","count":40,"vcpus":4,"memory":"16GiB","runtime":"1h","deadline":"2024-03-31T12:00:00Z","interruptible":true}
{"id":"report","count":10,"vcpus":8,"memory":"32GiB","runtime":"2h","deadline":"2024-03-31T09:00:00Z","interruptible":true}
{"id":"backfill","count":20,"vcpus":4,"memory":"8GiB","runtime":"3h","interruptible":true}
"#;

#[test]
fn the_price_stands_in_the_plan_and_is_confirmed_without_the_rule() {
    let desk = Desk::new("concentration");
    desk.write("q.jsonl", QUEUE);
    desk.write("c.toml", "[risk]\nconcentration = \"25%\"\n");
    let plan = ["plan", "q.jsonl", "--quotas", "none", "-o", "p.json"];
    let text = desk.run(&[&plan[..], &["--config", "c.toml"]].concat()).expect(0).stdout;
    let scarce: Vec<&str> =
        text.lines().skip_while(|l| !l.starts_with("Scarce")).take_while(|l| !l.is_empty()).collect();
    insta::assert_snapshot!(scarce.join("\n"), @r"
    Scarce: what one more unit would save
      what                      which                                          USD a unit  windows
      ------------------------  ---------------------------------------------  ----------  -------
      concentration, a % point  azure/centralindia/spot/x86_64/10% per 30d10h      0.0014
      concentration, a % point  azure/eastus/spot/x86_64/10% per 30d10h            0.0005
      concentration, a % point  azure/westus2/spot/x86_64/10% per 30d10h           0.0005
      concentration, a % point  azure/westus3/spot/x86_64/10% per 30d10h           0.0005
    ");
    desk.run(&["check", "p.json", "--config", "c.toml", "--quotas", "none"]).expect(0);
    let prices = desk.run(&["explain", "p.json", "--prices"]).expect(0).stdout;
    let rules: Vec<&str> = prices.lines().skip_while(|l| !l.starts_with("Rules")).collect();
    insta::assert_snapshot!(rules.join("\n"), @r"
    Rules, dearest first
      rule                                 jobs  taken away  tasks placed  USD saved
      -----------------------------------  ----  ----------  ------------  ---------
      25% of deadline work on a spot pool     2  without it             -       0.06
    ");
    // The flag wins over the file, and a file with another cap is told apart.
    desk.run(&[&plan[..], &["--config", "c.toml", "--concentration", "60%"]].concat()).expect(0);
    let other = desk.run(&["check", "p.json", "--config", "c.toml", "--quotas", "none"]).expect(5).stdout;
    assert!(other.contains("/rules/concentration"), "{other}");
}

#[test]
fn shares_that_are_none_are_refused() {
    let desk = Desk::new("concentration-bad");
    desk.write("q.jsonl", format!("{JOB}\n"));
    let configured = |value: &str| {
        desk.write("c.toml", format!("[risk]\nconcentration = {value}\n"));
        desk.run(&["plan", "q.jsonl", "--config", "c.toml"]).error()
    };
    insta::assert_snapshot!(configured("\"0%\""), @r#"
    error[TW4001]: not understood
     --> c.toml:2:17 at risk.concentration
      got: "0%" is not a share such as "40%", above 0% and at most 100%, with at most three decimals
      accepted: a share above "0%", at most "100%", with at most three decimals, e.g. "40%"
    exit 4
    "#);
    insta::assert_snapshot!(configured("0.4"), @r#"
    error[TW4001]: wrong kind of value
     --> c.toml:2:17 at risk.concentration
      got: a float
      accepted: a share above "0%", at most "100%", with at most three decimals, e.g. "40%"
    exit 4
    "#);
    insta::assert_snapshot!(desk.run(&["plan", "q.jsonl", "--concentration", "140%"]).error(), @r#"
    error[TW4005]: invalid value '140%' for '--concentration <SHARE>': "140%" is not a share such as "40%", above 0% and at most 100%, with at most three decimals

    For more information, try '--help'.
    exit 64
    "#);
}
