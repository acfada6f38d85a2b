//! A night put together: the plan, what changes, what last night was worth, what is unusual, what to ask for.

use std::collections::BTreeMap;

use tradewind_core::diff::diff;
use tradewind_core::hash;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::rejection::Rejection;
use tradewind_core::time::Time;
use tradewind_datasets::{LoadedMarket, console_name};
use tradewind_optimizer::allocate;
use tradewind_optimizer::revise::{Earlier, Revision, Shift, revise};
use tradewind_scheduler::nightly::anomaly::spending;
use tradewind_scheduler::nightly::calendar::night_of;
use tradewind_scheduler::nightly::started::Running;
use tradewind_scheduler::nightly::verdict::{Facts, Verdict};

use super::tonight::{Prices, Tonight};
use super::{ReevaluateArgs, backtest, history, subject};
use crate::commands::plan::threads;
use crate::failure::Failure;
use crate::render::reevaluate::answer::answer;
use crate::render::reevaluate::report::{
    Anomalies, BudgetRow, CaughtUp, LastFacts, Leaks, NotBelieved, PlanFacts, PriceFacts, QueueFacts, QuotaRow, Regret,
    Report, SCHEMA,
};
use crate::stop::Stopper;

/// The last plan.
pub struct Last {
    /// As it was planned.
    pub plan: Plan,
    /// Its night; none where it was given as a file.
    pub night: Option<Time>,
    /// What ran beside it.
    pub running: Option<Running>,
}

/// What is known before the night is planned.
pub struct Before {
    /// The last plan, except on the first night.
    pub last: Option<Last>,
    /// What the plans of earlier nights cost.
    pub spent: Vec<Usd>,
    /// Missed nights that were caught up.
    pub caught_up: Vec<CaughtUp>,
    /// What could not be looked at.
    pub gaps: Vec<String>,
    /// What stands in the clouds.
    pub leaks: Leaks,
}

/// Plans the night and looks at everything.
///
/// # Errors
/// The solver fails.
pub fn night(
    args: &ReevaluateArgs,
    prices: &Prices,
    tonight: Tonight,
    before: Before,
    stopper: &Stopper,
) -> Result<(Report, Plan), Failure> {
    let solver = backtest::Solver { threads: threads(args.threads), stop: &|| stopper.poll() };
    let last = before.last.as_ref().map(|l| &l.plan);
    let (plan, revision) = planned(args, &tonight, last, &solver)?;
    let regret = last.map(|last| backtest::of(last, &tonight, &solver)).transpose()?.flatten();
    let changes = revision.as_ref().map(|r| diff(&r.stood, &r.plan));
    let has_changes = changes.as_ref().map_or(plan.summary.placed > 0, |c| c.has_changes);
    let s = &plan.summary;
    let verdict = Verdict::of(Facts {
        has_changes,
        has_gaps: !before.gaps.is_empty(),
        is_short: s.placed < s.placed_upper_bound && s.one_more_fits,
        orphans: before.leaks.orphans.len() as u64,
        nothing_placed: s.placed == 0 && s.tasks > 0,
    });
    let jumps = history::jumps(prices, &tonight, last.into_iter().chain([&plan]));
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        answer: String::new(),
        night: night_of(tonight.as_of),
        as_of: tonight.as_of,
        verdict,
        has_changes,
        queue: queue_facts(args, &tonight),
        prices: price_facts(&tonight),
        rule: args.rule(),
        plan: PlanFacts::of(&plan),
        last: revision.as_ref().zip(before.last.as_ref()).map(|(r, last)| LastFacts {
            night: last.night,
            planned: PlanFacts::of(&last.plan),
            stands: PlanFacts::of(&r.stood),
            lost: r.lost,
        }),
        changes,
        shifts: revision.map(|r| r.shifts).unwrap_or_default(),
        running: tonight.running.clone(),
        regret: regret.map(|ways| Regret {
            has_begun: last.is_some_and(|l| l.placements.iter().any(|p| p.start < tonight.as_of)),
            regret_usd: ways.regret_usd(),
            regret_share: ways.regret_share(),
            captured: ways.captured(),
            ways,
        }),
        anomalies: Anomalies {
            prices: jumps.found,
            judged: jumps.judged,
            not_judged: jumps.not_judged,
            spending: spending(s.cost_usd, &before.spent),
        },
        budgets: budgets(&plan, &tonight.running),
        quotas: quotas(&plan),
        leaks: before.leaks,
        caught_up: before.caught_up,
        gaps: before.gaps,
        warnings: tonight.warnings,
    };
    report.answer = answer(&report);
    Ok((report, plan))
}

