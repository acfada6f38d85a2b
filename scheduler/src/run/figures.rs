//! A run in figures: what it did, what it cost, beside what the plan says.

use serde::Serialize;
use tradewind_core::money::Usd;
use tradewind_core::time::Time;
use tradewind_sim::plan::{Span, What};

use super::Run;
use super::task::Phase;

/// Tasks by what is known of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct JobCount {
    /// Not started, or between two stints.
    pub waiting: u32,
    /// Running.
    pub running: u32,
    /// Done.
    pub done: u32,
    /// Failed.
    pub failed: u32,
    /// Cancelled.
    pub cancelled: u32,
}

/// A run in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Its time.
    pub at: Time,
    /// Tasks.
    pub tasks: JobCount,
    /// Nodes that are there.
    pub nodes: u32,
    /// Launches so far.
    pub launches: u32,
    /// Nodes that the clouds took back.
    pub interruptions: u32,
    /// Tasks that left spot.
    pub moved: u32,
    /// Tasks that ended after their deadline, or did not end.
    pub missed: u32,
    /// Tasks that are not over and will be late if nothing more goes wrong.
    pub at_risk: u32,
    /// Bills of the clouds.
    pub billed_usd: Usd,
    /// Disks and checkpoints, by the time that tasks were on nodes.
    pub kept_usd: Usd,
    /// Data moved, copies kept, commitments: as planned.
    pub fixed_usd: Usd,
    /// All of it.
    pub cost_usd: Usd,
}

impl Run {
    /// Its figures.
    pub fn figures(&self) -> Figures {
        let (state, script) = (&self.state, &self.script);
        let billed: Usd = state.lives.iter().filter_map(|l| l.billed).sum();
        let kept = |(t, task): (&super::task::Task, &tradewind_sim::plan::PlannedTask)| task.kept.times(t.on_nodes);
        let kept: Usd = state.tasks.iter().zip(script.tasks()).map(kept).sum();
        let fixed = script.model().fixed();
        Figures {
            at: state.now,
            tasks: self.tasks_by_phase(),
            nodes: state.nodes.iter().filter(|n| n.life.is_some()).count() as u32,
            launches: state.lives.len() as u32,
            interruptions: state.lives.iter().filter(|l| l.lost).count() as u32,
            moved: state.tasks.iter().filter(|t| t.moved).count() as u32,
            missed: self.missed(),
            at_risk: self.at_risk(),
            billed_usd: billed,
            kept_usd: kept,
            fixed_usd: fixed,
            cost_usd: billed + kept + fixed,
        }
    }

    fn tasks_by_phase(&self) -> JobCount {
        let mut count = JobCount::default();
        for task in &self.state.tasks {
            *match task.phase {
                Phase::Waiting | Phase::Stopping(_) => &mut count.waiting,
                Phase::Asked | Phase::Running => &mut count.running,
                Phase::Done => &mut count.done,
                Phase::Failed => &mut count.failed,
                Phase::Cancelled => &mut count.cancelled,
            } += 1;
        }
        count
    }

    fn missed(&self) -> u32 {
        let is_late = |(t, task): (u32, &super::task::Task)| {
            let deadline = self.script.deadline(t)?;
            let done = task.ended.filter(|_| task.phase == Phase::Done);
            Some(done.map_or(task.phase.is_over() || self.state.now > deadline, |end| end > deadline))
        };
        (0..).zip(&self.state.tasks).filter_map(is_late).filter(|late| *late).count() as u32
    }

    fn at_risk(&self) -> u32 {
        let is_late = |(t, task): (u32, &super::task::Task)| {
            let deadline = self.script.deadline(t).filter(|_| !task.phase.is_over())?;
            let began = if task.phase == Phase::Running { task.began } else { self.state.now };
            let takes = self.script.rhythm(t, task.moved).takes(task.progress.left());
            (began + takes > deadline).then_some(())
        };
        (0..).zip(&self.state.tasks).filter_map(is_late).count() as u32
    }

    /// What was done as a timeline, in order of nodes and time: the same that the simulator tells of a replication.
    pub fn timeline(&self) -> Vec<Span> {
        let start = self.script.plan.rules.horizon.start;
        let since = |at: Time| (at - start).get();
        let life = |l: &super::node::Life| {
            let billed = l.billed?.nanos();
            let (from, until) = (since(l.launched), since(l.ended?));
            Some(Span { node: l.node, from, until, what: What::Node { lost: l.lost, billed } })
        };
        let stint = |s: &super::state::Stint| {
            let what = What::Run { task: s.task, cut: s.cut };
            Span { node: s.node, from: since(s.from), until: since(s.until), what }
        };
        let mut spans: Vec<Span> = self.state.lives.iter().filter_map(life).collect();
        spans.extend(self.state.stints.iter().map(stint));
        spans.sort_unstable();
        spans
    }
}
