//! A configuration from the file to the plan, its check and `config show`.

mod common;

use common::{Desk, root};
use serde_json::{Value, json};

const CONTRACT: &str = r#"
[[discount]]
name = "edp"
percent = "12.5%"
clouds = ["aws"]
capacity = "on_demand"
[[commitment]]
name = "sp"
usd_per_hour = "0.300"
percent = "20%"
regions = ["aws/us-east-1"]
"#;
const RULE: &str = r#"
[[rule]]
id = "only-us-east-1"
text = "our network ends there"
when = { projects = ["net*"] }
allow = { regions = ["aws/us-east-1"] }
[[rule]]
id = "no-burst"
text = "small nodes only"
deny = { instance_types = ["t*"] }
"#;
/// Two nodes' worth of 2 vCPUs and 8 GiB, a project that the rule concerns.
const QUEUE: &str = r#"{"id":"a","project":"network","vcpus":2,"memory":"7GiB","runtime":"2h","count":8,"deadline":"2024-03-31T02:30:00Z"}
{"id":"b","vcpus":2,"memory":"7GiB","runtime":"2h","clouds":["aws"],"deadline":"2024-03-31T02:30:00Z"}
"#;

fn desk(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", QUEUE).write("policy.toml", RULE);
    desk.write("tradewind.toml", format!("policy = [\"policy.toml\"]\n{CONTRACT}"));
    desk
}

fn plan_of(desk: &Desk, config: &str) -> Value {
    desk.run(&["plan", "q.jsonl", "--config", config, "-o", "plan.json"]).expect(0);
    serde_json::from_str(&desk.read("plan.json")).expect("JSON")
}

fn usd(value: &Value) -> f64 {
    value.as_str().expect("an amount").parse().expect("a number")
}

#[test]
fn a_plan_under_a_contract_and_policies_holds() {
    let desk = desk("config-plan");
    let plan = plan_of(&desk, "tradewind.toml");
    desk.run(&["check", "plan.json", "--config", "tradewind.toml", "--queue", "q.jsonl"]).expect(0);
    let allocations = plan["allocations"].as_array().expect("a list");
    let of_net: Vec<&Value> =
        plan["placements"].as_array().expect("a list").iter().filter(|p| p["job"] == "a").collect();
    for p in of_net {
        let at = allocations.iter().find(|a| a["id"] == p["allocation"]).expect("an allocation");
        assert_eq!(at["region"], "aws/us-east-1", "the rule holds");
    }
    // Placements, stagings and what is owed are the whole cost.
    let placements: f64 =
        plan["placements"].as_array().expect("a list").iter().map(|p| usd(&p["expected_cost_usd"])).sum();
    let owed = usd(&plan["cost"]["commitment_usd"]);
    assert!((owed - 0.3 * 48.0).abs() < 1e-9, "{owed}");
    assert!((placements + owed - usd(&plan["summary"]["cost_usd"])).abs() < 1e-9);
    let committed = allocations.iter().filter(|a| a["commitment"] == "sp");
    assert!(committed.clone().count() > 0 && committed.clone().all(|a| usd(&a["usd_per_hour"]) == 0.0));
    // What is bought beside the commitment is bought at the discount, with the list price beside it.
    let market = &plan["market"];
    assert_eq!(market["discounts"], json!([{"name": "edp", "percent": "12.5%"}]));
    for offer in market["offers"].as_array().expect("a list").iter().filter(|o| o[2] == 0 && o[6] == 0) {
        let (price, list) = (offer[3].as_i64().expect("a price"), offer[7].as_i64().expect("a list price"));
        assert!((price * 1000 - list * 875).abs() <= 500, "{offer}");
    }
    let page = desk.run(&["plan", "q.jsonl", "--config", "tradewind.toml"]).expect(0).stdout;
    assert!(page.contains("unused USD") && page.contains("committed"), "{page}");
}

