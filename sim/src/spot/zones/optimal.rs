//! The least cost for one who knows the whole trace: a plan made once by a dynamic programme, then followed.
//!
//! The published programme counts work and restart in whole ticks; as the real restart is shorter, the followed
//! plan ends a little earlier than it says and costs slightly more than the true optimum. Its ties are part of
//! the published finish ticks: states are expanded in the order of their creation, staying before switching, and
//! a later path replaces a stored one only if it is strictly cheaper.

use tradewind_core::policy::spot::zones::{Instance, Job, Policy, Tick};
use tradewind_core::policy::spot::{HOUR, Kind};

use super::market::Market;

/// Follows the best plan.
#[derive(Debug, Clone)]
pub struct Optimal {
    /// What to run in each tick.
    plan: Vec<Option<Instance>>,
}

impl Optimal {
    /// Plans for a window whose future it is shown. Empty where no plan exists.
    pub fn new(market: &Market, job: &Job) -> Self {
        Self { plan: Planner::new(market, job).plan() }
    }
}

impl Policy for Optimal {
    fn step(&mut self, tick: &mut dyn Tick) {
        match self.plan.get(tick.number()).copied().flatten() {
            Some(Instance { zone, kind }) => {
                tick.launch(zone, kind);
            }
            None => tick.terminate(),
        }
    }

    fn needs_net(&self) -> bool {
        false
    }
}

/// What the job does in a tick. The order of the variants, then of the zones, is that of the published ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Start,
    Idle(usize),
    Active(Instance),
}

impl Mode {
    fn all(zones: usize) -> Vec<Self> {
        let active = |kind| (0..zones).map(move |zone| Self::Active(Instance { zone, kind }));
        let idle = (0..zones).map(Self::Idle);
        std::iter::once(Self::Start).chain(idle).chain(active(Kind::OnDemand)).chain(active(Kind::Spot)).collect()
    }

    fn zone(self) -> Option<usize> {
        match self {
            Self::Start => None,
            Self::Idle(zone) | Self::Active(Instance { zone, .. }) => Some(zone),
        }
    }

    fn instance(self) -> Option<Instance> {
        match self {
            Self::Active(instance) => Some(instance),
            Self::Start | Self::Idle(_) => None,
        }
    }
}

/// What a switch of modes brings along.
#[derive(Debug, Clone, Copy)]
struct Switch {
    /// Ticks without work.
    loss: usize,
    /// Dollars.
    egress: f64,
}

/// A state that was reached, and from which state of the tick before.
#[derive(Debug, Clone, Copy)]
struct Step {
    state: u32,
    from: u32,
}

/// No state yet.
const UNSEEN: u32 = u32::MAX;

/// The states of one tick in the order of their creation, with least costs.
struct Layer {
    steps: Vec<Step>,
    costs: Vec<f64>,
    /// Position of each state in the order.
    position: Vec<u32>,
}

impl Layer {
    fn new(states: usize) -> Self {
        Self { steps: Vec::new(), costs: Vec::new(), position: vec![UNSEEN; states] }
    }

    /// Keeps a path to a state if it is the first or strictly cheaper.
    fn offer(&mut self, state: usize, cost: f64, from: u32) {
        let at = self.position[state];
        if at == UNSEEN {
            self.position[state] = self.steps.len() as u32;
            self.steps.push(Step { state: state as u32, from });
            self.costs.push(cost);
        } else if cost < self.costs[at as usize] {
            self.costs[at as usize] = cost;
            self.steps[at as usize].from = from;
        }
    }

    /// Empties it and hands the order out.
    fn take(&mut self) -> Vec<Step> {
        for step in &self.steps {
            self.position[step.state as usize] = UNSEEN;
        }
        self.costs.clear();
        std::mem::take(&mut self.steps)
    }
}

/// The programme over (mode, restart ticks left, ticks of work done).
struct Planner<'a> {
    market: &'a Market,
    job: &'a Job,
    ticks: usize,
    work: usize,
    /// Restart ticks that can be left, plus one.
    restarts: usize,
    modes: Vec<Mode>,
    switches: Vec<Vec<Option<Switch>>>,
    /// Dearer paths cannot be best: all on demand in the cheapest zone.
    limit: f64,
}

impl<'a> Planner<'a> {
    fn new(market: &'a Market, job: &'a Job) -> Self {
        let modes = Mode::all(market.zones.len());
        let switches: Vec<Vec<Option<Switch>>> =
            modes.iter().map(|&from| modes.iter().map(|&to| switch(market, job, from, to)).collect()).collect();
        let restart = (job.restart / job.tick).ceil() as usize;
        let work = (job.work / job.tick).ceil() as usize;
        let restarts = switches.iter().flatten().flatten().map(|s| s.loss).max().unwrap_or(0).max(1);
        let limit = market.cheapest_on_demand() * (job.tick / HOUR) * (restart + work) as f64;
        Self { market, job, ticks: (job.deadline / job.tick).floor() as usize, work, restarts, modes, switches, limit }
    }

