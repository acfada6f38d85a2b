//! Tiny random instances and their exhaustive optimum, worked out without the optimizer.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod cap;
pub mod merged;
pub mod simple;

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tradewind_core::contract::Contract;
use tradewind_core::cost::{self, Busy};
use tradewind_core::fallback::Behind;
use tradewind_core::job::{Arch, Checkpoint, Input, Job, Output, Runtime, Workload};
use tradewind_core::market::{
    CapacityType, CloudFacts, Delay, Hazard, HazardUnit, InstanceType, Market, Offer, QuotaRow, QuotaUnit, Region,
};
use tradewind_core::money::{Usd, UsdPerGb, UsdPerGbMonth, UsdPerHour};
use tradewind_core::percent::Percent;
use tradewind_core::place::RegionName;
use tradewind_core::plan::Plan;
use tradewind_core::policy::{Policy, When};
use tradewind_core::resources::Resources;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::select::Selector;
use tradewind_core::size::Bytes;
use tradewind_core::tariff::TariffBasis;
use tradewind_core::terms::{Commitment, Discount};
use tradewind_core::time::{Millis, Time};
use tradewind_core::work::TaskLaw;
use tradewind_optimizer::{Request, allocate};

/// A market, a queue and rules.
#[derive(Debug, Clone)]
pub struct Instance {
    pub market: Market,
    pub workload: Workload,
    pub rules: Rules,
}

pub const START: Time = Time::from_ms(1_711_843_200_000);

pub fn usd_per_hour(nanos: i64) -> UsdPerHour {
    UsdPerHour::from_nanos(nanos)
}

/// A market of two clouds with one region each; the first bills nothing if interrupted early.
pub fn market(rng: &mut StdRng) -> Market {
    let cloud = |name: &str, free: i64, boot: i64| CloudFacts {
        name: name.to_owned(),
        boot: Delay { median: Millis::from_secs(boot), p95: Millis::from_secs(boot * 2) },
        billing_minimum: Millis::from_secs(60),
        free_if_interrupted_within: Millis::from_hours(free),
        notice: Millis::from_secs(120),
        address: UsdPerHour::from_nanos(5_000_000),
        disk: UsdPerGbMonth::from_nanos(80_000_000),
        storage: UsdPerGbMonth::from_nanos(23_000_000),
        staging_bytes_per_second: 1_000_000_000,
    };
    let region = |c: u16, cloud: &str, name: &str, group: &str| Region {
        name: RegionName::new(cloud, name),
        cloud: c,
        continent: "Earth".to_owned(),
        country: group.to_owned(),
        residency: vec![group.to_owned()],
        zones: 3,
    };
    let mut types = Vec::new();
    for c in 0..2_u16 {
        for (name, vcpus, gib) in [("large", 2, 8), ("xlarge", 4, 16), ("cpu", 4, 8)] {
            types.push(InstanceType {
                cloud: c,
                name: name.to_owned(),
                family: "m".to_owned(),
                arch: Arch::X86_64,
                capacity: Resources { vcpu_milli: vcpus * 1000, memory_mib: gib * 1024, gpu_milli: 0 },
                gpu: String::new(),
                burstable: false,
                speed_milli: 1000,
                counted_vcpu_milli: None,
            });
        }
    }
    types.sort_by(|a, b| (a.cloud, &a.name).cmp(&(b.cloud, &b.name)));
    let mut offers = Vec::new();
    for (t, kind) in types.iter().enumerate() {
        let base = kind.capacity.vcpu_milli as i64 * 20_000 + kind.capacity.memory_mib as i64 * 3_000;
        let list = base * rng.random_range(80..130) / 100;
        for capacity_type in [CapacityType::OnDemand, CapacityType::Spot] {
            let spot = capacity_type == CapacityType::Spot;
            if rng.random_bool(0.25) {
                continue;
            }
            offers.push(Offer {
                instance_type: t as u32,
                region: kind.cloud,
                capacity_type,
                price: usd_per_hour(if spot { list * rng.random_range(20..70) / 100 } else { list }),
                hazard: spot.then_some(kind.cloud),
                quota_set: 1 + 2 * kind.cloud + u16::from(spot),
                terms: None,
            });
        }
    }
    let hazard = |value: f64, hours: i64, unit: HazardUnit| Hazard {
        value,
        unit,
        window: Millis::from_hours(hours),
        source: "test".to_owned(),
    };
    let quota = |name: &str, rng: &mut StdRng| QuotaRow {
        name: name.to_owned(),
        unit: QuotaUnit::Vcpu,
        available: [2, 4, 6, 8, 64][rng.random_range(0..5)],
    };
    let price = |rng: &mut StdRng| (UsdPerGb::from_nanos(rng.random_range(5..90) * 1_000_000), TariffBasis::Pair);
    Market {
        snapshot: "test".to_owned(),
        as_of: START,
        clouds: vec![cloud("one", 1, 30), cloud("two", 0, 60)],
        regions: vec![region(0, "one", "east", "EU"), region(1, "two", "west", "US")],
        types,
        hazards: vec![hazard(0.05, 730, HazardUnit::PerMonth), hazard(0.1, 24, HazardUnit::PerDay)],
        quotas: vec![
            quota("one/east/Standard/on_demand", rng),
            quota("one/east/Standard/spot", rng),
            quota("two/west/Total/on_demand", rng),
            quota("two/west/Total/spot", rng),
        ],
        quota_sets: vec![vec![], vec![0], vec![1], vec![2], vec![3]],
        discounts: Vec::new(),
        commitments: Vec::new(),
        offers,
        transfers: BTreeMap::from([(0, BTreeMap::from([(1, price(rng))])), (1, BTreeMap::from([(0, price(rng))]))]),
    }
    .validated()
    .expect("a sound market")
}

