//! Memory stated in GB where GiB is meant: 34.36 for a machine of 32.

use super::{Price, Rule, Verdict};
use crate::offers::{Offers, PriceRow};

/// GB in a GiB.
const FACTOR: f64 = 1.073_741_824;
/// Vendors sell memory in quarters of a GiB; a figure within this of one is meant as it stands.
const QUARTER_WITHIN: f64 = 0.005;
/// As exact as people round a figure in GB.
const GB_WITHIN: f64 = 0.002;
/// Above this every figure is near some whole number of GB.
const MOST_GIB: f64 = 128.0;

/// Prices of machines whose memory looks stated in GB; they are taken out of the rows at once: jobs
/// would be sent to machines that are 7 % too small for them.
pub(super) fn in_gb(offers: &Offers, rows: &mut [PriceRow]) -> Vec<Verdict> {
    let meant: Vec<Option<f64>> = offers.types.iter().map(|t| gib_meant(t.memory_mib as f64 / 1024.0)).collect();
    let mut verdicts = Vec::new();
    for (at, row) in rows.iter_mut().enumerate() {
        let kind = row.kind as usize;
        let Some(gib) = meant[kind] else { continue };
        let stated = offers.types[kind].memory_mib as f64 / 1024.0;
        let against = format!("of a machine of {stated:.2} GiB, which is {gib} GiB written in GB");
        for (price, value) in [(Price::OnDemand, row.on_demand.take()), (Price::Spot, row.spot.take())] {
            verdicts.extend(value.map(|value| Verdict {
                row: at,
                price,
                rule: Rule::MemoryUnit,
                value,
                expected: None,
                against: against.clone(),
            }));
        }
    }
    verdicts
}

/// The whole GiB that a figure is when read as GB, where it is one and is nothing as GiB.
fn gib_meant(stated: f64) -> Option<f64> {
    let as_gib = (stated * 4.0).round() / 4.0;
    let as_gb = (stated / FACTOR).round();
    let is_gib = (stated - as_gib).abs() <= QUARTER_WITHIN;
    let is_gb = (1.0..=MOST_GIB).contains(&as_gb) && (stated / FACTOR / as_gb - 1.0).abs() <= GB_WITHIN;
    (!is_gib && is_gb).then_some(as_gb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_in_gb_are_told_from_figures_in_gib() {
        for (stated, meant) in [(17.18, 16.0), (34.36, 32.0), (8.59, 8.0), (4.295, 4.0), (137.44, 128.0)] {
            assert_eq!(gib_meant(stated), Some(meant), "{stated}");
        }
        // Vendors' own figures, odd ones among them.
        for stated in [0.5, 0.613, 1.7, 3.75, 7.0, 15.25, 17.1, 30.5, 34.2, 60.5, 68.4, 122.0, 961.0, 3844.0] {
            assert_eq!(gib_meant(stated), None, "{stated}");
        }
    }
}
