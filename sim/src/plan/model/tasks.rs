//! The tasks of a plan as the simulator needs them.

use std::collections::HashMap;

use tradewind_core::check::View;
use tradewind_core::cost;
use tradewind_core::job::Job;
use tradewind_core::market::CapacityType;
use tradewind_core::money::UsdPerHour;
use tradewind_core::plan::{Placement, Plan};
use tradewind_core::seed::Seed;
use tradewind_core::stint::{self, Rhythm};
use tradewind_core::time::Millis;
use tradewind_core::work::{Spread, TaskLaw};

use super::machine::Machine;
use super::{Home, Model, PlannedTask, Rescue};

impl Model {
    /// Adds the tasks of a placement; none where it does not belong to its plan.
    pub(super) fn add_tasks(
        &mut self,
        view: &View<'_>,
        plan: &Plan,
        placement: &Placement,
        homes: &HashMap<&str, Home>,
    ) -> Option<()> {
        let k = plan.workload.index_of(&placement.job)?;
        let job = &plan.workload.jobs()[k];
        let &Home { first_node: first, offer } = homes.get(placement.allocation.as_str())?;
        let pool = &view.pools[view.pool_of[offer]];
        let law = view.law(k, pool)?;
        let behind = view.behind(k, pool, &law);
        let rescue = match (behind, placement.fallback.as_ref()) {
            (Some(behind), Some(f)) => {
                let region = &plan.market.regions[usize::from(behind.offer.region)].name;
                let machine = plan.market.find_offer(region, &f.instance_type, CapacityType::OnDemand, None)?;
                let required = behind.law.required.get();
                Some(Rescue { machine: machine as u32, required, first_luck: 0 })
            }
            _ => None,
        };
        let shared = placement.nodes[1] - placement.nodes[0] + 1 == job.nodes;
        let on_nodes = shared_price(&self.machines[offer], job);
        let region = plan.market.offers[offer].region;
        let task = PlannedTask { on_nodes, ..self.task(plan, placement, k, (&law, region), rescue) };
        for n in placement.tasks[0]..=placement.tasks[1] {
            let step = if shared { 0 } else { (n - placement.tasks[0]) * job.nodes };
            let first_node = first + placement.nodes[0] + step;
            for node in first_node..first_node + job.nodes {
                self.nodes.get_mut(node as usize)?.parts += 1;
            }
            self.of_job[k].push(self.tasks.len() as u32);
            let rescue = task.rescue.map(|rescue| Rescue { first_luck: self.add_luck_behind(job, n), ..rescue });
            let luck = Seed(u64::from(n)).bits(&job.id, 1);
            self.tasks.push(PlannedTask { first_node, luck, index: n, rescue, ..task.clone() });
        }
        Some(())
    }

    /// Draws the names of the nodes behind a task as sources of chance; where they begin.
    fn add_luck_behind(&mut self, job: &Job, task: u32) -> u32 {
        let first = self.luck_behind.len() as u32;
        let name = stint::allocation_behind(&job.id, task);
        self.luck_behind.extend((0..job.nodes).map(|n| Seed(u64::from(n)).bits(&name, 0)));
        first
    }

    /// What the tasks of a placement share.
    fn task(
        &self,
        plan: &Plan,
        placement: &Placement,
        k: usize,
        (law, region): (&TaskLaw, u16),
        rescue: Option<Rescue>,
    ) -> PlannedTask {
        let job = &plan.workload.jobs()[k];
        let checkpoint = job.checkpoint.as_ref().filter(|_| law.checkpoint_interval.is_some());
        let segment = law.segments.interval;
        let runtime = Spread { median: law.runtime.median * self.world.runtime_factor, ..law.runtime };
        PlannedTask {
            job: k as u32,
            index: 0,
            luck: 0,
            start: self.start_of(plan, placement, job, region),
            deadline: job.deadline.map_or(i64::MAX, |d| (d - self.start).get()),
            first_node: 0,
            nodes: job.nodes,
            demand: job.demand,
            runtime,
            rhythm: Rhythm {
                interval: match segment.is_finite() {
                    true => Millis::from_hours_f64(segment).max(Millis::new(1)),
                    false => Rhythm::NEVER,
                },
                save: checkpoint.map_or(Millis::ZERO, |c| c.save),
                restore: checkpoint.map_or(Millis::ZERO, |c| c.restore),
            },
            rescue,
            waits_for: 0,
            most_attempts: job.max_attempts.unwrap_or(u32::MAX),
            is_awaited: false,
            pool: 0,
            kept: kept_per_hour(plan, region, job, law),
            on_nodes: UsdPerHour::ZERO,
        }
    }

    /// When a task may start: as planned, or when the copies that it reads arrive.
    fn start_of(&self, plan: &Plan, placement: &Placement, job: &Job, region: u16) -> i64 {
        let planned = (placement.start - self.start).get();
        let here = &plan.market.regions[usize::from(region)].name;
        let reads = |dataset: &str| job.inputs.iter().any(|i| i.dataset.as_deref() == Some(dataset));
        let copies = plan.stagings.iter().filter(|s| s.region == *here && reads(&s.dataset));
        let ready = copies.map(|s| {
            let transfer = (s.ready - s.start).get() as f64 * self.world.staging_factor;
            (s.start - self.start).get() + libm::rint(transfer) as i64
        });
        ready.fold(planned, i64::max)
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
fn kept_per_hour(plan: &Plan, region: u16, job: &Job, law: &TaskLaw) -> UsdPerHour {
    let hour = TaskLaw { mean: Millis::HOUR, ..*law };
    let own = cost::own_cost(&plan.market, region, job, &hour, None).unwrap_or_default();
    UsdPerHour::from_nanos((own.disk + own.storage).nanos())
}