/// A queue of `n` tasks in at most `n` jobs.
pub fn queue(rng: &mut StdRng, n: usize) -> Workload {
    let mut jobs = Vec::new();
    let mut tasks = 0;
    while tasks < n {
        let id = format!("j{}", jobs.len());
        let vcpus = [1, 1, 2, 4][rng.random_range(0..4)];
        let demand = Resources {
            vcpu_milli: vcpus * 1000,
            memory_mib: vcpus * [1, 2, 4][rng.random_range(0..3)] * 1024,
            gpu_milli: 0,
        };
        let p50 = Millis::from_secs(rng.random_range(600..7200));
        let p95 = if rng.random_bool(0.5) { p50 } else { Millis::new(p50.get() * 13 / 10) };
        let mut job = Job::new(&id, demand, Runtime { p50, p95 });
        job.count = if rng.random_bool(0.2) && tasks + 2 <= n { 2 } else { 1 };
        job.interruptible = rng.random_bool(0.5);
        if job.interruptible && rng.random_bool(0.5) {
            let save = Millis::from_secs(30);
            job.checkpoint = Some(Checkpoint { interval: None, save, restore: save, size: Bytes::from_gb(2) });
        }
        if rng.random_bool(0.4) {
            job.deadline = Some(START + p95 + Millis::from_secs(rng.random_range(600..9000)));
            // So little that spot alone is often too late.
            job.max_miss_probability = if job.runtime.p95 > job.runtime.p50 { 0.01 } else { 0.0005 };
        }
        if rng.random_bool(0.2) {
            job.residency = vec![["EU", "US"][rng.random_range(0..2)].to_owned()];
        }
        let home = [RegionName::new("one", "east"), RegionName::new("two", "west")][rng.random_range(0..2)].clone();
        match rng.random_range(0..4) {
            0 => {
                job.inputs = vec![Input { dataset: None, location: home, size: Bytes::from_gb(rng.random_range(1..5)) }]
            }
            1 => {
                let (name, location) = ("set".to_owned(), RegionName::new("one", "east"));
                job.inputs = vec![Input { dataset: Some(name), location, size: Bytes::from_gb(3) }];
            }
            2 => job.outputs = vec![Output { location: home, size: Bytes::from_gb(1) }],
            _ => {}
        }
        job.disk = Bytes::from_gb(rng.random_range(0..20));
        job.priority = if rng.random_bool(0.2) { 80 } else { 50 };
        job.project = Some("p".to_owned());
        tasks += job.count as usize;
        jobs.push(job);
    }
    Workload::new(jobs).expect("a sound queue")
}

/// The instance of a seed: `n` tasks, three hours of one-hour windows.
pub fn instance(seed: u64, n: usize) -> Instance {
    let mut rng = StdRng::seed_from_u64(seed);
    let market = market(&mut rng);
    let workload = queue(&mut rng, n);
    // Every third horizon cuts its last window.
    let cut = if seed % 3 == 0 { Millis::from_secs(2_400) } else { Millis::ZERO };
    let horizon = Horizon { start: START, end: START + Millis::from_hours(3) - cut, window: Millis::HOUR };
    Instance { market, workload, rules: Rules::over(horizon) }
}

