//! What stands between a job and an offer, with the figures of both, and the change that removes it.

use serde::Serialize;
use tradewind_core::market::Offer;
use tradewind_core::money::Usd;
use tradewind_core::policy::Policy;
use tradewind_core::rejection::Rejection;
use tradewind_core::time::{Millis, Time};

use super::survey::{Look, Surveyor};
use super::{Change, dollars};

/// A criterion and what it says here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// The criterion.
    pub reason: Rejection,
    /// What was asked and what this offer is, in a sentence.
    pub detail: String,
}

impl Surveyor<'_> {
    /// Everything that stands in the way of an offer, whatever else is planned.
    pub fn obstacles(&self, look: &Look) -> Vec<Obstacle> {
        look.bars.iter().map(|reason| Obstacle { reason, detail: self.detail(look, reason) }).collect()
    }

    fn detail(&self, look: &Look, reason: Rejection) -> String {
        let offer = &self.market.offers[look.offer];
        let (t, region, job) = (self.market.type_of(offer), self.market.region_of(offer), self.job);
        match reason {
            Rejection::Arch => format!("it is {}, the job runs on {}", t.arch, list(&job.arch)),
            Rejection::Burstable => format!("{} shares its cores, which the job does not accept", t.name),
            Rejection::NotInterruptible => {
                "it can be taken away at any time, and the job is not \"interruptible\"".to_owned()
            }
            Rejection::Cloud => format!("the job asks for {}", list(&job.clouds)),
            Rejection::Region => format!("the job asks for {}", list(&job.regions)),
            Rejection::Residency => {
                format!(
                    "{} is in {}, the job's data must stay in {}",
                    region.name,
                    region.country,
                    list(&job.residency)
                )
            }
            Rejection::Policy => {
                let rules: Vec<String> =
                    self.refusing(offer).map(|p| format!("rule {}: {}", p.id, p.text.trim_end_matches('.'))).collect();
                rules.join("; ")
            }
            Rejection::MaxPrice => {
                format!(
                    "a node costs {} an hour, the job allows {}",
                    self.market.hourly(offer),
                    job.max_price.unwrap_or_default()
                )
            }
            Rejection::TransferPrice => format!("no price is known for moving its data to {}", region.name),
            Rejection::JobBudget => {
                let budget = job.budget.unwrap_or_default();
                format!("its data alone costs more there than the {budget} a task may cost")
            }
            Rejection::Deadline => self.late(offer),
            Rejection::Horizon => "it could only start there after the horizon".to_owned(),
            Rejection::Quota => {
                let rows: Vec<String> = self.short_rows(offer).map(|(q, needed)| self.row(q, needed)).collect();
                rows.join("; ")
            }
            _ => reason.sentence().to_owned(),
        }
    }

    fn late(&self, offer: &Offer) -> String {
        let (Some((earliest, latest)), Some(deadline)) = (self.span_of_starts(offer), self.job.deadline) else {
            return Rejection::Deadline.sentence().to_owned();
        };
        let late = minutes_up(Millis::new(earliest - latest));
        let allowed = self.job.max_miss_probability * 100.0;
        format!(
            "started at once it would miss {deadline} more often than in {allowed} % of cases; it needs {late} more"
        )
    }

    /// Earliest and latest start on an offer, ms; `None` without a deadline or a law.
    pub(super) fn span_of_starts(&self, offer: &Offer) -> Option<(i64, i64)> {
        let law = self.law_of(offer)?;
        let cloud = self.market.cloud_of(offer);
        let deadline = self.problem.offset(self.job.deadline?);
        let overrun = self.problem.classes[self.class].overrun;
        let latest = self.problem.latest_start(&law, deadline, overrun, self.job.max_miss_probability);
        Some((self.earliest(cloud.boot.mean(), offer.region), latest))
    }

    /// A deadline so late that the job could wait there for the end of everything planned: where quota is
    /// held by others, time may be cheaper than quota.
    pub fn later_deadline(&self, look: &Look) -> Option<Change> {
        let (_, latest) = self.span_of_starts(&self.market.offers[look.offer])?;
        let (from, last) = (self.job.deadline?, self.problem.length() - 1);
        (latest < last).then(|| Change::MoveDeadline { from, to: from + minutes_up(Millis::new(last - latest)) })
    }

    /// The policies that refuse the offer to the job.
    fn refusing(&self, offer: &Offer) -> impl Iterator<Item = &Policy> {
        let refuses = |p: &&Policy| p.when.concerns(self.job) && !p.admits(self.market, offer);
        self.problem.rules.policies.iter().filter(refuses)
    }

    /// Quota rows of an offer whose whole limit is below one task, with the units it needs.
    fn short_rows(&self, offer: &Offer) -> impl Iterator<Item = (u16, u64)> {
        self.market.quotas_of(offer).iter().filter_map(move |&q| {
            let row = &self.market.quotas[usize::from(q)];
            let needed = (self.market.taken_milli(row.unit, offer) * u64::from(self.job.nodes)).div_ceil(1000);
            (needed > row.available).then_some((q, needed))
        })
    }

    fn row(&self, q: u16, needed: u64) -> String {
        let row = &self.market.quotas[usize::from(q)];
        format!("quota {} is {}, one task takes {needed}", row.name, row.available)
    }

    /// The changes that remove what stands in the way; `None` where nothing the user says would.
    pub fn remedy(&self, look: &Look) -> Option<Vec<Change>> {
        let offer = &self.market.offers[look.offer];
        let (t, region, job) = (self.market.type_of(offer), self.market.region_of(offer), self.job);
        let mut changes: Vec<Change> = Vec::new();
        for reason in look.bars.iter() {
            match reason {
                Rejection::Arch => changes.push(Change::AllowArch { arch: t.arch }),
                Rejection::Burstable => changes.push(Change::AllowBurstable),
                Rejection::NotInterruptible => changes.push(Change::AllowSpot),
                Rejection::Cloud | Rejection::Region | Rejection::Residency => {
                    let allow = Change::AllowRegion { region: region.name.clone() };
                    if !changes.contains(&allow) {
                        changes.push(allow);
                    }
                }
                Rejection::Policy => {
                    changes.extend(self.refusing(offer).map(|p| Change::WaivePolicy { id: p.id.clone() }));
                }
                Rejection::MaxPrice => {
                    changes.push(Change::RaisePriceCap { from: job.max_price?, to: self.market.hourly(offer) })
                }
                Rejection::JobBudget => {
                    let to = cents_up(dollars(look.alone));
                    changes.push(Change::RaiseJobBudget { from: job.budget?, to });
                }
                Rejection::Deadline => {
                    let ((earliest, latest), from) = (self.span_of_starts(offer)?, job.deadline?);
                    let to = from + minutes_up(Millis::new(earliest - latest));
                    changes.push(Change::MoveDeadline { from, to });
                }
                Rejection::Horizon => {
                    let cloud = self.market.cloud_of(offer);
                    let (from, at) = (self.problem.rules.horizon.end, self.earliest(cloud.boot.mean(), offer.region));
                    changes.push(Change::ExtendHorizon { from, to: hours_after(from, self.problem.time(at)) });
                }
                // A commitment is not raised for the asking: more of it costs more.
                Rejection::Quota if offer.commitment().is_some() => return None,
                Rejection::Quota => changes.extend(self.short_rows(offer).map(|(q, to)| {
                    let row = &self.market.quotas[usize::from(q)];
                    Change::RaiseQuota { row: row.name.clone(), unit: row.unit, from: row.available, to }
                })),
                _ => return None,
            }
        }
        Some(changes)
    }
}

