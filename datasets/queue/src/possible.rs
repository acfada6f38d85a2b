//! Jobs that no offer of a market can take, and why. They are no errors: the plan lists them as not
//! placed. Told beforehand, with the line and with what would do.

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::job::Job;
use tradewind_core::market::{CapacityType, InstanceType, Market, Offer, Region};
use tradewind_core::place::RegionName;
use tradewind_core::resources::Resources;
use tradewind_core::time::{Millis, Time};

use crate::fields::{At, Sink};
use crate::problem::{MAX_SHOWN, Problem};
use crate::{Queue, problem};

/// Offers that are named where none is large enough.
const LARGEST_SHOWN: usize = 3;

impl Queue {
    /// Deadlines that cannot be met by a plan that starts at `start`: past (`TW1004`), or nearer than
    /// the job takes on the fastest offer that holds it (`TW1005`). Warnings, the first [`MAX_SHOWN`].
    pub fn check_times(&self, market: &Market, start: Time) -> Vec<Problem> {
        let mut ignored = problem::Collector::default();
        let jobs = self.workload.jobs().iter().zip(&self.lines);
        let late = jobs.filter_map(|(job, line)| {
            let sink = Sink { file: &self.file, line: *line, problems: &mut ignored };
            hopeless(job, market, start, &sink)
        });
        late.take(MAX_SHOWN).collect()
    }
}

fn hopeless(job: &Job, market: &Market, start: Time, sink: &Sink<'_>) -> Option<Problem> {
    let deadline = job.deadline?;
    let at = At::Line.key("deadline");
    if deadline <= start {
        let problem = sink.problem("TW1004", "the deadline is past when the plan starts", &at);
        let help = "--as-of INSTANT plans for another start; the job will not be placed";
        return Some(problem.got(format!("deadline {deadline}, start {start}")).help(help));
    }
    let time = deadline - job.earliest().map_or(start, |e| e.max(start));
    let (needed, fastest) = fastest(job, market)?;
    if time >= needed {
        return None;
    }
    let problem = sink.problem("TW1005", "the deadline is nearer than the job takes on the fastest offer", &at);
    let got = format!("{time} until the deadline; half of all runs take {needed} or longer on {}", fastest.name);
    Some(problem.got(got).help("give it more time or a faster GPU model; it will not be placed"))
}

/// The shortest median runtime, and the type that gives it; `None` where no type holds the job.
fn fastest<'m>(job: &Job, market: &'m Market) -> Option<(Millis, &'m InstanceType)> {
    let needed = |t: &InstanceType| {
        let speed = f64::from(t.speed_milli) / 1e3 * job.gpu.as_ref().map_or(Some(1.0), |g| g.speed_on(&t.gpu))?;
        Some(Millis::from_hours_f64(job.runtime.p50.hours() / speed))
    };
    let holding = market.types.iter().filter(|t| job.demand.fits_in(t.capacity) && is_of_kind(job, t));
    holding.filter_map(|t| Some((needed(t)?, t))).min_by_key(|(needed, _)| *needed)
}

/// Whether a type is of the kind a job asks for, whatever its size.
fn is_of_kind(job: &Job, t: &InstanceType) -> bool {
    let gpu = job.gpu.as_ref().map_or(t.gpu.is_empty(), |g| g.speed_on(&t.gpu).is_some());
    gpu && job.arch.contains(&t.arch) && (job.burstable || !t.burstable)
}

/// What a market can do for a job, found out once and asked for every job.
pub(crate) struct Possible<'m> {
    market: &'m Market,
    /// Regions that sell anything.
    selling: BTreeSet<u16>,
    /// Offers, the cheapest first.
    by_price: Vec<&'m Offer>,
}

impl<'m> Possible<'m> {
    pub(crate) fn new(market: &'m Market) -> Self {
        let mut by_price: Vec<&Offer> = market.offers.iter().collect();
        by_price.sort_by_key(|o| o.price);
        Self { market, selling: market.offers.iter().map(|o| o.region).collect(), by_price }
    }

    /// The first reason why no offer can take the job.
    pub(crate) fn objection(&self, job: &Job, sink: &Sink<'_>) -> Option<Problem> {
        self.too_large(job, sink).or_else(|| self.nowhere(job, sink)).or_else(|| self.too_dear(job, sink))
    }

    /// `TW1014`: no machine of its kind is large enough.
    fn too_large(&self, job: &Job, sink: &Sink<'_>) -> Option<Problem> {
        let types = &self.market.types;
        if types.iter().any(|t| job.demand.fits_in(t.capacity) && is_of_kind(job, t)) {
            return None;
        }
        let mut kind: Vec<&InstanceType> = types.iter().filter(|t| is_of_kind(job, t)).collect();
        if kind.is_empty() {
            return None;
        }
        let (size, name) = short_of(job, &kind);
        kind.sort_by_key(|t| (std::cmp::Reverse(size(t.capacity)), &t.name));
        let largest: Vec<String> = kind.iter().take(LARGEST_SHOWN).map(|t| self.described(t)).collect();
        let parts = size(job.demand).div_ceil(size(kind[0].capacity).max(1)).max(2);
        let help = format!(
            "the largest are {}; \"nodes\": {} with {name} divided by {parts} spreads a task over several",
            largest.join(", "),
            u64::from(job.nodes) * parts
        );
        let problem = sink.problem("TW1014", "no machine is large enough", &At::Line.key(name));
        Some(problem.got(format!("a node of {}", amounts(job.demand))).help(help))
    }

    fn described(&self, t: &InstanceType) -> String {
        let cloud = self.market.clouds.get(usize::from(t.cloud)).map_or("", |c| c.name.as_str());
        format!("{cloud} {} ({})", t.name, amounts(t.capacity))
    }