/// An instance with a discount, one or two commitments, for some hours only in places, and a policy that
/// cuts through the machine types.
pub fn instance_under_contract(seed: u64, n: usize) -> Instance {
    let mut i = instance(seed, n);
    let mut rng = StdRng::seed_from_u64(seed ^ 0x00c0_77ac);
    let percent = |rng: &mut StdRng| format!("{}%", rng.random_range(5..60)).parse::<Percent>().unwrap();
    let cloud = |rng: &mut StdRng| vec![["one", "two", "*"][rng.random_range(0..3)].to_owned()];
    let mut contract = Contract::default();
    if rng.random_bool(0.5) {
        let discount = Discount { name: "edp".to_owned(), percent: percent(&mut rng) };
        contract.discounts.push((discount, Selector { clouds: cloud(&mut rng), ..Selector::default() }));
    }
    for c in 0..rng.random_range(1..3) {
        let milli_usd = rng.random_range(20..250);
        let commitment = Commitment {
            name: format!("c{c}"),
            usd_per_hour: usd_per_hour(milli_usd * 1_000_000),
            percent: percent(&mut rng),
            starts: rng.random_bool(0.2).then(|| START + Millis::from_secs(rng.random_range(0..5400))),
            ends: rng.random_bool(0.2).then(|| START + Millis::from_secs(rng.random_range(5400..14_400))),
            quota: 0,
        };
        let types = if rng.random_bool(0.3) { vec!["large".to_owned()] } else { Vec::new() };
        let on = Selector { clouds: cloud(&mut rng), instance_types: types, ..Selector::default() };
        contract.commitments.push((commitment, on));
    }
    i.market = contract.applied_to(i.market).expect("a sound market");
    if rng.random_bool(0.4) {
        let deny = Selector { instance_types: vec!["x*".to_owned()], clouds: cloud(&mut rng), ..Selector::default() };
        let when = When { interruptible: rng.random_bool(0.5).then_some(true), ..When::default() };
        let (id, text) = ("no-xlarge".to_owned(), "small nodes only".to_owned());
        i.rules.policies.push(Policy { id, text, when, deny: Some(deny), allow: None, max_price: None });
    }
    i
}

/// The plan of an instance.
pub fn plan_with(i: &Instance, threads: usize) -> Plan {
    allocate(&Request {
        workload: &i.workload,
        market: &i.market,
        rules: &i.rules,
        market_hash: tradewind_core::hash::of(&i.market),
        as_of: START,
        seed: Seed(0),
        gap: None,
        threads,
        assumptions: Vec::new(),
        stop: &|| None,
        progress: &|_| {},
    })
    .expect("a plan")
}

/// The plan of an instance on one thread.
pub fn plan(i: &Instance) -> Plan {
    plan_with(i, 1)
}

/// What the exhaustive search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimum {
    /// Tasks placed by priority, highest first.
    pub placed: Vec<u64>,
    /// Tasks placed of each job.
    pub by_job: Vec<u64>,
    /// Their least cost.
    pub cost: Usd,
}

/// A task on an offer from a start.
#[derive(Clone, Copy)]
struct Spot {
    offer: usize,
    start: Time,
    law: TaskLaw,
    own: Usd,
    /// The on-demand offer behind it.
    behind: Option<usize>,
}

/// Every assignment of every task to (node, offer, start): start at the earliest, or on a window's
/// edge; nodes are all ways to put the tasks of one offer together. `None` places a task nowhere.
pub fn exhaustive(i: &Instance) -> Optimum {
    let tasks: Vec<usize> =
        i.workload.jobs().iter().enumerate().flat_map(|(k, j)| std::iter::repeat_n(k, j.count as usize)).collect();
    let ways: Vec<Vec<Spot>> = tasks.iter().map(|&k| ways(i, k)).collect();
    let mut search = Search { i, tasks: &tasks, ways: &ways, nodes: Vec::new(), placed: Vec::new(), best: None };
    search.go(0);
    search.best.expect("placing nothing is possible")
}

