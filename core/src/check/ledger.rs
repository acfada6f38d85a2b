//! Every dollar of a plan as a line: what was bought, how much of it, at which rate, by which rule.
//!
//! The lines are worked out as the check works out the bill, by the functions of [`crate::cost`] that
//! define it, so that they sum to the plan's cost, cause by cause, to the nano-dollar.

use std::fmt;

use serde::Serialize;

use super::Report;
use super::schedule::{self, Node, Schedule};
use super::view::View;
use crate::cost::{self, Busy, NodeBill};
use crate::fallback::Behind;
use crate::job::Job;
use crate::market::{CapacityType, CloudFacts, Offer};
use crate::money::{Usd, UsdPerGb, UsdPerGbMonth, UsdPerHour};
use crate::offer_name::OfferName;
use crate::place::RegionName;
use crate::plan::{Plan, Staging};
use crate::size::Bytes;
use crate::tariff::{TariffBasis, TransferRate};
use crate::terms::Terms;
use crate::time::Millis;
use crate::work::TaskLaw;

/// What a line is for; the lines of [`crate::plan::CostBreakdown`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Useful node time.
    Compute,
    /// Checkpoints, restores, work done twice.
    Rework,
    /// Node launches.
    Boot,
    /// Nodes without a task.
    Idle,
    /// Scratch disks.
    Disk,
    /// Public addresses.
    Address,
    /// Data moved.
    Egress,
    /// Staged copies and checkpoints kept.
    Storage,
    /// Commitments.
    Commitment,
    /// On-demand behind spot.
    Fallback,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compute => "compute",
            Self::Rework => "rework",
            Self::Boot => "boot",
            Self::Idle => "idle",
            Self::Disk => "disk",
            Self::Address => "address",
            Self::Egress => "egress",
            Self::Storage => "storage",
            Self::Commitment => "commitment",
            Self::Fallback => "fallback",
        })
    }
}

/// A table of the market in which a rate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Prices of nodes.
    Offers,
    /// Facts of a cloud: addresses, disks, storage.
    Facts,
    /// Prices of moving data.
    Transfers,
    /// The user's own contract.
    Config,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What for.
    pub cause: Cause,
    /// Dollars.
    pub usd: Usd,
    /// The allocation or the dataset it belongs to.
    pub of: String,
    /// The job, where it is one job's.
    pub job: Option<String>,
    /// How much, in words.
    pub quantity: String,
    /// The rate with its unit.
    pub rate: String,
    /// Where the rate stands.
    pub table: Table,
    /// Its row there.
    pub row: String,
    /// How the amount follows.
    pub rule: String,
}

/// The lines of a plan whose inputs hold together ([`super::check_inputs`]), lines of zero left out;
/// empty where they do not.
pub fn ledger(plan: &Plan) -> Vec<Line> {
    let mut report = Report::default();
    let Some(view) = View::new(plan, &mut report) else { return Vec::new() };
    let schedule = schedule::check(plan, &view, &mut report);
    let book = Book { plan, view: &view, schedule: &schedule };
    let mut lines = book.nodes();
    lines.extend(book.placements());
    lines.extend(book.commitments());
    lines.extend(plan.stagings.iter().filter_map(|s| book.staging(s)).flatten());
    lines.retain(|l| l.usd != Usd::ZERO);
    lines
}

/// What the lines are drawn from.
struct Book<'b> {
    plan: &'b Plan,
    view: &'b View<'b>,
    schedule: &'b Schedule,
}

