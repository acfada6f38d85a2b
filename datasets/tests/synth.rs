//! Queues by seed: the same bytes whatever the threads, drawn as the logs and the tables say.

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::hash;
use tradewind_core::job::Job;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::columnar::TableFile;
use tradewind_datasets::queue::{self, Format, Options};
use tradewind_datasets::synth::{Generator, SynthError, SynthRequest, Unit, sources};

fn request(source: &str, jobs: u64, classes: Option<u64>, seed: u64) -> SynthRequest {
    SynthRequest {
        source: source.to_owned(),
        jobs,
        classes,
        span: Millis::from_hours(24),
        start: "2024-03-31T00:00:00Z".parse().unwrap(),
        seed: Seed(seed),
    }
}

fn bytes(request: &SynthRequest, threads: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let summary = Generator::new(request).unwrap().write(&mut out, threads).unwrap();
    assert_eq!((summary.jobs, summary.bytes), (request.jobs, out.len() as u64));
    out
}

fn read(bytes: &[u8]) -> Vec<Job> {
    let queue = queue::read("synth.jsonl", bytes, Format::JsonLines, &Options::default());
    queue.unwrap_or_else(|p| panic!("{p:?}")).workload.jobs().to_vec()
}

/// What a planner tells jobs apart by.
fn kind(job: &Job) -> String {
    let mut plain = job.clone();
    plain.id = String::new();
    plain.labels.clear();
    format!("{plain:?}")
}

#[test]
fn one_seed_one_queue_at_any_number_of_threads() {
    for source in sources().unwrap() {
        for classes in [None, Some(40)] {
            // More than a wave of blocks on two threads.
            let asked = request(&source, 20_000, classes, 7);
            let one = bytes(&asked, 1);
            assert!(one == bytes(&asked, 3), "{source}: bytes differ by threads");
            assert!(one != bytes(&SynthRequest { seed: Seed(8), ..asked }, 1), "{source}: seeds do not matter");
        }
    }
}

