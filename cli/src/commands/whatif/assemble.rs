//! From the question to the report.

use std::rc::Rc;

use tradewind_core::plan::Plan;
use tradewind_sim::draws;
use tradewind_sim::plan::{Simulated, World};
use tradewind_sim::whatif::{Difference, Figures, Shift, apart, steps};

use super::arm::{Arm, Plans, combinations};
use super::change::{self, Change};
use super::frontier;
use super::key::{Key, Keys, Root};
use super::laboratory::{Case, Laboratory};
use super::subject::Subject;
use super::{Halt, WhatIfArgs, command_line};
use crate::commands::simulate::warn_of_unknown_places;
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::render::plan::age;
use crate::render::whatif::{self as render, ArmRow, AxisRow, Compared, FrontierRow, Made, Report, SCHEMA};
use crate::scenario;

/// Most arms: each may be a plan.
const MOST_ARMS: usize = 500;

/// Everything that is simulated.
struct Prepared {
    axes: Vec<AxisRow>,
    /// The base's.
    plan: Rc<Plan>,
    world: World,
    arms: Vec<Arm>,
    /// Plans of the frontier by the miss probability that they allow.
    capped: Vec<(f64, Rc<Plan>)>,
}

/// The answer to a question.
pub fn report(args: &WhatIfArgs) -> Result<Report, Halt> {
    let Prepared { axes, plan, world, arms, capped } = prepare(args)?;
    if plan.summary.placed == 0 {
        return Err(Halt::NothingPlaced);
    }
    let laboratory = Laboratory::new(args, 1 + arms.len() + capped.len())?;
    let mut simulated = laboratory.run(&cases((&plan, &world), &arms, &capped))?.into_iter();
    let base = simulated.next().flatten().ok_or(Halt::NothingPlaced)?;
    let figures = Figures::new(&plan, &base);
    let arms: Vec<ArmRow> =
        arms.into_iter().zip(simulated.by_ref()).map(|(arm, simulated)| row((&plan, &base), arm, simulated)).collect();
    let point = |((level, capped), simulated): ((f64, Rc<Plan>), Option<Simulated>)| FrontierRow {
        allowed: Some(level),
        figures: simulated.map(|simulated| Figures::new(&capped, &simulated)),
        tasks_apart: apart(&plan, &capped),
        dominated: false,
    };
    let frontier = capped.into_iter().zip(simulated).map(point).collect();
    let mut report = Report {
        schema: SCHEMA,
        answer: String::new(),
        subject: args.input.display().to_string(),
        axes,
        grid: args.grid,
        largest: largest(&arms),
        arms,
        frontier: frontier::marked(frontier, &figures),
        median: laboratory.median(&plan, &world, &base)?,
        shadow_prices: plan.shadow_prices.clone(),
        made: made(args, &plan, base.outcomes.len() as u64),
        base: figures,
    };
    report.answer = render::answer(&report);
    Ok(report)
}

/// Reads everything, then plans everything: a value that makes no sense is told before the first plan.
fn prepare(args: &WhatIfArgs) -> Result<Prepared, Halt> {
    let world = args.scenario.as_deref().map(scenario::read).transpose()?.unwrap_or_default();
    let subject = Subject::open(args)?;
    let (axes, changes) = axes(args, &subject, &world)?;
    let combinations = combinations(&changes, args.grid);
    if combinations.len() > MOST_ARMS {
        let got = format!("{} arms", combinations.len());
        return Err(Failure::usage("too many arms", &got, &format!("at most {MOST_ARMS}: vary less at once")).into());
    }
    let mut plans = Plans::new(&subject)?;
    let arms = combinations.into_iter().map(|c| plans.arm(c, &world)).collect::<Result<_, _>>()?;
    let capped = args.frontier.as_ref().map_or(Ok(Vec::new()), |levels| frontier::plans(&subject, levels))?;
    let plan = plans.base();
    warn_of_unknown_places(&plan, &world);
    Ok(Prepared { axes, plan, world, arms, capped })
}

