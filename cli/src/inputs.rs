//! From arguments to what a plan is made of: configuration, queue, market, rules.

use std::path::{Path, PathBuf};

use tradewind_core::clock::Clock;
use tradewind_core::job::Workload;
use tradewind_core::market::{CapacityType, Market};
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::select::named;
use tradewind_core::time::{Millis, Time};
use tradewind_datasets::queue::{MAX_SHOWN, Notes, Options, Problem, Queue, nearest};
use tradewind_datasets::{
    LoadedMarket, MarketRequest, MarketSource, QuotaChoice, QuotaScale, Snapshot, load, read_queue,
};

use crate::args::{AsOf, MarketArgs, ReadArgs, SnapshotYear};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;

/// Horizon where nobody says otherwise.
pub const HORIZON: Millis = Millis::from_hours(48);
/// Window where nobody says otherwise.
pub const WINDOW: Millis = Millis::HOUR;
/// Most windows of a horizon: the model grows with them.
const MAX_WINDOWS: i64 = 10_000;
/// Clocks differ a little; prices dated later than this are from the future.
const CLOCK_SLACK: Millis = Millis::from_secs(300);

/// What the market is loaded by: arguments first, then the configuration.
///
/// # Errors
/// A scale of the quotas that is no number.
pub fn market_request(args: &MarketArgs, config: &Config) -> Result<MarketRequest, Failure> {
    let source = match (&args.market, args.snapshot) {
        (Some(folder), _) => MarketSource::Folder(folder.clone()),
        (None, Some(SnapshotYear::Y2026)) => MarketSource::Embedded(Snapshot::S2026),
        (None, Some(SnapshotYear::Y2024) | None) => MarketSource::Embedded(Snapshot::S2024),
    };
    let quotas = match &args.quotas {
        Some(path) => quota_choice(path)?,
        None => config.quotas.clone().unwrap_or_default(),
    };
    Ok(MarketRequest {
        source,
        quotas,
        settings: config.settings.clone(),
        contract: config.contract.clone(),
        egress: config.egress.clone(),
    })
}

/// What `--quotas` says.
fn quota_choice(path: &Path) -> Result<QuotaChoice, Failure> {
    let text = path.to_str().unwrap_or_default();
    match QuotaScale::of_choice(text) {
        None if text == "none" => Ok(QuotaChoice::Unlimited),
        None => Ok(QuotaChoice::File(path.to_owned())),
        Some(scale) => {
            let unread = |help: String| Failure::usage("no such scale", &format!("--quotas {text}"), &help);
            Ok(QuotaChoice::Scaled(scale.map_err(unread)?))
        }
    }
}

/// Loads the market that the arguments and the configuration name.
///
/// # Errors
/// It cannot be loaded; its limits are to be scaled to a queue, and there is none.
pub fn load_market(args: &MarketArgs, config: &Config) -> Result<LoadedMarket, Failure> {
    let loaded = load(&market_request(args, config)?)?;
    match loaded.scale {
        None => Ok(loaded),
        Some(scale) => {
            let help = "a table of limits, none, or nothing; `plan`, `check` and `explain` know a queue";
            Err(Failure::usage("there is no queue to scale the quotas to", &format!("quotas {scale}"), help))
        }
    }
}

/// Loads the market that the arguments and the configuration name, for the queue of a plan.
pub fn load_market_for(
    args: &MarketArgs,
    config: &Config,
    workload: &Workload,
    rules: &Rules,
) -> Result<LoadedMarket, Failure> {
    Ok(load(&market_request(args, config)?)?.for_queue(workload, rules))
}

/// How the queue is read.
pub fn queue_options(config: &Config, read: &ReadArgs) -> Options {
    Options {
        max_miss_probability: config.max_miss_probability,
        from: read.from,
        settings: read.set.clone(),
        offset: read.utc_offset.clone(),
    }
}

/// The times a user may set, besides the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// `--as-of`.
    pub as_of: Option<AsOf>,
    /// `--horizon`.
    pub horizon: Option<Millis>,
    /// `--window`.
    pub window: Option<Millis>,
}

/// Everything a plan is made of.
pub struct Inputs {
    /// The queue, with its lines.
    pub queue: Queue,
    /// The market, and what there is to say about it.
    pub loaded: LoadedMarket,
    /// Horizon and budgets.
    pub rules: Rules,
    /// For people, kept in the plan.
    pub assumptions: Vec<String>,
    /// For people, now.
    pub warnings: Vec<String>,
}