impl Book<'_> {
    /// The bills of the nodes, one group of lines an allocation.
    fn nodes(&self) -> Vec<Line> {
        let mut bills: Vec<NodeBill> = vec![NodeBill::default(); self.plan.allocations.len()];
        for node in &self.schedule.nodes {
            let Some(one) = self.bill(node) else { continue };
            let all = &mut bills[node.allocation];
            all.compute += one.compute;
            all.rework += one.rework;
            all.boot += one.boot;
            all.idle += one.idle;
            all.address += one.address;
        }
        let groups = bills.iter().enumerate().filter_map(|(a, bill)| self.allocation(a, bill));
        groups.flatten().collect()
    }

    fn bill(&self, node: &Node) -> Option<NodeBill> {
        let offer = &self.view.market.offers[self.schedule.offers[node.allocation]?];
        let allocation = &self.plan.allocations[node.allocation];
        let part = |part: &schedule::Part| {
            let (_, law) = self.schedule.laws[part.placement]?;
            Some(Busy { start: part.start, mean: law.mean, useful: law.useful })
        };
        let busy: Option<Vec<Busy>> = node.parts.iter().map(part).collect();
        Some(cost::node_bill(self.view.market, offer, allocation.start, allocation.end, &busy?))
    }

    fn allocation(&self, a: usize, bill: &NodeBill) -> Option<[Line; 5]> {
        let o = self.schedule.offers[a]?;
        let market = self.view.market;
        let offer = &market.offers[o];
        let cloud = market.cloud_of(offer);
        let name = OfferName::of(market, o).to_string();
        let allocation = &self.plan.allocations[a];
        let line = |cause, usd: Usd, rate: UsdPerHour, table, row: &str, rule: String| Line {
            cause,
            usd,
            of: format!("{} ({} x {name})", allocation.id, allocation.count),
            job: None,
            quantity: format!("{:.4} node-hours", hours_at(usd, rate)),
            rate: if table == Table::Offers { self.rate(offer) } else { format!("{rate} USD/h") },
            table,
            row: row.to_owned(),
            rule,
        };
        let price = offer.price;
        let of_boot = format!("{} of boot in the mean, billed", cloud.boot.mean().readable());
        let rework = "checkpoints, restores and work done twice, expected".to_owned();
        let idle = "kept between its tasks".to_owned();
        let address = "a public address as long as the node".to_owned();
        Some([
            line(Cause::Compute, bill.compute, price, Table::Offers, &name, self.compute_rule(offer, cloud)),
            line(Cause::Rework, bill.rework, price, Table::Offers, &name, rework),
            line(Cause::Boot, bill.boot, price, Table::Offers, &name, of_boot),
            line(Cause::Idle, bill.idle, price, Table::Offers, &name, idle),
            line(Cause::Address, bill.address, cloud.address, Table::Facts, &cloud.name, address),
        ])
    }

    /// A node's price, and how it follows from the list.
    fn rate(&self, offer: &Offer) -> String {
        match offer.terms {
            Some(Terms::Discount { index, list }) => {
                let of = &self.view.market.discounts[usize::from(index)];
                format!("{} USD/h (list {list}, {} off by discount {})", offer.price, of.percent, of.name)
            }
            _ => format!("{} USD/h", offer.price),
        }
    }

    /// What commitments owe, used or not.
    fn commitments(&self) -> Vec<Line> {
        let uses = self.plan.commitments();
        let each = self.view.market.commitments.iter().zip(uses);
        each.map(|(c, of)| Line {
            cause: Cause::Commitment,
            usd: of.owed,
            of: format!("commitment {}", c.name),
            job: None,
            quantity: format!("{:.4} h, of which USD {} is used", hours_at(of.owed, c.usd_per_hour), of.used),
            rate: format!("{} USD/h", c.usd_per_hour),
            table: Table::Config,
            row: c.name.clone(),
            rule: "owed for the horizon, used or not".to_owned(),
        })
        .collect()
    }

    /// How the useful time of a node is billed.
    fn compute_rule(&self, offer: &Offer, cloud: &CloudFacts) -> String {
        let least = cloud.billing_minimum;
        let mut rule = format!("mean useful time, at least {least} a node");
        if offer.capacity_type == CapacityType::Spot {
            let hazard = self.view.market.hazard_per_hour(offer);
            rule = format!("{rule}; {hazard:.6} interruptions an hour");
            if cloud.free_if_interrupted_within > Millis::ZERO && hazard > 0.0 {
                rule = format!("{rule}, not billed if within the first {}", cloud.free_if_interrupted_within);
            }
        }
        rule
    }

    /// What tasks cost by themselves: transfers, disks, checkpoints.
    fn placements(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (i, p) in self.plan.placements.iter().enumerate() {
            let Some((k, law)) = self.schedule.laws[i] else { continue };
            let Some(allocation) = self.schedule.on[i].map(|a| &self.plan.allocations[a]) else { continue };
            let own = Own {
                book: self,
                job: &self.view.workload.jobs()[k],
                law: &law,
                region: &allocation.region,
                of: &p.allocation,
                tasks: i64::from(p.count()),
                behind: self.schedule.behind(self.view, i),
            };
            lines.extend(own.lines());
        }
        lines
    }

    /// A staged copy: moving it and keeping it.
    fn staging(&self, s: &Staging) -> Option<[Line; 2]> {
        let market = self.view.market;
        let datasets = self.view.workload.datasets();
        let home = &datasets.get(s.dataset.as_str())?.location;
        let (from, to) = (market.region_index(home)?, market.region_index(&s.region)?);
        let size = datasets[s.dataset.as_str()].size;
        let price = cost::staging_cost(market, from, to, size, s.start, s.until)?;
        let rate = market.transfer(from, to)?;
        let cloud = &market.clouds[usize::from(market.regions[usize::from(to)].cloud)];
        let of = format!("dataset {}", s.dataset);
        let kept = s.until - s.start;
        Some([
            moved(of.clone(), None, price.egress, size, 1, (home, &s.region), rate),
            kept_line(Cause::Storage, of, None, price.storage, size, 1, kept, cloud.storage, &cloud.name),
        ])
    }
}

/// The own costs of one placement.
struct Own<'o> {
    book: &'o Book<'o>,
    job: &'o Job,
    law: &'o TaskLaw,
    region: &'o RegionName,
    of: &'o str,
    tasks: i64,
    behind: Option<Behind<'o>>,
}

