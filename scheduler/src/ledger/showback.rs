//! Showback: what a run cost whom, beside what was planned, and what of it was waste. The rows sum to the bill exactly.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::time::{Millis, Time};

use super::data;
use crate::run::Run;
use crate::run::node::Life;
use crate::run::task::{Phase, Task};

/// What the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Projects.
    Project,
    /// Tenants: the label `tenant` of a job.
    Tenant,
    /// Clouds.
    Cloud,
}

/// What one of them cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What the plan expects.
    #[schemars(with = "String")]
    pub planned_usd: Usd,
    /// Nodes, by the clouds' bills.
    #[schemars(with = "String")]
    pub nodes_usd: Usd,
    /// Disks and checkpoints, by the time that tasks were on nodes.
    #[schemars(with = "String")]
    pub kept_usd: Usd,
    /// Data moved, copies, commitments: as planned.
    #[schemars(with = "String")]
    pub data_usd: Usd,
    /// The three together.
    #[schemars(with = "String")]
    pub cost_usd: Usd,
    /// Of it, nodes while no task ran on them: while they boot, and wait.
    #[schemars(with = "String")]
    pub idle_usd: Usd,
    /// Of it, work that was lost or is of no use, checkpoints and restores, by the largest share of a node that a task takes.
    #[schemars(with = "String")]
    pub rework_usd: Usd,
    /// What runs and is not billed yet, by price and time; not in the cost.
    #[schemars(with = "String")]
    pub unbilled_usd: Usd,
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.planned_usd += other.planned_usd;
        self.nodes_usd += other.nodes_usd;
        self.kept_usd += other.kept_usd;
        self.data_usd += other.data_usd;
        self.cost_usd += other.cost_usd;
        self.idle_usd += other.idle_usd;
        self.rework_usd += other.rework_usd;
        self.unbilled_usd += other.unbilled_usd;
    }
}

/// What a run cost whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Showback {
    /// What the rows are.
    pub by: By,
    /// By name.
    pub rows: BTreeMap<String, Row>,
    /// Of jobs that name no project, or no tenant.
    pub unnamed: Row,
    /// What is nobody's by itself: copies that several read, commitments.
    pub shared: Row,
    /// All of it.
    pub total: Row,
}

impl Showback {
    /// Of a run, as far as it is.
    pub fn of(run: &Run, by: By) -> Self {
        let mut book = Booking { run, by, rows: BTreeMap::new(), shared: Row::default() };
        book.plan();
        book.nodes();
        book.tasks();
        book.finished()
    }
}

/// A showback while it is added up; without a name are those of jobs that give none.
struct Booking<'r> {
    run: &'r Run,
    by: By,
    rows: BTreeMap<Option<String>, Row>,
    shared: Row,
}

