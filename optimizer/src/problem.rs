//! The queue as classes, and what each class may do where: the optimizer's own view of the inputs.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use tradewind_core::concentration;
use tradewind_core::cost;
use tradewind_core::fallback::{self, Behind};
use tradewind_core::job::{Job, Workload};
use tradewind_core::market::{Market, QuotaUnit};
use tradewind_core::pool::{self, Pool};
use tradewind_core::rejection::Rejection;
use tradewind_core::resources::{ResourcePrices, Resources};
use tradewind_core::rules::Rules;
use tradewind_core::size::Bytes;
use tradewind_core::time::{Millis, Time};
use tradewind_core::work::TaskLaw;

use crate::cap::Cap;
use crate::classes::{Classes, overruns};
use crate::eligible::{self, Kind};

/// A way for a class to run: a pool, the law there, and when it may start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// Index of the pool.
    pub pool: u32,
    /// Index in [`Class::laws`].
    pub law: u16,
    /// Earliest start, ms from the horizon's start.
    pub earliest: i64,
    /// Latest start, ms from the horizon's start.
    pub latest: i64,
    /// Own cost of a task in dollars.
    pub own: f64,
    /// The on-demand offer behind it, where it may fall back.
    pub behind: Option<u32>,
}

/// Jobs whose tasks are interchangeable.
#[derive(Debug, Clone)]
pub(crate) struct Class {
    /// Indices of the jobs, in order.
    pub jobs: Vec<usize>,
    /// Tasks in all.
    pub tasks: u32,
    /// Demand of each node of a task.
    pub demand: Resources,
    /// Nodes of a task.
    pub nodes: u32,
    /// Higher first.
    pub priority: u8,
    /// Deadline-critical work of a task; 0 where no cap counts it.
    pub work: i128,
    /// The same as a fraction of the queue's.
    pub due_share: f64,
    /// Index of the project in [`Problem::budgets`], if it has a budget.
    pub budget: Option<usize>,
    /// Indices of shared datasets.
    pub datasets: Vec<usize>,
    /// Distinct laws.
    pub laws: Vec<TaskLaw>,
    /// Ways to run, by pool.
    pub choices: Vec<Choice>,
    /// Pools ruled out, by the first criterion that does.
    pub rejections: BTreeMap<Rejection, u64>,
    /// Whether predecessors or successors tie it in time.
    pub tied: bool,
    /// Whether on-demand stands behind it in some pool.
    pub falls_back: bool,
    /// Total probability that a predecessor overruns.
    pub overrun: f64,
    /// Classes that wait for this one.
    pub followers: Vec<usize>,
}

/// The number of a law of a class and its latest start, by cloud, speed, hazard and whether it may fall
/// back.
type Laws = HashMap<(usize, u64, u64, bool), Option<(u16, i64)>>;

/// A size of node in a pool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// The offer.
    pub offer: u32,
    /// What a node holds.
    pub capacity: Resources,
    /// Its own prices: dollars per vCPU-, GiB- and GPU-hour, all in the pool's direction.
    pub own: [f64; 3],
}

/// A shared dataset.
#[derive(Debug, Clone)]
pub(crate) struct Dataset {
    /// Its name.
    pub name: String,
    /// Region index of its home.
    pub home: u16,
    /// How much.
    pub size: Bytes,
}

/// The inputs, indexed for the search.
#[derive(Clone)]
pub(crate) struct Problem<'a> {
    /// The queue.
    pub workload: &'a Workload,
    /// The market.
    pub market: &'a Market,
    /// Horizon, budgets and policies.
    pub rules: &'a Rules,
    /// The pools.
    pub pools: Vec<Pool>,
    /// The pool of each offer.
    pub pool_of: Vec<u32>,
    /// Sizes of node that bounds need, by pool, lowest own prices first.
    pub sizes: Vec<Vec<Size>>,
    /// Nodes that quota lets stand at once, by offer.
    pub most_nodes: Vec<u64>,
    /// Rate that a node's bill never falls below, dollars per hour, by offer.
    pub least_rate: Vec<f64>,
    /// The classes, highest priority first, then by first job.
    pub classes: Vec<Class>,
    /// The class of each job.
    pub class_of: Vec<usize>,
    /// The datasets.
    pub datasets: Vec<Dataset>,
    /// Projects with a budget, in dollars.
    pub budgets: Vec<(String, f64)>,
    /// The concentration cap, if it can be felt.
    pub cap: Option<Cap>,
    /// Mean boot in ms, by cloud.
    pub boot: Vec<i64>,
    /// What a search adds to a node's bill, dollars per hour, by offer; empty is nothing.
    pub tolls: Vec<f64>,
}