/// More commitment lowers what is spent on nodes, whatever is owed.
#[test]
fn a_commitment_never_raises_what_is_bought() {
    let desk = desk("config-bought");
    let without = CONTRACT.split("[[commitment]]").next().expect("the discount");
    desk.write("plain.toml", format!("policy = [\"policy.toml\"]\n{without}"));
    let bought = |plan: &Value| usd(&plan["summary"]["cost_usd"]) - usd(&plan["cost"]["commitment_usd"]);
    let (plain, committed) = (plan_of(&desk, "plain.toml"), plan_of(&desk, "tradewind.toml"));
    assert_eq!(plain["summary"]["placed"], committed["summary"]["placed"]);
    assert!(bought(&committed) < 0.95 * bought(&plain), "{} and {}", bought(&committed), bought(&plain));
}

#[test]
fn a_plan_against_another_contract_or_policy_is_named() {
    let desk = desk("config-compare");
    plan_of(&desk, "tradewind.toml");
    let other = CONTRACT.replace("12.5%", "12%");
    desk.write("other.toml", format!("policy = [\"policy.toml\"]\n{other}"));
    let shown = desk.run(&["check", "plan.json", "--config", "other.toml", "--format", "csv"]).expect(5).stdout;
    assert!(shown.contains("/market/discounts/0/percent"), "{shown}");
    desk.write("less.toml", CONTRACT);
    let shown = desk.run(&["check", "plan.json", "--config", "less.toml", "--format", "csv"]).expect(5).stdout;
    assert!(shown.contains("/rules/policies"), "{shown}");
}

/// A plan that breaks a rule, with every hash made right again, is caught from its file alone.
#[test]
fn a_forged_plan_does_not_get_round_a_policy() {
    let desk = desk("config-forged");
    let mut plan = plan_of(&desk, "tradewind.toml");
    plan["rules"]["policies"][0]["allow"] = json!({"regions": ["gcp/us-central1"]});
    let forged: tradewind_core::plan::Plan = serde_json::from_value(plan).expect("a plan");
    let mut forged = forged;
    forged.inputs.rules_hash = tradewind_core::hash::of(&forged.rules);
    let report = tradewind_core::check::check(&forged.sealed());
    assert!(report.violations.iter().any(|v| v.rule == "policy"), "{:#?}", report.violations);
}

#[test]
fn jobs_that_a_policy_leaves_nowhere_say_so() {
    let desk = desk("config-nowhere");
    let rule = "[[rule]]\nid = \"nowhere\"\ntext = \"frozen\"\nwhen = { projects = [\"network\"] }\ndeny = { clouds = [\"*\"] }";
    desk.write("policy.toml", rule);
    let plan = plan_of(&desk, "tradewind.toml");
    assert_eq!(plan["unplaced"][0]["job"], "a");
    let reason = &plan["unplaced"][0]["reasons"];
    let policy = reason.as_array().expect("a list").iter().find(|r| r["reason"] == "policy").expect("a reason");
    assert_eq!(policy["detail"], "nowhere (frozen)");
}

#[test]
fn names_that_the_market_lacks_are_told() {
    let desk = desk("config-strange");
    desk.write("policy.toml", "[[rule]]\nid = \"r\"\ntext = \"t\"\ndeny = { clouds = [\"azur\"] }");
    let shown = desk.run(&["plan", "q.jsonl", "--config", "tradewind.toml"]).expect(0).stdout;
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        shown.contains(r#"policy "r" names the cloud "azur", which the market lacks; did you mean "azure"?"#),
        "{shown}"
    );
}

#[test]
fn a_broken_policy_denies_every_command() {
    let desk = desk("config-denied");
    plan_of(&desk, "tradewind.toml");
    desk.write("policy.toml", "[[rule]]\nid = \"r\"\ndenny = {}");
    for command in [
        vec!["plan", "q.jsonl", "-o", "new.json"],
        vec!["check", "plan.json"],
        vec!["config", "show"],
        vec!["prices", "show"],
    ] {
        let ran = desk.run(&[command, vec!["--config", "tradewind.toml"]].concat()).expect(5);
        assert!(
            ran.stderr.contains("error[TW4007]: unknown key\n --> policy.toml:3:1 at rule[0].denny"),
            "{}",
            ran.stderr
        );
    }
    assert!(!desk.names().contains(&"new.json".to_owned()));
}

