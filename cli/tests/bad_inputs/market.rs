//! Rows 30 to 36, 38, 39 and 41: prices, interruptions, quotas.

use crate::{job, printed, run, talk};

/// The columns of the offers below.
const HEADER: &str = "cloud,region,instance_type,vcpus,memory_gib,ondemand_usd_per_hour,spot_usd_per_hour,price_date\n";
/// Offers that nothing is wrong with.
const SOUND: &str = "aws,us-east-1,m5.large,2,8,0.096,0.035,2024-03-31";

/// A table of offers with these rows.
fn offers(rows: &[&str]) -> String {
    format!("{HEADER}{}\n", rows.join("\n"))
}

/// The quarantine of these offers, as `prices check` lists it.
fn judged(rows: &[&str]) -> String {
    printed(&[("m/offers.csv", &offers(rows))], &["prices", "check", "--market", "m", "--format", "csv"])
}

/// Why these tables are no market; sound offers stand in where none are given.
fn refused(tables: &[(&str, &str)]) -> String {
    let sound = ("offers.csv", &*offers(&[SOUND]));
    let given = tables.iter().any(|(name, _)| *name == "offers.csv");
    let tables = tables.iter().chain(if given { None } else { Some(&sound) });
    let tables: Vec<(String, &str)> = tables.map(|(name, text)| (format!("m/{name}"), *text)).collect();
    let tables: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    run(&tables, &["prices", "check", "--market", "m"])
}

/// What is wrong with these interruption rates.
fn hazards(rows: &str) -> String {
    refused(&[("hazards.csv", &format!("cloud,region,instance_type,value,unit,window_hours\n{rows}\n"))])
}

