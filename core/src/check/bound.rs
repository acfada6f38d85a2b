//! What the certificate proves: a lower bound on the cost of the placed tasks, and an upper bound on
//! how many tasks can be placed.
//!
//! For non-negative prices mu (sizes of node), w (quotas), beta (budgets), sigma (staged copies), gamma
//! (the concentration cap, by spot pool):
//!
//! LB = sum_k n_k min_(p, s, start) [ own_kp + mu_ps . d_k x billed_kp + beta (own_kp + mu0_p . d_k x mean_kp)
//!        + sum_q a_kpq x integral of w_q over [start, start + reserved_kp) + sum_d sigma_kdr
//!        + gamma_p share of the deadline-critical work in a task of k ]
//!      + sum_(d,r) min(0, egress_dr - sum_k n_k sigma_kdr) - sum_(q,t) w_qt Q_q |t| - sum_b beta_b B_b
//!      - sum_p gamma_p x the cap + what the commitments owe, which every plan pays
//!
//! over the sizes s of pool p that hold the task and of which quota lets a node be launched, its steps (`node_price`)
//! priced like resources, with mu_ps scaled down until a node of that size is not worth more than it costs, billed_kp the
//! least time billed for the task (`cost::least_billed_time`), mu0_p the pool's reference prices and a_kpq the least
//! quota that the task takes in p. Why it holds: `docs/decisions/0003-bound.md`.
//! All of it is integer arithmetic, rounded down.

use std::collections::{BTreeMap, HashMap};

use super::Report;
use super::concentration::CapPrices;
use super::eligible::{self, Chance};
use super::node_prices::{MOST_PRICE, node_prices};
use super::view::View;
use crate::certificate::{BudgetDual, Certificate, PlacementCertificate, QuotaDual};
use crate::cost;
use crate::job::Job;
use crate::market::QuotaUnit;
use crate::money::{MS_PER_HOUR, Usd};
use crate::plan::Plan;
use crate::pool::Pool;
use crate::resources::{RESOURCE_SCALE, ResourcePrices};
use crate::rules::{Horizon, MOST_WINDOWS};
use crate::time::Time;

const BILLION: i128 = 1_000_000_000;

pub(super) fn check(plan: &Plan, view: &View<'_>, report: &mut Report) {
    let mut placed = vec![0_u64; view.workload.jobs().len()];
    for p in &plan.placements {
        if let Some(k) = view.workload.index_of(&p.job) {
            placed[k] += u64::from(p.tasks[1].saturating_sub(p.tasks[0])) + 1;
        }
    }
    let negative = has_negative(&plan.certificate);
    report.expect(
        "certificate",
        !negative,
        || "/certificate".to_owned(),
        || "a negative price".to_owned(),
        || "prices of 0 or more".to_owned(),
    );
    let bound = lower_bound(view, &plan.certificate, &placed);
    report.equal("bound", "/summary/lower_bound_usd", &plan.summary.lower_bound_usd, &bound);
    report.expect(
        "bound",
        bound <= plan.summary.cost_usd,
        || "/summary/cost_usd".to_owned(),
        || plan.summary.cost_usd.to_string(),
        || format!("at least the bound {bound}"),
    );
    check_placement_bounds(plan, view, report);
}

fn check_placement_bounds(plan: &Plan, view: &View<'_>, report: &mut Report) {
    let mut levels: Vec<u8> = view.workload.jobs().iter().map(|j| j.priority).collect();
    levels.sort_unstable_by(|a, b| b.cmp(a));
    levels.dedup();
    let said: Vec<u8> = plan.certificate.placement.iter().map(|c| c.priority).collect();
    let complete = report.expect(
        "placement-bound",
        said == levels,
        || "/certificate/placement".to_owned(),
        || format!("{said:?}"),
        || format!("one for each priority level {levels:?}"),
    );
    if !complete {
        return;
    }
    for (i, certificate) in plan.certificate.placement.iter().enumerate() {
        let bound = placement_bound(view, certificate);
        report.equal(
            "placement-bound",
            &format!("/certificate/placement/{i}/upper_bound"),
            &certificate.upper_bound,
            &bound,
        );
    }
    let all = plan.certificate.placement.last().map_or(0, |c| c.upper_bound);
    report.equal("placement-bound", "/summary/placed_upper_bound", &plan.summary.placed_upper_bound, &all);
    report.expect(
        "placement-bound",
        plan.summary.placed <= all,
        || "/summary/placed".to_owned(),
        || plan.summary.placed.to_string(),
        || format!("at most {all}"),
    );
}

