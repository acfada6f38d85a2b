//! A plan as dense tables: what every replication reads and none changes.

use std::collections::HashMap;

use tradewind_core::check::View;
use tradewind_core::cost;
use tradewind_core::job::Job;
use tradewind_core::market::{CapacityType, Offer};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::plan::{Placement, Plan};
use tradewind_core::resources::Resources;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_core::work::{Spread, TaskLaw};

use super::world::{Outage, World};

/// Why a plan cannot be simulated: it does not hold together. `check` says where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("placement {0} does not belong to its plan")]
pub struct ModelError(pub usize);

/// What a node of an offer does and costs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine {
    pub price: UsdPerHour,
    pub address: UsdPerHour,
    /// Mean life in hours and shape of its law; none is never interrupted.
    pub life: Option<(f64, f64)>,
    /// Boot in hours.
    pub boot: Spread,
    /// Least billed time, ms.
    pub minimum: i64,
    /// Not billed when interrupted within so much time of its launch, ms.
    pub free_within: i64,
    pub capacity: Resources,
    /// Index of the region.
    pub region: u16,
}

/// A planned node.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlannedNode {
    /// Index in [`Model::machines`].
    pub machine: u32,
    /// Launch, ms from the horizon's start.
    pub launch: i64,
    /// Its name as a source of chance.
    pub luck: u64,
    /// Parts of tasks on it.
    pub parts: u32,
}

/// What stands behind a task on spot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rescue {
    pub machine: u32,
    /// Least time to the deadline with nothing saved, ms.
    pub required: i64,
}

/// A planned task.
#[derive(Debug, Clone)]
pub(super) struct PlannedTask {
    /// Index of the job.
    pub job: u32,
    /// Its name as a source of chance.
    pub luck: u64,
    /// Planned start, ms.
    pub start: i64,
    /// Deadline, ms; `i64::MAX` is none.
    pub deadline: i64,
    /// First node and how many.
    pub first_node: u32,
    pub nodes: u32,
    pub demand: Resources,
    /// Useful running time in hours.
    pub runtime: Spread,
    /// Useful work between checkpoints, ms; `i64::MAX` is none.
    pub interval: i64,
    pub save: i64,
    /// Reading a checkpoint back, ms.
    pub restore: i64,
    pub rescue: Option<Rescue>,
    /// Tasks of jobs it waits for.
    pub waits_for: u32,
    /// What time costs beside nodes: disks and checkpoint.
    pub kept: UsdPerHour,
    /// What time costs of its planned nodes: of each the largest share that it takes of anything.
    pub on_nodes: UsdPerHour,
}

/// A plan, ready to be simulated in a world.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) machines: Vec<Machine>,
    pub(super) nodes: Vec<PlannedNode>,
    pub(super) tasks: Vec<PlannedTask>,
    /// Tasks of each job that the plan places.
    pub(super) of_job: Vec<Vec<u32>>,
    /// Jobs that wait for a job.
    pub(super) followers: Vec<Vec<u32>>,
    /// Data moved and copies kept, commitments: as planned.
    pub(super) fixed: Usd,
    /// (region, from, until), ms.
    pub(super) outages: Vec<(u16, i64, i64)>,
    pub(super) world: World,
    /// The start of the horizon.
    pub(super) start: Time,
}

