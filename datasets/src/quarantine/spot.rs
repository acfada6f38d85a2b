//! Spot prices: inverted, jumped, or an odd share of on-demand.

use std::collections::HashMap;

use super::on_demand::is_monthly;
use super::series::Standing;
use super::{Price, Rule, Verdict, median, quantile};
use crate::offers::{Offers, PriceRow};

/// Spot may be above on-demand by rounding.
const INVERTED_ABOVE: f64 = 1.001;
/// A day moves spot prices by less than a tenth nearly always.
const JUMP: f64 = 1.4;
/// A price that moved by less is calm; weak evidence does not condemn it.
const CALM: f64 = 1.05;
/// A share is off if it departs from its peers by more than so many times (in logarithms) what 95 of
/// 100 rows of the cloud do, within these bounds.
const SPREADS: f64 = 4.0;
const LEAST_LIMIT: f64 = 1.4;
const GREATEST_LIMIT: f64 = 4.6;
/// With fewer peers in the region the limit is at least this.
const WEAK_LIMIT: f64 = 2.05;
/// A share as near as this to what the type has in most regions is sound, whatever its siblings say.
const SAME: f64 = 1.03;
/// So many peers are enough.
const PEERS: usize = 3;

/// Judges every spot price.
pub(super) fn judge(offers: &Offers, rows: &[PriceRow], standings: &[Standing], allow_inverted: bool) -> Vec<Verdict> {
    let peers = Peers::new(offers, rows, standings);
    let distances: Vec<Option<Distance>> = (0..rows.len()).map(|at| peers.distance(at)).collect();
    let limits = limits(offers, rows, &distances);
    let mut verdicts = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let Some(value) = row.spot else { continue };
        let spot = value as f64;
        let mut blame = |rule: Rule, expected: f64, against: &str| {
            let against = against.to_owned();
            verdicts.push(Verdict { row: at, price: Price::Spot, rule, value, expected: Some(expected), against });
        };
        let moved = row.previous_spot.filter(|p| *p > 0).map(|p| (p as f64, spot / p as f64));
        let calm = moved.is_some_and(|(_, m)| m < CALM && m > 1.0 / CALM);
        let limit = limits[cloud(offers, row)];
        let off = distances[at].filter(|d| {
            let limit = if d.strong { limit } else { limit.max(WEAK_LIMIT.ln()) };
            d.log.abs() > limit && (d.strong || !calm)
        });
        match (off, row.on_demand.map(|p| p as f64)) {
            (Some(d), _) if is_monthly(d.log.exp()) => {
                blame(Rule::UnitSuspected, spot / d.log.exp(), "of what is expected, as a month's price would be")
            }
            (_, Some(price)) if spot > price * INVERTED_ABOVE && !allow_inverted => {
                blame(Rule::InvertedSpot, price, "of the on-demand price: interruptible capacity is never dearer");
            }
            _ => match (moved, off) {
                (Some((before, m)), _) if !(1.0 / JUMP..=JUMP).contains(&m) => {
                    blame(Rule::Jump, before, "of the price before")
                }
                (_, Some(d)) => {
                    blame(Rule::SpotShareOffSeries, spot / d.log.exp(), "of what its peers' share of on-demand says")
                }
                _ => {}
            },
        }
    }
    verdicts
}

fn cloud<'a>(offers: &'a Offers, row: &PriceRow) -> &'a str {
    &offers.types[row.kind as usize].cloud
}

/// How far a share is from its peers'.
#[derive(Debug, Clone, Copy)]
struct Distance {
    /// Natural logarithm of share over peers' share, by the reading nearest to 0.
    log: f64,
    /// Whether there are enough peers in the region.
    strong: bool,
}

