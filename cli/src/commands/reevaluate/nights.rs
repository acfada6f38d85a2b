//! Tonight, after the nights that were missed, in order; each is kept before the next begins.

use std::time::Duration;

use tradewind_core::clock::Clock;
use tradewind_core::plan::Plan;
use tradewind_core::time::Time;
use tradewind_scheduler::nightly::calendar::{missed, night_of};

use super::assemble::{self, Before, Last};
use super::state::{Record, State, newest, spent};
use super::subject::Subject;
use super::tonight::{Prices, Tonight};
use super::{ReevaluateArgs, leaks};
use crate::args::AsOf;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::day;
use crate::plan_file;
use crate::render::count;
use crate::render::reevaluate::report::{CaughtUp, Report};
use crate::stop::Stopper;

/// Missed nights that are caught up; older ones are only told of.
const MOST_CAUGHT_UP: usize = 7;

/// How it ended.
pub enum Outcome {
    /// The digest of tonight, and the plan.
    Done(Box<Report>, Box<Plan>),
    /// A signal came; the nights before it are kept.
    Signal(Exit),
}

/// Answers tonight's question, or gives the answer that was given before.
///
/// # Errors
/// Bad input, prices that are not fit for tonight, a state that cannot be used.
pub fn through(args: &ReevaluateArgs, state: &State) -> Result<Outcome, Failure> {
    let config = Config::load(args.market.config.as_deref())?;
    let subject = Subject::open(args, &config)?;
    let prices = Prices::of(args)?;
    let at = args.as_of.map(|as_of| match as_of {
        AsOf::Now => SystemClock.now(),
        AsOf::At(at) => at,
    });
    // Before anything else: nothing is done on a stale basis.
    let tonight = Tonight::open(args, &config, &prices, &subject, at)?;
    let given = args.last.as_deref().map(plan_file::read_sound).transpose()?;
    let key = tonight.key(args, given.as_ref());
    let records = state.records()?;
    if let Some(known) = records.iter().rev().find(|r| r.key == key) {
        return Ok(Outcome::Done(known.report.clone().into(), state.plan(known)?.into()));
    }
    let desk = Desk { args, config: &config, prices: &prices, subject: &subject, state, given };
    let (caught_up, gaps) = match desk.catch_up(&records, tonight.as_of)? {
        Ok(told) => told,
        Err(signal) => return Ok(Outcome::Signal(signal)),
    };
    match desk.night(tonight, &key, caught_up, gaps)? {
        Ok((record, plan)) => Ok(Outcome::Done(record.report.into(), plan.into())),
        Err(signal) => Ok(Outcome::Signal(signal)),
    }
}

/// What all nights of a run share.
struct Desk<'a> {
    args: &'a ReevaluateArgs,
    config: &'a Config,
    prices: &'a Prices,
    subject: &'a Subject,
    state: &'a State,
    /// The last plan, where it was given.
    given: Option<Plan>,
}

/// What was caught up, and what could not be.
type Told = (Vec<CaughtUp>, Vec<String>);

impl Desk<'_> {
    /// Plans the nights since the last one that have prices; none where the last plan was given.
    fn catch_up(&self, records: &[Record], as_of: Time) -> Result<Result<Told, Exit>, Failure> {
        let (mut done, mut gaps) = Told::default();
        let last = newest(records, night_of(as_of)).filter(|_| self.given.is_none());
        let Some(last) = last else { return Ok(Ok((done, gaps))) };
        let (nights, left_out) = missed(last.report.night, as_of, MOST_CAUGHT_UP);
        if left_out > 0 {
            gaps.push(format!("{} before {} missed, too long ago to catch up", nights_of(left_out), date(&nights)));
        }
        let Prices::Daily(series) = self.prices else {
            if !nights.is_empty() {
                let n = nights_of(nights.len() as u64);
                gaps.push(format!("{n} from {} on missed: there are no prices of then", date(&nights)));
            }
            return Ok(Ok((done, gaps)));
        };
        for night in nights {
            if series.newest(night) != Some(night) {
                gaps.push(format!("the night of {} missed: there are no prices of that day", day(night)));
                continue;
            }
            let missed = Tonight::open(self.args, self.config, self.prices, self.subject, Some(night))?;
            let key = missed.key(self.args, None);
            match self.night(missed, &key, Vec::new(), Vec::new())? {
                Ok((Record { report, .. }, _)) => {
                    done.push(CaughtUp { night, verdict: report.verdict, cost_usd: report.plan.cost_usd });
                }
                Err(signal) => return Ok(Err(signal)),
            }
        }
        Ok(Ok((done, gaps)))
    }

    /// Plans a night and keeps it; the signal that came instead.
    fn night(
        &self,
        tonight: Tonight,
        key: &str,
        caught_up: Vec<CaughtUp>,
        mut gaps: Vec<String>,
    ) -> Result<Result<(Record, Plan), Exit>, Failure> {
        let records = self.state.records()?;
        let night = night_of(tonight.as_of);
        let last = self.last(&records, night)?;
        let tonight = match &last {
            Some(last) => tonight.around(&last.plan, last.running.as_ref()),
            None => tonight,
        };
        let limit = self.args.time_limit.map(|t| Duration::from_millis(t.get().unsigned_abs()));
        let stopper = Stopper::new(limit);
        let leaks = leaks::look(&self.args.clouds, &mut gaps);
        let before = Before { last, spent: spent(&records, night), caught_up, gaps, leaks };
        let (report, plan) = assemble::night(self.args, self.prices, tonight, before, &stopper)?;
        if let Some(signal) = stopper.signalled() {
            return Ok(Err(signal));
        }
        let record = self.state.keep(key, &report, &plan)?;
        Ok(Ok((record, plan)))
    }

    /// The last plan, with its night and what ran then where it is one of the state's.
    fn last(&self, records: &[Record], night: Time) -> Result<Option<Last>, Failure> {
        Ok(match (&self.given, newest(records, night)) {
            (Some(plan), _) => Some(Last { plan: plan.clone(), night: None, running: None }),
            (None, Some(record)) => {
                let (report, plan) = (&record.report, self.state.plan(record)?);
                Some(Last { plan, night: Some(report.night), running: Some(report.running.clone()) })
            }
            (None, None) => None,
        })
    }
}

fn nights_of(n: u64) -> String {
    count(n, "night")
}

fn date(nights: &[Time]) -> String {
    nights.first().map_or_else(String::new, |n| day(*n))
}
