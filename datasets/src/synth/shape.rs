//! A class of jobs: rows drawn from the tables, put together.

use tradewind_core::job::{GpuRequest, Input, Job, Output, Runtime};
use tradewind_core::money::Usd;
use tradewind_core::resources::Resources;
use tradewind_core::size::Bytes;
use tradewind_core::time::{Millis, Time};

use super::chance::Chance;
use super::request::SynthError;
use super::rows::{Data, Dataset, Deadline, GpuKind, Layout, Memory, Project, Reads, Spot};
use super::rules::Rules;
use super::source::Work;
use super::tables::{Tables, Unit};
use super::weighted::Picked;
use crate::error::{DataError, Place};

/// A row of a table of `datasets/synth/` that a class was drawn with.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnRow {
    /// The table, e.g. `spot`.
    pub table: &'static str,
    /// What the row was drawn for, e.g. `Gpu`: rows of one table and group are drawn among each other.
    pub group: String,
    /// Its line, counted from 1 with the header.
    pub line: u64,
    /// Its share of the weights of its group.
    pub share: f64,
}

/// The rows a class is made of.
pub(crate) struct Shape<'t> {
    pub(crate) work: Work,
    project: Picked<'t, Project>,
    layout: Picked<'t, Layout>,
    kind: Demand<'t>,
    spread: Picked<'t, u64>,
    deadline: Picked<'t, Option<Deadline>>,
    spot: Picked<'t, Spot>,
    data: Picked<'t, Data>,
    /// Where the data row asks for one.
    dataset: Option<Picked<'t, Dataset>>,
    budget: Picked<'t, Option<u64>>,
}

