//! The demo's run: a region that is out, a storm of interruptions, a kill on the way, and the same command again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tradewind_core::market::CapacityType;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_mcp::simulated::What;
use tradewind_scheduler::drive::Trouble;
use tradewind_sim::plan::Moment;

use super::apply::carry_out;
use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::run_folder::{Record, RunFolder, StateArgs};
use crate::{output, whole_file};

/// The run is killed when so much of its journal is on disk: some way into it.
const KILLED_AFTER: u64 = 2_000_000;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Carries the plan out in trouble, in a folder of the demo's own; the run is killed once and goes on.
pub fn carry_out_in_trouble(path: &Path, folder: &Path, plan: &Plan) -> Result<Exit, Failure> {
    let beside = |name: &str| folder.join(name);
    let troubles = troubles(plan);
    whole_file::write(&beside("troubles.json"), &serde_json::to_vec_pretty(&troubles).unwrap_or_default())?;
    let state = StateArgs { state: Some(beside("runs")) };
    let folder = RunFolder::begin(&state, Record::new(plan, Seed(0), None, troubles), plan)?;
    // A demo shows it happen: what an earlier one left is its own.
    fs::remove_dir_all(&folder.path).map_err(|e| Failure::unwritable(&folder.path, &e))?;
    let folder = RunFolder::begin(&state, folder.record, plan)?;
    let command = format!(
        "tradewind apply {} --troubles {} --state {}",
        path.display(),
        beside("troubles.json").display(),
        beside("runs").display()
    );
    output::talk(&format!("$ {command}    # and kill -9 on the way\n"));
    let killed = kill_on_the_way(&folder, path, &beside("troubles.json"), &beside("runs"));
    let entries = folder.entries()?.len();
    output::talk(&match killed {
        true => format!("Killed with {entries} entries in its journal. The same command again:\n$ {command}\n"),
        false => {
            format!("It was over before, with {entries} entries in its journal. The same command again:\n$ {command}\n")
        }
    });
    carry_out(&folder, None, false, Format::Table)
}

/// Starts the command as a process of its own and kills it; whether it was still at work.
fn kill_on_the_way(folder: &RunFolder, plan: &Path, troubles: &Path, state: &Path) -> bool {
    let Ok(program) = std::env::current_exe() else { return false };
    let mut command = Command::new(program);
    command.arg("apply").arg(plan).arg("--troubles").arg(troubles).arg("--state").arg(state);
    let Ok(mut child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else { return false };
    let written = || fs::metadata(folder.name("journal.db-wal")).map_or(0, |m| m.len());
    let mut was_at_work = true;
    while was_at_work && written() < KILLED_AFTER {
        std::thread::sleep(PAUSE);
        was_at_work = matches!(child.try_wait(), Ok(None));
    }
    // SIGKILL: nothing is tidied up.
    let _ = child.kill();
    let _ = child.wait();
    was_at_work
}

/// The dearest region is out for three hours, and the cloud with most of the spot takes it all back at once.
fn troubles(plan: &Plan) -> Vec<Trouble> {
    let mut regions: BTreeMap<_, Usd> = BTreeMap::new();
    let mut spot: BTreeMap<&str, u32> = BTreeMap::new();
    for a in &plan.allocations {
        *regions.entry(&a.region).or_default() += a.expected_cost_usd;
        if a.capacity_type == CapacityType::Spot {
            *spot.entry(a.region.cloud()).or_default() += a.count;
        }
    }
    let after = |minutes: i64| Moment::After(Millis::from_secs(minutes * 60));
    let outage = regions.into_iter().max_by_key(|(_, usd)| *usd).map(|(region, _)| Trouble {
        cloud: region.cloud().to_owned(),
        what: What::Outage,
        place: region.region().to_owned(),
        from: after(120),
        until: after(300),
    });
    let storm = spot.into_iter().max_by_key(|(_, nodes)| *nodes).map(|(cloud, _)| Trouble {
        cloud: cloud.to_owned(),
        what: What::Interrupt,
        place: String::new(),
        from: after(180),
        until: after(181),
    });
    outage.into_iter().chain(storm).collect()
}