/// Tonight's plan: from scratch on the first night, else around the last one.
fn planned(
    args: &ReevaluateArgs,
    tonight: &Tonight,
    last: Option<&Plan>,
    solver: &backtest::Solver<'_>,
) -> Result<(Plan, Option<Revision>), Failure> {
    let request = solver.request(tonight, &tonight.workload, &tonight.market, &tonight.rules);
    let Some(last) = last else { return Ok((allocate(&request)?, None)) };
    let rule = args.rule();
    let charge = |shift: &Shift| rule.charge(shift.tasks, shift.held_usd);
    let revision = revise(&request, &Earlier { plan: last, charge: &charge })?;
    Ok((revision.plan.clone(), Some(revision)))
}

fn queue_facts(args: &ReevaluateArgs, tonight: &Tonight) -> QueueFacts {
    QueueFacts {
        name: subject::label(args),
        jobs: tonight.workload.jobs().len() as u64,
        tasks: tonight.workload.tasks(),
        hash: hash::of(&tonight.workload),
    }
}

fn price_facts(tonight: &Tonight) -> PriceFacts {
    let LoadedMarket { market, hash, .. } = &tonight.loaded;
    PriceFacts {
        snapshot: market.snapshot.clone(),
        as_of: market.as_of,
        age_ms: tonight.as_of - market.as_of,
        market_hash: hash.clone(),
        offers: market.offers.len() as u64,
        not_believed: not_believed(&tonight.loaded),
    }
}

/// The quarantine by rule.
fn not_believed(loaded: &LoadedMarket) -> Vec<NotBelieved> {
    let mut by_rule: BTreeMap<&str, NotBelieved> = BTreeMap::new();
    for q in &loaded.quarantine {
        let row = by_rule.entry(q.rule.code()).or_insert_with(|| NotBelieved {
            code: q.rule.code().to_owned(),
            rule: q.rule.name().to_owned(),
            prices: 0,
            first: format!("{} in {}: {}", q.instance_type, q.region, q.reason),
        });
        row.prices += 1;
    }
    by_rule.into_values().collect()
}

/// What is planned for each project that has a budget, and what runs of it already.
fn budgets(plan: &Plan, running: &Running) -> Vec<BudgetRow> {
    let project_of = |job: &str| plan.workload.index_of(job).and_then(|j| plan.workload.jobs()[j].project.as_deref());
    let row = |(project, limit): (&String, &Usd)| {
        let mine = plan.placements.iter().filter(|p| project_of(&p.job) == Some(project));
        let short = |u: &&tradewind_core::plan::Unplaced| {
            let is_budget = u.reasons.iter().any(|r| r.reason == Rejection::ProjectBudget);
            is_budget && project_of(&u.job) == Some(project)
        };
        BudgetRow {
            project: project.clone(),
            limit_usd: *limit + running.cost_for(project),
            planned_usd: running.cost_for(project) + mine.map(|p| p.expected_cost_usd).sum(),
            waiting: plan.unplaced.iter().filter(short).map(|u| u64::from(u.tasks)).sum(),
        }
    };
    plan.rules.budgets.iter().map(row).collect()
}

/// The quotas that bind, by what one more unit would save.
fn quotas(plan: &Plan) -> Vec<QuotaRow> {
    let binding = plan.shadow_prices.iter().filter(|s| s.kind == "quota");
    binding
        .map(|s| {
            let row = plan.market.quotas.iter().find(|q| q.name == s.name);
            QuotaRow {
                place: s.name.split('/').take(2).collect::<Vec<_>>().join("/"),
                quota: console_name(&s.name),
                available: row.map_or(0, |q| q.available),
                usd_per_unit: s.usd_per_unit,
                windows: s.windows,
            }
        })
        .collect()
}