impl<'a> Problem<'a> {
    /// Indexes the inputs. Cost: classes x pools.
    pub fn new(workload: &'a Workload, market: &'a Market, rules: &'a Rules) -> Self {
        Self::narrowed(workload, market, rules, None)
    }

    /// The same with the choices of each class narrowed as soon as they are known.
    pub fn narrowed(workload: &'a Workload, market: &'a Market, rules: &'a Rules, narrow: Option<&Narrow<'_>>) -> Self {
        let pools = pool::pools(market, &rules.policies);
        let keep = pool::frontier(market, &pools);
        let mut pool_of = vec![0; market.offers.len()];
        for (p, pool) in pools.iter().enumerate() {
            pool.offers.iter().for_each(|&o| pool_of[o] = p as u32);
        }
        let sizes = pools.iter().map(|p| sizes(market, p, &keep)).collect();
        let datasets: Vec<Dataset> = workload
            .datasets()
            .into_iter()
            .filter_map(|(name, input)| {
                let home = market.region_index(&input.location)?;
                Some(Dataset { name: name.to_owned(), home, size: input.size })
            })
            .collect();
        let budgets = rules.budgets.iter().map(|(p, b)| (p.clone(), b.as_f64())).collect();
        let mut problem = Self {
            workload,
            market,
            rules,
            pool_of,
            sizes,
            most_nodes: market.offers.iter().map(|o| market.most_nodes(o)).collect(),
            least_rate: market.offers.iter().map(|o| cost::least_rate(market, o).as_f64()).collect(),
            classes: Vec::new(),
            class_of: Vec::new(),
            datasets,
            budgets,
            cap: Cap::of(workload, rules),
            boot: market.clouds.iter().map(|c| c.boot.mean().get()).collect(),
            tolls: Vec::new(),
            pools,
        };
        problem.make_classes(narrow);
        problem
    }

    /// The same with a toll on each offer.
    pub fn at_tolls(&self, tolls: Vec<f64>) -> Self {
        let least_rate = self.least_rate.iter().zip(&tolls).map(|(rate, toll)| rate + toll).collect();
        Self { tolls, least_rate, ..self.clone() }
    }

    /// Length of the horizon in ms.
    pub fn length(&self) -> i64 {
        (self.rules.horizon.end - self.rules.horizon.start).get()
    }

    /// An instant as ms from the horizon's start.
    pub fn offset(&self, t: Time) -> i64 {
        (t - self.rules.horizon.start).get()
    }

    /// The instant so many ms after the horizon's start.
    pub fn time(&self, offset: i64) -> Time {
        self.rules.horizon.start + Millis::new(offset)
    }

    /// The cloud of a pool.
    pub fn cloud(&self, pool: &Pool) -> usize {
        usize::from(self.market.regions[usize::from(pool.region)].cloud)
    }

    /// What staging a dataset in a region costs in transfer, dollars; `None` without a price.
    pub fn staging_egress(&self, dataset: usize, region: u16) -> Option<f64> {
        let d = &self.datasets[dataset];
        Some(self.market.transfer(d.home, region)?.price.times(d.size).as_f64())
    }

    /// When a dataset staged from the horizon's start is ready in a region, ms.
    pub fn staging_ready(&self, dataset: usize, region: u16) -> i64 {
        let d = &self.datasets[dataset];
        if d.home == region { 0 } else { cost::staging_time(self.market, region, d.size).get() }
    }

    /// Least quota, in thousandths, that all nodes of a task take of a unit on an offer.
    pub fn least_quota(&self, class: &Class, offer: u32, unit: QuotaUnit) -> u64 {
        let o = offer as usize;
        let pool = &self.pools[self.pool_of[o] as usize];
        pool.least_quota_milli_on(self.market, o, unit, class.demand) * u64::from(class.nodes)
    }