fn has_negative(c: &Certificate) -> bool {
    c.offers.iter().any(|o| {
        let ResourcePrices { vcpu, gib, gpu } = o.prices;
        [vcpu, gib, gpu].into_iter().chain(o.steps.iter().map(|s| s.price)).any(|p| p < 0)
    }) || c.quotas.iter().chain(c.placement.iter().flat_map(|p| &p.quotas)).any(|q| q.price < 0)
        || c.concentration.iter().chain(c.placement.iter().flat_map(|p| &p.concentration)).any(|x| x.price < 0)
        || c.budgets.iter().chain(c.placement.iter().flat_map(|p| &p.budgets)).any(|b| b.price < 0)
        || c.staging.iter().any(|s| s.price < 0)
}

/// Prices as a bound uses them: never negative, never beyond [`MOST_PRICE`].
pub(super) fn sane(price: i64) -> i128 {
    i128::from(price.clamp(0, MOST_PRICE))
}

/// The prices of quotas over time: within the horizon and after it, where tasks still run.
struct QuotaPrices {
    horizon: Horizon,
    /// Windows up to the last with a price.
    windows: usize,
    /// Row index -> price of each window.
    rows: HashMap<u16, Vec<i128>>,
}

impl QuotaPrices {
    fn new(view: &View<'_>, duals: &[QuotaDual]) -> Self {
        let horizon = view.rules.horizon;
        let index: HashMap<&str, u16> =
            view.market.quotas.iter().enumerate().map(|(i, q)| (q.name.as_str(), i as u16)).collect();
        let window = |dual: &QuotaDual| Some(dual.window as usize).filter(|t| *t < MOST_WINDOWS);
        let windows = duals.iter().filter_map(window).max().map_or(0, |last| last + 1);
        let mut rows: HashMap<u16, Vec<i128>> = HashMap::new();
        for dual in duals {
            // A price for a row that no offer of the market takes only lowers the bound: left out.
            if let (Some(&q), Some(t)) = (index.get(dual.quota.as_str()), window(dual)) {
                rows.entry(q).or_insert_with(|| vec![0; windows])[t] += sane(dual.price);
            }
        }
        Self { horizon, windows, rows }
    }

    /// What all the quota there is is worth, rounded up: units of price x hours.
    fn worth_of_all(&self, view: &View<'_>) -> i128 {
        let mut total = 0_i128;
        for (&q, prices) in &self.rows {
            let available = i128::from(view.market.quotas[usize::from(q)].available);
            for (t, price) in prices.iter().enumerate() {
                let length = i128::from((self.horizon.edge(t + 1) - self.horizon.edge(t)).get());
                total += price * available * length;
            }
        }
        total.div_euclid(MS_PER_HOUR) + 1
    }

    /// Whether quota has a price in a pool.
    fn price(&self, view: &View<'_>, pool: &Pool) -> bool {
        view.market.quota_sets[usize::from(pool.quota_set)].iter().any(|q| self.rows.contains_key(q))
    }