/// Committed, so that a change of any table or stream is seen.
#[test]
fn the_queues_of_seed_one() {
    let mut hashes = String::new();
    for source in sources().unwrap() {
        let found = hash::of_bytes(&bytes(&request(&source, 500, None, 1), 2));
        hashes.push_str(&format!("{source} {}\n", &found[..16]));
    }
    insta::assert_snapshot!(hashes, @r"
    philly c00e61461f7a4ace
    nasa 40cedbef5a00ad48
    lcg 274fda8d0d114f93
    fitted d7027b0404c75916
    ");
}

#[test]
fn the_reader_takes_every_line_back() {
    for source in sources().unwrap() {
        for seed in 1..=3 {
            let asked = request(&source, 3000, None, seed);
            let generator = Generator::new(&asked).unwrap();
            let made: Vec<Job> = (0..asked.jobs).map(|i| generator.job(i).unwrap()).collect();
            assert_eq!(read(&bytes(&asked, 2)), made, "{source} {seed}");
        }
    }
}

#[test]
fn there_are_as_many_classes_as_asked() {
    for source in sources().unwrap() {
        for (jobs, classes, found) in [
            (3000, Some(1), 1),
            (3000, Some(137), 137),
            (3000, Some(2999), 2999),
            (500, Some(9999), 500),
            (2500, None, 2500),
        ] {
            let asked = request(&source, jobs, classes, 5);
            let made = read(&bytes(&asked, 2));
            assert_eq!(made.iter().map(kind).collect::<BTreeSet<_>>().len(), found, "{source} {jobs} {classes:?}");
            assert_eq!(Generator::new(&asked).unwrap().classes(), found as u64);
        }
    }
}

/// The tail of the weights: of 200 classes the largest tenth has far more than a tenth of the jobs.
#[test]
fn classes_are_of_unequal_weight() {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for job in read(&bytes(&request("lcg", 20_000, Some(200), 3), 2)) {
        *sizes.entry(job.labels["class"].clone()).or_default() += 1;
    }
    let mut sizes: Vec<usize> = sizes.into_values().collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let top: usize = sizes[..20].iter().sum();
    assert!(top > 20_000 / 3, "the largest 20 of 200 classes have {top} of 20,000 jobs");
    assert!(*sizes.last().unwrap() >= 1);
}

#[test]
fn a_queue_begins_every_longer_one() {
    let (short, long) =
        (bytes(&request("fitted", 1000, Some(50), 2), 1), bytes(&request("fitted", 3000, Some(50), 2), 1));
    assert!(long.starts_with(&short), "with classes, to the byte");
    let (short, long) = (request("fitted", 1000, None, 2), request("fitted", 3000, None, 2));
    let (short, long) = (Generator::new(&short).unwrap(), Generator::new(&long).unwrap());
    for i in 0..1000 {
        let timeless = |g: &Generator| Job { submit: None, deadline: None, ..g.job(i).unwrap() };
        assert_eq!(timeless(&short), timeless(&long), "without classes, but for the times");
    }
}

#[test]
fn all_jobs_arrive_in_order_within_the_span() {
    for (jobs, span, grid) in [(1, "24h", 900), (48, "24h", 900), (49, "24h", 300), (1000, "1h", 1), (86_400, "24h", 0)]
    {
        let asked = SynthRequest { span: span.parse().unwrap(), ..request("philly", jobs, None, 4) };
        let generator = Generator::new(&asked).unwrap();
        let submits: Vec<_> = (0..jobs).map(|i| generator.job(i).unwrap().submit.unwrap()).collect();
        assert_eq!(submits[0], asked.start);
        assert!(submits.windows(2).all(|w| w[0] < w[1]) && *submits.last().unwrap() < asked.start + asked.span);
        if grid > 0 {
            assert!(submits.iter().all(|s| (*s - asked.start).get() % (grid * 1000) == 0), "{jobs} jobs on {grid} s");
        }
    }
}

/// Dvoretzky, Kiefer, Wolfowitz and Massart: n draws stay this close to their distribution, but once
/// in a million.
fn bound(n: usize) -> f64 {
    ((2e6_f64).ln() / (2.0 * n as f64)).sqrt()
}

/// Kolmogorov and Smirnov's distance of two samples.
fn distance(a: &[u64], b: &[u64]) -> f64 {
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    a.sort_unstable();
    b.sort_unstable();
    let share = |sorted: &[u64], v: u64| sorted.partition_point(|&x| x <= v) as f64 / sorted.len() as f64;
    a.iter().chain(&b).map(|&v| (share(&a, v) - share(&b, v)).abs()).fold(0.0, f64::max)
}

/// Seconds to the next arrival, runtime and size of the first classes.
fn drawn(source: &str, n: u64, seed: u64) -> (Vec<u64>, Vec<u64>, Vec<u32>) {
    let generator = Generator::new(&request(source, n, None, seed)).unwrap();
    let draws = (0..n).map(|k| generator.drawn(k)).map(|(gap, w)| (gap, (w.runtime_s, w.size)));
    let (gaps, rest): (Vec<u64>, Vec<(u64, u32)>) = draws.unzip();
    let (runtimes, sizes) = rest.into_iter().unzip();
    (gaps, runtimes, sizes)
}

#[test]
fn draws_are_distributed_as_the_log() {
    let embedded = include_bytes!("../embedded/philly-2017.twd");
    let file = TableFile::decode("philly-2017.twd", embedded).unwrap();
    let log = |name: &str| -> Vec<u64> {
        file.table("jobs").unwrap().int(name).unwrap().iter().map(|v| v.unwrap() as u64).collect()
    };
    for seed in 1..=5 {
        let (gaps, runtimes, sizes) = drawn("philly", 20_000, seed);
        let sizes: Vec<u64> = sizes.into_iter().map(u64::from).collect();
        for (name, made) in [("gap_s", gaps), ("runtime_s", runtimes.clone()), ("size", sizes)] {
            let d = distance(&made, &log(name));
            assert!(d < bound(20_000), "seed {seed}: {name} is {d:.4} from the log, {:.4} allowed", bound(20_000));
        }
        // The test can fail: a tenth more is too much.
        let longer: Vec<u64> = runtimes.iter().map(|r| r + r / 10 + 10).collect();
        assert!(distance(&longer, &log("runtime_s")) > bound(20_000), "seed {seed}: the test sees nothing");
    }
}

/// A curve of `marginals.csv` by its columns.
fn quantiles(source: &str, quantity: &str, size: &str) -> (f64, Vec<(f64, f64)>) {
    let text = include_str!("../embedded/marginals.csv");
    let names: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let start = format!("{source},{quantity},{size},");
    let row: Vec<&str> = text.lines().find(|l| l.starts_with(&start)).unwrap().split(',').collect();
    let points = names.iter().zip(&row).skip(5);
    let points = points.map(|(n, v)| (n[1..].parse::<f64>().unwrap() / 1000.0, v.parse().unwrap()));
    (row[4].parse().unwrap(), points.collect())
}

/// At each quantile the share of draws below it and up to it enclose the quantile's own share.
fn off_curve(points: &[(f64, f64)], made: &[u64]) -> f64 {
    let n = made.len() as f64;
    let miss = |&(p, v): &(f64, f64)| {
        let below = made.iter().filter(|&&x| (x as f64) < v).count() as f64 / n;
        let up_to = made.iter().filter(|&&x| x as f64 <= v).count() as f64 / n;
        (below - p).max(p - up_to).max(0.0)
    };
    points.iter().map(miss).fold(0.0, f64::max)
}

#[test]
fn draws_are_distributed_as_the_marginals() {
    for (source, size) in [("nasa", 1), ("nasa", 32), ("lcg", 1)] {
        let (gaps, runtimes, sizes) = drawn(source, 20_000, 6);
        let of_size: Vec<u64> = runtimes.iter().zip(&sizes).filter(|(_, s)| **s == size).map(|(r, _)| *r).collect();
        for (quantity, name, made) in [("gap", String::new(), gaps), ("runtime", size.to_string(), of_size)] {
            let (fit, points) = quantiles(source, quantity, &name);
            let off = off_curve(&points, &made);
            assert!(off < bound(made.len()), "{source} {quantity}: {off:.4} off its curve");
            assert!(fit < 0.03, "{source} {quantity}: fitted to {fit}");
        }
    }
    let (_, _, sizes) = drawn("nasa", 20_000, 6);
    let single = sizes.iter().filter(|s| **s == 1).count() as f64 / 20_000.0;
    assert!((single - 4935.0 / 18_239.0).abs() < bound(20_000), "a share of {single} on one processor");
}

/// Each row is drawn as often as its weight says: five standard deviations of a binomial, over some
/// 400 rows and four sources.
#[test]
fn rows_are_drawn_by_their_weights() {
    const JOBS: u64 = 20_000;
    for source in sources().unwrap() {
        let generator = Generator::new(&request(&source, JOBS, None, 11)).unwrap();
        let mut groups: BTreeMap<(&str, String), BTreeMap<u64, (f64, f64)>> = BTreeMap::new();
        for row in (0..JOBS).flat_map(|k| generator.rows(k).unwrap()) {
            let seen = groups.entry((row.table, row.group)).or_default().entry(row.line).or_insert((row.share, 0.0));
            seen.1 += 1.0;
        }
        assert!(groups.len() >= 10, "{source}: {:?}", groups.keys());
        for ((table, group), rows) in groups {
            let n: f64 = rows.values().map(|(_, seen)| seen).sum();
            for (line, (share, seen)) in &rows {
                let (expected, deviation) = (n * share, (n * share * (1.0 - share)).sqrt());
                assert!(
                    (seen - expected).abs() <= 5.0 * deviation + 1.0,
                    "{source}: {table}.csv:{line} for {group:?} {seen} times of {n}, {expected:.1} expected"
                );
            }
            let unseen = 1.0 - rows.values().map(|(share, _)| share).sum::<f64>();
            assert!(unseen * n < 40.0, "{source}: {table}.csv for {group:?}: rows that are never drawn");
        }
    }
}

#[test]
fn runtimes_keep_to_the_rules_and_cuts_are_counted() {
    let asked = request("philly", 5000, None, 9);
    let generator = Generator::new(&asked).unwrap();
    let summary = generator.write(&mut std::io::sink(), 2).unwrap();
    let runtimes: Vec<u64> = (0..5000).map(|k| generator.drawn(k).1.runtime_s).collect();
    let count = |test: &dyn Fn(u64) -> bool| runtimes.iter().filter(|r| test(**r)).count() as u64;
    assert_eq!(summary.runtimes_raised, count(&|r| r < 60));
    assert_eq!(summary.runtimes_cut, count(&|r| r > 12 * 3600));
    assert!(summary.runtimes_raised > 100 && summary.runtimes_cut > 100);
    for i in 0..5000 {
        let p50 = generator.job(i).unwrap().runtime.p50;
        assert!(Millis::from_secs(60) <= p50 && p50 <= Millis::from_hours(12));
    }
    assert_eq!(generator.drawn(0).1.unit, Unit::Gpu);
}

#[test]
fn what_cannot_be_made_is_refused() {
    let refuse = |r: SynthRequest| Generator::new(&r).map(|_| ()).unwrap_err();
    let base = request("philly", 10, None, 0);
    let cases = [
        SynthRequest { source: "phily".to_owned(), ..base.clone() },
        SynthRequest { jobs: 0, ..base.clone() },
        SynthRequest { jobs: 1_000_001, ..base.clone() },
        SynthRequest { classes: Some(0), ..base.clone() },
        SynthRequest { span: Millis::new(19), ..base.clone() },
        SynthRequest { start: "9999-12-30T12:00:00Z".parse().unwrap(), ..base },
    ];
    let errors: Vec<String> = cases.map(|c| refuse(c).to_string()).to_vec();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    unknown source "phily"; known: philly, nasa, lcg, fitted
    0 jobs; 1 to 1000000 can be made
    1000001 jobs; 1 to 1000000 can be made
    a queue needs at least one class of jobs
    10 classes cannot arrive one after the other within 19ms
    jobs would arrive outside the years 1970 to 9999
    "#);
}

/// A disk that fills up is an error, not a short queue.
#[test]
fn a_failing_writer_is_an_error() {
    let asked = request("lcg", 100, None, 0);
    let mut small = [0_u8; 1000];
    let written = Generator::new(&asked).unwrap().write(&mut small.as_mut_slice(), 1);
    assert!(matches!(written, Err(SynthError::Write(_))));
}
