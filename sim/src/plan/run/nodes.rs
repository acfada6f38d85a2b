//! Nodes in a replication: launched, refused, lost.

use super::Run;
use super::surroundings::Loss;
use crate::draws::Draws;
use crate::plan::model::Model;
use crate::plan::queue::Event;
use crate::plan::state::NodeState;

/// How far ahead the life of a node is looked at, at the least: an hour.
const FIRST_LOOK: i64 = 3_600_000;

impl Run {
    /// Launches a node, after the outage if its region is out; not one that tasks left while it was down.
    pub(super) fn launch(&mut self, model: &Model, draws: &Draws, node: u32) {
        let n = &self.nodes[node as usize];
        if n.left == 0 {
            return;
        }
        let mut out = model.outages.iter().filter(|o| (o.from..o.until).contains(&self.now));
        if let Some(out) = out.find(|o| o.region == model.machines[n.machine as usize].region) {
            return self.queue.at(out.until, Event::Launch { node });
        }
        let turn = if n.has_turn { self.now } else { self.around.turn(model, n.site, self.now) };
        self.nodes[node as usize].has_turn = turn > self.now;
        if turn > self.now {
            return self.queue.at(turn, Event::Launch { node });
        }
        let n = &mut self.nodes[node as usize];
        if n.known <= self.now {
            match self.around.refuses(model, draws, n, self.now) {
                Some(until) => n.known = until,
                None => return self.let_in(model, draws, node),
            }
        }
        self.refuse(model, draws, node);
    }

    /// A launch that nothing stands in the way of.
    fn let_in(&mut self, model: &Model, draws: &Draws, node: u32) {
        let n = &self.nodes[node as usize];
        let machine = &model.machines[n.machine as usize];
        let boot = self.firsts.boot(model, draws, node, n);
        self.around.take(model, n);
        let n = &mut self.nodes[node as usize];
        let as_planned = n.attempt == 0 && n.launched == self.now;
        (n.up, n.launched, n.ready, n.busy) = (true, self.now, self.now + boot, 0);
        (n.free, n.refusals[0]) = (machine.capacity, 0);
        n.tells = !n.waiting.is_empty();
        if n.tells {
            self.queue.at(n.ready, Event::Ready { node });
        }
        let planned = n.until - self.now;
        self.look(model, draws, node, self.now + (planned + planned / 4).max(FIRST_LOOK));
        let n = &self.nodes[node as usize];
        if self.is_eager || !as_planned || n.lives_until() <= n.until.max(n.ready) || !n.waiting.is_empty() {
            self.arm(model, node);
        }
    }

    /// Looks until when a node lives that was launched, but not beyond an instant: most are given back before, and what
    /// would become of them need not be known. Who watches one job wants to know all.
    fn look(&mut self, model: &Model, draws: &Draws, node: u32, until: i64) {
        let n = &self.nodes[node as usize];
        let until = if self.watch.is_some() || self.is_eager { model.patience } else { until };
        let uniform = || self.firsts.life(draws, node, n);
        let Loss { at, known } = self.around.loss(model, n, uniform, [n.launched, until]);
        let n = &mut self.nodes[node as usize];
        (n.dies, n.known, n.armed) = (at.max(self.now), known, false);
    }

    /// Makes the loss of a node an event, or that more of its life is looked at. Not before somebody may meet it: tasks
    /// that run beyond it, or wait for their start. While neither is so the node is given back first, or the plan has
    /// starts to come.
    pub(super) fn arm(&mut self, model: &Model, node: u32) {
        let n = &mut self.nodes[node as usize];
        if !n.up || n.armed {
            return;
        }
        n.armed = true;
        if n.dies <= model.patience {
            self.queue.at(n.dies.max(self.now), Event::Lost { node });
        } else if n.known < i64::MAX {
            self.queue.at(n.known.max(self.now), Event::Look { node });
        }
    }

    /// A node is there for longer than was looked ahead.
    pub(super) fn look_again(&mut self, model: &Model, draws: &Draws, node: u32) {
        let n = &self.nodes[node as usize];
        if n.up && n.known == self.now {
            self.look(model, draws, node, self.now + 3 * (self.now - n.launched));
            self.arm(model, node);
        }
    }