    /// Least price of the quota that a task takes over every start in `[earliest, latest]`; `taken` is
    /// what one of its nodes takes of a unit, in thousandths.
    fn least(
        &self,
        view: &View<'_>,
        pool: &Pool,
        job: &Job,
        chance: &Chance,
        taken: &dyn Fn(QuotaUnit) -> u64,
    ) -> i128 {
        let rows: Vec<(&Vec<i128>, i128)> = view.market.quota_sets[usize::from(pool.quota_set)]
            .iter()
            .filter_map(|q| {
                let unit = view.market.quotas[usize::from(*q)].unit;
                let taken = taken(unit) * u64::from(job.nodes);
                self.rows.get(q).map(|prices| (prices, i128::from(taken)))
            })
            .filter(|(_, taken)| *taken > 0)
            .collect();
        if rows.is_empty() {
            return 0;
        }
        let windows = self.windows;
        let rate: Vec<i128> = (0..windows).map(|t| rows.iter().map(|(p, taken)| p[t] * taken).sum()).collect();
        let mut upto = vec![0_i128; windows + 1];
        for t in 0..windows {
            let length = i128::from((self.horizon.edge(t + 1) - self.horizon.edge(t)).get());
            upto[t + 1] = upto[t] + rate[t] * length;
        }
        let integral = |x: Time| -> i128 {
            // Nothing is priced before the horizon, and nothing after the last price.
            let t = self.horizon.window_at(x).min(windows);
            let into = (x - self.horizon.edge(t)).get().max(0);
            let rest = if t < windows { rate[t] * i128::from(into) } else { 0 };
            upto[t] + rest
        };
        let length = chance.law.reserved;
        let price = |start: Time| integral(start + length) - integral(start);
        // The price is piecewise linear in the start: its least value lies where the start or the end
        // meets a window's edge, or at the ends of the interval.
        let edges = (0..=windows).flat_map(|t| [self.horizon.edge(t), self.horizon.edge(t) - length]);
        let inside = edges.filter(|s| (chance.earliest..=chance.latest).contains(s));
        let least = inside.chain([chance.earliest, chance.latest]).map(price).min().unwrap_or(0);
        least.div_euclid(1000 * MS_PER_HOUR)
    }
}

fn budget_prices<'c>(duals: &'c [BudgetDual]) -> BTreeMap<&'c str, i128> {
    let mut prices = BTreeMap::new();
    for dual in duals {
        *prices.entry(dual.project.as_str()).or_insert(0) += sane(dual.price);
    }
    prices
}

/// What the budgets are worth, in nano-units, rounded up.
fn worth_of_budgets(view: &View<'_>, prices: &BTreeMap<&str, i128>) -> i128 {
    let worth = |(project, budget): (&String, &Usd)| {
        prices.get(project.as_str()).map_or(0, |p| (p * i128::from(budget.nanos())).div_euclid(BILLION) + 1)
    };
    view.rules.budgets.iter().map(worth).sum()
}

/// The price of a job's budget, where it has one.
fn budget_price(view: &View<'_>, prices: &BTreeMap<&str, i128>, job: &Job) -> i128 {
    match &job.project {
        Some(project) if view.rules.budgets.contains_key(project) => prices.get(project.as_str()).copied().unwrap_or(0),
        _ => 0,
    }
}

