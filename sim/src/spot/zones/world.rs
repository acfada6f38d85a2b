//! The benchmark's world: bills, progress, preemptions, the safety net, and what a policy may see and do.
//!
//! The order within a tick and two quirks of the published simulator decide figures and are kept: the tick in
//! which the work completes is billed after the last snapshot, and a probe in the zone of the running machine
//! takes the place of that machine's bill.

mod seen;

use tradewind_core::policy::spot::zones::{Instance, Job, Policy};
use tradewind_core::policy::spot::{DONE, HOUR, Kind};

use super::market::Market;
use seen::Seen;

/// Seconds of spot that a successful probe is billed.
const PROBE: f64 = 60.0;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Dollars, as published: without the tick in which the work completes.
    pub cost: f64,
    /// Dollars of every tick.
    pub cost_all_ticks: f64,
    /// The tick at whose start all was done.
    pub finish_tick: usize,
    /// Moves between zones, as published.
    pub migrations: u32,
    /// Whether it finished by the deadline.
    pub met_deadline: bool,
}

/// Runs a policy over one window. A job that cannot fit is bought on demand in the cheapest zone, unsimulated.
pub fn run(market: &Market, job: &Job, policy: &mut dyn Policy) -> Outcome {
    if !job.is_feasible() {
        let costs = market.zones.iter().map(|z| job.cost_at(z.on_demand));
        let cost = costs.fold(f64::INFINITY, f64::min);
        return Outcome { cost, cost_all_ticks: cost, finish_tick: 0, migrations: 0, met_deadline: false };
    }
    let mut world = World::new(market, job);
    let (mut cost, mut migrations) = (0.0, 0);
    loop {
        world.settle();
        let late = world.tick as f64 * job.tick >= job.deadline;
        if job.work - world.done <= DONE || (late && !policy.needs_net()) {
            break;
        }
        if !policy.needs_net() || !world.net_acts() {
            policy.step(&mut Seen(&mut world));
        }
        world.tick += 1;
        (cost, migrations) = (world.dollars(), world.migrations);
    }
    let finished = job.work - world.done <= DONE;
    let met_deadline = finished && world.tick as f64 * job.tick <= job.deadline;
    Outcome { cost, cost_all_ticks: world.dollars(), finish_tick: world.tick, migrations, met_deadline }
}

/// Everything that is so at a tick; a policy sees it through [`Seen`] only.
struct World<'a> {
    market: &'a Market,
    job: &'a Job,
    tick: usize,
    instance: Option<Instance>,
    /// The instance was launched in this tick.
    launched: bool,
    /// Zone of the last machine that completed a tick.
    home: Option<usize>,
    restart_left: f64,
    done: f64,
    latched: bool,
    /// Zones probed with success in this tick.
    probed: Vec<usize>,
    /// Last seen spot price of each zone.
    seen: Vec<f64>,
    /// Dollars that each zone's probes were billed at the start of this tick.
    probe_bills: Vec<f64>,
    bills: f64,
    egress: f64,
    migrations: u32,
}

impl<'a> World<'a> {
    fn new(market: &'a Market, job: &'a Job) -> Self {
        let zones = market.zones.len();
        Self {
            market,
            job,
            tick: 0,
            instance: None,
            launched: false,
            home: None,
            restart_left: 0.0,
            done: 0.0,
            latched: false,
            probed: Vec::new(),
            seen: market.zones.iter().map(|z| z.spot_price(job.start)).collect(),
            probe_bills: vec![0.0; zones],
            bills: 0.0,
            egress: 0.0,
            migrations: 0,
        }
    }

    fn dollars(&self) -> f64 {
        self.bills + self.egress
    }

    fn spot_price(&self, zone: usize, tick: usize) -> f64 {
        self.market.zones[zone].spot_price(self.job.start + tick)
    }

    fn is_available(&self, zone: usize) -> bool {
        let at = self.job.start + self.tick;
        self.tick < self.job.ticks() && self.market.zones[zone].available.get(at).copied().unwrap_or(false)
    }

    /// Bills and counts the tick before, then takes away the spot that is gone.
    fn settle(&mut self) {
        if self.tick > 0 {
            self.bill();
            self.progress();
        }
        self.launched = false;
        self.probed.clear();
        if let Some(Instance { zone, kind: Kind::Spot }) = self.instance
            && !self.is_available(zone)
        {
            self.instance = None;
        }
    }

    fn bill(&mut self) {
        let tick = self.tick - 1;
        self.probe_bills.fill(0.0);
        if let Some(Instance { zone, kind }) = self.instance {
            let probed = self.probed.contains(&zone);
            let charge = match kind {
                Kind::OnDemand => self.market.zones[zone].on_demand * self.job.tick / HOUR,
                Kind::Spot if probed => self.spot_price(zone, tick) * PROBE / HOUR,
                Kind::Spot => self.spot_price(zone, tick) * self.job.tick / HOUR,
            };
            self.bills += charge;
            if probed {
                self.probe_bills[zone] = charge;
            }
        }
        let running = self.instance.map(|i| i.zone);
        for &zone in self.probed.iter().filter(|&&z| Some(z) != running) {
            let charge = self.market.zones[zone].spot_price(self.job.start + tick) * PROBE / HOUR;
            self.bills += charge;
            self.probe_bills[zone] = charge;
        }
    }

    fn progress(&mut self) {
        let Some(Instance { zone, .. }) = self.instance else { return };
        if self.launched {
            self.restart_left = self.job.restart;
            if let Some(home) = self.home.filter(|&home| home != zone) {
                self.migrations += 1;
                self.egress += self.job.egress(self.market.links[home][zone]);
            }
        }
        let worked = (self.job.tick - self.restart_left).max(0.0).min(self.job.work - self.done);
        self.restart_left = (self.restart_left - self.job.tick).max(0.0);
        self.done += worked;
        self.home = Some(zone);
    }

    /// The safety net: once on-demand must run to be in time it runs to the end. True if it decided this tick.
    fn net_acts(&mut self) -> bool {
        let left = self.job.work - self.done;
        self.latched = self.latched || self.job.needed(left, 1.0) >= self.job.time_left(self.tick);
        if !self.latched {
            return false;
        }
        match self.instance {
            Some(Instance { kind: Kind::OnDemand, .. }) => {}
            Some(Instance { zone, kind: Kind::Spot }) => self.start(zone, Kind::OnDemand),
            None => self.start(self.cheapest_on_demand(left), Kind::OnDemand),
        }
        true
    }

    /// The zone in which the work left costs least on demand, the move included; the first of equals.
    fn cheapest_on_demand(&self, left: f64) -> usize {
        let cost = |zone: usize| {
            let egress = self.home.map_or(0.0, |home| self.job.egress(self.market.links[home][zone]));
            self.market.zones[zone].on_demand * left / HOUR + egress
        };
        (0..self.market.zones.len()).min_by(|&a, &b| cost(a).total_cmp(&cost(b))).unwrap_or(0)
    }

    fn start(&mut self, zone: usize, kind: Kind) {
        self.instance = Some(Instance { zone, kind });
        self.launched = true;
    }
}
