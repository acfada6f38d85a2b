//! A plan as dense tables: what every replication reads and none changes.

mod cone;
mod machine;
mod order;
mod outages;
mod planned;
mod sites;
mod tasks;

use std::collections::HashMap;

use tradewind_core::check::View;
use tradewind_core::market::Market;
use tradewind_core::money::Usd;
use tradewind_core::plan::{Plan, ZoneRule};
use tradewind_core::resources::Resources;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

use super::queue::{Event, Planned};
use super::world::World;

pub(crate) use machine::PoolOf;
pub(super) use machine::{Machine, PoolName, pools};
use order::Order;
pub(super) use outages::Out;
pub use planned::{PlannedNode, PlannedTask, Rescue};
pub(super) use sites::Sites;

/// Why a plan cannot be simulated: it does not hold together. `check` says where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("placement {0} does not belong to its plan")]
pub struct ModelError(pub usize);

/// A plan, ready to be simulated in a world.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) machines: Vec<Machine>,
    /// Pools of the market.
    pub(super) pools: usize,
    /// What concerns machines where.
    pub(super) sites: Sites,
    pub(super) nodes: Vec<PlannedNode>,
    pub(super) tasks: Vec<PlannedTask>,
    /// The nodes behind tasks on spot, as sources of chance.
    pub(super) luck_behind: Vec<u64>,
    /// Tasks of each job that the plan places.
    pub(super) of_job: Vec<Vec<u32>>,
    /// Jobs that wait for a job.
    pub(super) followers: Vec<Vec<u32>>,
    /// Data moved and copies kept, commitments: as planned.
    pub(super) fixed: Usd,
    pub(super) outages: Vec<Out>,
    /// How nodes and tasks are numbered in the plan.
    pub(super) order: Order,
    /// Planned nodes that each course of spells concerns.
    pub(super) under: Vec<Vec<u32>>,
    /// Whether some task may leave spot.
    pub(super) may_move: bool,
    /// What happens by the plan and the world, in order.
    pub(super) planned: Vec<Planned>,
    /// The first thing that happens, ms from the horizon's start; at most 0.
    pub(super) origin: i64,
    /// The last start or end by the plan, ms; at least 0.
    pub(super) ends: i64,
    /// After this nothing is simulated: what has not ended by then does not end, ms.
    pub(super) patience: i64,
    /// The first pauses between launches refused in a row, ms.
    pub(super) pauses: [i64; PAUSES],
    pub(super) world: World,
    /// The start of the horizon.
    pub(super) start: Time,
}

impl Model {
    /// The tables of a plan that passes its check.
    pub fn new(plan: &Plan, world: &World) -> Result<Self, ModelError> {
        Self::with_pools(plan, world, &PoolOf::new(&plan.market))
    }

    /// The same by one who makes many models of a plan and knows the pools of its market.
    pub(crate) fn with_pools(plan: &Plan, world: &World, pools: &PoolOf) -> Result<Self, ModelError> {
        let view = View::of(&plan.workload, &plan.market, &plan.rules);
        let (horizon, jobs) = (plan.rules.horizon, plan.workload.jobs());
        let staged: Usd = plan.stagings.iter().map(|s| s.storage_usd).sum();
        let in_use = machine::in_use(plan);
        let mut model = Self {
            sites: Sites::new(&plan.market, world, horizon.start, |offer| in_use.contains(&offer)),
            of_job: vec![Vec::new(); jobs.len()],
            followers: vec![Vec::new(); jobs.len()],
            fixed: plan.cost.egress_usd + plan.cost.commitment_usd + staged,
            outages: world.outages.iter().flat_map(|o| outages::regions(plan, o, horizon.start)).collect(),
            ..Self::bare((&plan.market, pools), world, horizon.start, horizon.end - horizon.start)
        };
        for (k, job) in jobs.iter().enumerate() {
            for before in job.depends_on.iter().filter_map(|id| plan.workload.index_of(id)) {
                model.followers[before].push(k as u32);
            }
        }
        let homes = model.add_nodes(plan)?;
        for (i, placement) in plan.placements.iter().enumerate() {
            model.add_tasks(&view, plan, placement, &homes).ok_or(ModelError(i))?;
        }
        for t in 0..model.tasks.len() {
            let before = &jobs[model.tasks[t].job as usize].depends_on;
            let ids = before.iter().filter_map(|id| plan.workload.index_of(id));
            model.tasks[t].waits_for = ids.map(|j| model.of_job[j].len() as u32).sum();
        }
        model.close();
        Ok(model)
    }

    /// A market in a world, with nothing to do in it.
    pub(super) fn bare((market, pools): (&Market, &PoolOf), world: &World, start: Time, horizon: Millis) -> Self {
        Self {
            machines: machine::machines(market, world, pools),
            pools: pools.count,
            sites: Sites::default(),
            nodes: Vec::new(),
            tasks: Vec::new(),
            luck_behind: Vec::new(),
            of_job: Vec::new(),
            followers: Vec::new(),
            fixed: Usd::ZERO,
            outages: Vec::new(),
            order: Order::default(),
            under: Vec::new(),
            may_move: false,
            planned: Vec::new(),
            origin: 0,
            ends: 0,
            patience: (horizon + PATIENCE).get(),
            pauses: std::array::from_fn(|refusals| world.retry.pause(refusals as u32)),
            world: world.clone(),
            start,
        }
    }