    /// `TW1017`: what the job says about places leaves none, by itself or two by two.
    fn nowhere(&self, job: &Job, sink: &Sink<'_>) -> Option<Problem> {
        // Nearly every job has a region: the sets are made only where it has none.
        if self.selling.iter().any(|&r| self.is_open(job, r)) {
            return None;
        }
        let wishes = self.wishes(job);
        let none = |a: &Wish, b: &Wish| a.regions.is_disjoint(&b.regions);
        let pair = wishes.iter().enumerate().find_map(|(i, a)| {
            let b = wishes[i..].iter().find(|b| none(a, b))?;
            Some((a, b))
        });
        let (a, b) = pair?;
        let at = At::Line.key(a.field);
        let problem = sink.problem("TW1017", "no region that sells anything is left", &at);
        Some(if a.field == b.field && a.said == b.said {
            problem.got(&a.said).help("this market sells nothing there; drop it, or plan with another market")
        } else {
            problem.got(format!("{} and {}", a.said, b.said)).help("the two exclude each other: drop one of them")
        })
    }

    /// Whether a job may run in a region and its data can be moved there.
    fn is_open(&self, job: &Job, region: u16) -> bool {
        let reached = |from: &RegionName| {
            self.market.region_index(from).is_some_and(|from| self.market.transfer(from, region).is_some())
        };
        may_run_in(job, &self.market.regions[usize::from(region)]) && job.inputs.iter().all(|i| reached(&i.location))
    }

    /// The regions that each of a job's fields leaves.
    fn wishes(&self, job: &Job) -> Vec<Wish> {
        let region = |r: u16| &self.market.regions[usize::from(r)];
        let mut wishes = Vec::new();
        let mut add = |field, said: String, keep: &dyn Fn(u16) -> bool| {
            let regions = self.selling.iter().copied().filter(|r| keep(*r)).collect();
            wishes.push(Wish { field, said, regions });
        };
        if !job.residency.is_empty() {
            let keep = |r| job.residency.iter().any(|g| region(r).residency.contains(g));
            add("residency", format!("residency {:?}", job.residency), &keep);
        }
        if !job.clouds.is_empty() {
            let keep = |r| job.clouds.iter().any(|c| c == region(r).name.cloud());
            add("clouds", format!("clouds {:?}", job.clouds), &keep);
        }
        if !job.regions.is_empty() {
            let names: Vec<String> = job.regions.iter().map(ToString::to_string).collect();
            add("regions", format!("regions {names:?}"), &|r| job.regions.contains(&region(r).name));
        }
        for input in &job.inputs {
            let from = self.market.region_index(&input.location);
            let keep = |r| from.is_some_and(|from| self.market.transfer(from, r).is_some());
            add("inputs", format!("data in {} (TW2009: no other transfer is priced)", input.location), &keep);
        }
        wishes
    }

    /// `TW1024`: every offer that fits is dearer than the job allows.
    fn too_dear(&self, job: &Job, sink: &Sink<'_>) -> Option<Problem> {
        let most = job.max_price?;
        let fits = |o: &&&Offer| self.fits(job, o);
        let cheapest = self.by_price.iter().find(fits).filter(|o| o.price > most)?;
        let bought = if cheapest.capacity_type == CapacityType::Spot { "spot" } else { "on demand" };
        let help = format!(
            "the cheapest that fits is {} in {}, {bought}, at {} USD per hour",
            self.market.type_of(cheapest).name,
            self.market.region_of(cheapest).name,
            cheapest.price
        );
        let at = At::Line.key("max_price_usd_per_hour");
        Some(sink.problem("TW1024", "every machine that fits is dearer", &at).got(most.to_string()).help(help))
    }

    fn fits(&self, job: &Job, offer: &Offer) -> bool {
        let t = self.market.type_of(offer);
        (job.interruptible || offer.capacity_type == CapacityType::OnDemand)
            && job.demand.fits_in(t.capacity)
            && is_of_kind(job, t)
            && may_run_in(job, self.market.region_of(offer))
    }
}

/// Whether a job's own fields allow a region.
fn may_run_in(job: &Job, region: &Region) -> bool {
    (job.clouds.is_empty() || job.clouds.iter().any(|c| c == region.name.cloud()))
        && (job.regions.is_empty() || job.regions.contains(&region.name))
        && (job.residency.is_empty() || job.residency.iter().any(|g| region.residency.contains(g)))
}

/// A field that limits where a job may run, and the regions it leaves.
struct Wish {
    field: &'static str,
    said: String,
    regions: BTreeSet<u16>,
}

type Size = fn(Resources) -> u64;

/// The field of which no machine of the kind has enough; where each has enough of each, vCPUs.
fn short_of(job: &Job, kind: &[&InstanceType]) -> (Size, &'static str) {
    let sizes: BTreeMap<&'static str, Size> =
        BTreeMap::from([("gpu", (|r| r.gpu_milli) as Size), ("memory", |r| r.memory_mib), ("vcpus", |r| r.vcpu_milli)]);
    let short = sizes.iter().find(|(_, size)| kind.iter().all(|t| size(t.capacity) < size(job.demand)));
    short.map_or((sizes["vcpus"], "vcpus"), |(name, size)| (*size, *name))
}

/// `448 vCPU, 12288 GiB, 8 GPU`.
fn amounts(r: Resources) -> String {
    let gib = (r.memory_mib as f64 / 102.4).floor() / 10.0;
    let gpus = if r.gpu_milli == 0 { String::new() } else { format!(", {} GPU", r.gpu_milli as f64 / 1e3) };
    format!("{} vCPU, {gib} GiB{gpus}", r.vcpu_milli as f64 / 1e3)
}
