//! What is asked about: a queue, which is planned, or a plan as it stands.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use tradewind_core::plan::Plan;

use super::planner::Planner;
use super::{Halt, WhatIfArgs};
use crate::commands::plan::{Effort, threads};
use crate::commands::simulate::expect_to_hold;
use crate::failure::Failure;
use crate::inputs::Times;
use crate::plan_file;
use tradewind_core::seed::Seed;

/// So much of a file tells a plan from a queue.
const HEAD: u64 = 512;

/// A queue or a plan.
pub enum Subject<'a> {
    /// It is planned, and planned again where the configuration changes.
    Queue(Box<Planner<'a>>),
    /// It stays as it is.
    Plan(Rc<Plan>),
}

impl<'a> Subject<'a> {
    /// Reads a plan, and checks it; a queue is read when it is planned.
    pub fn open(args: &'a WhatIfArgs) -> Result<Self, Failure> {
        if !is_plan(&args.input) {
            return queue(args);
        }
        if let Some(flag) = planning_flag(args) {
            let help = "give the queue: the plan says which market and horizon it is for";
            return Err(Failure::usage("a plan is not planned again", flag, help));
        }
        let plan = plan_file::read_sound(&args.input)?;
        expect_to_hold(&plan, &args.input.display().to_string())?;
        Ok(Self::Plan(Rc::new(plan)))
    }

    /// What plans the queue again.
    ///
    /// # Errors
    /// `TW4005` for a plan; `asked` is what would have needed the queue.
    pub fn planner(&self, asked: &str) -> Result<&Planner<'a>, Halt> {
        match self {
            Self::Queue(planner) => Ok(planner),
            Self::Plan(_) => {
                let help = "give the queue instead of the plan; scenario keys change only the simulated world";
                Err(Failure::usage("this plans again, and a plan does not hold its whole market", asked, help).into())
            }
        }
    }
}

fn queue(args: &WhatIfArgs) -> Result<Subject<'_>, Failure> {
    if args.input == Path::new("-") {
        let help = "write the queue to a file: it is read once for each plan";
        return Err(Failure::usage("standard input is read only once", "-", help));
    }
    let times = Times { as_of: args.as_of, horizon: args.horizon, window: args.window };
    let effort = Effort { seed: Seed(args.seed), gap: None, time_limit: None, threads: threads(args.threads) };
    let planner = Planner { queue: &args.input, read: &args.read, market: &args.market, times, effort };
    Ok(Subject::Queue(Box::new(planner)))
}

/// The first flag that concerns only planning, if one was given. A configuration may come from the environment.
fn planning_flag(args: &WhatIfArgs) -> Option<&'static str> {
    let given = [
        ("--market", args.market.market.is_some()),
        ("--snapshot", args.market.snapshot.is_some()),
        ("--quotas", args.market.quotas.is_some()),
        ("--from", args.read.from.is_some()),
        ("--set", !args.read.set.is_empty()),
        ("--utc-offset", args.read.utc_offset.is_some()),
        ("--horizon", args.horizon.is_some()),
        ("--window", args.window.is_some()),
        ("--as-of", args.as_of.is_some()),
    ];
    given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
}

/// Whether a file says of itself that it is a plan, of whatever version.
fn is_plan(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let text = String::from_utf8_lossy(&head);
    read.is_ok() && text.trim_start().starts_with('{') && text.contains("\"tradewind.plan/")
}