    fn make_classes(&mut self, narrow: Option<&Narrow<'_>>) {
        let jobs = self.workload.jobs();
        let order = self.workload.topological_order().unwrap_or_default();
        let overruns = overruns(self.workload, &order);
        let groups = Classes::of(self.workload, self.rules);
        let shapes = PoolShapes::new(self);
        let make = |group: &Vec<usize>, after: Option<i64>| {
            let mut class = self.make_class(group, groups.tied[group[0]], overruns[group[0]], after, &shapes);
            if let Some(narrow) = narrow {
                narrow(&mut class);
            }
            class
        };
        let members: Vec<&Vec<usize>> = groups.members.values().collect();
        let mut classes: Vec<Option<Class>> =
            members.par_iter().map(|g| (!groups.tied[g[0]]).then(|| make(g, Some(0)))).collect();
        let mut class_of = vec![usize::MAX; jobs.len()];
        for (c, group) in members.iter().enumerate() {
            group.iter().for_each(|&j| class_of[j] = c);
        }
        // Predecessors first, so that a chain's earliest starts are known.
        let mut earliest: Vec<Option<i64>> = vec![Some(0); jobs.len()];
        for j in order.iter().copied().filter(|&j| groups.tied[j]) {
            let before = jobs[j].depends_on.iter().filter_map(|d| self.workload.index_of(d));
            let after = before.map(|p| earliest[p]).try_fold(0, |latest, end| Some(end?.max(latest)));
            let class = make(members[class_of[j]], after);
            // What successors wait for: the earliest reserved end in the best of worlds.
            let end = |c: &Choice| c.earliest + class.laws[usize::from(c.law)].reserved.get();
            earliest[j] = class.choices.iter().map(end).min();
            classes[class_of[j]] = Some(class);
        }
        self.classes = classes.into_iter().flatten().collect();
        self.class_of = class_of;
        self.note_followers();
        self.tighten_latest(&order);
    }

    fn note_followers(&mut self) {
        for (j, job) in self.workload.jobs().iter().enumerate() {
            for p in job.depends_on.iter().filter_map(|d| self.workload.index_of(d)) {
                self.classes[self.class_of[p]].followers.push(self.class_of[j]);
            }
        }
    }

    /// The class of some jobs. `after` is when its predecessors have ended; `None`
    /// if one of them can run nowhere.
    fn make_class(
        &self,
        members: &[usize],
        tied: bool,
        overrun: f64,
        after: Option<i64>,
        shapes: &PoolShapes,
    ) -> Class {
        let job = &self.workload.jobs()[members[0]];
        let datasets =
            job.datasets().filter_map(|(name, _)| self.datasets.iter().position(|d| d.name == name)).collect();
        let work = self.cap.map_or(0, |_| concentration::work_of_task(job));
        let mut class = Class {
            tasks: members.iter().map(|&j| self.workload.jobs()[j].count).sum(),
            jobs: members.to_vec(),
            demand: job.demand,
            nodes: job.nodes,
            priority: job.priority,
            work,
            due_share: self.cap.map_or(0.0, |cap| work as f64 / cap.all as f64),
            budget: job.project.as_ref().and_then(|p| self.budgets.iter().position(|(name, _)| name == p)),
            datasets,
            laws: Vec::new(),
            choices: Vec::new(),
            rejections: BTreeMap::new(),
            tied,
            falls_back: false,
            overrun,
            followers: Vec::new(),
        };
        let Some(not_before) = after else {
            class.rejections.insert(Rejection::Predecessor, 0);
            return class;
        };
        let mut laws = Laws::new();
        for p in 0..self.pools.len() {
            match self.choice(job, &mut class, p, not_before, shapes, &mut laws) {
                Ok(choice) => class.choices.push(choice),
                Err(reason) => *class.rejections.entry(reason).or_insert(0) += 1,
            }
        }
        class.falls_back = class.choices.iter().any(|c| c.behind.is_some());
        self.fill_own_costs(job, &mut class);
        class
    }