    fn index(&self, mode: usize, restart: usize, done: usize) -> usize {
        (mode * self.restarts + restart) * (self.work + 1) + done
    }

    /// Mode, restart ticks left and ticks done of a state.
    fn parts(&self, state: u32) -> (usize, usize, usize) {
        let (rest, done) = (state as usize / (self.work + 1), state as usize % (self.work + 1));
        (rest / self.restarts, rest % self.restarts, done)
    }

    /// What a tick of each mode costs at tick `t`; none where there is no spot.
    fn prices(&self, t: usize) -> Vec<Option<f64>> {
        let hours = self.job.tick / HOUR;
        let price = |mode: &Mode| {
            let Some(Instance { zone, kind }) = mode.instance() else { return Some(0.0) };
            let (zone, at) = (&self.market.zones[zone], self.job.start + t);
            match kind {
                Kind::OnDemand => Some(zone.on_demand * hours),
                Kind::Spot if zone.available.get(at).copied().unwrap_or(false) => Some(zone.spot_price(at) * hours),
                Kind::Spot => None,
            }
        };
        self.modes.iter().map(price).collect()
    }

    fn plan(&self) -> Vec<Option<Instance>> {
        let states = self.modes.len() * self.restarts * (self.work + 1);
        let (mut now, mut next) = (Layer::new(states), Layer::new(states));
        now.offer(self.index(0, 0, 0), 0.0, UNSEEN);
        let mut history = Vec::with_capacity(self.ticks);
        for t in 0..self.ticks {
            self.expand(t, &now, &mut next);
            history.push(now.take());
            std::mem::swap(&mut now, &mut next);
        }
        self.walk_back(&now, &history)
    }

    /// All ways on from the states of tick `t`.
    fn expand(&self, t: usize, now: &Layer, next: &mut Layer) {
        let prices = self.prices(t);
        let least = self.work.saturating_sub(self.ticks - t - 1);
        for (at, step) in now.steps.iter().enumerate() {
            let cost = now.costs[at];
            if cost > self.limit {
                continue;
            }
            let (mode, restart, done) = self.parts(step.state);
            let works = |to: usize, lost: usize| {
                let active = usize::from(lost == 0 && self.modes[to].instance().is_some());
                (done + active).min(self.work)
            };
            if let Some(price) = prices[mode] {
                let after = works(mode, restart);
                if after >= least {
                    next.offer(self.index(mode, restart.saturating_sub(1), after), cost + price, at as u32);
                }
            }
            for (to, switch) in self.switches[mode].iter().enumerate() {
                let (Some(Switch { loss, egress }), Some(price)) = (*switch, prices[to]) else { continue };
                let (after, total) = (works(to, loss), cost + price + egress);
                if after >= least && total <= self.limit {
                    next.offer(self.index(to, loss.saturating_sub(1), after), total, at as u32);
                }
            }
        }
    }

    /// The cheapest complete path, first of equals, from its end to its start.
    fn walk_back(&self, end: &Layer, history: &[Vec<Step>]) -> Vec<Option<Instance>> {
        let complete = |at: &usize| self.parts(end.steps[*at].state).2 == self.work;
        let best = (0..end.steps.len()).filter(complete).min_by(|&a, &b| end.costs[a].total_cmp(&end.costs[b]));
        let Some(best) = best else { return Vec::new() };
        let mut plan = Vec::with_capacity(self.ticks);
        let mut step = end.steps[best];
        for layer in history.iter().rev() {
            plan.push(self.modes[self.parts(step.state).0].instance());
            step = layer[step.from as usize];
        }
        plan.reverse();
        plan
    }
}

/// What a switch costs, if it is allowed; staying is none.
fn switch(market: &Market, job: &Job, from: Mode, to: Mode) -> Option<Switch> {
    if from == to {
        return None;
    }
    match to {
        Mode::Start => None,
        Mode::Idle(zone) => {
            let stops = from.instance().is_some_and(|i| i.zone == zone);
            stops.then_some(Switch { loss: 0, egress: 0.0 })
        }
        Mode::Active(Instance { zone, .. }) => {
            let Some(home) = from.zone().filter(|&home| home != zone) else {
                return Some(Switch { loss: (job.restart / job.tick).ceil() as usize, egress: 0.0 });
            };
            let link = market.links[home][zone];
            let transfer = job.checkpoint_gb * link.seconds_per_gb / HOUR;
            let loss = ((job.restart / HOUR + transfer) * HOUR / job.tick).ceil() as usize;
            Some(Switch { loss, egress: job.egress(link) })
        }
    }
}