impl Inputs {
    /// Reads and joins everything, and checks the queue against the market.
    pub fn read(queue_path: &Path, read: &ReadArgs, market: &MarketArgs, times: Times) -> Result<Self, Failure> {
        let config = Config::load(market.config.as_deref())?;
        let queue = read_queue(queue_path, &queue_options(&config, read))?;
        Self::join(queue, load(&market_request(market, &config)?)?, &config, times)
    }

    /// Joins a queue and a market.
    pub fn join(queue: Queue, loaded: LoadedMarket, config: &Config, times: Times) -> Result<Self, Failure> {
        let mut warnings = market_warnings(&loaded);
        warnings.extend(queue_notes(&queue.notes));
        warnings.extend(told(&queue.check_against(&loaded.market)?));
        let mut dated = Vec::new();
        let start = start_of_horizon(&queue, &loaded, config, times.as_of, &mut dated)?;
        let horizon = horizon(start, config, times)?;
        let rules = config.rules(horizon);
        let loaded = loaded.for_queue(&queue.workload, &rules);
        let assumptions = loaded.assumptions.iter().cloned().chain(dated).collect();
        warnings.extend(told(&queue.check_times(&loaded.market, horizon.start)));
        warnings.extend(strange_budgets(&queue, config));
        warnings.extend(strange_policies(&loaded.market, config));
        Ok(Self { queue, loaded, rules, assumptions, warnings })
    }
}

/// A user's own tables deserve every warning; notes on the embedded ones are told where they are.
pub fn market_warnings(loaded: &LoadedMarket) -> Vec<String> {
    let n = loaded.warnings.len();
    if n > 0 && loaded.sources.iter().all(|s| s.embedded) {
        let noun = if n == 1 { "note" } else { "notes" };
        return vec![format!("{n} {noun} on the embedded tables: `tradewind prices show` lists them")];
    }
    let mut warnings = loaded.warnings.clone();
    warnings.extend(not_believed(loaded));
    warnings
}

/// Prices of a user's tables that are not used, by the codes of the rules.
fn not_believed(loaded: &LoadedMarket) -> Option<String> {
    let first = loaded.quarantine.first()?;
    let codes: std::collections::BTreeSet<&str> = loaded.quarantine.iter().map(|q| q.rule.code()).collect();
    Some(format!(
        "[{}] not believed and not used, of your prices: {}, {} in {} first: {}; \
         `tradewind prices check` with the same --market lists them",
        codes.into_iter().collect::<Vec<_>>().join(", "),
        loaded.quarantine.len(),
        first.instance_type,
        first.region,
        first.reason
    ))
}

/// What is worth knowing of single jobs; where it was cut, that it was.
pub fn told(problems: &[Problem]) -> Vec<String> {
    let cut = format!("only the first {MAX_SHOWN} of these are told; the plan lists every job that is not placed");
    let more = (problems.len() >= MAX_SHOWN).then_some(cut);
    problems.iter().map(sentence).chain(more).collect()
}

/// What an import left out or took for granted.
pub fn queue_notes(notes: &Notes) -> Vec<String> {
    notes.warnings.iter().map(sentence).chain(notes.sentences()).collect()
}

/// A problem that is only worth knowing, in a sentence.
pub fn sentence(problem: &Problem) -> String {
    let line = problem.line.map_or(String::new(), |l| format!(":{l}"));
    let at = problem.pointer.as_ref().map_or(String::new(), |at| format!(" at {at}"));
    let Problem { code, file, title, got, help, .. } = problem;
    format!("[{code}] {file}{line}{at}: {title} ({got}); {help}")
}

/// With `--as-of` that instant, and the prices must be young enough for it; else the first instant
/// that has both prices and work.
fn start_of_horizon(
    queue: &Queue,
    loaded: &LoadedMarket,
    config: &Config,
    as_of: Option<AsOf>,
    assumptions: &mut Vec<String>,
) -> Result<Time, Failure> {
    let priced = loaded.market.as_of;
    let start = match as_of {
        Some(given) => {
            let at = match given {
                AsOf::Now => SystemClock.now(),
                AsOf::At(at) => at,
            };
            fresh_enough(loaded, config, at)?;
            at
        }
        None => {
            let earliest = queue.workload.jobs().iter().filter_map(tradewind_core::job::Job::earliest).min();
            earliest.map_or(priced, |e| e.max(priced))
        }
    };
    if start - priced >= Millis::from_hours(24) {
        let what = if as_of.is_some() { "a plan as of" } else { "a queue that starts" };
        assumptions.push(format!("prices of {} are applied to {what} {}", day(priced), day(start)));
    }
    Ok(start)
}

/// The date of an instant.
pub fn day(time: Time) -> String {
    time.to_string().chars().take(10).collect()
}

