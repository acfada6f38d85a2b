//! Plans of synthetic queues, by size and shape: `cargo bench -p tradewind-benches --bench allocate`.
//!
//! One row a queue: three sources, four seeds, 500 classes of jobs or no two jobs alike, quotas that would
//! leave a third of the demand outside (`scaled:1.33`). Each row is planned in a process of its own, so
//! that its peak of memory and its threads are its own. A row with fewer than 95 % of the tasks placed,
//! or whose plan does not pass its check, is marked as failed. Then the peers: what others would do with
//! the same queue.
//!
//! The whole takes long. These make it shorter:
//!
//! | variable | what | default |
//! |---|---|---|
//! | `TRADEWIND_BENCH_JOBS` | sizes | `1000,10000,100000` |
//! | `TRADEWIND_BENCH_SHAPES` | classes of jobs, or `distinct` | `500,distinct` |
//! | `TRADEWIND_BENCH_SOURCES` | sources | `philly,nasa,lcg` |
//! | `TRADEWIND_BENCH_SEEDS` | seeds | `1,2,3,4` |
//! | `TRADEWIND_BENCH_PEERS` | jobs given to the peers; empty is no peers | `100,1000` |
//! | `TRADEWIND_BENCH_PEER_SECONDS` | time limit of the naive program | `60` |

mod case;
mod measure;
mod peers;
mod report;

use std::process::{Command, Stdio};
use std::str::FromStr;

use case::Case;
use measure::Row;

/// Tells a child which case is its own.
const CHILD: &str = "TRADEWIND_BENCH_CASE";

fn main() {
    if let Ok(case) = std::env::var(CHILD) {
        let row = measure::measure(&case.parse().expect("a case of our own"));
        println!("{}", serde_json::to_string(&row).expect("a row of numbers"));
        return;
    }
    for shape in list::<String>("SHAPES", "500,distinct") {
        for jobs in list("JOBS", "1000,10000,100000") {
            let rows: Vec<(Case, Row)> = cases(&shape, jobs).into_iter().map(|c| (c.clone(), in_a_child(&c))).collect();
            report::table(&shape, jobs, &rows);
        }
    }
    let sizes = list("PEERS", "100,1000");
    if !sizes.is_empty() {
        peers::run(&sizes, list("PEER_SECONDS", "60")[0]);
    }
}

fn cases(shape: &str, jobs: u64) -> Vec<Case> {
    let mut cases = Vec::new();
    for source in list::<String>("SOURCES", "philly,nasa,lcg") {
        for seed in list::<u64>("SEEDS", "1,2,3,4") {
            let text = format!("{source} {seed} {jobs} {shape}");
            cases.push(text.parse().unwrap_or_else(|e| panic!("{text:?}: {e}")));
        }
    }
    cases
}

/// The row of a case, measured by this program started anew.
fn in_a_child(case: &Case) -> Row {
    eprintln!("planning {case} ...");
    let program = std::env::current_exe().expect("this program's path");
    let out =
        Command::new(program).env(CHILD, case.to_string()).stderr(Stdio::inherit()).output().expect("a child process");
    assert!(out.status.success(), "{case}: the child ended with {}", out.status);
    let row = serde_json::from_slice(&out.stdout).expect("the row of the child");
    eprintln!("    {}", report::line(&row));
    row
}

/// A list from the environment, separated by commas.
fn list<T: FromStr>(name: &str, otherwise: &str) -> Vec<T> {
    let name = format!("TRADEWIND_BENCH_{name}");
    let text = std::env::var(&name).unwrap_or_else(|_| otherwise.to_owned());
    let word = |w: &str| w.parse().unwrap_or_else(|_| panic!("{name}: {w:?} is not understood"));
    text.split(',').map(str::trim).filter(|w| !w.is_empty()).map(word).collect()
}