/// What each vCPU or GPU comes with.
enum Demand<'t> {
    Cpu(Picked<'t, Memory>),
    Gpu(Picked<'t, GpuKind>),
}

impl<'t> Shape<'t> {
    /// Draws a row of every table.
    ///
    /// # Errors
    /// A size of the log that no layout has; the other names were held together at load.
    pub(crate) fn draw(tables: &'t Tables, work: Work, chance: Chance) -> Result<Self, SynthError> {
        let unit = work.unit;
        let layouts = tables.layouts.get(&(unit, work.size)).ok_or_else(|| no_layout(work))?;
        let layout = layouts.pick(chance.bits("synth layout"));
        let kind = match unit {
            Unit::Cpu => Demand::Cpu(tables.memory.pick(chance.bits("synth memory"))),
            Unit::Gpu => Demand::Gpu(tables.gpus[&layout.per_node].pick(chance.bits("synth gpu"))),
        };
        let project = tables.projects.pick(chance.bits("synth project"));
        let data = tables.data[&unit].pick(chance.bits("synth data"));
        let is_shared = data.input == Reads::Shared;
        let dataset = is_shared.then(|| tables.datasets[&project.name].pick(chance.bits("synth dataset")));
        Ok(Self {
            work,
            layout,
            kind,
            project,
            spread: tables.spreads.pick(chance.bits("synth spread")),
            deadline: tables.deadlines.pick(chance.bits("synth deadline")),
            spot: tables.spot[&unit].pick(chance.bits("synth spot")),
            data,
            dataset,
            budget: tables.budgets.pick(chance.bits("synth budget")),
        })
    }

    /// The class as a job that arrives at `submit`.
    pub(crate) fn job(&self, id: String, submit: Time, rules: &Rules) -> Job {
        let runtime = self.runtime(rules);
        let mut job = Job::new("", self.demand(), runtime);
        job.id = id;
        job.submit = Some(submit);
        job.nodes = self.layout.nodes;
        job.project = Some(self.project.name.clone());
        job.priority = self.project.priority;
        job.residency = self.project.residency.iter().cloned().collect();
        match &self.kind {
            Demand::Cpu(memory) => {
                job.arch.clone_from(&memory.arch);
                job.burstable = memory.burstable;
            }
            Demand::Gpu(kind) => {
                let (model, alternatives) = (kind.model.clone(), kind.alternatives.clone());
                job.gpu = Some(GpuRequest { model, count: self.layout.per_node, alternatives });
            }
        }
        job.interruptible = self.spot.interruptible;
        job.checkpoint.clone_from(&self.spot.checkpoint);
        self.put_data(&mut job);
        if let Some(deadline) = *self.deadline {
            let slack = runtime.p95.get() * deadline.slack_percent as i64 / 100;
            let end = submit + rules.deadline_floor + Millis::new(slack);
            job.deadline = Some(Time::from_ms(up_to(end.ms(), 60_000)));
            job.max_miss_probability = deadline.max_miss_probability;
        }
        job.budget = self.budget.map(|factor| self.price(factor, runtime.p50, rules));
        job
    }

    /// Median within the rules, the 95th percentile in whole seconds.
    fn runtime(&self, rules: &Rules) -> Runtime {
        let p50 = Millis::from_secs(self.work.runtime_s as i64).clamp(rules.runtime_min, rules.runtime_max);
        Runtime { p50, p95: Millis::new(up_to(p50.get() * *self.spread as i64 / 100, 1000)) }
    }

    /// What each node needs.
    fn demand(&self) -> Resources {
        let n = u64::from(self.layout.per_node);
        match &self.kind {
            Demand::Cpu(memory) => {
                Resources { vcpu_milli: n * 1000, memory_mib: n * memory.mib_per_vcpu, gpu_milli: 0 }
            }
            Demand::Gpu(kind) => Resources {
                vcpu_milli: n * kind.vcpus * 1000,
                memory_mib: n * kind.memory_gib * 1024,
                gpu_milli: n * 1000,
            },
        }
    }

    fn put_data(&self, job: &mut Job) {
        let location = &self.project.home;
        let input = |dataset, size| Input { dataset, location: location.clone(), size };
        match (self.data.input, &self.dataset) {
            (Reads::Private(size), _) => job.inputs.push(input(None, size)),
            (Reads::Shared, Some(set)) => job.inputs.push(input(Some(set.name.clone()), set.size)),
            _ => {}
        }
        if self.data.output > Bytes::ZERO {
            job.outputs.push(Output { location: location.clone(), size: self.data.output });
        }
        job.disk = self.data.disk;
    }

    /// `factor` hundredths of the reference price, its floor and what it moves, up to the next cent.
    fn price(&self, factor: u64, time: Millis, rules: &Rules) -> Usd {
        let hourly = match &self.kind {
            Demand::Cpu(_) => rules.usd_per_vcpu_hour,
            Demand::Gpu(kind) => kind.hourly,
        };
        let size = i128::from(self.layout.nodes) * i128::from(self.layout.per_node);
        let compute = i128::from(hourly.nanos()) * size * i128::from(time.get()) * i128::from(factor) / 360_000_000;
        let input = match (self.data.input, &self.dataset) {
            (Reads::Private(size), _) => size.get(),
            (_, Some(set)) => set.size.get(),
            _ => 0,
        };
        let moved =
            i128::from(input + self.data.output.get()) * i128::from(rules.budget_per_gb.nanos()) / 1_000_000_000;
        let nanos = i128::from(rules.budget_floor.nanos()) + compute + moved;
        Usd::from_nanos(up_to(nanos as i64, 10_000_000))
    }

    /// The rows by table, for those who check the shares.
    pub(crate) fn rows(&self) -> Vec<DrawnRow> {
        fn row<T>(table: &'static str, group: impl ToString, picked: &Picked<'_, T>) -> DrawnRow {
            DrawnRow { table, group: group.to_string(), line: picked.line, share: picked.share }
        }
        let unit = format!("{:?}", self.work.unit);
        let mut rows = vec![
            row("projects", "", &self.project),
            row("layouts", format!("{unit} {}", self.work.size), &self.layout),
            row("spreads", "", &self.spread),
            row("deadlines", "", &self.deadline),
            row("spot", &unit, &self.spot),
            row("data", &unit, &self.data),
            row("budgets", "", &self.budget),
            match &self.kind {
                Demand::Cpu(memory) => row("memory", "", memory),
                Demand::Gpu(kind) => row("gpus", self.layout.per_node, kind),
            },
        ];
        rows.extend(self.dataset.as_ref().map(|set| row("datasets", &self.project.name, set)));
        rows
    }
}

fn no_layout(work: Work) -> SynthError {
    let place = Place { file: "synth/layouts.csv".to_owned(), line: None, column: Some("size".to_owned()) };
    let got = format!("{} {:?} without a row", work.size, work.unit);
    DataError::inconsistent(place, got, "a layout for every size of the log", "add the row").into()
}

/// The next multiple of `step`; `value` is not negative.
fn up_to(value: i64, step: i64) -> i64 {
    (value + step - 1) / step * step
}