/// The lower bound that `certificate` proves on the cost of `placed[k]` tasks of each job `k`.
/// At least what the commitments owe, for costs are.
pub fn lower_bound(view: &View<'_>, certificate: &Certificate, placed: &[u64]) -> Usd {
    let quotas = QuotaPrices::new(view, &certificate.quotas);
    let budgets = budget_prices(&certificate.budgets);
    let prices = node_prices(view, certificate);
    let staging = StagingPrices::new(view, certificate, placed);
    let cap = CapPrices::new(view, &certificate.concentration);
    let chains = eligible::chain_starts(view);
    let mut total = staging.correction - quotas.worth_of_all(view) - worth_of_budgets(view, &budgets);
    total -= cap.worth_of_all();
    let placed = by_class(view, placed.iter().copied());
    for (&k, &placed) in &placed {
        let job = &view.workload.jobs()[k];
        let Some(not_before) = chains[k].filter(|_| placed > 0) else { continue };
        let beta = budget_price(view, &budgets, job);
        let work = cap.work(job);
        let mut best: Option<i128> = None;
        for (p, pool) in view.pools.iter().enumerate() {
            let Some(chance) = eligible::chance(view, k, pool, not_before) else { continue };
            let own = i128::from(chance.own.total().nanos());
            let billed = i128::from(cost::least_billed_time(view.market, pool.region, &chance.law).get());
            let paid = own + cost::least_share(pool.reference, job, &chance.law);
            let rules = (beta * paid).div_euclid(BILLION) + cap.of(work, p);
            let fixed = own + rules + staging.of(view, k, pool.region);
            let priced = quotas.price(view, pool);
            for (o, hourly) in prices[p].of(job.demand, priced) {
                let nodes = (hourly * billed * i128::from(job.nodes))
                    .div_euclid(RESOURCE_SCALE * MS_PER_HOUR)
                    // A node's bill rounds price and address apart: give up a nano-dollar a node for it.
                    - i128::from(job.nodes);
                if best.is_some_and(|b| fixed + nodes >= b) {
                    continue;
                }
                let taken = |unit| pool.least_quota_milli_on(view.market, o, unit, job.demand);
                let price = fixed + nodes + quotas.least(view, pool, job, &chance, &taken);
                best = Some(best.map_or(price, |b| b.min(price)));
            }
        }
        total += best.unwrap_or(0) * i128::from(placed);
    }
    Usd::from_nanos(i64::try_from(total.max(0)).unwrap_or(i64::MAX)) + view.market.owed(view.rules.horizon)
}

/// Sums by class of jobs that are alike: by the first of each.
fn by_class(view: &View<'_>, of_jobs: impl Iterator<Item = u64>) -> BTreeMap<usize, u64> {
    let mut sums = BTreeMap::new();
    view.class_of.iter().zip(of_jobs).for_each(|(&class, n)| *sums.entry(class).or_insert(0) += n);
    sums
}

/// The shares of staged copies that jobs bear.
struct StagingPrices {
    /// (class, dataset, region) -> price, for copies that the certificate prices.
    shares: HashMap<(usize, usize, u16), i128>,
    /// Copies that the certificate prices, by dataset number and region.
    priced: std::collections::HashSet<(usize, u16)>,
    /// Dataset number by name, and placed tasks that read it.
    readers: BTreeMap<String, (usize, i128)>,
    /// Sum over copies of min(0, egress - what jobs bear).
    correction: i128,
}

impl StagingPrices {
    fn new(view: &View<'_>, certificate: &Certificate, placed: &[u64]) -> Self {
        let datasets = view.workload.datasets();
        let mut readers: BTreeMap<String, (usize, i128)> =
            datasets.keys().enumerate().map(|(i, d)| ((*d).to_owned(), (i, 0))).collect();
        for (k, job) in view.workload.jobs().iter().enumerate() {
            for (d, _) in job.datasets() {
                if let Some(entry) = readers.get_mut(d) {
                    entry.1 += i128::from(placed[k]);
                }
            }
        }
        let of_class = by_class(view, placed.iter().copied());
        let mut shares: HashMap<(usize, usize, u16), i128> = HashMap::new();
        let mut borne: BTreeMap<(&str, u16), i128> = BTreeMap::new();
        let mut priced = std::collections::HashSet::new();
        for dual in &certificate.staging {
            let name: Option<crate::place::RegionName> = dual.region.parse().ok();
            let region = name.and_then(|n| view.market.region_index(&n));
            let job = view.workload.index_of(&dual.job).map(|j| view.class_of[j]);
            let (Some(k), Some(r)) = (job, region) else { continue };
            let Some(&(d, _)) = readers.get(&dual.dataset) else { continue };
            if !view.workload.jobs()[k].datasets().any(|(name, _)| name == dual.dataset) {
                continue;
            }
            priced.insert((d, r));
            *shares.entry((k, d, r)).or_insert(0) += sane(dual.price);
            *borne.entry((dual.dataset.as_str(), r)).or_insert(0) += sane(dual.price) * i128::from(of_class[&k]);
        }
        let egress = |dataset: &str, r: u16| Self::egress(view, dataset, r);
        let correction = borne.iter().map(|((d, r), sum)| (egress(d, *r) - sum).min(0)).sum();
        Self { shares, priced, readers, correction }
    }