impl Own<'_> {
    fn lines(&self) -> Vec<Line> {
        let market = self.book.view.market;
        let mut lines = Vec::new();
        let private = self.job.inputs.iter().filter(|i| i.dataset.is_none());
        let inputs = private.map(|i| (&i.location, self.region, i.size));
        let outputs = self.job.outputs.iter().map(|o| (self.region, &o.location, o.size));
        for (from, to, size) in inputs.chain(outputs) {
            let ends = market.region_index(from).zip(market.region_index(to));
            let Some(rate) = ends.and_then(|(a, b)| market.transfer(a, b)) else { continue };
            let usd = self.times(rate.price.times(size));
            lines.push(moved(self.of.to_owned(), Some(&self.job.id), usd, size, self.tasks, (from, to), rate));
        }
        let Some(region) = market.region_index(self.region) else { return lines };
        let cloud = &market.clouds[usize::from(market.regions[usize::from(region)].cloud)];
        let disks = Bytes::new(self.job.disk.get() * u64::from(self.job.nodes));
        let (id, of, mean) = (Some(&self.job.id), self.of.to_owned(), self.law.mean);
        let disk = self.times(cloud.disk.times(disks, mean));
        lines.push(kept_line(Cause::Disk, of.clone(), id, disk, disks, self.tasks, mean, cloud.disk, &cloud.name));
        if let (true, Some(checkpoint)) = (self.law.checkpoint_interval.is_some(), &self.job.checkpoint) {
            let (size, rate) = (checkpoint.size, cloud.storage);
            let usd = self.times(rate.times(size, mean));
            lines.push(kept_line(Cause::Storage, of, id, usd, size, self.tasks, mean, rate, &cloud.name));
        }
        lines.extend(self.behind.map(|behind| self.fallback(&behind)));
        lines
    }

    /// On-demand behind it.
    fn fallback(&self, behind: &Behind<'_>) -> Line {
        let Behind { market, offer, law } = behind;
        let nodes = self.tasks * i64::from(self.job.nodes);
        Line {
            cause: Cause::Fallback,
            usd: self.times(behind.expected(self.job)),
            of: self.of.to_owned(),
            job: Some(self.job.id.clone()),
            quantity: format!("{:.4} node-hours", law.on_demand.hours() * nodes as f64),
            rate: self.book.rate(offer),
            table: Table::Offers,
            row: format!("{}/{}/{}", self.region, market.type_of(offer).name, offer.capacity_type),
            rule: format!(
                "on-demand as often as a task must move ({:.4} %), address and disk included; each time at least {}",
                law.switch_probability * 100.0,
                market.cloud_of(offer).billing_minimum
            ),
        }
    }

    fn times(&self, usd: Usd) -> Usd {
        Usd::from_nanos(usd.nanos().saturating_mul(self.tasks))
    }
}

/// A line of data moved.
fn moved(
    of: String,
    job: Option<&String>,
    usd: Usd,
    size: Bytes,
    tasks: i64,
    (from, to): (&RegionName, &RegionName),
    rate: TransferRate,
) -> Line {
    let rule = match rate.basis {
        TariffBasis::SameRegion => "within a region: free",
        TariffBasis::Pair => "published price of this pair, first volume tier",
        TariffBasis::ContinentMedian => "median of the published pairs between the two continents",
        TariffBasis::Internet => "the source's internet price, first volume tier",
        TariffBasis::Programme => "price under the egress programme of the configuration",
    };
    let per_gb: UsdPerGb = rate.price;
    Line {
        cause: Cause::Egress,
        usd,
        of,
        job: job.cloned(),
        quantity: times_size(tasks, size),
        rate: format!("{per_gb} USD/GB"),
        table: Table::Transfers,
        row: format!("{from} -> {to}"),
        rule: rule.to_owned(),
    }
}

/// A line of data kept.
#[expect(clippy::too_many_arguments, reason = "the columns of a line")]
fn kept_line(
    cause: Cause,
    of: String,
    job: Option<&String>,
    usd: Usd,
    size: Bytes,
    tasks: i64,
    time: Millis,
    rate: UsdPerGbMonth,
    cloud: &str,
) -> Line {
    Line {
        cause,
        usd,
        of,
        job: job.cloned(),
        quantity: format!("{} for {:.3} h", times_size(tasks, size), time.hours()),
        rate: format!("{rate} USD/GB-month"),
        table: Table::Facts,
        row: cloud.to_owned(),
        rule: if cause == Cause::Disk { "scratch disk of each node" } else { "object storage" }.to_owned(),
    }
}

fn times_size(tasks: i64, size: Bytes) -> String {
    if tasks == 1 { size.to_string() } else { format!("{tasks} x {size}") }
}

/// Hours that an amount buys at a rate.
fn hours_at(usd: Usd, rate: UsdPerHour) -> f64 {
    if rate.nanos() == 0 { 0.0 } else { usd.nanos() as f64 / rate.nanos() as f64 }
}