    /// The pause after so many refusals in a row, ms.
    pub(super) fn pause(&self, refusals: u32) -> i64 {
        self.pauses.get(refusals as usize).copied().unwrap_or_else(|| self.world.retry.pause(refusals))
    }

    /// Nodes that the plan launches.
    pub fn planned_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Index of the job of each task that is simulated, in order.
    pub fn jobs_of_tasks(&self) -> impl Iterator<Item = usize> + '_ {
        self.tasks.iter().map(|t| t.job as usize)
    }

    /// Tasks that are simulated.
    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// The nodes that the plan launches, in order of allocations.
    pub fn nodes(&self) -> &[PlannedNode] {
        &self.nodes
    }

    /// The tasks that the plan places.
    pub fn task_list(&self) -> &[PlannedTask] {
        &self.tasks
    }

    /// Tasks of a job, by its index.
    pub fn tasks_of(&self, job: u32) -> &[u32] {
        &self.of_job[job as usize]
    }

    /// Jobs that wait for a job.
    pub fn followers_of(&self, job: u32) -> &[u32] {
        &self.followers[job as usize]
    }

    /// What a node of an offer has.
    pub fn capacity(&self, machine: u32) -> Resources {
        self.machines[machine as usize].capacity
    }

    /// Mean time from launch to usable of an offer.
    pub fn mean_boot(&self, machine: u32) -> Millis {
        self.machines[machine as usize].mean_boot
    }

    /// What no cloud bills by the node: data moved and copies kept, commitments; as planned.
    pub fn fixed(&self) -> Usd {
        self.fixed
    }

    /// After this nothing is waited for any more.
    pub fn patience(&self) -> Time {
        self.start + Millis::new(self.patience)
    }

    /// Adds the nodes of all allocations; what each has by its id.
    fn add_nodes<'p>(&mut self, plan: &'p Plan) -> Result<HashMap<&'p str, Home>, ModelError> {
        let mut homes = HashMap::new();
        for (i, a) in plan.allocations.iter().enumerate() {
            let offer = plan.market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref());
            let offer = offer.ok_or(ModelError(i))?;
            homes.insert(a.id.as_str(), Home { first_node: self.nodes.len() as u32, offer });
            let luck = |n: u32| Seed(u64::from(n)).bits(&a.id, 0);
            let together = (a.zone == ZoneRule::Same).then(|| luck(0));
            self.nodes.extend((0..a.count).map(|n| PlannedNode {
                machine: offer as u32,
                launch: (a.start - self.start).get(),
                until: 0,
                luck: luck(n),
                site: self.sites.of(offer as u32, together.unwrap_or_else(|| luck(n))),
                parts: 0,
            }));
        }
        Ok(homes)
    }

    /// Says who is concerned by what, once all nodes and tasks are there.
    pub(super) fn close(&mut self) {
        for task in &mut self.tasks {
            task.is_awaited = !self.followers[task.job as usize].is_empty();
            task.pool = self.machines[self.nodes[task.first_node as usize].machine as usize].pool;
            let end = task.start + task.rhythm.takes(Millis::from_hours_f64(task.runtime.median)).get();
            for node in task.planned_on() {
                let until = &mut self.nodes[node as usize].until;
                *until = end.max(*until);
            }
        }
        self.may_move = self.tasks.iter().any(|t| t.rescue.is_some());
        self.under = vec![Vec::new(); self.sites.spells.len()];
        for (node, n) in (0..).zip(&self.nodes) {
            let spells = self.sites.get(n.site).map_or(&[][..], |site| &site.spells);
            spells.iter().for_each(|&s| self.under[s as usize].push(node));
        }
        self.add_planned();
    }

    /// Puts in order what is known to happen: launches, starts, outages and cuts; at one instant in this order.
    fn add_planned(&mut self) {
        let launches = (0..).zip(&self.nodes).map(|(node, n)| (n.launch, Event::Launch { node }));
        let starts = (0..).zip(&self.tasks).map(|(task, t)| (t.start, Event::Due { task }));
        let outages = self.outages.iter().map(|o| (o.from, Event::Outage { region: u32::from(o.region) }));
        let cuts = (0..)
            .zip(&self.sites.cuts)
            .map(|(quota, &cut)| (self.world.quota_cuts[cut as usize].start.since(self.start), Event::Cut { quota }));
        let mut all: Vec<Planned> = launches.chain(starts).chain(outages).chain(cuts).collect();
        all.sort_by_key(|(time, _)| *time);
        self.origin = all.first().map_or(0, |(time, _)| *time).min(0);
        let last_end = self.nodes.iter().map(|n| n.until).max();
        self.ends = all.last().map(|p| p.0).max(last_end).map_or(0, |last| last.max(0));
        self.planned = all;
    }
}

/// Pauses that are known beforehand: with the default law more than a day of refusals.
const PAUSES: usize = 128;

/// What an allocation has: its first node, and the offer of all.
#[derive(Debug, Clone, Copy)]
struct Home {
    first_node: u32,
    offer: usize,
}

/// How long after its horizon a plan is waited for: as long as a task may be planned to take at most.
const PATIENCE: Millis = Millis::from_hours(60 * 24);