fn ways(i: &Instance, k: usize) -> Vec<Spot> {
    let job = &i.workload.jobs()[k];
    let mut all = Vec::new();
    for (o, offer) in i.market.offers.iter().enumerate() {
        let region = i.market.region_of(offer);
        let resident = job.residency.is_empty() || job.residency.iter().any(|g| region.residency.contains(g));
        let market_ok = job.interruptible || offer.capacity_type == CapacityType::OnDemand;
        let admitted = |p: &Policy| !p.when.concerns(job) || p.admits(&i.market, offer);
        if !i.rules.policies.iter().all(admitted) {
            continue;
        }
        if !resident || !market_ok || !job.demand.fits_in(i.market.type_of(offer).capacity) {
            continue;
        }
        let cloud = i.market.cloud_of(offer);
        let Some(law) = TaskLaw::new(job, cloud, 1.0, i.market.hazard_per_hour(offer)) else { continue };
        let boot = cloud.boot.mean();
        let rescued = rescued(i, job, offer, law, i.rules.horizon.start + boot);
        let law = rescued.map_or(law, |(law, _)| law);
        let behind = rescued.map(|(law, o)| Behind {
            market: &i.market,
            offer: &i.market.offers[o],
            law: law.fallback.expect("it is rescued"),
        });
        let own = cost::own_cost(&i.market, offer.region, job, &law, behind).expect("all prices known").total();
        let behind = rescued.map(|(_, o)| o);
        let staged = job.datasets().filter(|(_, d)| d.location != region.name);
        let ready =
            staged.map(|(_, d)| i.rules.horizon.start + cost::staging_time(&i.market, offer.region, d.size)).max();
        let earliest = (i.rules.horizon.start + cloud.boot.mean()).max(ready.unwrap_or(START));
        let edges = (1..i.rules.horizon.windows()).map(|t| i.rules.horizon.edge(t));
        let opens = i.market.commitment_of(offer).and_then(|c| c.starts).map(|s| s + cloud.boot.mean());
        let earliest = opens.map_or(earliest, |o| o.max(earliest));
        for start in std::iter::once(earliest).chain(edges.filter(|e| *e > earliest)) {
            let in_time = job.deadline.is_none_or(|d| law.miss_probability(d - start) <= job.max_miss_probability);
            let in_force = i.market.commitment_of(offer).is_none_or(|c| {
                let (launch, held) = (start - cloud.boot.mean(), start + law.reserved);
                c.starts.is_none_or(|s| s <= launch) && c.ends.is_none_or(|e| held <= e)
            });
            if in_time && in_force && start < i.rules.horizon.end {
                all.push(Spot { offer: o, start, law, own, behind });
            }
        }
    }
    all
}

/// The law of a task that is late on a spot offer with on-demand behind it, and the offer: the cheapest on
/// demand there that holds it and is admitted, of those that no cheaper one outdoes.
fn rescued(i: &Instance, job: &Job, spot: &Offer, law: TaskLaw, start: Time) -> Option<(TaskLaw, usize)> {
    let jobs = i.workload.jobs();
    let waited_for = jobs.iter().any(|j| j.depends_on.contains(&job.id));
    if spot.capacity_type != CapacityType::Spot || waited_for || !job.depends_on.is_empty() {
        return None;
    }
    let late = law.miss_probability(job.deadline? - start) > job.max_miss_probability;
    let rescued = law.in_time(job.deadline? - start);
    let size = |o: usize| i.market.type_of(&i.market.offers[o]).capacity;
    let by_price = |o: &usize| (i.market.offers[*o].price, *o);
    let on_demand = |o: &usize| {
        let offer = &i.market.offers[*o];
        offer.region == spot.region && offer.capacity_type == CapacityType::OnDemand && offer.commitment().is_none()
    };
    let there: Vec<usize> = (0..i.market.offers.len()).filter(on_demand).collect();
    let admitted = |o: &usize| {
        let offer = &i.market.offers[*o];
        let outdone = there.iter().any(|x| by_price(x) < by_price(o) && size(*o).fits_in(size(*x)));
        let quota = i.market.quotas_of(offer).iter().all(|&q| {
            let row = &i.market.quotas[usize::from(q)];
            i.market.taken_milli(row.unit, offer) <= row.available * 1000
        });
        let policies = i.rules.policies.iter().all(|p| !p.when.concerns(job) || p.admits(&i.market, offer));
        !outdone && quota && policies && job.demand.fits_in(size(*o))
    };
    let offer = there.iter().copied().filter(admitted).min_by_key(by_price)?;
    (late && rescued.fallback.is_some()).then_some((rescued, offer))
}

struct Search<'s> {
    i: &'s Instance,
    tasks: &'s [usize],
    ways: &'s [Vec<Spot>],
    /// Tasks on each node with their spots.
    nodes: Vec<Vec<(usize, Spot)>>,
    placed: Vec<usize>,
    best: Option<Optimum>,
}

