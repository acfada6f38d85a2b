//! `deploy/`: what starts the nightly is held against its own validator where that is installed, and always against
//! what is needed of it; and each of its command lines does a night.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/yaml.rs"]
mod yaml;

use std::fs;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use common::{Desk, JOB, root};
use serde_json::{Value, json};

fn text(name: &str) -> String {
    fs::read_to_string(root().join("deploy").join(name)).expect("a file of deploy/")
}

/// What a validator says, or why it was not asked.
fn validated(program: &str, arguments: &[&str]) -> Result<Output, String> {
    let ran = Command::new(program).args(arguments).output();
    ran.map_err(|e| format!("SKIPPED: {program} is not here ({e}): only our own checks were made"))
}

/// The units in a desk, with a command that is there on every machine.
fn units(desk: &Desk) -> [String; 2] {
    ["tradewind-nightly.service", "tradewind-nightly.timer"].map(|name| {
        let unit = text(&format!("systemd/{name}")).replace("/usr/local/bin/tradewind", "/bin/true");
        desk.write(name, unit);
        desk.path(name).display().to_string()
    })
}

#[test]
fn systemd_takes_the_units() {
    let desk = Desk::new("deploy-systemd");
    let [service, timer] = units(&desk);
    match validated("systemd-analyze", &["verify", &service, &timer]) {
        Err(skipped) => println!("{skipped}"),
        Ok(said) => {
            let told = String::from_utf8_lossy(&said.stderr);
            // Another unit of the machine may be told of; ours may not.
            assert!(said.status.success() && !told.contains("tradewind-nightly"), "{told}");
        }
    }
    let schedule = value_of(&text("systemd/tradewind-nightly.timer"), "OnCalendar");
    match validated("systemd-analyze", &["calendar", &schedule]) {
        Err(skipped) => println!("{skipped}"),
        Ok(said) => assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr)),
    }
}

/// The exposure that systemd counts, from 0 (none) to 10.
#[test]
fn the_service_is_exposed_to_little() {
    let desk = Desk::new("deploy-security");
    let [service, _] = units(&desk);
    let service_text = text("systemd/tradewind-nightly.service");
    for (key, wanted) in [
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("PrivateNetwork", "yes"),
        ("CapabilityBoundingSet", ""),
        ("User", "tradewind"),
        ("SuccessExitStatus", "2 75"),
    ] {
        assert_eq!(value_of(&service_text, key), wanted, "{key}");
    }
    match validated("systemd-analyze", &["security", "--offline=true", "--no-pager", &service]) {
        Err(skipped) => println!("{skipped}"),
        Ok(said) if !said.status.success() => {
            let why = String::from_utf8_lossy(&said.stderr).into_owned();
            println!("SKIPPED: this systemd-analyze cannot judge a file offline: {why}");
        }
        Ok(said) => {
            let told = String::from_utf8_lossy(&said.stdout).into_owned();
            let line = told.lines().find(|l| l.contains("Overall exposure level")).expect("a verdict");
            let level: f64 = line.split_whitespace().find_map(|w| w.parse().ok()).expect("a level");
            println!("exposure {level}");
            assert!(level < 1.0, "{told}");
        }
    }
}

/// The value of the last line `key=`.
fn value_of(unit: &str, key: &str) -> String {
    let lines = unit.lines().filter_map(|l| l.strip_prefix(key)?.strip_prefix('='));
    lines.last().unwrap_or_else(|| panic!("{key} is set")).to_owned()
}

#[test]
fn the_cronjob_has_what_is_needed_and_nothing_misspelt() {
    let manifest = yaml::parse(&text("kubernetes/nightly.yaml"));
    let schema: Value = serde_json::from_str(include_str!("cronjob.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    let errors: Vec<String> = validator.iter_errors(&manifest).map(|e| format!("{e} at {}", e.instance_path)).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for (pointer, wrong) in [
        ("/spec/concurrencyPolicy", json!("Allow")),
        ("/spec/jobTemplate/spec/template/spec/securityContext/runAsNonRoot", json!(false)),
        ("/spec/jobTemplate/spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem", json!(false)),
        ("/spec/jobTemplate/spec/template/spec/containers/0/resources/limits", json!({})),
    ] {
        let mut broken = manifest.clone();
        *broken.pointer_mut(pointer).expect("it is there") = wrong;
        assert!(!validator.is_valid(&broken), "{pointer}");
    }
    let path = root().join("deploy/kubernetes/nightly.yaml").display().to_string();
    match validated("kubectl", &["create", "--dry-run=client", "-f", &path]) {
        Err(skipped) => println!("{skipped}"),
        Ok(said) if !said.status.success() => {
            let why = String::from_utf8_lossy(&said.stderr).lines().last().unwrap_or_default().to_owned();
            println!("SKIPPED: kubectl asks a cluster even for --dry-run=client, and there is none: {why}");
        }
        Ok(said) => println!("kubectl: {}", String::from_utf8_lossy(&said.stdout)),
    }
}

/// The words after `tradewind` on each way's command line.
fn command_lines() -> [(&'static str, Vec<String>); 3] {
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let service = text("systemd/tradewind-nightly.service").replace("\\\n", " ");
    let cron = text("cron/tradewind-nightly");
    let entry = cron.lines().last().expect("an entry");
    let manifest = yaml::parse(&text("kubernetes/nightly.yaml"));
    let container = &manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
    let args = container["args"].as_array().expect("a list");
    [
        ("systemd", words(&value_of(&service, "ExecStart"))[1..].to_vec()),
        // Minute, hour, day, month, weekday, user, command; up to where its talk goes.
        ("cron", words(entry.split(" 2>").next().expect("a command"))[7..].to_vec()),
        ("kubernetes", args.iter().map(|a| a.as_str().expect("a text").to_owned()).collect()),
    ]
}

#[test]
fn every_command_line_does_a_night() {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let today = date(seconds / 86_400);
    for (way, words) in command_lines() {
        let desk = Desk::new(&format!("deploy-line-{way}"));
        let market = desk.path("market");
        fs::create_dir_all(&market).expect("a folder of the test");
        let offers = "cloud,region,instance_type,vcpus,memory_gib,quota_family,ondemand_usd_per_hour,price_date\n";
        fs::write(market.join("offers.csv"), format!("{offers}aws,us-east-1,m6i.large,2,8,Standard,0.096,{today}\n"))
            .expect("a file of the test");
        desk.write("tradewind.toml", "").write("queue.jsonl", format!("{JOB}\n"));
        fs::create_dir(desk.path("worlds")).expect("a folder of the test");
        let here = desk.path("").display().to_string();
        let placed = |w: &String| w.replace("/var/lib/tradewind/", &here).replace("/etc/tradewind/", &here);
        let words: Vec<String> = words.iter().map(placed).collect();
        let ran = desk.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(ran.code, 2, "{way}: {}\n{}", ran.stdout, ran.stderr);
        assert!(desk.read("tradewind.prom").contains("tradewind_jobs{state=\"placed\"} 1"), "{way}");
    }
}

/// A day since 1970-01-01 as `YYYY-MM-DD`.
fn date(day: u64) -> String {
    let time = tradewind_core::time::Time::from_ms(day as i64 * 86_400_000);
    time.to_string()[..10].to_owned()
}