/// What is varied, in words, and the values, each tried by itself before anything is planned.
fn axes(args: &WhatIfArgs, subject: &Subject<'_>, world: &World) -> Result<(Vec<AxisRow>, Vec<Vec<Change>>), Halt> {
    let keys = Keys::new();
    let file = args.market.config.as_deref();
    let (mut rows, mut changes) = (Vec::<AxisRow>::new(), Vec::new());
    for axis in &args.vary {
        let key = keys.find(&axis.key)?;
        if rows.iter().any(|row| row.key == axis.key) {
            let help = "give all its values at once, with commas";
            return Err(Failure::usage("a key is varied twice", &format!("--vary {}", axis.key), help).into());
        }
        if key.root == Root::Config {
            subject.planner(&format!("--vary {}", axis.key))?;
        }
        let change = |value: &String| Change::new(&axis.key, &key, value, world, file);
        changes.push(axis.values.iter().map(change).collect::<Result<Vec<_>, _>>()?);
        let base = base_value(args, &key, world)?;
        let (kind, about) = render::about(key.field.description(), key.field.is_switch());
        rows.push(AxisRow { key: axis.key.clone(), about, kind, base });
    }
    Ok((rows, changes))
}

/// What a key is in the base.
fn base_value(args: &WhatIfArgs, key: &Key, world: &World) -> Result<Option<String>, Failure> {
    if key.steps.is_empty() {
        return Ok(Some(args.scenario.clone().unwrap_or_else(|| "as planned".to_owned())));
    }
    if key.root == Root::Scenario {
        return Ok(change::at(world, &key.steps));
    }
    let path = key.steps.join(".");
    if let Some(quotas) = args.market.quotas.as_ref().filter(|_| path == "quotas") {
        return Ok(Some(quotas.display().to_string()));
    }
    let typed = [("horizon.length", args.horizon), ("horizon.window", args.window)];
    if let Some((_, Some(time))) = typed.into_iter().find(|(name, _)| *name == path) {
        return Ok(Some(time.to_string()));
    }
    let config = Config::load(args.market.config.as_deref())?;
    Ok(config::in_force(&config).into_iter().find(|s| s.key == path).map(|s| s.value))
}

/// All that is simulated: the base, the arms, the plans of the frontier.
fn cases<'a>(base: (&'a Plan, &'a World), arms: &'a [Arm], capped: &'a [(f64, Rc<Plan>)]) -> Vec<Case<'a>> {
    let (plan, world) = base;
    let arms = arms.iter().map(|arm| Case { plan: &arm.plan, world: &arm.world });
    let capped = capped.iter().map(|(_, plan)| Case { plan, world });
    [Case { plan, world }].into_iter().chain(arms).chain(capped).collect()
}

/// An arm, compared.
fn row(base: (&Plan, &Simulated), arm: Arm, simulated: Option<Simulated>) -> ArmRow {
    let compared = simulated.map(|simulated| Compared {
        figures: Figures::new(&arm.plan, &simulated),
        difference: Difference::of(base.1, &simulated),
        any_miss_change: Shift::of_misses(base.1, &simulated),
        tasks_apart: apart(base.0, &arm.plan),
        steps: steps(base, (&arm.plan, &simulated)),
    });
    ArmRow { settings: arm.settings, replanned: arm.replanned, compared }
}

/// The arm whose cost differs most; of equals the first.
fn largest(arms: &[ArmRow]) -> Option<usize> {
    let size = |arm: &ArmRow| arm.compared.as_ref().map(|c| c.difference.usd.nanos().unsigned_abs());
    let sized = arms.iter().enumerate().filter_map(|(n, arm)| Some((size(arm)?, std::cmp::Reverse(n))));
    sized.max().map(|(_, n)| n.0)
}

fn made(args: &WhatIfArgs, plan: &Plan, trials: u64) -> Made {
    let typed = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    Made {
        version: env!("CARGO_PKG_VERSION"),
        command: command_line::exact(typed, args.market.config.as_deref()),
        seed: args.seed,
        trials,
        generator: draws::GENERATOR,
        snapshot: plan.inputs.snapshot.clone(),
        prices_as_of: plan.inputs.market_as_of,
        prices_age: age(plan),
        market_hash: plan.inputs.market_hash.clone(),
        plan_hash: plan.content_hash.clone(),
        gap: plan.summary.gap,
    }
}