impl Search<'_> {
    fn go(&mut self, at: usize) {
        if at == self.tasks.len() {
            return self.judge();
        }
        for way in &self.ways[at] {
            for n in 0..self.nodes.len() {
                if self.nodes[n][0].1.offer == way.offer {
                    self.nodes[n].push((self.tasks[at], *way));
                    if self.fits(n) {
                        self.placed.push(self.tasks[at]);
                        self.go(at + 1);
                        self.placed.pop();
                    }
                    self.nodes[n].pop();
                }
            }
            self.nodes.push(vec![(self.tasks[at], *way)]);
            self.placed.push(self.tasks[at]);
            if self.quota_holds() {
                self.go(at + 1);
            }
            self.placed.pop();
            self.nodes.pop();
        }
        self.go(at + 1);
    }

    fn fits(&self, n: usize) -> bool {
        let node = &self.nodes[n];
        let capacity = self.i.market.type_of(&self.i.market.offers[node[0].1.offer]).capacity;
        node.iter().all(|(_, at)| {
            let mut load = Resources::ZERO;
            for (k, s) in node.iter().filter(|(_, s)| s.start <= at.start && at.start < s.start + s.law.reserved) {
                let _ = s;
                load += self.i.workload.jobs()[*k].demand;
            }
            load.fits_in(capacity)
        })
    }

    fn span(&self, node: &[(usize, Spot)]) -> (Time, Time, Time) {
        let boot = self.i.market.cloud_of(&self.i.market.offers[node[0].1.offer]).boot.mean();
        let launch = node.iter().map(|(_, s)| s.start).min().unwrap() - boot;
        let end = node.iter().map(|(_, s)| s.start + s.law.mean).max().unwrap();
        let held = node.iter().map(|(_, s)| s.start + s.law.reserved).max().unwrap();
        (launch, end, held)
    }

    fn quota_holds(&self) -> bool {
        let behind = self.nodes.iter().flatten().filter_map(|(_, s)| {
            let law = s.law.fallback?;
            Some((s.behind?, s.start + law.on_demand_from, s.start + s.law.done()))
        });
        let spans: Vec<(usize, Time, Time)> = self
            .nodes
            .iter()
            .map(|n| {
                let (launch, _, held) = self.span(n);
                (n[0].1.offer, launch, held)
            })
            .chain(behind)
            .collect();
        let market = &self.i.market;
        (0..market.quotas.len() as u16).all(|q| {
            spans.iter().all(|&(_, now, _)| {
                let held: u64 = spans
                    .iter()
                    .filter(|(o, a, b)| market.quotas_of(&market.offers[*o]).contains(&q) && *a <= now && now < *b)
                    .map(|(o, _, _)| market.taken_milli(market.quotas[usize::from(q)].unit, &market.offers[*o]))
                    .sum();
                held <= market.quotas[usize::from(q)].available * 1000
            })
        })
    }

    fn judge(&mut self) {
        let on_offers = self.nodes.iter().flatten().map(|(k, spot)| (*k, spot.offer));
        if !self.quota_holds() || !cap::holds(self.i, on_offers) {
            return;
        }
        let jobs = self.i.workload.jobs();
        let mut by_job = vec![0; jobs.len()];
        self.placed.iter().for_each(|&k| by_job[k] += 1);
        let mut levels: BTreeMap<std::cmp::Reverse<u8>, u64> = BTreeMap::new();
        jobs.iter().zip(&by_job).for_each(|(j, n)| *levels.entry(std::cmp::Reverse(j.priority)).or_insert(0) += n);
        let placed: Vec<u64> = levels.into_values().collect();
        if self.best.as_ref().is_some_and(|b| b.placed > placed) {
            return;
        }
        let market = &self.i.market;
        let mut total = market.owed(self.i.rules.horizon);
        let mut copies: BTreeMap<(&str, u16), (Time, &Input)> = BTreeMap::new();
        for node in &self.nodes {
            let offer = &market.offers[node[0].1.offer];
            let (launch, end, _) = self.span(node);
            let busy: Vec<Busy> =
                node.iter().map(|(_, s)| Busy { start: s.start, mean: s.law.mean, useful: s.law.useful }).collect();
            total += cost::node_bill(market, offer, launch, end, &busy).total();
            for (k, s) in node {
                total += s.own;
                for (name, input) in jobs[*k].datasets().filter(|(_, d)| d.location != market.region_of(offer).name) {
                    let end = s.start + s.law.mean;
                    let until = copies.entry((name, offer.region)).or_insert((end, input));
                    until.0 = until.0.max(end);
                }
            }
        }
        for ((_, r), (until, input)) in copies {
            let from = market.region_index(&input.location).unwrap();
            let price = cost::staging_cost(market, from, r, input.size, self.i.rules.horizon.start, until).unwrap();
            total += price.egress + price.storage;
        }
        let better = self.best.as_ref().is_none_or(|b| placed > b.placed || (placed == b.placed && total < b.cost));
        if better {
            self.best = Some(Optimum { placed, by_job, cost: total });
        }
    }
}
