//! The rows as a table on standard output, with median and worst.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::measure::Row;

/// A row in a sentence, for those who wait.
pub fn line(row: &Row) -> String {
    let gap = row.gap.map_or("no gap".to_owned(), |g| format!("gap {:.2} %", 100.0 * g));
    let own = row.column_gap.map_or(String::new(), |g| format!(" ({:.3} % over the candidates kept)", 100.0 * g));
    format!(
        "{:.1} s, {:.0} MiB, {:.2} % placed of at most {:.2} %, {gap}{own}, check {:.1} s{}",
        row.seconds,
        row.peak_mib,
        100.0 * row.placed,
        100.0 * row.placeable,
        row.check_seconds,
        verdict(row)
    )
}

fn verdict(row: &Row) -> String {
    match (row.holds(), row.violations) {
        (true, _) => String::new(),
        (false, 0) => "  FAILED: too few placed".to_owned(),
        (false, n) => format!("  FAILED: {n} violations"),
    }
}

/// The table of one shape and size: each queue, then the median and the worst of all of them.
pub fn table(shape: &str, jobs: u64, rows: &[(Case, Row)]) {
    let names: BTreeSet<&String> = rows.iter().flat_map(|(_, r)| r.baselines.keys()).collect();
    let kind = if shape == "distinct" { "no two alike".to_owned() } else { format!("{shape} classes") };
    println!("\n{jobs} jobs, {kind}, 24 windows, quotas scaled:1.33; cost of the baselines over the plan's");
    let heads: Vec<String> = names.iter().map(|n| format!("{n:>24}")).collect();
    println!(
        "{:<10}{:>8}{:>8}{:>9}{:>10}{:>8}{:>9}{}",
        "queue",
        "plan s",
        "MiB",
        "placed %",
        "at most %",
        "gap %",
        "check s",
        heads.concat()
    );
    for (case, row) in rows {
        let figures: Vec<Option<f64>> = figures(row, &names);
        println!("{:<10}{}{}", format!("{} {}", case.source, case.seed), cells(&figures), verdict(row));
    }
    let columns = |pick: &dyn Fn(&mut Vec<f64>, usize) -> f64| -> Vec<Option<f64>> {
        let all: Vec<Vec<Option<f64>>> = rows.iter().map(|(_, r)| figures(r, &names)).collect();
        (0..6 + names.len())
            .map(|c| {
                let mut column: Vec<f64> = all.iter().filter_map(|f| f[c]).collect();
                column.sort_by(f64::total_cmp);
                (!column.is_empty()).then(|| pick(&mut column, c))
            })
            .collect()
    };
    println!("{:<10}{}", "median", cells(&columns(&|column, _| median(column))));
    // Of shares placed and of baselines the least is the worst.
    let worst = |column: &mut Vec<f64>, c: usize| {
        let least_is_worst = matches!(c, 2 | 3) || c >= 6;
        if least_is_worst { column[0] } else { column[column.len() - 1] }
    };
    println!("{:<10}{}", "worst", cells(&columns(&worst)));
    let failed = rows.iter().filter(|(_, r)| !r.holds()).count();
    println!("{} of {} rows hold; - is a baseline that placed other tasks", rows.len() - failed, rows.len());
}

fn figures(row: &Row, names: &BTreeSet<&String>) -> Vec<Option<f64>> {
    let fixed = [
        Some(row.seconds),
        Some(row.peak_mib),
        Some(100.0 * row.placed),
        Some(100.0 * row.placeable),
        row.gap.map(|g| 100.0 * g),
        Some(row.check_seconds),
    ];
    fixed.into_iter().chain(names.iter().map(|n| row.baselines.get(*n).copied().flatten())).collect()
}

fn cells(figures: &[Option<f64>]) -> String {
    const WIDTHS: [usize; 6] = [8, 8, 9, 10, 8, 9];
    const DIGITS: [usize; 6] = [1, 0, 2, 2, 2, 2];
    let cell = |(c, x): (usize, &Option<f64>)| {
        let (width, digits) = (WIDTHS.get(c).copied().unwrap_or(24), DIGITS.get(c).copied().unwrap_or(3));
        x.map_or(format!("{:>width$}", "-"), |x| format!("{x:>width$.digits$}"))
    };
    figures.iter().enumerate().map(cell).collect()
}

/// The middle of sorted numbers, between the two in the middle of an even count.
fn median(sorted: &[f64]) -> f64 {
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
}