    /// What moving a dataset to a region costs; 0 at home or where no price is known.
    fn egress(view: &View<'_>, dataset: &str, r: u16) -> i128 {
        let price = view.workload.datasets().get(dataset).and_then(|input| {
            let from = view.market.region_index(&input.location)?;
            Some(view.market.transfer(from, r)?.price.times(input.size))
        });
        i128::from(price.map_or(0, Usd::nanos))
    }

    /// What a task of `job` bears of the copies it needs in `region`: the certificate's prices, or an
    /// even share of the transfer among the placed tasks that read the dataset.
    fn of(&self, view: &View<'_>, k: usize, region: u16) -> i128 {
        let mut total = 0;
        for (dataset, input) in view.workload.jobs()[k].datasets() {
            let Some(&(d, tasks)) = self.readers.get(dataset) else { continue };
            if self.priced.contains(&(d, region)) {
                total += self.shares.get(&(k, d, region)).copied().unwrap_or(0);
            } else if tasks > 0 {
                let from = view.market.region_index(&input.location);
                let rate = from.and_then(|f| view.market.transfer(f, region));
                total += rate.map_or(0, |r| i128::from(r.price.times(input.size).nanos())) / tasks;
            }
        }
        total
    }
}

/// The upper bound that `certificate` proves on the number of placed tasks of jobs with at least its
/// priority: `sum_k n_k max(0, 1 - least price of k) + worth of quotas, budgets and the cap`, rounded down,
/// and at most the tasks that can run somewhere.
pub fn placement_bound(view: &View<'_>, certificate: &PlacementCertificate) -> u64 {
    let quotas = QuotaPrices::new(view, &certificate.quotas);
    let budgets = budget_prices(&certificate.budgets);
    let cap = CapPrices::new(view, &certificate.concentration);
    let chains = eligible::chain_starts(view);
    let mut total = if quotas.rows.is_empty() { 0 } else { quotas.worth_of_all(view) };
    total += worth_of_budgets(view, &budgets) + cap.worth_of_all();
    let (jobs, mut possible) = (view.workload.jobs(), 0);
    let wanted = by_class(view, jobs.iter().map(|j| u64::from(j.count)));
    for (&k, &tasks) in wanted.iter().filter(|(k, _)| jobs[**k].priority >= certificate.priority) {
        let job = &jobs[k];
        let Some(not_before) = chains[k] else { continue };
        let beta = budget_price(view, &budgets, job);
        let work = cap.work(job);
        let (mut least, mut somewhere) = (BILLION, false);
        for (p, pool) in view.pools.iter().enumerate() {
            let Some(chance) = eligible::chance(view, k, pool, not_before) else { continue };
            somewhere = true;
            let paid = i128::from(chance.own.total().nanos()) + cost::least_share(pool.reference, job, &chance.law);
            let taken = |unit| pool.least_quota_milli(unit, job.demand);
            let rules = (beta * paid).div_euclid(BILLION) + cap.of(work, p);
            let price = rules + quotas.least(view, pool, job, &chance, &taken);
            least = least.min(price.max(0));
            if least == 0 {
                break;
            }
        }
        total += (BILLION - least) * i128::from(tasks);
        possible += if somewhere { tasks } else { 0 };
    }
    u64::try_from(total.div_euclid(BILLION)).unwrap_or(0).min(possible)
}
