//! What a plan asks for, as tables: every transition of a run reads them, none changes them.

use serde::{Deserialize, Serialize};
use tradewind_core::market::CapacityType;
use tradewind_core::plan::{Plan, ZoneRule};
use tradewind_core::stint::{Behind, Progress, Rhythm, allocation_behind};
use tradewind_core::time::{Millis, Time};
use tradewind_sim::plan::{Model, ModelError, PlannedTask, World};

use crate::ledger::Chart;

/// Where a node belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Home {
    /// To an allocation of the plan: its number, and which of its nodes.
    Planned(u32, u32),
    /// Behind a task that left spot: the task, and which of its nodes.
    Behind(u32, u32),
}

/// Where and how nodes are bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The allocation under whose name their chance is drawn.
    pub allocation: String,
    /// The cloud.
    pub cloud: String,
    /// The cloud's own name.
    pub region: String,
    /// The cloud's own name.
    pub instance_type: String,
    /// How they are bought.
    pub capacity_type: CapacityType,
    /// Whether all of them must be in one zone.
    pub together: bool,
}

impl Site {
    /// The pool that its nodes come from, as offers are called.
    pub fn pool(&self) -> String {
        format!("{}/{}/{}/{}", self.cloud, self.region, self.instance_type, self.capacity_type)
    }
}

/// Whether an offer or a pool is in a place: `cloud`, `cloud/region`, or itself.
pub fn is_within(name: &str, place: &str) -> bool {
    name.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A plan, ready to be run.
pub struct Script {
    /// The name of the run: whose everything is that it makes.
    pub owner: String,
    /// The plan.
    pub plan: Plan,
    /// The same tables that the simulator reads.
    model: Model,
    /// Allocation and index of each planned node.
    homes: Vec<Home>,
    /// The clouds that it uses, sorted.
    clouds: Vec<String>,
    /// Who pays for what.
    chart: Chart,
}

impl Script {
    /// Of a plan that passes its check.
    ///
    /// # Errors
    /// A plan that does not hold together.
    pub fn new(owner: &str, plan: Plan) -> Result<Self, ModelError> {
        let model = Model::new(&plan, &World::default())?;
        let nodes = |(a, count): (u32, u32)| (0..count).map(move |n| Home::Planned(a, n));
        let homes = (0..).zip(&plan.allocations).map(|(a, x)| (a, x.count)).flat_map(nodes).collect();
        let mut clouds: Vec<String> = plan.allocations.iter().map(|a| a.region.cloud().to_owned()).collect();
        clouds.sort();
        clouds.dedup();
        let chart = Chart::of(&plan, &model);
        Ok(Self { owner: owner.to_owned(), plan, model, homes, clouds, chart })
    }

    /// Who pays for what.
    pub fn chart(&self) -> &Chart {
        &self.chart
    }

    /// The clouds that it uses, sorted.
    pub fn clouds(&self) -> &[String] {
        &self.clouds
    }

    /// Homes of the planned nodes.
    pub fn homes(&self) -> &[Home] {
        &self.homes
    }

    /// The tasks.
    pub fn tasks(&self) -> &[PlannedTask] {
        self.model.task_list()
    }

    /// A task.
    pub fn task(&self, task: u32) -> &PlannedTask {
        &self.tasks()[task as usize]
    }

    /// The job of a task.
    pub fn job(&self, task: u32) -> &tradewind_core::job::Job {
        &self.plan.workload.jobs()[self.task(task).job as usize]
    }

    /// The tables of the simulator.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Tasks that wait for tasks of a job.
    pub fn followers(&self, job: u32) -> impl Iterator<Item = u32> + '_ {
        self.model.followers_of(job).iter().flat_map(|&j| self.model.tasks_of(j).iter().copied())
    }

    /// The instant of so many milliseconds after the horizon's start.
    pub fn at(&self, ms: i64) -> Time {
        self.plan.rules.horizon.start + Millis::new(ms)
    }

    /// The first instant of the run.
    pub fn begins(&self) -> Time {
        let launches = self.model.nodes().iter().map(|n| n.launch);
        self.at(launches.min().unwrap_or(0).min(0))
    }

    /// When a task must be done, if there is such a time.
    pub fn deadline(&self, task: u32) -> Option<Time> {
        Some(self.task(task).deadline).filter(|&ms| ms < i64::MAX).map(|ms| self.at(ms))
    }

    /// On-demand behind a task on spot.
    pub fn behind(&self, task: u32) -> Option<Behind> {
        let (rescue, deadline) = (self.task(task).rescue?, self.deadline(task)?);
        let boot = self.model.mean_boot(rescue.machine);
        Some(Behind { deadline, required: Millis::new(rescue.required), boot })
    }

    /// How a task saves; one that left spot saves no more.
    pub fn rhythm(&self, task: u32, moved: bool) -> Rhythm {
        let rhythm = self.task(task).rhythm;
        if moved { Rhythm { save: Millis::ZERO, ..rhythm } } else { rhythm }
    }

    /// How far a task is before it ever ran: its work is not known yet, the median stands for it.
    pub fn unbegun(&self, task: u32) -> Progress {
        Progress { work: Millis::from_hours_f64(self.task(task).runtime.median), saved: Millis::ZERO }
    }

    /// Where and how a node is bought.
    pub fn site(&self, home: Home) -> Site {
        match home {
            Home::Planned(a, _) => {
                let a = &self.plan.allocations[a as usize];
                Site {
                    allocation: a.id.clone(),
                    cloud: a.region.cloud().to_owned(),
                    region: a.region.region().to_owned(),
                    instance_type: a.instance_type.clone(),
                    capacity_type: a.capacity_type,
                    together: a.zone == ZoneRule::Same,
                }
            }
            Home::Behind(task, _) => self.site_behind(task),
        }
    }

    /// What stands behind a task; tasks without are never moved.
    fn site_behind(&self, task: u32) -> Site {
        let (planned, market) = (self.task(task), &self.plan.market);
        let machine = planned.rescue.map_or(0, |rescue| rescue.machine);
        let offer = &market.offers[machine as usize];
        let region = &market.region_of(offer).name;
        Site {
            allocation: allocation_behind(&self.job(task).id, planned.index),
            cloud: region.cloud().to_owned(),
            region: region.region().to_owned(),
            instance_type: market.type_of(offer).name.clone(),
            capacity_type: CapacityType::OnDemand,
            together: false,
        }
    }
}
