//! Rules that need no statistics.

use super::{Price, Rule, Verdict};
use crate::offers::PriceRow;

/// Zero and negative prices; they are taken out of the rows at once, lest they distort the others.
pub(super) fn not_positive(rows: &mut [PriceRow]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (at, row) in rows.iter_mut().enumerate() {
        for (price, value) in [(Price::OnDemand, &mut row.on_demand), (Price::Spot, &mut row.spot)] {
            if let Some(nanos) = value.take_if(|n| *n <= 0) {
                let against = if nanos == 0 { "zero" } else { "negative" }.to_owned();
                verdicts.push(Verdict {
                    row: at,
                    price,
                    rule: Rule::NotPositive,
                    value: nanos,
                    expected: None,
                    against,
                });
            }
        }
    }
    verdicts
}

/// Offers stated more than once: of equal rows the first stays, of different ones none. The rows are
/// sorted, so that those of an offer are neighbours.
pub(super) fn duplicates(rows: &mut [PriceRow]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut begin = 0;
    for same in rows.chunk_by_mut(|a, b| (a.region, a.kind) == (b.region, b.kind)) {
        if same.len() > 1 {
            let agree = same.iter().all(|r| (r.on_demand, r.spot) == (same[0].on_demand, same[0].spot));
            let lines: Vec<String> = same.iter().map(|r| r.line.to_string()).collect();
            let what = if agree { "stated again" } else { "stated differently" };
            let against = format!("{what} in lines {}", lines.join(", "));
            for (at, row) in same.iter_mut().enumerate().skip(usize::from(agree)) {
                for (price, value) in [(Price::OnDemand, row.on_demand.take()), (Price::Spot, row.spot.take())] {
                    verdicts.extend(value.map(|value| Verdict {
                        row: begin + at,
                        price,
                        rule: Rule::Duplicate,
                        value,
                        expected: None,
                        against: against.clone(),
                    }));
                }
            }
        }
        begin += same.len();
    }
    verdicts
}