    /// A launch is refused: it is tried again after a pause, or before, when a task that waits has to leave spot.
    fn refuse(&mut self, model: &Model, draws: &Draws, node: u32) {
        let n = &mut self.nodes[node as usize];
        let pause = model.pause(n.refusals[0]);
        n.refusals = n.refusals.map(|count| count + 1);
        self.outcome.refusals += 1;
        let (mut again, mut first) = (self.now + pause, 0);
        let waits = |run: &Self, place| run.lines.get(run.nodes[node as usize].waiting, place);
        while model.may_move
            && let Some(task) = waits(self, first)
        {
            match self.leaves_by(model, task) {
                Some(at) if at <= self.now => self.leave_spot(model, draws, task),
                Some(at) => again = again.min(at),
                None => {}
            }
            first += 1;
        }
        self.queue.at(again, Event::Launch { node });
    }

    /// A node is gone: its tasks stop, its life is billed, and it is launched again if tasks need it.
    pub(super) fn lose(&mut self, model: &Model, draws: &Draws, node: u32) {
        self.outcome.interruptions += 1;
        let stopped: Vec<u32> = self.lines.tasks(self.nodes[node as usize].running).collect();
        for &task in &stopped {
            self.stop(model, task);
        }
        self.bill(model, node, true);
        self.nodes[node as usize].attempt += 1;
        // Those that leave are taken off the node before it is launched again.
        let must_leave = |&t: &u32| self.leaves_by(model, t).is_some_and(|at| at <= self.now);
        let (leaving, staying): (Vec<u32>, Vec<u32>) = stopped.into_iter().partition(must_leave);
        for task in leaving {
            self.leave_spot(model, draws, task);
        }
        for task in staying {
            self.queue_up(model, task);
        }
        if self.nodes[node as usize].left > 0 {
            self.queue.at(self.now, Event::Launch { node });
        }
    }

    /// Loses all nodes of a kind.
    pub(super) fn lose_where(&mut self, model: &Model, draws: &Draws, is_lost: impl Fn(&Model, &NodeState) -> bool) {
        for node in (0..self.nodes.len() as u32).map(|number| model.order.node(number)) {
            let n = &self.nodes[node as usize];
            if n.up && is_lost(model, n) {
                self.lose(model, draws, node);
            }
        }
    }

    /// A tight spell begins: some of the nodes that it concerns are lost at once.
    pub(super) fn tighten(&mut self, model: &Model, draws: &Draws, spells: u32) {
        let (number, next) = self.around.tight_now(spells, self.now);
        if let Some(at) = next {
            self.queue.at(at, Event::Tight { spells });
        }
        let behind = model.nodes.len() as u32..self.nodes.len() as u32;
        for node in model.under[spells as usize].iter().copied().chain(behind) {
            let n = &self.nodes[node as usize];
            let concerned = n.up && model.sites.get(n.site).is_some_and(|site| site.spells.contains(&spells));
            if concerned && self.around.is_lost(draws, n, spells, number) {
                self.lose(model, draws, node);
            }
        }
    }

    /// A quota is cut: the newest nodes under it are lost until the rest fits.
    pub(super) fn cut(&mut self, model: &Model, draws: &Draws, quota: u32) {
        if self.around.fits(model, quota, None, self.now) {
            return;
        }
        let holds = |n: &NodeState| n.up && model.sites.get(n.site).is_some_and(|site| site.cuts.contains(&quota));
        let all = (0..).zip(&self.nodes).filter(|(_, n)| holds(n));
        let mut newest: Vec<(i64, u32)> = all.map(|(i, n)| (n.launched, model.order.number(i))).collect();
        newest.sort_unstable();
        // None is launched under it meanwhile; some may be given back as a task leaves them.
        while let Some((_, node)) = newest.pop().filter(|_| !self.around.fits(model, quota, None, self.now)) {
            let node = model.order.node(node);
            if self.nodes[node as usize].up {
                self.lose(model, draws, node);
            }
        }
    }
}
