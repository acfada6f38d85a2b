//! The plan file from a schedule: exact money, both certificates re-priced by the checker's own rule.

use std::collections::BTreeMap;

use tradewind_core::certificate::{Certificate, PlacementCertificate};
use tradewind_core::check::{self, View};
use tradewind_core::cost;
use tradewind_core::hash;
use tradewind_core::market::{Market, QuotaUnit};
use tradewind_core::notice::OnInterruption;
use tradewind_core::plan::{
    Allocation, Baseline, Fallback, Inputs, Placement, Plan, SCHEMA, ShadowPrice, Staging, Summary, Termination,
    Unplaced, ZoneRule, gap,
};
use tradewind_core::rejection::Rejection;

use crate::accounts::{Accounts, behind, copy_cost, law};
use crate::certify;
use crate::problem::Problem;
use crate::relaxation::{Prices, Relaxation};
use crate::request::Request;
use crate::schedule::Schedule;
use crate::unplaced;

/// What a schedule places and costs, exactly.
pub(crate) fn priced(schedule: &Schedule<'_, '_>) -> Baseline {
    Baseline { placed: schedule.placed(), cost_usd: Accounts::new(schedule).cost.total() }
}

/// What the model takes for granted, whatever the market; said in every plan.
const MODEL_ASSUMPTIONS: [&str; 3] = [
    "model: prices stay as they are over the whole horizon",
    "model: capacity is there wherever quota is; waiting for capacity is not in the deadline risk",
    "model: running times include reading inputs and writing outputs",
];