    /// Whether and how the class may run in pool `p`.
    fn choice(
        &self,
        job: &Job,
        class: &mut Class,
        p: usize,
        not_before: i64,
        shapes: &PoolShapes,
        laws: &mut Laws,
    ) -> Result<Choice, Rejection> {
        let pool = &self.pools[p];
        let region = &self.market.regions[usize::from(pool.region)];
        if let Some(first) = eligible::bars(job, &Kind::of_pool(pool, region)).iter().next() {
            return Err(first);
        }
        let speed_of_gpu = job.gpu.as_ref().map_or(Some(1.0), |g| g.speed_on(&pool.gpu)).ok_or(Rejection::Gpu)?;
        let require = |holds: bool, reason: Rejection| if holds { Ok(()) } else { Err(reason) };
        let refused = |&q: &u16| self.rules.policies[usize::from(q)].when.concerns(job);
        require(!pool.refused_by.iter().any(refused), Rejection::Policy)?;
        require(shapes.fits(p, job.demand), Rejection::TooSmall)?;
        if let Some(most) = job.max_price {
            let affordable = pool.offers.iter().any(|&o| {
                let offer = &self.market.offers[o];
                self.market.hourly(offer) <= most && job.demand.fits_in(self.market.type_of(offer).capacity)
            });
            require(affordable, Rejection::MaxPrice)?;
        }
        for &q in &self.market.quota_sets[usize::from(pool.quota_set)] {
            let row = &self.market.quotas[usize::from(q)];
            let taken = pool.least_quota_milli(row.unit, class.demand) * u64::from(class.nodes);
            require(u128::from(taken) <= u128::from(row.available) * 1000, Rejection::Quota)?;
        }
        let beyond = self.cap.is_some_and(|cap| class.work > cap.limit && concentration::concerns(pool));
        require(!beyond, Rejection::Concentration)?;
        let cloud = self.cloud(pool);
        let speed = f64::from(pool.speed_milli) / 1000.0 * speed_of_gpu;
        let hazard = pool.hazard.map_or(0.0, |h| self.market.hazards[usize::from(h)].per_hour());
        let behind = match job.deadline {
            Some(_) if hazard > 0.0 && !class.tied => fallback::offer_behind(self.market, self.rules, pool, job),
            _ => None,
        };
        let law = *laws.entry((cloud, speed.to_bits(), hazard.to_bits(), behind.is_some())).or_insert_with(|| {
            let law = TaskLaw::new(job, &self.market.clouds[cloud], speed, hazard)?;
            let law = if behind.is_some() { law.in_time(self.most_left(job, cloud)) } else { law };
            let latest = job.deadline.map_or(i64::MAX, |deadline| {
                self.latest_start(&law, self.offset(deadline), class.overrun, job.max_miss_probability)
            });
            class.laws.push(law);
            Some(((class.laws.len() - 1) as u16, latest))
        });
        let (law, latest) = law.ok_or(Rejection::EndlessRework)?;
        let behind = behind.filter(|_| class.laws[usize::from(law)].fallback.is_some()).map(|o| o as u32);
        let own_start = job.earliest().map_or(0, |t| self.offset(t));
        let staged = class.datasets.iter().map(|&d| self.staging_ready(d, pool.region)).max().unwrap_or(0);
        let commitment = pool.commitment.map(|c| &self.market.commitments[usize::from(c)]);
        let opens = commitment.and_then(|c| c.starts).map_or(0, |s| self.offset(s) + self.boot[cloud]);
        let reserved = class.laws[usize::from(law)].reserved.get();
        let closes = commitment.and_then(|c| c.ends).map_or(i64::MAX, |e| self.offset(e) - reserved);
        let earliest = self.boot[cloud].max(own_start).max(not_before).max(staged).max(opens);
        let last = self.length() - 1;
        require(earliest <= last, Rejection::Horizon)?;
        let latest = latest.min(last).min(closes);
        require(latest >= earliest, Rejection::Deadline)?;
        Ok(Choice { pool: p as u32, law, earliest, latest, own: f64::NAN, behind })
    }

    /// The most time that a task of a job with a deadline may have left when it starts in a cloud.
    pub(crate) fn most_left(&self, job: &Job, cloud: usize) -> Millis {
        let own = job.earliest().map_or(0, |t| self.offset(t));
        let deadline = job.deadline.map_or(i64::MAX, |d| self.offset(d));
        Millis::new(deadline - self.boot[cloud].max(own))
    }