/// The limit of each cloud, in logarithms.
fn limits<'a>(offers: &'a Offers, rows: &[PriceRow], distances: &[Option<Distance>]) -> HashMap<&'a str, f64> {
    let mut by_cloud: HashMap<&str, Vec<f64>> = offers.types.iter().map(|t| (t.cloud.as_str(), Vec::new())).collect();
    for (row, distance) in rows.iter().zip(distances) {
        if let (Some(d), Some(all)) = (distance, by_cloud.get_mut(cloud(offers, row))) {
            all.push(d.log.abs());
        }
    }
    let limit = |mut logs: Vec<f64>| {
        logs.sort_unstable_by(f64::total_cmp);
        let spread = if logs.is_empty() { 0.0 } else { quantile(&logs, 0.95) };
        (spread * SPREADS).clamp(LEAST_LIMIT.ln(), GREATEST_LIMIT.ln())
    };
    by_cloud.into_iter().map(|(cloud, logs)| (cloud, limit(logs))).collect()
}

/// Median shares of a row's peers.
struct Peers<'a> {
    rows: &'a [PriceRow],
    standings: &'a [Standing],
    families: Vec<u32>,
    /// By (series, region).
    series: HashMap<(u32, u16), f64>,
    /// By (family, region).
    family: HashMap<(u32, u16), f64>,
    /// By type, over all regions.
    kind: HashMap<u32, f64>,
}

impl<'a> Peers<'a> {
    fn new(offers: &Offers, rows: &'a [PriceRow], standings: &'a [Standing]) -> Self {
        let mut numbers = HashMap::new();
        let families: Vec<u32> = offers
            .types
            .iter()
            .map(|t| {
                let next = numbers.len() as u32;
                *numbers.entry((t.cloud.as_str(), t.family.as_str())).or_insert(next)
            })
            .collect();
        let (mut series, mut family, mut kind) = (HashMap::new(), HashMap::new(), HashMap::new());
        for (row, standing) in rows.iter().zip(standings) {
            let (Some(spot), Some(on_demand)) = (row.spot, row.on_demand) else { continue };
            let share = expected_share(spot as f64 / on_demand as f64, standing);
            if !standing.variant {
                push(&mut series, (standing.series, row.region), share);
                push(&mut family, (families[row.kind as usize], row.region), share);
            }
            push(&mut kind, row.kind, share);
        }
        Self { rows, standings, families, series: medians(series), family: medians(family), kind: medians(kind) }
    }

    fn distance(&self, at: usize) -> Option<Distance> {
        let (row, standing) = (&self.rows[at], &self.standings[at]);
        let share = row.spot? as f64 / row.on_demand? as f64;
        let elsewhere = if standing.siblings < PEERS { standing.to_elsewhere } else { 0.0 };
        let readings = [1.0, standing.to_siblings, elsewhere];
        let nearest = |reference: Option<&f64>| {
            let logs = readings.iter().filter(|f| **f > 0.0).map(|f| Some((share * f / reference?).ln()));
            logs.flatten().min_by(|a, b| a.abs().total_cmp(&b.abs()))
        };
        let series = nearest(self.series.get(&(standing.series, row.region)));
        let kind = nearest(self.kind.get(&row.kind));
        let strong = series.is_some();
        if let Some(log) = kind.filter(|log| log.abs() < SAME.ln()) {
            return Some(Distance { log, strong });
        }
        let family = || nearest(self.family.get(&(self.families[row.kind as usize], row.region)));
        let log =
            series.or_else(|| [family(), kind].into_iter().flatten().min_by(|a, b| a.abs().total_cmp(&b.abs())))?;
        Some(Distance { log, strong })
    }
}

/// Spot as a share of the on-demand price that the siblings say.
fn expected_share(share: f64, standing: &Standing) -> f64 {
    if standing.siblings >= 2 && standing.to_siblings > 0.0 { share * standing.to_siblings } else { share }
}

fn push<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Vec<f64>>, key: K, share: f64) {
    map.entry(key).or_default().push(share);
}

/// Medians of those with enough values.
fn medians<K: std::hash::Hash + Eq>(map: HashMap<K, Vec<f64>>) -> HashMap<K, f64> {
    map.into_iter().filter(|(_, v)| v.len() >= PEERS).filter_map(|(k, mut v)| Some((k, median(&mut v)?))).collect()
}