/// Exit 6 where the prices are too old for the instant, or from its future.
pub fn fresh_enough(loaded: &LoadedMarket, config: &Config, at: Time) -> Result<(), Failure> {
    let priced = loaded.market.as_of;
    let age = at - priced;
    let stale = |code, title: String, accepted: String| {
        let problem = Problem::of_file(code, title, "").got(format!("prices of {priced}, plan as of {at}"));
        let help = "leave --as-of out to plan at the market's own date, give fresher prices with --market, \
                    or set [limits] in the configuration";
        Err(Failure::new(Exit::Stale, problem.accepted(accepted).help(help)))
    };
    if age + CLOCK_SLACK < Millis::ZERO {
        return stale("TW2005", "the prices are from the future".to_owned(), format!("prices of {at} or before"));
    }
    let limits = [
        (CapacityType::Spot, "spot", config.spot_age.unwrap_or(loaded.age_limits.spot)),
        (CapacityType::OnDemand, "on-demand", config.on_demand_age.unwrap_or(loaded.age_limits.on_demand)),
    ];
    for (capacity_type, name, limit) in limits {
        if age > limit && sells(&loaded.market, capacity_type) {
            let title = format!("the {name} prices are too old");
            return stale("TW2004", title, format!("at most {limit} old; these are {}", coarse(age)));
        }
    }
    Ok(())
}

fn sells(market: &Market, capacity_type: CapacityType) -> bool {
    market.offers.iter().any(|o| o.capacity_type == capacity_type)
}

/// A duration as people say it: days from two days on, hours from two hours on.
pub fn coarse(age: Millis) -> String {
    let hours = age.get() / Millis::HOUR.get();
    match hours {
        h if h >= 48 => format!("{} days", h / 24),
        h if h >= 2 => format!("{h} hours"),
        _ => age.to_string(),
    }
}

pub fn horizon(start: Time, config: &Config, times: Times) -> Result<Horizon, Failure> {
    let length = times.horizon.or(config.horizon).unwrap_or(HORIZON);
    let window = times.window.or(config.window).unwrap_or(WINDOW).min(length);
    if length.get() / window.get() > MAX_WINDOWS {
        let got = format!("a horizon of {length} in windows of {window}");
        return Err(Failure::usage("too many windows", &got, "take longer windows, 10000 of them at most"));
    }
    Ok(Horizon { start, end: start + length, window })
}

/// Budgets of projects that no job names.
fn strange_budgets(queue: &Queue, config: &Config) -> Vec<String> {
    let projects: std::collections::BTreeSet<&str> =
        queue.workload.jobs().iter().filter_map(|j| j.project.as_deref()).collect();
    let strange = config.budgets.keys().filter(|p| !projects.contains(p.as_str()));
    strange
        .map(|p| {
            let hint = nearest(p, projects.iter().copied()).map_or(String::new(), |n| format!("; did you mean {n:?}?"));
            format!("the budget of project {p:?} concerns no job{hint}")
        })
        .collect()
}

/// Policies that name what the market does not have: perhaps a slip, and then the rule keeps nothing.
fn strange_policies(market: &Market, config: &Config) -> Vec<String> {
    let regions: Vec<String> = market.regions.iter().map(|r| r.name.to_string()).collect();
    let known: [(&str, std::collections::BTreeSet<&str>); 5] = [
        ("cloud", market.clouds.iter().map(|c| c.name.as_str()).collect()),
        ("region", regions.iter().map(String::as_str).collect()),
        ("residency group", market.regions.iter().flat_map(|r| r.residency.iter().map(String::as_str)).collect()),
        ("family", market.types.iter().map(|t| t.family.as_str()).collect()),
        ("instance type", market.types.iter().map(|t| t.name.as_str()).collect()),
    ];
    let mut warnings = Vec::new();
    for policy in &config.policies {
        for selector in policy.deny.iter().chain(&policy.allow) {
            let lists = [
                &selector.clouds,
                &selector.regions,
                &selector.residency,
                &selector.families,
                &selector.instance_types,
            ];
            for ((noun, names), patterns) in known.iter().zip(lists) {
                for pattern in patterns.iter().filter(|p| !names.iter().any(|n| named(p, n))) {
                    let hint = nearest(pattern, names.iter().copied());
                    let hint = hint.map_or(String::new(), |n| format!("; did you mean {n:?}?"));
                    warnings.push(format!(
                        "policy {:?} names the {noun} {pattern:?}, which the market lacks{hint}",
                        policy.id
                    ));
                }
            }
        }
    }
    warnings
}

/// Whether two paths name one existing file.
pub fn same_file(a: &Path, b: &Path) -> bool {
    let real = |p: &Path| -> Option<PathBuf> { p.canonicalize().ok() };
    matches!((real(a), real(b)), (Some(a), Some(b)) if a == b)
}
