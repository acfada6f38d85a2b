//! The event engine against SimPy: the same jobs, the same random numbers, the same milliseconds.

mod site;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use site::{Job, Ran, Site};
use tradewind_core::seed::Seed;
use tradewind_sim::draws::{Draws, Purpose};
use tradewind_sim::validate::Law;

const SITE: Site = Site { nodes: 5, interval: 900_000, save: 45_000, restore: 130_000, repair: 700_000 };
/// The trace of `golden.csv`.
const GOLDEN: (u64, u64) = (1, 300);

/// `n` jobs by seed: a busy site, runtimes with a long tail, a node lost every three hours.
fn trace(seed: u64, n: u64) -> Vec<Job> {
    let draws = Draws::new(Seed(seed), 0);
    let (gap, work) = (Law::Exponential { mean: 1_200_000.0 }, Law::Lognormal { mean: 3_600_000.0, sigma: 1.0 });
    let life = Law::Exponential { mean: 10_800_000.0 };
    let mut arrival = 0;
    let job = |j: u64| {
        arrival += gap.draw(&draws, j, Purpose(1));
        let lives = (0..60).map(|k| life.draw(&draws, j << 8 | k, Purpose(3))).collect();
        Job { arrival, work: work.draw(&draws, j, Purpose(2)).max(1), lives }
    };
    (0..n).map(job).collect()
}

/// As SimPy's script writes it.
fn table(ran: &[Ran]) -> String {
    let mut text = "start,end,attempts\n".to_owned();
    for r in ran {
        writeln!(text, "{},{},{}", r.start, r.end, r.attempts + 1).expect("writing to memory");
    }
    text
}

/// The first line in which two tables differ.
fn first_difference<'t>(ours: &'t str, theirs: &'t str) -> Option<(usize, [Option<&'t str>; 2])> {
    let (mut a, mut b) = (ours.lines(), theirs.lines());
    (0..=ours.len().max(theirs.len())).map(|n| (n, [a.next(), b.next()])).find(|(_, [a, b])| a != b)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository")
}

fn golden() -> PathBuf {
    root().join("sim/validation/simpy/golden.csv")
}

/// The Python that has SimPy; `None` where the package registry does not answer.
fn python() -> Option<PathBuf> {
    let made = Command::new(root().join("scripts/simpy.sh")).output().expect("bash");
    let said = String::from_utf8_lossy(&made.stderr);
    match made.status.code() {
        Some(0) => Some(root().join("target/simpy/bin/python")),
        Some(75) => None,
        code => panic!("SimPy cannot be installed ({code:?}): {said}"),
    }
}

fn in_simpy(python: &Path, jobs: &[Job]) -> String {
    let times = [u64::from(SITE.nodes), SITE.interval, SITE.save, SITE.restore, SITE.repair];
    let mut child = Command::new(python)
        .arg(root().join("sim/validation/simpy/site.py"))
        .args(times.map(|t| t.to_string()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut text = String::new();
    for job in jobs {
        let cells = [job.arrival, job.work].into_iter().chain(job.lives.iter().copied());
        writeln!(text, "{}", cells.map(|c| c.to_string()).collect::<Vec<_>>().join(",")).expect("writing to memory");
    }
    // The script reads all before it writes; dropping the pipe ends the trace.
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("the trace is read");
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "the script failed");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_job_is_as_simpy_said() {
    let jobs = trace(GOLDEN.0, GOLDEN.1);
    let ran = site::run(&SITE, &jobs);
    assert!(ran.iter().zip(&jobs).filter(|(r, j)| r.start > j.arrival).count() > 100, "many wait");
    assert!(ran.iter().filter(|r| r.attempts > 0).count() > 50, "many are interrupted");
    let golden = fs::read_to_string(golden()).expect("the golden file");
    assert_eq!(first_difference(&table(&ran), &golden), None, "start, end, attempts");
}

#[test]
fn every_job_is_as_simpy_says() {
    let Some(python) = python() else {
        eprintln!("the package registry does not answer: compared with golden.csv only, not with SimPy itself");
        return;
    };
    let said = in_simpy(&python, &trace(GOLDEN.0, GOLDEN.1));
    if std::env::var_os("TRADEWIND_BLESS").is_some() {
        fs::write(golden(), &said).expect("the golden file");
    }
    let golden = fs::read_to_string(golden()).expect("the golden file");
    assert_eq!(first_difference(&said, &golden), None, "SimPy repeats itself");
    for seed in 2..=6 {
        let jobs = trace(seed, 2_000);
        let (ours, theirs) = (table(&site::run(&SITE, &jobs)), in_simpy(&python, &jobs));
        assert_eq!(first_difference(&ours, &theirs), None, "seed {seed}: start, end, attempts");
    }
}