/// The first whole hour from `from` on that lies after `at`.
fn hours_after(from: Time, at: Time) -> Time {
    let hours = (at - from).get().max(0) / Millis::HOUR.get() + 1;
    from + Millis::from_hours(hours)
}

/// Rounded up to whole minutes.
pub(super) fn minutes_up(time: Millis) -> Millis {
    Millis::new(time.get().div_euclid(60_000) * 60_000 + if time.get().rem_euclid(60_000) > 0 { 60_000 } else { 0 })
}

/// Rounded up to whole cents.
pub(super) fn cents_up(usd: Usd) -> Usd {
    const CENT: i64 = 10_000_000;
    Usd::from_nanos(usd.nanos().div_euclid(CENT) * CENT + if usd.nanos().rem_euclid(CENT) > 0 { CENT } else { 0 })
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|i| i.to_string()).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_up() {
        assert_eq!(minutes_up(Millis::new(60_001)), Millis::new(120_000));
        assert_eq!(minutes_up(Millis::new(60_000)), Millis::new(60_000));
        assert_eq!(cents_up(Usd::from_nanos(10_000_001)), Usd::from_nanos(20_000_000));
        let noon = Time::from_ms(0);
        assert_eq!(hours_after(noon, noon), noon + Millis::from_hours(1));
        assert_eq!(hours_after(noon, noon + Millis::new(3_600_001)), noon + Millis::from_hours(2));
    }
}