impl Model {
    /// The tables of a plan that passes its check.
    pub fn new(plan: &Plan, world: &World) -> Result<Self, ModelError> {
        let view = View::of(&plan.workload, &plan.market, &plan.rules);
        let start = plan.rules.horizon.start;
        let outages = world.outages.iter().flat_map(|o| regions_of(plan, o, start)).collect();
        let jobs = plan.workload.jobs();
        let mut model = Self {
            machines: plan.market.offers.iter().map(|o| machine(plan, o, world)).collect(),
            nodes: Vec::new(),
            tasks: Vec::new(),
            of_job: vec![Vec::new(); jobs.len()],
            followers: vec![Vec::new(); jobs.len()],
            fixed: plan.cost.egress_usd
                + plan.cost.commitment_usd
                + plan.stagings.iter().map(|s| s.storage_usd).sum::<Usd>(),
            outages,
            world: world.clone(),
            start,
        };
        for (k, job) in jobs.iter().enumerate() {
            for before in job.depends_on.iter().filter_map(|id| plan.workload.index_of(id)) {
                model.followers[before].push(k as u32);
            }
        }
        let first_node = model.add_nodes(plan)?;
        for (i, placement) in plan.placements.iter().enumerate() {
            model.add_tasks(&view, plan, placement, &first_node).ok_or(ModelError(i))?;
        }
        for t in 0..model.tasks.len() {
            let before = &jobs[model.tasks[t].job as usize].depends_on;
            let ids = before.iter().filter_map(|id| plan.workload.index_of(id));
            model.tasks[t].waits_for = ids.map(|j| model.of_job[j].len() as u32).sum();
        }
        Ok(model)
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

    /// Adds the nodes of all allocations; the first node and the offer of each by its id.
    fn add_nodes<'p>(&mut self, plan: &'p Plan) -> Result<HashMap<&'p str, (u32, usize)>, ModelError> {
        let mut first_node = HashMap::new();
        for (i, a) in plan.allocations.iter().enumerate() {
            let offer = plan.market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref());
            let offer = offer.ok_or(ModelError(i))?;
            first_node.insert(a.id.as_str(), (self.nodes.len() as u32, offer));
            self.nodes.extend((0..a.count).map(|n| PlannedNode {
                machine: offer as u32,
                launch: (a.start - self.start).get(),
                luck: Seed(u64::from(n)).bits(&a.id, 0),
                parts: 0,
            }));
        }
        Ok(first_node)
    }

    fn add_tasks(
        &mut self,
        view: &View<'_>,
        plan: &Plan,
        placement: &Placement,
        first_node: &HashMap<&str, (u32, usize)>,
    ) -> Option<()> {
        let k = plan.workload.index_of(&placement.job)?;
        let job = &plan.workload.jobs()[k];
        let &(first, offer) = first_node.get(placement.allocation.as_str())?;
        let pool = &view.pools[view.pool_of[offer]];
        let law = view.law(k, pool)?;
        let behind = view.behind(k, pool, &law);
        let rescue = match (behind, placement.fallback.as_ref()) {
            (Some(behind), Some(f)) => {
                let region = &plan.market.regions[usize::from(behind.offer.region)].name;
                let machine = plan.market.find_offer(region, &f.instance_type, CapacityType::OnDemand, None)?;
                let required = behind.law.required.get();
                Some(Rescue { machine: machine as u32, required })
            }
            _ => None,
        };
        let shared = placement.nodes[1] - placement.nodes[0] + 1 == job.nodes;
        let on_nodes = shared_price(&self.machines[offer], job);
        let task = PlannedTask { on_nodes, ..self.task(plan, placement, k, &law, rescue) };
        for n in placement.tasks[0]..=placement.tasks[1] {
            let step = if shared { 0 } else { (n - placement.tasks[0]) * job.nodes };
            let first_node = first + placement.nodes[0] + step;
            for node in first_node..first_node + job.nodes {
                self.nodes.get_mut(node as usize)?.parts += 1;
            }
            self.of_job[k].push(self.tasks.len() as u32);
            self.tasks.push(PlannedTask { first_node, luck: Seed(u64::from(n)).bits(&job.id, 1), ..task.clone() });
        }
        Some(())
    }

    /// What the tasks of a placement share.
    fn task(&self, plan: &Plan, placement: &Placement, k: usize, law: &TaskLaw, rescue: Option<Rescue>) -> PlannedTask {
        let job = &plan.workload.jobs()[k];
        let checkpoint = job.checkpoint.as_ref().filter(|_| law.checkpoint_interval.is_some());
        let segment = law.segments.interval;
        let runtime = Spread { median: law.runtime.median * self.world.runtime_factor, ..law.runtime };
        PlannedTask {
            job: k as u32,
            luck: 0,
            start: (placement.start - self.start).get(),
            deadline: job.deadline.map_or(i64::MAX, |d| (d - self.start).get()),
            first_node: 0,
            nodes: job.nodes,
            demand: job.demand,
            runtime,
            interval: if segment.is_finite() { Millis::from_hours_f64(segment).get().max(1) } else { i64::MAX },
            save: checkpoint.map_or(0, |c| c.save.get()),
            restore: checkpoint.map_or(0, |c| c.restore.get()),
            rescue,
            waits_for: 0,
            kept: kept_per_hour(plan, placement, job, law),
            on_nodes: UsdPerHour::ZERO,
        }
    }
}

/// The price of a machine times the largest share of it that a task of a job takes, on all nodes of the task.
fn shared_price(machine: &Machine, job: &Job) -> UsdPerHour {
    let (demand, all) = (job.demand, machine.capacity);
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let largest = share(demand.vcpu_milli, all.vcpu_milli)
        .max(share(demand.memory_mib, all.memory_mib))
        .max(share(demand.gpu_milli, all.gpu_milli));
    let nanos = machine.price.nanos() as f64 * largest * f64::from(job.nodes);
    UsdPerHour::from_nanos(libm::rint(nanos) as i64)
}

/// What an hour of a task costs beside its nodes.
fn kept_per_hour(plan: &Plan, placement: &Placement, job: &Job, law: &TaskLaw) -> UsdPerHour {
    let allocation = plan.allocations.iter().find(|a| a.id == placement.allocation);
    let region = allocation.and_then(|a| plan.market.region_index(&a.region));
    let hour = TaskLaw { mean: Millis::HOUR, ..*law };
    let own = region.and_then(|r| cost::own_cost(&plan.market, r, job, &hour, None)).unwrap_or_default();
    UsdPerHour::from_nanos((own.disk + own.storage).nanos())
}

fn machine(plan: &Plan, offer: &Offer, world: &World) -> Machine {
    let market = &plan.market;
    let cloud = market.cloud_of(offer);
    let spot = offer.capacity_type == CapacityType::Spot;
    let factor = if spot { world.spot_price_factor } else { world.on_demand_price_factor };
    let hazard = market.hazard_per_hour(offer) * world.hazard_factor;
    let boot = cloud.boot.spread();
    Machine {
        price: UsdPerHour::from_nanos(libm::rint(offer.price.nanos() as f64 * factor) as i64),
        address: if world.billing.address { cloud.address } else { UsdPerHour::ZERO },
        life: (spot && hazard > 0.0).then(|| (1.0 / hazard, world.life_shape)),
        boot: Spread { median: boot.median * world.boot_factor, ..boot },
        minimum: if world.billing.minimum { cloud.billing_minimum.get() } else { 0 },
        free_within: if spot && world.billing.free_if_interrupted { cloud.free_if_interrupted_within.get() } else { 0 },
        capacity: market.type_of(offer).capacity,
        region: offer.region,
    }
}

/// The regions of an outage with its times.
fn regions_of(plan: &Plan, outage: &Outage, start: Time) -> Vec<(u16, i64, i64)> {
    let (from, until) = ((outage.start - start).get(), (outage.end - start).get());
    let named =
        |r: &tradewind_core::market::Region| r.name.cloud() == outage.place || r.name.to_string() == outage.place;
    let regions = plan.market.regions.iter().enumerate().filter(|(_, r)| named(r));
    regions.map(|(r, _)| (r as u16, from, until)).collect()
}
