//! Shared datasets: where they are read, and in time.

use std::collections::BTreeMap;

use super::Report;
use super::schedule::Schedule;
use super::view::View;
use crate::cost;
use crate::plan::Plan;
use crate::time::Time;

/// Every task finds its shared datasets; every copy is used, priced to its last use, made once.
pub(super) fn check(plan: &Plan, view: &View<'_>, report: &mut Report, out: &Schedule) {
    let datasets = view.workload.datasets();
    let mut last_use: BTreeMap<(&str, u16), Time> = BTreeMap::new();
    let mut needed: BTreeMap<(&str, u16), Vec<(usize, Time)>> = BTreeMap::new();
    for (i, law) in out.laws.iter().enumerate() {
        let Some((k, law)) = law else { continue };
        let p = &plan.placements[i];
        let Some(allocation) = out.on[i].map(|a| &plan.allocations[a]) else { continue };
        let Some(region) = view.market.region_index(&allocation.region) else { continue };
        for (name, input) in view.workload.jobs()[*k].datasets() {
            if input.location != allocation.region {
                let end = p.start + law.mean;
                let last = last_use.entry((name, region)).or_insert(end);
                *last = (*last).max(end);
                needed.entry((name, region)).or_default().push((i, p.start));
            }
        }
    }
    let mut ready: BTreeMap<(&str, u16), Time> = BTreeMap::new();
    for (i, s) in plan.stagings.iter().enumerate() {
        let at = |field: &str| format!("/stagings/{i}/{field}");
        let known = datasets.get_key_value(s.dataset.as_str());
        let region = view.market.region_index(&s.region);
        let (Some((name, input)), Some(r)) = (known, region) else {
            report.expect(
                "reference",
                false,
                || at("dataset"),
                || format!("{} in {}", s.dataset, s.region),
                || "a dataset and a region".to_owned(),
            );
            continue;
        };
        report.equal("staging", &at("bytes"), &s.bytes.get(), &input.size.get());
        let horizon = view.rules.horizon;
        let in_time = s.start >= horizon.start;
        report.expect(
            "staging",
            in_time,
            || at("start"),
            || s.start.to_string(),
            || format!("not before {}", horizon.start),
        );
        report.equal("staging", &at("ready"), &s.ready, &(s.start + cost::staging_time(view.market, r, input.size)));
        let once = ready.insert((name, r), s.ready).is_none();
        report.expect("staging", once, || at("region"), || s.region.to_string(), || "each copy once".to_owned());
        let used = last_use.get(&(*name, r)).copied();
        report.expect(
            "staging",
            used == Some(s.until),
            || at("until"),
            || s.until.to_string(),
            || used.map_or("no copy, for nothing there reads it".to_owned(), |t| t.to_string()),
        );
    }
    for ((name, r), starts) in needed {
        let there = ready.get(&(name, r)).copied();
        for (i, start) in starts {
            report.expect(
                "staging",
                there.is_some_and(|t| t <= start),
                || format!("/placements/{i}/start"),
                || start.to_string(),
                || match there {
                    Some(t) => format!("not before {t}, when {name} is ready"),
                    None => format!("{name} staged in {}", view.market.regions[usize::from(r)].name),
                },
            );
        }
    }
}