#[test]
fn show_tells_each_setting_and_where_it_was_said() {
    let desk = desk("config-show");
    let shown = desk.run(&["config", "show", "--config", "tradewind.toml", "--snapshot", "2026"]).expect(0);
    insta::assert_snapshot!(shown.stdout, @r#"
    22 settings in force, 6 of them said by you

    Settings
      setting                     value                                              origin
      --------------------------  -------------------------------------------------  -------------------
      config                      tradewind.toml                                     argument --config
      market                      embedded snapshot of 2026                          argument --snapshot
      quotas                      the embedded mid-size account                      default
      spending.soft               80%                                                default
      spending.critical_priority  50                                                 default
      settings.memory             usable                                             default
      settings.hazard             default                                            default
      settings.boot               true                                               default
      settings.disk               true                                               default
      settings.address            true                                               default
      settings.allow_inverted     false                                              default
      risk.max_miss_probability   0.01                                               default
      risk.concentration          no limit                                           default
      horizon.length              2d                                                 default
      horizon.window              1h                                                 default
      limits.spot_age             as the tables say                                  default
      limits.on_demand_age        as the tables say                                  default
      egress.programme            none                                               default
      discount.edp                12.5% off list on clouds aws; on_demand            tradewind.toml:3
      commitment.sp               0.30 USD/h, covers at 20% off list on regions      tradewind.toml:8
                                  aws/us-east-1
      policy.only-us-east-1       projects net*: only regions aws/us-east-1 (our     policy.toml:2
                                  network ends there)
      policy.no-burst             all jobs: not types t* (small nodes only)          policy.toml:7
    "#);
    let json = desk.run(&["config", "show", "--format", "json"]).expect(0).stdout;
    let settings: Vec<Value> = serde_json::from_str(&json).expect("JSON");
    assert!(settings.iter().all(|s| s["origin"] == "default"), "{json}");
    let error = desk.run(&["config", "show", "--format", "json", "--config", "none.toml"]).expect(4);
    assert!(error.stderr.contains("\"code\": \"TW1000\""), "errors are JSON too: {}", error.stderr);
}

#[test]
fn the_environment_is_an_origin_and_arguments_win() {
    let desk = desk("config-env");
    desk.write("other.toml", "[horizon]\nlength = \"6h\"");
    let ran = desk.run_with("TRADEWIND_CONFIG", "other.toml", &["config", "show", "--format", "csv"]).expect(0);
    assert!(ran.stdout.contains("config,other.toml,environment TRADEWIND_CONFIG\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("horizon.length,6h,other.toml:2\n"), "{}", ran.stdout);
    let typed = ["config", "show", "--format", "csv", "--config", "tradewind.toml", "--quotas", "none"];
    let ran = desk.run_with("TRADEWIND_CONFIG", "other.toml", &typed).expect(0);
    assert!(ran.stdout.contains("config,tradewind.toml,argument --config\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("quotas,none,argument --quotas\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("horizon.length,2d,default\n"), "{}", ran.stdout);
    // An empty variable is a slip in a script; planning without budgets and policies would be a dear guess.
    let ran = desk.run_with("TRADEWIND_CONFIG", "", &["config", "show"]).expect(64);
    assert!(ran.stderr.contains("--config"), "{}", ran.stderr);
}

#[test]
fn the_full_example_is_planned_and_checked() {
    let desk = Desk::new("config-full");
    let file = root().join("cli/demo/tradewind-full.toml").display().to_string();
    let queue: String =
        desk.run(&["demo", "--print-queue"]).expect(0).stdout.lines().take(12).map(|l| format!("{l}\n")).collect();
    desk.write("q.jsonl", queue);
    desk.run(&["plan", "q.jsonl", "--config", &file, "-o", "plan.json"]).expect(0);
    desk.run(&["check", "plan.json", "--config", &file, "--queue", "q.jsonl"]).expect(0);
    let plan: Value = serde_json::from_str(&desk.read("plan.json")).expect("JSON");
    assert_eq!(plan["rules"]["policies"].as_array().map(Vec::len), Some(4));
    assert!(
        plan["assumptions"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|a| { a.as_str().is_some_and(|a| a.starts_with("egress programme eu-at-cost: 0.008 USD/GB")) })
    );
}