    /// What stands behind a class by a choice.
    pub(crate) fn behind(&self, class: &Class, choice: &Choice) -> Option<Behind<'a>> {
        let offer = &self.market.offers[choice.behind? as usize];
        Some(Behind { market: self.market, offer, law: class.laws[usize::from(choice.law)].fallback? })
    }

    /// Latest start (ms) that keeps the miss probability, predecessors' overruns included.
    pub(crate) fn latest_start(&self, law: &TaskLaw, deadline: i64, overrun: f64, allowed: f64) -> i64 {
        if overrun <= 0.0 {
            return deadline - law.required.get();
        }
        // The law's own requirement leaves nothing for the predecessors: look for a later deadline.
        let holds = |left: i64| law.miss_probability(Millis::new(left)) + overrun <= allowed;
        let (mut low, mut high) = (law.required.get(), law.required.get().max(1) * 64);
        if !holds(high) {
            return i64::MIN;
        }
        while low < high {
            let mid = low + (high - low) / 2;
            if holds(mid) {
                high = mid;
            } else {
                low = mid + 1;
            }
        }
        deadline - high
    }

    /// Own cost by region and law; a choice whose transfer price is unknown is taken out.
    fn fill_own_costs(&self, job: &Job, class: &mut Class) {
        let mut known: HashMap<(u16, u16), f64> = HashMap::new();
        let mut kept = Vec::with_capacity(class.choices.len());
        for choice in &class.choices {
            let region = self.pools[choice.pool as usize].region;
            let own = *known.entry((region, choice.law)).or_insert_with(|| {
                let own = cost::own_cost(self.market, region, job, &class.laws[usize::from(choice.law)], None);
                let staged = class.datasets.iter().all(|&d| self.staging_egress(d, region).is_some());
                own.filter(|_| staged).map_or(f64::INFINITY, |o| o.total().as_f64())
            }) + self.behind(class, choice).map_or(0.0, |b| b.expected(job).as_f64());
            if own.is_finite() && job.budget.is_none_or(|b| own <= b.as_f64()) {
                kept.push(Choice { own, ..*choice });
            } else if own.is_finite() {
                *class.rejections.entry(Rejection::JobBudget).or_insert(0) += 1;
            } else {
                *class.rejections.entry(Rejection::TransferPrice).or_insert(0) += 1;
            }
        }
        class.choices = kept;
    }

    /// Predecessors must leave room for their successors: latest starts from the back.
    fn tighten_latest(&mut self, order: &[usize]) {
        for &j in order.iter().rev() {
            let job = &self.workload.jobs()[j];
            let c = self.class_of[j];
            if job.depends_on.is_empty() {
                continue;
            }
            let Some(latest) = self.classes[c].choices.iter().map(|x| x.latest).max() else { continue };
            for p in job.depends_on.iter().filter_map(|d| self.workload.index_of(d)).collect::<Vec<_>>() {
                let before = &mut self.classes[self.class_of[p]];
                let laws: Vec<i64> = before.laws.iter().map(|l| l.reserved.get()).collect();
                before.choices.retain_mut(|x| {
                    x.latest = x.latest.min(latest - laws[usize::from(x.law)]);
                    x.latest >= x.earliest
                });
            }
        }
    }
}

/// The sizes of a pool that are kept.
fn sizes(market: &Market, pool: &Pool, keep: &[bool]) -> Vec<Size> {
    let size = |&o: &usize| {
        let own = pool.own_prices(market, o);
        let capacity = market.type_of(&market.offers[o]).capacity;
        ((own.vcpu, own.gib, own.gpu), Size { offer: o as u32, capacity, own: dollars(own) })
    };
    let mut sizes: Vec<_> = pool.offers.iter().filter(|&&o| keep[o]).map(size).collect();
    sizes.sort_by_key(|(own, _)| *own);
    sizes.into_iter().map(|(_, size)| size).collect()
}

/// Prices in dollars.
pub(crate) fn dollars(prices: ResourcePrices) -> [f64; 3] {
    [prices.vcpu, prices.gib, prices.gpu].map(|p| p as f64 / 1e9)
}

/// A capacity or a demand in vCPU, GiB and GPU.
pub(crate) fn units(r: Resources) -> [f64; 3] {
    [r.vcpu_milli as f64 / 1e3, r.memory_mib as f64 / 1024.0, r.gpu_milli as f64 / 1e3]
}

/// Chooses among the choices of a class the few that are kept.
pub(crate) type Narrow<'n> = dyn Fn(&mut Class) + Sync + 'n;

/// The largest shapes of each pool: a demand fits the pool if it fits one of them.
struct PoolShapes(Vec<Vec<Resources>>);

impl PoolShapes {
    fn new(problem: &Problem<'_>) -> Self {
        let of = |pool: &Pool| {
            let mut all: Vec<Resources> =
                pool.offers.iter().map(|&o| problem.market.type_of(&problem.market.offers[o]).capacity).collect();
            all.sort_unstable_by(|a, b| b.cmp(a));
            let mut largest: Vec<Resources> = Vec::new();
            for shape in all {
                if !largest.iter().any(|l| shape.fits_in(*l)) {
                    largest.push(shape);
                }
            }
            largest
        };
        Self(problem.pools.iter().map(of).collect())
    }

    fn fits(&self, pool: usize, demand: Resources) -> bool {
        self.0[pool].iter().any(|shape| demand.fits_in(*shape))
    }
}