impl Booking<'_> {
    /// Expected cost and data, as planned.
    fn plan(&mut self) {
        let plan = &self.run.script().plan;
        let clouds: HashMap<&str, &str> = plan.allocations.iter().map(|a| (a.id.as_str(), a.region.cloud())).collect();
        for (placement, data) in plan.placements.iter().zip(data::by_placement(plan)) {
            let job = plan.workload.index_of(&placement.job).unwrap_or_default() as u32;
            let cloud = clouds.get(placement.allocation.as_str()).copied();
            let row = self.row(job, cloud);
            row.planned_usd += placement.expected_cost_usd;
            row.data_usd += data;
        }
        for staging in plan.stagings.iter().filter(|_| self.by == By::Cloud) {
            let usd = staging.egress_usd + staging.storage_usd;
            let row = self.rows.entry(Some(staging.region.cloud().to_owned())).or_default();
            row.planned_usd += usd;
            row.data_usd += usd;
        }
        let planned: Usd = self.rows.values().map(|row| row.planned_usd).sum();
        let data: Usd = self.rows.values().map(|row| row.data_usd).sum();
        self.shared.planned_usd = plan.summary.cost_usd - planned;
        self.shared.data_usd = self.run.script().model().fixed() - data;
    }

    /// Nodes: their bills, and how long nothing ran on them.
    fn nodes(&mut self) {
        let busy = busy(self.run);
        for life in &self.run.state().lives {
            let line = &self.run.state().ledger.lines[life.line as usize];
            let cloud = self.run.script().site(self.run.state().nodes[life.node as usize].home).cloud;
            if life.billed.is_none() {
                self.unbilled(life, &cloud);
                continue;
            }
            let (idle, span) = idle_of(life, busy.get(&life.node).map_or(&[][..], Vec::as_slice));
            for (payer, usd) in line.shares() {
                let row = self.row_of(payer, Some(&cloud));
                row.nodes_usd += usd;
                row.idle_usd += part(usd, idle, span);
            }
        }
    }

    fn unbilled(&mut self, life: &Life, cloud: &str) {
        let line = &self.run.state().ledger.lines[life.line as usize];
        for payer in 0..self.run.script().chart().payers.all().len() as u32 {
            let run_up = line.run_up(self.run.state().now, |p| p == payer) / i128::from(Millis::HOUR.get());
            self.row_of(payer, Some(cloud)).unbilled_usd += Usd::from_nanos(run_up as i64);
        }
    }

    /// Tasks: what they kept, and what of their time was of no use.
    fn tasks(&mut self) {
        let (state, script) = (self.run.state(), self.run.script());
        for (task, planned) in state.tasks.iter().zip(script.tasks()) {
            let cloud = script.site(state.nodes[task.first_node as usize].home).cloud;
            let row = self.row(planned.job, Some(&cloud));
            row.kept_usd += planned.kept.times(task.on_nodes);
            row.rework_usd += planned.on_nodes.times(wasted(task));
        }
    }

    /// The row of a job, or of a cloud.
    fn row(&mut self, job: u32, cloud: Option<&str>) -> &mut Row {
        self.row_of(self.run.script().chart().payers.of_job(job), cloud)
    }

    fn row_of(&mut self, payer: u32, cloud: Option<&str>) -> &mut Row {
        let payer = &self.run.script().chart().payers.all()[payer as usize];
        let name = match self.by {
            By::Project => payer.project.clone(),
            By::Tenant => payer.tenant.clone(),
            By::Cloud => cloud.map(str::to_owned),
        };
        self.rows.entry(name).or_default()
    }

    fn finished(mut self) -> Showback {
        let mut total = Row::default();
        for row in self.rows.values_mut().chain([&mut self.shared]) {
            row.cost_usd = row.nodes_usd + row.kept_usd + row.data_usd;
            total.add(row);
        }
        let unnamed = self.rows.remove(&None).unwrap_or_default();
        let rows = self.rows.into_iter().filter_map(|(name, row)| Some((name?, row))).collect();
        Showback { by: self.by, rows, unnamed, shared: self.shared, total }
    }
}

/// When tasks ran on each node, in order.
fn busy(run: &Run) -> BTreeMap<u32, Vec<(Time, Time)>> {
    let mut busy: BTreeMap<u32, Vec<(Time, Time)>> = BTreeMap::new();
    for stint in &run.state().stints {
        for node in stint.node..stint.node + run.script().task(stint.task).nodes {
            busy.entry(node).or_default().push((stint.from, stint.until));
        }
    }
    busy.values_mut().for_each(|spans| spans.sort_unstable());
    busy
}

/// How long nothing ran on a node in a life of it, and how long that was.
fn idle_of(life: &Life, busy: &[(Time, Time)]) -> (Millis, Millis) {
    let end = life.ended.unwrap_or(life.launched).max(life.launched);
    let (mut idle, mut from) = (Millis::ZERO, life.launched);
    for &(begin, until) in busy {
        let (begin, until) = (begin.clamp(life.launched, end), until.clamp(life.launched, end));
        idle = idle + (begin - from).max(Millis::ZERO);
        from = from.max(until);
    }
    (idle + (end - from), end - life.launched)
}

/// Time of a task on nodes that led to nothing that is left.
fn wasted(task: &Task) -> Millis {
    let useful = match task.phase {
        Phase::Done => task.progress.work,
        Phase::Failed | Phase::Cancelled => Millis::ZERO,
        _ => task.progress.saved,
    };
    (task.on_nodes - useful).max(Millis::ZERO)
}

/// A part of an amount, as one time is of another.
fn part(usd: Usd, of: Millis, whole: Millis) -> Usd {
    let nanos = i128::from(usd.nanos()) * i128::from(of.get()) / i128::from(whole.get().max(1));
    Usd::from_nanos(nanos as i64)
}
