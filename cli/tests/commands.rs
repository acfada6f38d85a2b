//! The built command: what people see, what the shell is told.

mod common;

use common::{Desk, JOB};
use serde_json::Value;

#[test]
fn help_and_version_are_answers() {
    let desk = Desk::new("help");
    let version = desk.run(&["--version"]).expect(0);
    assert!(version.stdout.starts_with("tradewind "), "{}", version.stdout);
    let help = desk.run(&["--help"]).expect(0);
    assert!(help.stdout.lines().all(|l| l.chars().count() <= 100), "{}", help.stdout);
    for command in ["plan", "check", "explain", "queue", "config", "show", "diff", "offers", "prices", "demo"] {
        assert!(help.stdout.contains(command));
    }
    let commands = "plan,check,explain,show,diff,offers,demo,prices show,prices check,config show,queue validate,\
                    queue convert,queue synth";
    for command in commands.split(',') {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let own = desk.run(&words).expect(0).stdout;
        assert!(own.lines().all(|l| l.chars().count() <= 100), "{own}");
    }
}

#[test]
fn usage_errors_are_64() {
    let desk = Desk::new("usage");
    desk.write("q.jsonl", JOB);
    for arguments in [
        &["plan"][..],
        &["plan", "q.jsonl", "--seed", "x"],
        &["plan", "q.jsonl", "--horizon", "48"],
        &["plan", "q.jsonl", "--window", "0s"],
        &["plan", "q.jsonl", "--as-of", "2024-03-31"],
        &["plan", "q.jsonl", "--gap", "-1"],
        &["plan", "q.jsonl", "--threads", "0"],
        &["plan", "q.jsonl", "--detailed-exitcode"],
        &["plan", "q.jsonl", "--fail-over", "5%"],
        &["diff", "p.json", "p.json", "--fail-over", "-5%"],
        &["diff", "p.json"],
        &["plan", "q.jsonl", "--market", "m", "--snapshot", "2026"],
        &["plan", "q.jsonl", "--horizon", "90000h", "--window", "1s"],
        &["offers", "--vcpus", "many"],
        &["offers", "--memory", "64"],
        &["offers", "--cloud", "awz"],
        &["nonsense"],
    ] {
        let ran = desk.run(arguments).expect(64);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("error"), "{arguments:?}: {}", ran.stderr);
    }
    insta::assert_snapshot!(desk.run(&["offers", "--gpu", "A1000"]).error(), @r#"
    error[TW4005]: unknown GPU model
      got: A1000
      help: did you mean "A100"?
    exit 64
    "#);
    insta::assert_snapshot!(desk.run(&["plan", "q.jsonl", "-o", "q.jsonl"]).error(), @r"
    error[TW4005]: the plan would overwrite the queue
      got: q.jsonl
      help: name another file
    exit 64
    ");
    assert_eq!(desk.read("q.jsonl"), JOB);
}

#[test]
fn bad_queues_are_4_and_nothing_is_written() {
    let desk = Desk::new("bad-queue");
    insta::assert_snapshot!(desk.run(&["plan", "none.jsonl"]).error(), @r"
    error[TW1000]: the file cannot be read
     --> none.jsonl
      got: No such file or directory (os error 2)
      help: check the path and its permissions
    exit 4
    ");
    desk.write("empty.jsonl", "");
    insta::assert_snapshot!(desk.run(&["plan", "empty.jsonl", "-o", "p.json"]).error(), @r"
    error[TW1001]: the queue is empty
     --> empty.jsonl
      got: 0 jobs
      accepted: at least one job
      help: --allow-empty makes this exit 0
    exit 4
    ");
    desk.run(&["plan", "empty.jsonl", "--allow-empty"]).expect(0);
    desk.write("q.jsonl", format!("{JOB}\n{}", r#"{"id":"b","vcpus":2,"memory":"16G","runtime":"1h","deadlne":1}"#));
    insta::assert_snapshot!(desk.run(&["plan", "q.jsonl", "-o", "p.json"]).error(), @r#"
    error[TW1010]: unknown field
     --> q.jsonl:2 at /deadlne
      got: deadlne
      help: did you mean "deadline"?
    error[TW1012]: not a size with a unit
     --> q.jsonl:2 at /memory
      got: "16G"
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write "16GiB" (powers of 1024) or "16GB" (powers of 1000)
    exit 4
    "#);
    let json = desk.run(&["plan", "q.jsonl", "--format", "json"]).expect(4);
    let errors: Value = serde_json::from_str(&json.stderr).expect("JSON");
    assert_eq!((&errors["total"], &errors["errors"][1]["code"]), (&2.into(), &"TW1012".into()));
    assert_eq!(desk.names(), ["empty.jsonl", "q.jsonl"]);
}

#[test]
fn names_are_checked_against_the_market() {
    let desk = Desk::new("against");
    let with = |fields: &str| {
        desk.write("q.jsonl", JOB.replace('}', &format!(",{fields}}}")));
        desk.run(&["plan", "q.jsonl"]).error()
    };
    insta::assert_snapshot!(with(r#""regions":["aws/us-eats-1"]"#), @r#"
    error[TW1018]: unknown region
     --> q.jsonl:1 at /regions
      got: "aws/us-eats-1"
      accepted: a region of this market
      help: did you mean "aws/us-east-1"?
    exit 4
    "#);
    insta::assert_snapshot!(with(r#""regions":["azure/us-east-1"]"#), @r#"
    error[TW1018]: unknown region
     --> q.jsonl:1 at /regions
      got: "azure/us-east-1"
      accepted: a region of this market
      help: did you mean "aws/us-east-1"?
    exit 4
    "#);
    insta::assert_snapshot!(with(r#""inputs":[{"location":"gcp/mars","size":"1GB"}]"#), @r#"
    error[TW1018]: unknown region
     --> q.jsonl:1 at /inputs
      got: "gcp/mars"
      accepted: a region of this market
      help: `tradewind offers --cloud CLOUD` lists regions
    exit 4
    "#);
    insta::assert_snapshot!(with(r#""clouds":["awz"]"#), @r#"
    error[TW1018]: unknown cloud
     --> q.jsonl:1 at /clouds
      got: "awz"
      accepted: aws, azure, gcp
      help: did you mean "aws"?
    exit 4
    "#);
    assert!(with(r#""residency":["EUU"]"#).contains("did you mean \"EU\"?"));
    let gpu = with(r#""gpu":{"model":"A1000","count":1}"#);
    assert!(gpu.contains("TW1013") && gpu.contains("A100-80GB") && gpu.contains("did you mean \"A100\"?"), "{gpu}");
}

#[test]
fn a_bad_configuration_is_4() {
    let desk = Desk::new("config");
    desk.write("q.jsonl", JOB).write("c.toml", "[settings]\nmemroy = \"nominal\"");
    insta::assert_snapshot!(desk.run(&["plan", "q.jsonl", "--config", "c.toml"]).error(), @r#"
    error[TW4001]: unknown key
     --> c.toml:2:1 at settings.memroy
      got: memroy
      accepted: memory, hazard, boot, disk, address, allow_inverted
      help: did you mean "memory"?
    exit 4
    "#);
    desk.run(&["offers", "--config", "none.toml"]).expect(4);
}

#[test]
fn prices_of_another_time_are_6() {
    let desk = Desk::new("stale");
    desk.write("q.jsonl", JOB);
    insta::assert_snapshot!(desk.run(&["plan", "q.jsonl", "--as-of", "2024-04-10T00:00:00Z"]).error(), @r"
    error[TW2004]: the spot prices are too old
      got: prices of 2024-03-31T00:00:00Z, plan as of 2024-04-10T00:00:00Z
      accepted: at most 6h old; these are 10 days
      help: leave --as-of out to plan at the market's own date, give fresher prices with --market, or set [limits] in the configuration
    exit 6
    ");
    insta::assert_snapshot!(desk.run(&["plan", "q.jsonl", "--as-of", "2024-03-01T00:00:00Z"]).error(), @r"
    error[TW2005]: the prices are from the future
      got: prices of 2024-03-31T00:00:00Z, plan as of 2024-03-01T00:00:00Z
      accepted: prices of 2024-03-01T00:00:00Z or before
      help: leave --as-of out to plan at the market's own date, give fresher prices with --market, or set [limits] in the configuration
    exit 6
    ");
    desk.run(&["plan", "q.jsonl", "--as-of", "now"]).expect(6);
    desk.write("c.toml", "[limits]\nspot_age = \"30d\"\non_demand_age = \"30d\"");
    let late = ["plan", "q.jsonl", "--as-of", "2024-04-10T00:00:00Z", "--config", "c.toml"];
    let ran = desk.run(&late).expect(0);
    assert!(ran.stdout.contains("prices of 2024-03-31 are applied to a plan as of 2024-04-10"), "{}", ran.stdout);
}

/// Without `--as-of` the plan starts where there are both prices and work, and says so.
#[test]
fn a_later_queue_is_planned_at_its_own_time() {
    let desk = Desk::new("later");
    desk.write("q.jsonl", JOB.replace('}', r#","submit":"2026-11-22T00:00:00Z"}"#));
    let ran = desk.run(&["plan", "q.jsonl"]).expect(0);
    assert!(
        ran.stdout.contains("prices of 2024-03-31 are applied to a queue that starts 2026-11-22"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("from 2026-11-22T00:00:00Z for 2d"), "{}", ran.stdout);
}

#[test]
fn a_plan_is_written_whole_and_holds() {
    let desk = Desk::new("plan");
    desk.write("q.jsonl", JOB);
    let table = desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    assert!(table.stdout.lines().all(|l| l.chars().count() <= 100), "{}", table.stdout);
    assert!(!table.stdout.contains('\x1b'), "no colour where nobody looks");
    assert_eq!(desk.names(), ["p.json", "q.jsonl"], "no temporary file is left");
    let from_all = ["check", "p.json", "--queue", "q.jsonl", "--snapshot", "2024"];
    let check = desk.run(&from_all).expect(0);
    assert!(check.stdout.starts_with("p.json: holds; "), "{}", check.stdout);
    let printed = desk.run(&["plan", "q.jsonl", "--format", "json"]).expect(0);
    assert_eq!(printed.stdout, desk.read("p.json"), "the same bytes, printed or written");
    let csv = desk.run(&["plan", "q.jsonl", "--format", "csv"]).expect(0);
    assert!(csv.stdout.starts_with("job,first_task,"), "{}", csv.stdout);
    assert!(desk.run(&["plan", "q.jsonl", "--format", "md"]).expect(0).stdout.starts_with("## 1 job, 1 task"));
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_the_work() {
    let desk = Desk::new("unwritable");
    desk.write("q.jsonl", JOB);
    std::fs::create_dir(desk.path("folder")).expect("a folder");
    insta::assert_snapshot!(desk.run(&["plan", "q.jsonl", "-o", "folder"]).error(), @r"
    error[TW4008]: the file cannot be written
     --> folder
      got: it is a directory
      help: a file that was there before is unchanged
    exit 4
    ");
    insta::assert_snapshot!(desk.run(&["plan", "q.jsonl", "-o", "none/p.json"]).error(), @r"
    error[TW4008]: the file cannot be written
     --> none/p.json
      got: No such file or directory (os error 2)
      help: a file that was there before is unchanged
    exit 4
    ");
}

#[test]
fn a_plan_that_decides_something_else_is_2() {
    let desk = Desk::new("detailed");
    desk.write("q.jsonl", JOB);
    let plan = ["plan", "q.jsonl", "-o", "p.json", "--detailed-exitcode"];
    desk.run(&plan).expect(0);
    desk.run(&plan).expect(0);
    desk.write("q.jsonl", JOB.replace("\"vcpus\":2", "\"vcpus\":30"));
    desk.run(&plan).expect(2);
    desk.run(&plan).expect(0);
}

#[test]
fn nothing_placed_is_3() {
    let desk = Desk::new("nothing");
    desk.write("q.jsonl", JOB.replace("\"vcpus\":2", "\"vcpus\":90000"));
    let ran = desk.run(&["plan", "q.jsonl"]).expect(3);
    assert!(ran.stdout.contains("no node is large enough"), "{}", ran.stdout);
    assert!(
        ran.stdout.starts_with("1 job, 1 task: none placed\nNo plan places any of them (proven).\n"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("0.00"), "nothing is said about the cost of nothing: {}", ran.stdout);
}

#[test]
fn a_gap_or_time_that_was_missed_is_8() {
    let desk = Desk::new("limits");
    desk.write("q.jsonl", JOB);
    let ran = desk.run(&["plan", "q.jsonl", "--time-limit", "1ms"]);
    assert_eq!(ran.code, 8, "{}", ran.stderr);
    let reached = desk.run(&["plan", "q.jsonl", "--gap", "1000%"]).expect(0);
    assert!(reached.stdout.contains("Ended"), "{}", reached.stdout);
}

#[test]
fn tampered_and_broken_plans() {
    let desk = Desk::new("tampered");
    desk.write("q.jsonl", JOB);
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    let plan = desk.read("p.json");
    desk.write("edited.json", plan.replacen("\"placed\":1", "\"placed\":2", 1));
    let edited = desk.run(&["check", "edited.json", "--format", "json"]).expect(5);
    let report: Value = serde_json::from_str(&edited.stdout).expect("JSON");
    let rules: Vec<&str> =
        report["violations"].as_array().expect("a list").iter().filter_map(|v| v["rule"].as_str()).collect();
    assert!(rules.contains(&"hash") && rules.len() > 1, "every violation, not the first: {rules:?}");

    desk.write("cut.json", &plan[..plan.len() / 2]).write("empty.json", "").write("other.json", "{}");
    desk.write("newer.json", plan.replacen("tradewind.plan/1", "tradewind.plan/2", 1));
    desk.write("newest.json", r#"{"schema":"tradewind.plan/9","unknown":1}"#);
    for (file, code) in
        [("cut", "TW3007"), ("empty", "TW3007"), ("other", "TW3007"), ("newer", "TW3003"), ("newest", "TW3003")]
    {
        let ran = desk.run(&["check", &format!("{file}.json")]).expect(4);
        assert!(ran.stderr.contains(code), "{file}: {}", ran.stderr);
    }
    insta::assert_snapshot!(desk.run(&["check", "newest.json"]).error(), @r#"
    error[TW3003]: the plan is of another version
     --> newest.json
      got: "tradewind.plan/9"
      accepted: "tradewind.plan/1"
      help: read it with the version that wrote it, or plan again
    exit 4
    "#);
    insta::assert_snapshot!(desk.run(&["check", "empty.json"]).error(), @r#"
    error[TW3007]: the file is empty
     --> empty.json
      got: EOF while parsing a value
      accepted: a whole "tradewind.plan/1"
      help: plan again
    exit 4
    "#);

    desk.write("q2.jsonl", JOB.replace("1h", "2h"));
    let other_queue = desk.run(&["check", "p.json", "--queue", "q2.jsonl"]).expect(5);
    assert!(other_queue.stdout.contains("input-queue"), "{}", other_queue.stdout);
}

#[test]
fn offers_are_filtered_and_sorted() {
    let desk = Desk::new("offers");
    let list = |arguments: &[&str]| -> Value {
        let ran = desk.run(&[&["offers", "--format", "json"], arguments].concat()).expect(0);
        serde_json::from_str(&ran.stdout).expect("JSON")
    };
    let all = list(&["--gpu", "A100:8", "--spot", "--cloud", "aws,gcp"]);
    let offers = all["offers"].as_array().expect("a list");
    assert!(!offers.is_empty() && all["matching"].as_u64() == Some(offers.len() as u64));
    for o in offers {
        assert_eq!((&o["gpu"], &o["gpus"], &o["capacity_type"]), (&"A100".into(), &8.0.into(), &"spot".into()));
        let hazard = &o["hazard"];
        assert!(hazard["value"].is_number() && hazard["unit"].as_str().is_some_and(|u| u.starts_with("per_")));
        assert!(!o["region"].as_str().expect("a region").starts_with("azure/"));
    }
    let price = |o: &Value| o["usd_per_hour"].as_str().and_then(|p| p.parse::<f64>().ok()).expect("a price");
    assert!(offers.windows(2).all(|w| price(&w[0]) <= price(&w[1])), "the cheapest first");

    let eu =
        list(&["--residency", "EU", "--vcpus", "16", "--memory", "64GiB+", "--on-demand", "--sort", "price-per-gib"]);
    let eu = eu["offers"].as_array().expect("a list");
    assert!(eu.iter().all(|o| o["vcpus"] == 16.0 && o["memory_gib"].as_f64() >= Some(64.0) && o["hazard"].is_null()));
    assert!(eu.iter().all(|o| o["burstable"] == false));
    let with = list(&["--arch", "arm64", "--burstable", "--region", "aws/us-east-1", "--limit", "5"]);
    assert_eq!(with["offers"].as_array().map(Vec::len), Some(5));
}

#[test]
fn offers_as_a_table() {
    let desk = Desk::new("offers-table");
    let table = desk.run(&["offers", "--gpu", "H100:8", "--region", "aws/us-east-1,aws/us-west-2"]).expect(0).stdout;
    let (rows, source) = table.split_at(table.find("An offer is").expect("the source"));
    insta::assert_snapshot!(rows, @r"
    4 of the market's 90,834 offers

    Offers
      region         type         bought  vCPU   GiB  GPU       USD/h  per vCPU         lost
      -------------  -----------  ------  ----  ----  ------  -------  --------  -----------
      aws/us-west-2  p5.48xlarge  spot     192  1980  8 H100  30.9636    0.1613  7.5 %/month
      aws/us-east-1  p5.48xlarge  spot     192  1980  8 H100  60.1369    0.3132   30 %/month
      aws/us-east-1  p5.48xlarge  demand   192  1980  8 H100  98.3200    0.5121
      aws/us-west-2  p5.48xlarge  demand   192  1980  8 H100  98.3200    0.5121
    ");
    assert!(source.contains("snapshot 2024-03-31"), "{source}");
    for format in ["table", "md", "csv"] {
        let ran = desk.run(&["offers", "--format", format, "--limit", "3"]).expect(0);
        assert!(format != "table" || ran.stdout.lines().all(|l| l.chars().count() <= 100), "{}", ran.stdout);
    }
}

#[test]
fn prices_say_where_they_are_from() {
    let desk = Desk::new("prices");
    let show = desk.run(&["prices", "show"]).expect(0).stdout;
    assert!(show.starts_with("Snapshot 2024-03-31: prices of 2024-03-31"), "{show}");
    assert!(show.contains("Apache-2.0") && show.contains("Assumptions"), "{show}");
    assert!(show.lines().all(|l| l.chars().count() <= 100), "{show}");
    let newer: Value =
        serde_json::from_str(&desk.run(&["prices", "show", "--snapshot", "2026", "--format", "json"]).expect(0).stdout)
            .expect("JSON");
    assert_eq!(newer["counts"]["offers_spot"], 0);
    let check = desk.run(&["prices", "check"]).expect(0).stdout;
    assert!(check.contains("off-series") && check.lines().all(|l| l.chars().count() <= 100), "{check}");
    let csv = desk.run(&["prices", "check", "--format", "csv"]).expect(0).stdout;
    assert!(csv.starts_with("region,instance_type,price,rule,code,"), "{csv}");
    desk.run(&["prices", "show", "--market", "none"]).expect(4);
}

/// A user who pipes into `head` sees no error.
#[test]
fn a_closed_pipe_is_no_error() {
    let shell = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("{} offers --format csv | head -1", env!("CARGO_BIN_EXE_tradewind")))
        .output()
        .expect("a shell");
    assert!(shell.stderr.is_empty(), "{}", String::from_utf8_lossy(&shell.stderr));
}
