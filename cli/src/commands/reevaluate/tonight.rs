//! What a night is planned with: prices fit for its instant, horizon, rules, and the queue around what runs.

use tradewind_core::hash;
use tradewind_core::job::{Job, Workload};
use tradewind_core::market::Market;
use tradewind_core::plan::Plan;
use tradewind_core::rules::Rules;
use tradewind_core::time::Time;
use tradewind_datasets::queue::Problem;
use tradewind_datasets::{Daily, LoadedMarket, MarketRequest, MarketSource, load};
use tradewind_scheduler::nightly::calendar::night_of;
use tradewind_scheduler::nightly::started::{Running, left_of_budgets, set_aside, still_waiting};

use super::ReevaluateArgs;
use super::subject::Subject;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::{self, Times, fresh_enough, market_request, market_warnings};

/// Where the prices of nights come from.
pub enum Prices {
    /// A day of the embedded series for each night.
    Daily(Box<Daily>),
    /// One snapshot: the user's folder, or an embedded one that was named.
    One,
}

impl Prices {
    /// Of the arguments.
    ///
    /// # Errors
    /// The series is damaged.
    pub fn of(args: &ReevaluateArgs) -> Result<Self, Failure> {
        let is_named = args.market.market.is_some() || args.market.snapshot.is_some();
        Ok(if is_named { Self::One } else { Self::Daily(Daily::embedded()?.into()) })
    }

    /// The market that is newest at an instant; without one, the newest there is.
    ///
    /// # Errors
    /// It cannot be loaded; `TW2005`, exit 6, where all prices are from after the instant.
    fn load(&self, args: &ReevaluateArgs, config: &Config, at: Option<Time>) -> Result<LoadedMarket, Failure> {
        let request = market_request(&args.market, config)?;
        let Self::Daily(series) = self else { return Ok(load(&request)?) };
        let day = match at {
            Some(at) => series.newest(at).ok_or_else(|| too_early(series, at))?,
            None => series.days().last().copied().ok_or_else(|| too_early(series, Time::from_ms(0)))?,
        };
        Ok(load(&MarketRequest { source: MarketSource::Daily(day), ..request })?)
    }
}

fn too_early(series: &Daily, at: Time) -> Failure {
    let first = series.days().first().map_or_else(String::new, |d| inputs::day(*d));
    let problem = Problem::of_file("TW2005", "the prices are from the future", "");
    let problem = problem.got(format!("prices from {first} on, night as of {at}"));
    let help = "take a night from that day on, or give the prices of the night with --market";
    Failure::new(Exit::Stale, problem.accepted(format!("prices of {at} or before")).help(help))
}

/// What a night is planned with.
pub struct Tonight {
    /// The instant.
    pub as_of: Time,
    /// The market, whole.
    pub loaded: LoadedMarket,
    /// The market less what running work holds.
    pub market: Market,
    /// Its content hash.
    pub market_hash: String,
    /// Horizon, budgets, policies.
    pub rules: Rules,
    /// What still waits.
    pub workload: Workload,
    /// What runs.
    pub running: Running,
    /// For people.
    pub warnings: Vec<String>,
}

impl Tonight {
    /// Loads the prices, judges their age, and lays out the night; `at` is none for the instant of the newest prices.
    ///
    /// # Errors
    /// `TW2004` and `TW2005`, exit 6, where the prices are not fit for the instant.
    pub fn open(
        args: &ReevaluateArgs,
        config: &Config,
        prices: &Prices,
        subject: &Subject,
        at: Option<Time>,
    ) -> Result<Self, Failure> {
        let loaded = prices.load(args, config, at)?;
        let as_of = at.unwrap_or(loaded.market.as_of);
        fresh_enough(&loaded, config, as_of)?;
        let workload = subject.workload();
        let first = workload.jobs().iter().filter_map(Job::earliest).min();
        let start = first.map_or(as_of, |first| first.max(as_of));
        let times = Times { as_of: None, horizon: args.horizon, window: args.window };
        let horizon = inputs::horizon(start, config, times)?;
        let rules = subject.rules(args, config, horizon);
        let loaded = loaded.for_queue(workload, &rules);
        let mut warnings = market_warnings(&loaded);
        warnings.extend(subject.warnings(&loaded.market, horizon)?);
        let (market, market_hash) = (loaded.market.clone(), loaded.hash.clone());
        Ok(Self {
            as_of,
            market,
            market_hash,
            loaded,
            rules,
            workload: workload.clone(),
            running: Running::default(),
            warnings,
        })
    }

    /// What names the question: night, queue, prices, rules, the charge for moves, and the last plan if it was given.
    pub fn key(&self, args: &ReevaluateArgs, given: Option<&Plan>) -> String {
        let asked = (night_of(self.as_of), hash::of(&self.workload), &self.loaded.hash);
        hash::of(&(asked, &self.rules, args.rule(), given.map(|plan| &plan.content_hash)))
    }

    /// The same night around what of the last plan has begun, and what had before it.
    #[must_use]
    pub fn around(mut self, last: &Plan, before: Option<&Running>) -> Self {
        self.running = Running::at(self.as_of, last, &self.workload, before);
        if self.running.is_empty() {
            return self;
        }
        // Jobs and dependencies only become fewer: it is still a queue.
        self.workload = still_waiting(&self.workload, &self.running.tasks).unwrap_or_default();
        self.rules = left_of_budgets(&self.rules, &self.running);
        self.market = set_aside(&self.market, &self.running.nodes);
        self.market_hash = hash::of(&(&self.loaded.hash, &self.running));
        self
    }
}