/// How the search went.
pub(crate) struct Search {
    /// Simple rules on the same input.
    pub baselines: Vec<(&'static str, Baseline)>,
    /// Classes of which tasks were taken out for a budget.
    pub taken_out: BTreeMap<usize, Rejection>,
    /// Why it ended.
    pub termination: Termination,
    /// Whether one more task would fit.
    pub one_more_fits: bool,
    /// The gap over the candidates that the integer program kept, where it was solved.
    pub column_gap: Option<f64>,
}

/// The plan of a schedule.
pub(crate) fn plan(
    request: &Request<'_>,
    schedule: &Schedule<'_, '_>,
    relaxation: &Relaxation,
    placement: Vec<PlacementCertificate>,
    search: &Search,
) -> Plan {
    let Search { baselines, taken_out, termination, .. } = search;
    let problem = schedule.problem;
    let accounts = Accounts::new(schedule);
    let bought: Vec<usize> = schedule.living().map(|(_, n)| n.offer).collect();
    let market = check::market_rows(problem.market, problem.workload, problem.rules, &bought);
    let placed = placed_by_job(problem, &accounts);
    let certificate = Certificate { placement, ..certify::certificate(problem, &relaxation.prices) };
    let (certificate, lower_bound) = prove(request, &market, certificate, &placed);
    let cost_usd = accounts.cost.total();
    let tasks = problem.workload.tasks();
    let total = placed.iter().sum::<u64>();
    let found = gap(cost_usd, lower_bound);
    let interrupted = matches!(termination, Termination::TimeLimit | Termination::Interrupted);
    let summary = Summary {
        jobs: problem.workload.jobs().len() as u64,
        tasks,
        placed: total,
        placed_upper_bound: certificate.placement.last().map_or(0, |c| c.upper_bound),
        unplaced: tasks - total,
        one_more_fits: search.one_more_fits,
        cost_usd,
        lower_bound_usd: lower_bound,
        gap: found,
        column_gap: search.column_gap,
        termination: match found {
            Some(g) if g <= 1e-9 && !interrupted => Termination::Optimal,
            _ => *termination,
        },
        baselines: baselines.iter().map(|(name, b)| ((*name).to_owned(), b.clone())).collect(),
    };
    let inputs = Inputs {
        snapshot: problem.market.snapshot.clone(),
        market_as_of: problem.market.as_of,
        as_of: request.as_of,
        market_hash: request.market_hash.clone(),
        market_rows_hash: hash::of(&market),
        workload_hash: hash::of(problem.workload),
        rules_hash: hash::of(problem.rules),
    };
    Plan {
        schema: SCHEMA.to_owned(),
        made_by: format!("tradewind {}", env!("CARGO_PKG_VERSION")),
        content_hash: String::new(),
        inputs,
        seed: request.seed,
        reproducible: !interrupted,
        assumptions: MODEL_ASSUMPTIONS
            .iter()
            .map(|a| (*a).to_owned())
            .chain(request.assumptions.iter().cloned())
            .collect(),
        summary,
        cost: accounts.cost,
        allocations: allocations(schedule, &accounts),
        placements: placements(schedule, &accounts),
        stagings: stagings(problem, &accounts),
        unplaced: unplaced_jobs(schedule, &placed, taken_out),
        shadow_prices: shadow_prices(problem, &relaxation.prices),
        rules: problem.rules.clone(),
        certificate,
        workload: problem.workload.clone(),
        market,
    }
    .sealed()
}

/// Fills in what the certificate proves over the plan's own market rows.
fn prove(
    request: &Request<'_>,
    market: &Market,
    mut certificate: Certificate,
    placed: &[u64],
) -> (Certificate, tradewind_core::money::Usd) {
    let view = View::of(request.workload, market, request.rules);
    for level in &mut certificate.placement {
        level.upper_bound = check::placement_bound(&view, level);
    }
    let bound = check::lower_bound(&view, &certificate, placed);
    (certificate, bound)
}

fn placed_by_job(problem: &Problem<'_>, accounts: &Accounts) -> Vec<u64> {
    let mut placed = vec![0; problem.workload.jobs().len()];
    for entry in &accounts.entries {
        placed[entry.job] += u64::from(entry.tasks[1] - entry.tasks[0]) + 1;
    }
    placed
}

fn allocation_id(group: usize) -> String {
    format!("a{:04}", group + 1)
}

fn allocations(schedule: &Schedule<'_, '_>, accounts: &Accounts) -> Vec<Allocation> {
    let problem = schedule.problem;
    let mut all = Vec::with_capacity(accounts.groups.len());
    for (g, group) in accounts.groups.iter().enumerate() {
        let Some(node) = group.nodes.first().and_then(|&i| schedule.nodes[i].as_ref()) else { continue };
        let offer = &problem.market.offers[node.offer];
        all.push(Allocation {
            id: allocation_id(g),
            region: problem.market.region_of(offer).name.clone(),
            zone: if group.gang { ZoneRule::Same } else { ZoneRule::Any },
            instance_type: problem.market.type_of(offer).name.clone(),
            capacity_type: offer.capacity_type,
            commitment: problem.market.commitment_of(offer).map(|c| c.name.clone()),
            count: group.nodes.len() as u32,
            start: problem.time(node.launch),
            end: problem.time(node.end),
            reserved_end: problem.time(node.held),
            usd_per_hour: offer.price,
            expected_cost_usd: group.bill,
        });
    }
    all
}

fn placements(schedule: &Schedule<'_, '_>, accounts: &Accounts) -> Vec<Placement> {
    let problem = schedule.problem;
    let mut all = Vec::with_capacity(accounts.entries.len());
    for entry in &accounts.entries {
        let Some(node) = &schedule.nodes[entry.at.0] else { continue };
        let job = &problem.workload.jobs()[entry.job];
        let law = law(schedule, node, &entry.part);
        let start = problem.time(entry.part.start);
        let overrun = problem.classes[entry.class].overrun;
        let tasks = entry.tasks[1] - entry.tasks[0] + 1;
        let fallback = behind(schedule, node, &entry.part).zip(job.deadline);
        all.push(Placement {
            job: job.id.clone(),
            tasks: entry.tasks,
            allocation: allocation_id(entry.group),
            nodes: entry.nodes,
            start,
            end: problem.time(entry.part.end),
            reserved_end: problem.time(entry.part.held),
            checkpoint_interval_ms: law.checkpoint_interval,
            on_interruption: OnInterruption::on(job, problem.market, &problem.market.offers[node.offer]),
            fallback: fallback.map(|(b, deadline)| Fallback::of(&b, job, start, deadline, tasks)),
            expected_cost_usd: entry.cost,
            miss_probability: job.deadline.map(|d| (law.miss_probability(d - start) + overrun).min(1.0)),
        });
    }
    all
}

fn stagings(problem: &Problem<'_>, accounts: &Accounts) -> Vec<Staging> {
    let staging = |(&(d, r), &until): (&(usize, u16), &i64)| {
        let dataset = &problem.datasets[d];
        let price = copy_cost(problem, d, r, until);
        Staging {
            dataset: dataset.name.clone(),
            region: problem.market.regions[usize::from(r)].name.clone(),
            bytes: dataset.size,
            start: problem.time(0),
            ready: problem.time(0) + cost::staging_time(problem.market, r, dataset.size),
            until: problem.time(until),
            egress_usd: price.egress,
            storage_usd: price.storage,
        }
    };
    accounts.copies.iter().map(staging).collect()
}

fn unplaced_jobs(schedule: &Schedule<'_, '_>, placed: &[u64], taken_out: &BTreeMap<usize, Rejection>) -> Vec<Unplaced> {
    let problem = schedule.problem;
    let jobs = problem.workload.jobs().iter().enumerate();
    jobs.filter_map(|(j, job)| {
        let tasks = job.count - placed[j] as u32;
        let class = problem.class_of[j];
        (tasks > 0).then(|| Unplaced {
            job: job.id.clone(),
            tasks,
            reasons: unplaced::reasons(schedule, class, taken_out.get(&class).copied()),
        })
    })
    .collect()
}

/// What is scarce by the relaxation, dearest first.
fn shadow_prices(problem: &Problem<'_>, prices: &Prices) -> Vec<ShadowPrice> {
    let window = problem.rules.horizon.window.hours();
    let mut quotas: BTreeMap<u16, (f64, u32)> = BTreeMap::new();
    for (&(q, _), w) in &prices.quota {
        let entry = quotas.entry(q).or_default();
        entry.0 += w * window;
        entry.1 += 1;
    }
    let mut all: Vec<ShadowPrice> = quotas
        .into_iter()
        .map(|(q, (usd, windows))| {
            let row = &problem.market.quotas[usize::from(q)];
            // A commitment is counted in thousandths of a dollar, and told by the dollar.
            let (kind, scale) = if row.unit == QuotaUnit::MilliUsd { ("commitment", 1e3) } else { ("quota", 1.0) };
            ShadowPrice { kind: kind.to_owned(), name: row.name.clone(), usd_per_unit: usd * scale, windows }
        })
        .collect();
    for ((project, _), &usd) in problem.budgets.iter().zip(&prices.budget) {
        if usd > 0.0 {
            all.push(ShadowPrice { kind: "budget".to_owned(), name: project.clone(), usd_per_unit: usd, windows: 0 });
        }
    }
    let point = |(pool, usd): (&String, &f64)| ShadowPrice {
        kind: "concentration".to_owned(),
        name: pool.clone(),
        usd_per_unit: usd / certify::POINTS,
        windows: 0,
    };
    all.extend(prices.concentration.iter().map(point));
    all.retain(|s| s.usd_per_unit >= 1e-6);
    all.sort_by(|a, b| b.usd_per_unit.total_cmp(&a.usd_per_unit).then(a.name.cmp(&b.name)));
    all
}