/// What a plan of a small job on these tables warns of with a code, missing transfer prices apart.
fn warned(tables: &[(&str, &str)], more: &[&str]) -> String {
    let queue = job("a", r#""regions":["aws/us-east-1"]"#);
    let tables = [&[("q.jsonl", queue.as_str())], tables].concat();
    let text = talk(&tables, &[&["plan", "q.jsonl", "--market", "m", "--format", "csv"], more].concat());
    let coded = |line: &&str| !line.starts_with("warning: ") || line.contains("[TW") && !line.contains("TW2009");
    text.lines().filter(coded).collect::<Vec<_>>().join("\n")
}

/// What is wrong with these limits.
fn with_quotas(rows: &str) -> String {
    let table = format!("cloud,scope,quota,market,unit,limit,usage\n{rows}");
    run(&[("q.jsonl", &job("a", "")), ("quotas.csv", &table)], &["plan", "q.jsonl", "--quotas", "quotas.csv"])
}

#[test]
fn row_30_prices_that_are_none() {
    let said = judged(&[
        "aws,us-east-1,m5.large,2,8,0.00,0.035,2024-03-31",
        "aws,us-east-1,m5.xlarge,4,16,-0.192,NaN,2024-03-31",
    ]);
    insta::assert_snapshot!(said, @r"
    region,instance_type,price,rule,code,usd_per_hour,expected,reason,line
    aws/us-east-1,m5.large,on-demand,zero-or-negative,TW2001,0.00,a price above zero,the on-demand price is zero,2
    aws/us-east-1,m5.xlarge,on-demand,zero-or-negative,TW2001,-0.192,a price above zero,the on-demand price is negative,3
    aws/us-east-1,m5.xlarge,spot,zero-or-negative,TW2001,NaN,a price above zero,the spot price is NaN,3
    exit 0
    ");
    let said = warned(&[("m/offers.csv", &offers(&["aws,us-east-1,m5.large,2,8,0.00,0.035,2024-03-31"]))], &[]);
    insta::assert_snapshot!(said, @r"
    warning: [TW2011] no quota row for aws (offers without a quota_family) spot in us-east-1: taken as 0
    warning: [TW2001] not believed and not used, of your prices: 1, m5.large in aws/us-east-1 first: the on-demand price is zero; `tradewind prices check` with the same --market lists them
    exit 3
    ");
    let said = refused(&[("offers.csv", &offers(&["aws,us-east-1,m5.large,2,8,cheap,0.035,2024-03-31"]))]);
    insta::assert_snapshot!(said, @r#"
    error[TW2014]: the table is not understood
     --> m/offers.csv:2 at ondemand_usd_per_hour
      got: "cheap"
      accepted: dollars per hour such as 0.0425
      help: no currency sign, no thousands comma
    exit 4
    "#);
}

#[test]
fn row_31_spot_dearer_than_on_demand() {
    insta::assert_snapshot!(judged(&["aws,us-east-1,m5.large,2,8,0.096,0.2,2024-03-31"]), @r"
    region,instance_type,price,rule,code,usd_per_hour,expected,reason,line
    aws/us-east-1,m5.large,spot,inverted-spot,TW2002,0.20,about 0.096000,the spot price is 2.08x of the on-demand price: interruptible capacity is never dearer,2
    exit 0
    ");
}

#[test]
fn row_32_a_jump() {
    insta::assert_snapshot!(judged(&["aws,us-east-1,m5.large,2,8,0.096,0.0065,2024-03-31"]), @r"
    region,instance_type,price,rule,code,usd_per_hour,expected,reason,line
    aws/us-east-1,m5.large,spot,jump,TW2003,0.0065,about 0.041400,the spot price is 0.16x of the price before,2
    exit 0
    ");
}

#[test]
fn row_33_prices_of_another_time() {
    let said = run(
        &[("q.jsonl", r#"{"id":"a","vcpus":2,"memory":"4GiB","runtime":"1h"}"#)],
        &["plan", "q.jsonl", "--as-of", "2024-04-10T00:00:00Z"],
    );
    insta::assert_snapshot!(said, @r"
    error[TW2004]: the spot prices are too old
      got: prices of 2024-03-31T00:00:00Z, plan as of 2024-04-10T00:00:00Z
      accepted: at most 6h old; these are 10 days
      help: leave --as-of out to plan at the market's own date, give fresher prices with --market, or set [limits] in the configuration
    exit 6
    ");
    let said = run(
        &[("q.jsonl", r#"{"id":"a","vcpus":2,"memory":"4GiB","runtime":"1h"}"#)],
        &["plan", "q.jsonl", "--as-of", "2024-03-01T00:00:00Z"],
    );
    insta::assert_snapshot!(said, @r"
    error[TW2005]: the prices are from the future
      got: prices of 2024-03-31T00:00:00Z, plan as of 2024-03-01T00:00:00Z
      accepted: prices of 2024-03-01T00:00:00Z or before
      help: leave --as-of out to plan at the market's own date, give fresher prices with --market, or set [limits] in the configuration
    exit 6
    ");
}

#[test]
fn row_34_interruptions_without_unit() {
    insta::assert_snapshot!(hazards("aws,us-east-1,m5.large,0.15,,"), @r#"
    error[TW2006]: an interruption rate that says too little
     --> m/hazards.csv:2 at unit
      got: ""
      accepted: per_hour, per_day, per_month, per_launch
      help: write value 0.15 and unit per_hour, per_day, per_month or per_launch (with window_hours)
    exit 4
    "#);
    insta::assert_snapshot!(hazards("aws,us-east-1,m5.large,1.5,per_month,"), @r#"
    error[TW2006]: an interruption rate that says too little
     --> m/hazards.csv:2 at value
      got: "1.5"
      accepted: a share from 0 to below 1
      help: write value 0.15 and unit per_hour, per_day, per_month or per_launch (with window_hours)
    exit 4
    "#);
    insta::assert_snapshot!(hazards("aws,us-east-1,m5.large,0.15,per_launch,"), @r#"
    error[TW2006]: an interruption rate that says too little
     --> m/hazards.csv:2 at window_hours
      got: ""
      accepted: the mean life of a launch in hours
      help: write value 0.15 and unit per_hour, per_day, per_month or per_launch (with window_hours)
    exit 4
    "#);
}

#[test]
fn row_35_an_offer_twice() {
    let said = judged(&[
        "aws,us-east-1,m5.large,2,8,0.096,0.035,2024-03-31",
        "aws,us-east-1,m5.large,2,8,0.106,0.035,2024-03-31",
    ]);
    insta::assert_snapshot!(said, @r#"
    region,instance_type,price,rule,code,usd_per_hour,expected,reason,line
    aws/us-east-1,m5.large,on-demand,duplicate,TW2007,0.096,one row per offer,"the on-demand price is stated differently in lines 2, 3",2
    aws/us-east-1,m5.large,on-demand,duplicate,TW2007,0.106,one row per offer,"the on-demand price is stated differently in lines 2, 3",3
    aws/us-east-1,m5.large,spot,duplicate,TW2007,0.035,one row per offer,"the spot price is stated differently in lines 2, 3",2
    aws/us-east-1,m5.large,spot,duplicate,TW2007,0.035,one row per offer,"the spot price is stated differently in lines 2, 3",3
    exit 0
    "#);
}

#[test]
fn row_36_a_price_per_month() {
    let said = judged(&[
        "aws,us-east-1,m5.large,2,8,70.08,0.035,2024-03-31",
        "aws,us-east-1,m5.xlarge,4,16,0.192,0.07,2024-03-31",
        "aws,us-east-1,m5.2xlarge,8,32,0.384,0.14,2024-03-31",
    ]);
    insta::assert_snapshot!(said, @r#"
    region,instance_type,price,rule,code,usd_per_hour,expected,reason,line
    aws/us-east-1,m5.large,on-demand,unit-suspected,TW2008,70.08,about 0.096000,"the on-demand price is 730.00x of what is expected, as a month's price would be",2
    exit 0
    "#);
}

#[test]
fn row_38_memory_in_gb() {
    let said = judged(&[
        "aws,us-east-1,m5.large,2,8.59,0.096,0.035,2024-03-31",
        "aws,us-east-1,m5.xlarge,4,17.18,0.192,0.07,2024-03-31",
    ]);
    insta::assert_snapshot!(said, @r#"
    region,instance_type,price,rule,code,usd_per_hour,expected,reason,line
    aws/us-east-1,m5.large,on-demand,memory-unit,TW2010,0.096,memory_gib in GiB,"the on-demand price is of a machine of 8.59 GiB, which is 8 GiB written in GB",2
    aws/us-east-1,m5.large,spot,memory-unit,TW2010,0.035,memory_gib in GiB,"the spot price is of a machine of 8.59 GiB, which is 8 GiB written in GB",2
    aws/us-east-1,m5.xlarge,on-demand,memory-unit,TW2010,0.192,memory_gib in GiB,"the on-demand price is of a machine of 17.18 GiB, which is 16 GiB written in GB",3
    aws/us-east-1,m5.xlarge,spot,memory-unit,TW2010,0.07,memory_gib in GiB,"the spot price is of a machine of 17.18 GiB, which is 16 GiB written in GB",3
    exit 0
    "#);
}

#[test]
fn row_39_quotas() {
    insta::assert_snapshot!(with_quotas("aws,*,Standard,on_demand,vcpu,-5,0\n"), @r#"
    error[TW2011]: a quota that does not hold
     --> quotas.csv:2 at limit
      got: "-5"
      accepted: a whole number from 0
      help: a limit is a whole number from 0, in the row's unit
    exit 4
    "#);
    insta::assert_snapshot!(with_quotas("aws,*,Standard,on_demand,vcpu,10,12\n"), @r"
    error[TW2011]: a quota that does not hold
     --> quotas.csv:2 at usage
      got: usage 12 is above the limit 10
      accepted: at most 10
      help: check both figures: a cloud never shows more in use than allowed
    exit 4
    ");
    insta::assert_snapshot!(with_quotas("aws,*,Standrd,on_demand,vcpu,10,0\n"), @r#"
    error[TW2011]: a quota that does not hold
     --> quotas.csv:2 at quota
      got: unknown quota aws/*/Standrd/on_demand
      accepted: a quota that offers of the market count against
      help: did you mean "Standard"?
    exit 4
    "#);
    insta::assert_snapshot!(with_quotas("aws,us-eats-1,Standard,on_demand,vcpu,10,0\n"), @r#"
    error[TW2011]: a quota that does not hold
     --> quotas.csv:2 at scope
      got: unknown region "us-eats-1" of aws
      accepted: a region, `global`, or `*` for every region
      help: did you mean "us-east-1"?
    exit 4
    "#);
    let said = with_quotas("aws,*,Standard,on_demand,vcpu,10,0\naws,*,Standard,on_demand,vcpu,20,0\n");
    insta::assert_snapshot!(said, @r"
    error[TW2011]: a quota that does not hold
     --> quotas.csv:3 at quota
      got: aws/*/Standard/on_demand occurs twice, first at quotas.csv:2:quota
      accepted: one row per quota
      help: remove one of the two
    exit 4
    ");
    let said = warned(
        &[("m/offers.csv", &offers(&[SOUND])), ("quotas.csv", "cloud,scope,quota,market,unit,limit,usage\n")],
        &["--quotas", "quotas.csv"],
    );
    insta::assert_snapshot!(said, @r"
    warning: [TW2011] no quota row for aws (offers without a quota_family) on_demand in us-east-1: taken as 0
    warning: [TW2011] no quota row for aws (offers without a quota_family) spot in us-east-1: taken as 0
    exit 3
    ");
}

#[test]
fn row_41_currencies() {
    let said = refused(&[(
        "offers.csv",
        &(HEADER.replace("price_date", "price_date,currency")
            + "aws,us-east-1,m5.large,2,8,0.096,0.035,2024-03-31,EUR"),
    )]);
    insta::assert_snapshot!(said, @r#"
    error[TW2013]: prices that are not in dollars
     --> m/offers.csv:2 at currency
      got: "EUR"
      accepted: USD
      help: convert the prices first; nothing is converted silently
    exit 4
    "#);
    let said = refused(&[(
        "offers.csv",
        &(HEADER.replace("spot_usd", "spot_eur") + "aws,us-east-1,m5.large,2,8,0.096,0.035,2024-03-31"),
    )]);
    insta::assert_snapshot!(said, @r#"
    error[TW2013]: prices that are not in dollars
     --> m/offers.csv:1 at spot_eur_per_hour
      got: a price column "spot_eur_per_hour"
      accepted: USD
      help: convert the prices first; nothing is converted silently
    exit 4
    "#);
}

#[test]
fn prices_off_their_series() {
    let said = judged(&[
        "aws,us-east-1,m5.large,2,8,0.096,0.035,2024-03-31",
        "aws,us-east-1,m5.xlarge,4,16,0.192,0.07,2024-03-31",
        "aws,us-east-1,m5.2xlarge,8,32,0.384,0.14,2024-03-31",
        "aws,us-east-1,m5.4xlarge,16,64,1.2,0.3,2024-03-31",
        "aws,us-east-1,m5.8xlarge,32,128,1.536,0.02,2025-06-30",
    ]);
    insta::assert_snapshot!(said, @r"
    region,instance_type,price,rule,code,usd_per_hour,expected,reason,line
    aws/us-east-1,m5.4xlarge,on-demand,off-series,TW2017,1.20,about 0.768000,the on-demand price is 1.56x of the other sizes of its series in the region,5
    aws/us-east-1,m5.8xlarge,spot,spot-share-off-series,TW2018,0.02,about 0.560000,the spot price is 0.04x of what its peers' share of on-demand says,6
    exit 0
    ");
}
