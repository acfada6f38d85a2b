//! Makes the tables of the logs: rows where their licence lets us ship them, else marginals.

use std::collections::BTreeMap;
use std::path::Path;

use super::log::Log;
use super::marginals::{COLUMNS, Curve, PERMILLE};
use super::weighted::whole;
use crate::columnar;
use crate::csv_table;
use crate::error::DataError;

/// A size that fewer jobs of a log have is left out of its marginals: too few for a curve.
const LEAST_JOBS: usize = 50;

/// The logs: source, file in `workloads/`, the column of its sizes, the name of the table of its rows
/// where they may be shipped.
const LOGS: [(&str, &str, &str, Option<&str>); 3] = [
    ("philly", "philly_2017", "gpus", Some("philly-2017.twd")),
    ("nasa", "nasa_ipsc_1993", "cpus", None),
    ("lcg", "lcg_2005_days1-4", "cpus", None),
];

/// A table's name, rows and bytes.
pub(crate) type Made = (&'static str, usize, Vec<u8>);

/// Reads the logs in the folder `workloads` of `from`.
pub(crate) fn tables(from: &Path) -> Result<Vec<Made>, DataError> {
    let mut made = Vec::new();
    let quantiles: Vec<String> = PERMILLE.iter().map(|p| format!("p{p}")).collect();
    let mut text = format!("{},{}\n", COLUMNS.join(","), quantiles.join(","));
    let mut rows = 0;
    for (source, file, column, shipped) in LOGS {
        let log = read(&from.join("workloads"), file, column)?;
        if let Some(name) = shipped {
            made.push((name, log.len(), columnar::encode(&[log.to_table()])));
        }
        for line in marginals(source, &log) {
            text.push_str(&line);
            rows += 1;
        }
    }
    made.push(("marginals.csv", rows, text.into_bytes()));
    Ok(made)
}

/// The jobs of a log in order of arrival. The gap of the first is nothing.
fn read(folder: &Path, name: &str, column: &str) -> Result<Log, DataError> {
    let path = csv_table::find(folder, name).unwrap_or_else(|| folder.join(format!("{name}.csv")));
    let bytes = csv_table::read_bounded(&path)?;
    let mut jobs = Vec::new();
    csv_table::for_each_row(name, &bytes, &["submit_s", "runtime_s", column], |row| {
        jobs.push((whole(row, "submit_s", 0.0, 1e12)?, whole(row, "runtime_s", 0.0, 1e12)?, size(row, column)?));
        Ok(())
    })?;
    jobs.sort_by_key(|&(submit, ..)| submit);
    let mut log = Log::default();
    let mut last = jobs.first().map_or(0, |j| j.0);
    for (submit, runtime, size) in jobs {
        log.push(submit - last, runtime, size);
        last = submit;
    }
    Ok(log)
}

fn size(row: &csv_table::Row<'_>, column: &str) -> Result<u32, DataError> {
    whole(row, column, 1.0, 1e6).map(|n| n as u32)
}

/// A row for the gaps and one for the runtimes of each size.
fn marginals(source: &str, log: &Log) -> Vec<String> {
    let mut by_size: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    let mut gaps = Vec::with_capacity(log.len());
    for i in 0..log.len() {
        let (gap, runtime, size) = log.row(i);
        by_size.entry(size).or_default().push(runtime);
        // The first job waited for nothing.
        if i > 0 {
            gaps.push(gap);
        }
    }
    let mut lines = Vec::new();
    if !gaps.is_empty() {
        lines.push(line(source, "gap", "", gaps));
    }
    let kept = by_size.into_iter().filter(|(_, runtimes)| runtimes.len() >= LEAST_JOBS);
    lines.extend(kept.map(|(size, runtimes)| line(source, "runtime", &size.to_string(), runtimes)));
    lines
}

fn line(source: &str, quantity: &str, size: &str, mut values: Vec<u64>) -> String {
    values.sort_unstable();
    let curve = Curve::of(&values);
    let cells: Vec<String> = curve.values().iter().map(u64::to_string).collect();
    let fit = distance(&curve, &values);
    format!("{source},{quantity},{size},{},{fit:.4},{}\n", values.len(), cells.join(","))
}

/// Kolmogorov and Smirnov's distance of a curve from sorted values.
fn distance(curve: &Curve, sorted: &[u64]) -> f64 {
    let n = sorted.len() as f64;
    let mut worst = 0.0_f64;
    let mut at = 0;
    while at < sorted.len() {
        let v = sorted[at];
        let next = at + sorted[at..].partition_point(|&x| x <= v);
        let (below, up_to) = curve.share(v);
        worst = worst.max((below - at as f64 / n).abs()).max((up_to - next as f64 / n).abs());
        at = next;
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_that_of_the_worst_value() {
        let sorted: Vec<u64> = (0..100_000).collect();
        assert!(distance(&Curve::of(&sorted), &sorted) < 1e-3);
        let shifted: Vec<u64> = sorted.iter().map(|v| v + 10_000).collect();
        assert!((distance(&Curve::of(&sorted), &shifted) - 0.1).abs() < 1e-3);
    }

    #[test]
    fn rare_sizes_are_left_out_of_marginals() {
        let mut log = Log::default();
        (0..60).for_each(|i| log.push(i, 10 * i, 1));
        (0..3).for_each(|i| log.push(i, i, 128));
        let lines = marginals("x", &log);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("x,gap,,62,") && lines[1].starts_with("x,runtime,1,60,"), "{lines:?}");
    }
}
