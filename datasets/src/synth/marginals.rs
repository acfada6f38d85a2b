//! Marginals fitted to a log: the shares of its sizes, and quantiles of gaps and of runtimes by size.
//!
//! `embedded/marginals.csv` is written by [`super::fit`]. A curve is linear between its quantiles, so
//! it differs from the log by less than the distance of two quantiles; the exact distance is in the
//! table.

use std::collections::BTreeMap;

use super::chance::Chance;
use super::weighted::{Weighted, whole};
use crate::csv_table::{self, Row};
use crate::error::{DataError, Place};

const FILE: &str = "embedded/marginals.csv";
const BYTES: &[u8] = include_bytes!("../../embedded/marginals.csv");

/// The quantiles of a curve, in thousandths; the columns `p0` to `p1000`.
pub(crate) const PERMILLE: [u32; 56] = [
    0, 5, 10, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220, 240, 260, 280, 300, 320, 340, 360, 380, 400, 420, 440,
    460, 480, 500, 520, 540, 560, 580, 600, 620, 640, 660, 680, 700, 720, 740, 760, 780, 800, 820, 840, 860, 880, 900,
    920, 940, 960, 980, 990, 995, 999, 1000,
];

/// A distribution of whole seconds by its quantiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Curve([u64; PERMILLE.len()]);

impl Curve {
    /// From sorted seconds, not empty.
    pub(crate) fn of(sorted: &[u64]) -> Self {
        let last = sorted.len() - 1;
        Self(PERMILLE.map(|p| sorted[(p as usize * sorted.len() / 1000).min(last)]))
    }

    /// The value below which a share `u` in [0, 1) of the draws lies.
    pub(crate) fn at(&self, u: f64) -> u64 {
        let p = u * 1000.0;
        let i = PERMILLE.partition_point(|&q| f64::from(q) <= p).clamp(1, PERMILLE.len() - 1);
        let (low, high) = (f64::from(PERMILLE[i - 1]), f64::from(PERMILLE[i]));
        let (a, b) = (self.0[i - 1] as f64, self.0[i] as f64);
        (a + (b - a) * (p - low) / (high - low)).round() as u64
    }

    /// The shares of draws below `v`, and up to it.
    pub(crate) fn share(&self, v: u64) -> (f64, f64) {
        let between = |i: usize| {
            let (low, high) = (f64::from(PERMILLE[i - 1]), f64::from(PERMILLE[i]));
            let (a, b) = (self.0[i - 1] as f64, self.0[i] as f64);
            (low + (high - low) * (v as f64 - a) / (b - a)) / 1000.0
        };
        let below = match self.0.partition_point(|&q| q < v) {
            0 => 0.0,
            i if i == self.0.len() => 1.0,
            i => between(i),
        };
        let up_to = match self.0.partition_point(|&q| q <= v) {
            0 => 0.0,
            i if i == self.0.len() => 1.0,
            i => between(i),
        };
        (below, up_to)
    }

    pub(crate) fn values(&self) -> &[u64] {
        &self.0
    }
}

/// What is known of one log.
#[derive(Debug, Clone)]
pub(crate) struct Marginals {
    pub(crate) gaps: Curve,
    /// Sizes with their runtimes, weighted by the jobs of the log.
    sizes: Weighted<(u32, Curve)>,
    /// Largest distance of a curve from its log, as a share of the jobs.
    pub(crate) worst_fit: f64,
}

impl Marginals {
    /// Size and runtime in seconds.
    pub(crate) fn work(&self, chance: Chance) -> (u32, u64) {
        let picked = self.sizes.pick(chance.bits("synth size"));
        let (size, runtimes) = &*picked;
        (*size, runtimes.at(chance.uniform("synth runtime")))
    }
}

/// The embedded marginals by source.
pub(crate) fn embedded() -> Result<BTreeMap<String, Marginals>, DataError> {
    read(FILE, BYTES)
}

/// The columns before the quantiles.
pub(crate) const COLUMNS: [&str; 5] = ["source", "quantity", "size", "jobs", "fit_ks"];

fn read(file: &str, bytes: &[u8]) -> Result<BTreeMap<String, Marginals>, DataError> {
    let mut gaps: BTreeMap<String, Curve> = BTreeMap::new();
    let mut parts: BTreeMap<String, (Weighted<(u32, Curve)>, f64)> = BTreeMap::new();
    csv_table::for_each_row(file, bytes, &COLUMNS, |row| {
        let source = row.required("source")?.to_owned();
        let jobs = whole(row, "jobs", 1.0, 1e9)?;
        let fit = row.number("fit_ks", 0.0, 1.0)?.unwrap_or(1.0);
        let part = parts.entry(source.clone()).or_default();
        part.1 = part.1.max(fit);
        match row.required("quantity")? {
            "gap" if gaps.insert(source, curve(row)?).is_none() => {}
            "gap" => return Err(row.malformed("quantity", "one row of gaps a source", "write the table again")),
            "runtime" => part.0.push(jobs, row.line, (whole(row, "size", 1.0, 1e6)? as u32, curve(row)?)),
            _ => return Err(row.malformed("quantity", "gap or runtime", "write the table again")),
        }
        Ok(())
    })?;
    let join = |(source, (sizes, worst_fit)): (String, (Weighted<(u32, Curve)>, f64))| match gaps.get(&source).cloned()
    {
        Some(gaps) if sizes.values().next().is_some() => Ok((source, Marginals { gaps, sizes, worst_fit })),
        _ => {
            let got = format!("half of the marginals of {source}");
            Err(DataError::malformed(Place::file(file), got, "gaps and runtimes", "write the table again"))
        }
    };
    parts.into_iter().map(join).collect()
}

fn curve(row: &Row<'_>) -> Result<Curve, DataError> {
    let mut values = [0; PERMILLE.len()];
    for (value, p) in values.iter_mut().zip(PERMILLE) {
        *value = whole(row, &format!("p{p}"), 0.0, 1e12)?;
    }
    if values.is_sorted() {
        Ok(Curve(values))
    } else {
        Err(row.malformed("p1000", "quantiles that do not fall", "write the table again"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_through_its_quantiles() {
        let sorted: Vec<u64> = (0..=1000).collect();
        let curve = Curve::of(&sorted);
        assert_eq!([0.0, 0.25, 0.5, 0.999_999].map(|u| curve.at(u)), [0, 250, 500, 1000]);
        assert_eq!(curve.share(250), (0.25, 0.25));
        let atom = Curve::of(&[7; 10]);
        assert_eq!(
            (atom.at(0.3), atom.share(7), atom.share(6), atom.share(8)),
            (7, (0.0, 1.0), (0.0, 0.0), (1.0, 1.0))
        );
    }
}
