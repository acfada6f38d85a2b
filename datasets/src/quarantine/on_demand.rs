//! On-demand prices off their series.

use super::series::Standing;
use super::{Price, Rule, Verdict};
use crate::offers::{Offers, PriceRow};

/// Siblings may differ by so much, own factors taken out.
const SIBLING_RANGE: std::ops::RangeInclusive<f64> = 0.8..=1.19;
/// A size with at most one sibling may differ by so much from its series elsewhere...
const ELSEWHERE_RANGE: std::ops::RangeInclusive<f64> = 0.6..=1.42;
/// ... and a burstable one by so much: their prices follow no common pattern.
const BURSTABLE_RANGE: std::ops::RangeInclusive<f64> = 0.43..=2.3;
/// Series in fewer regions are not compared with elsewhere.
const ELSEWHERE_REGIONS: usize = 3;
/// Variants and burstable sizes are judged apart: a ratio to the siblings is usual if it is found
/// within this factor in so many other regions, and never outside this range.
const USUAL_WITHIN: f64 = 1.08;
const USUAL_REGIONS: usize = 2;
const USUAL_RANGE: std::ops::RangeInclusive<f64> = 0.45..=2.2;
/// A month's price in an hour's column is 730 times too high; so is anything near.
const MONTHLY_RANGE: std::ops::RangeInclusive<f64> = 480.0..=1100.0;

/// Judges every on-demand price.
pub(super) fn judge(offers: &Offers, rows: &[PriceRow], standings: &[Standing]) -> Vec<Verdict> {
    let usual = UsualRatios::new(offers.types.len(), rows, standings);
    let judge_row = |(at, (row, standing)): (usize, (&PriceRow, &Standing))| {
        let value = row.on_demand?;
        let kind = &offers.types[row.kind as usize];
        let (ratio, against) = fault(standing, kind.burstable, kind.gpu_milli > 0, |r| usual.holds(row.kind, r))?;
        let (rule, against) = if is_monthly(ratio) {
            (Rule::UnitSuspected, "of what is expected, as a month's price would be".to_owned())
        } else {
            (Rule::OffSeries, against.to_owned())
        };
        Some(Verdict { row: at, price: Price::OnDemand, rule, value, expected: Some(value as f64 / ratio), against })
    };
    rows.iter().zip(standings).enumerate().filter_map(judge_row).collect()
}

/// Whether a ratio is that of a month to an hour.
pub(super) fn is_monthly(ratio: f64) -> bool {
    MONTHLY_RANGE.contains(&ratio)
}

/// What a price is off by, and against what; `None` if it is sound or cannot be judged.
fn fault(s: &Standing, burstable: bool, gpu: bool, usual: impl Fn(f64) -> bool) -> Option<(f64, &'static str)> {
    let odd = s.to_siblings > 0.0 && !SIBLING_RANGE.contains(&s.to_siblings);
    if odd && (s.siblings >= 2 || s.variant) {
        let apart = s.variant || burstable;
        if apart && !usual(s.to_siblings) {
            return Some((s.to_siblings, "of the other sizes of its series in the region, and unusual elsewhere"));
        }
        // The factor of a GPU size in few regions is not known: it may well cost so much.
        if !apart && (s.own_regions >= 3 || !gpu) {
            return Some((s.to_siblings, "of the other sizes of its series in the region"));
        }
    }
    let alone = s.siblings <= 2 && !s.variant && s.regions >= ELSEWHERE_REGIONS && s.to_elsewhere > 0.0;
    let range = if burstable { BURSTABLE_RANGE } else { ELSEWHERE_RANGE };
    let off = alone && !range.contains(&s.to_elsewhere);
    off.then_some((s.to_elsewhere, "of its series in other regions, at the level of this one"))
}

/// The ratios to their siblings that each size has, over all regions.
struct UsualRatios(Vec<Vec<f64>>);

impl UsualRatios {
    fn new(kinds: usize, rows: &[PriceRow], standings: &[Standing]) -> Self {
        let mut ratios = vec![Vec::new(); kinds];
        for (row, standing) in rows.iter().zip(standings) {
            if row.on_demand.is_some() && standing.to_siblings > 0.0 {
                ratios[row.kind as usize].push(standing.to_siblings);
            }
        }
        ratios.iter_mut().for_each(|r: &mut Vec<f64>| r.sort_unstable_by(f64::total_cmp));
        Self(ratios)
    }

    fn holds(&self, kind: u32, ratio: f64) -> bool {
        let ratios = &self.0[kind as usize];
        let from = ratios.partition_point(|&r| r < ratio / USUAL_WITHIN);
        let to = ratios.partition_point(|&r| r <= ratio * USUAL_WITHIN);
        let others = (to - from).saturating_sub(1);
        let asked = USUAL_REGIONS.min(ratios.len().saturating_sub(2).max(1));
        USUAL_RANGE.contains(&ratio) && others >= asked
    }
}
