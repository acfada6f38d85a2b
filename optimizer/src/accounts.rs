//! The schedule as allocations and placements with exact money: what the plan file will say.

use std::collections::BTreeMap;

use tradewind_core::cost::{self, Busy};
use tradewind_core::fallback::Behind;
use tradewind_core::money::Usd;
use tradewind_core::plan::CostBreakdown;
use tradewind_core::work::TaskLaw;

use crate::problem::Problem;
use crate::schedule::{Node, Part, Schedule};

/// Nodes bought together: same offer and times, or one gang.
#[derive(Debug)]
pub(crate) struct Group {
    /// Indices of the nodes in the schedule.
    pub nodes: Vec<usize>,
    /// Whether a gang runs on it.
    pub gang: bool,
    /// Expected bill of all of them.
    pub bill: Usd,
}

/// Tasks of one job on nodes of a group.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The class.
    pub class: usize,
    /// The job.
    pub job: usize,
    /// First and last task.
    pub tasks: [u32; 2],
    /// Index of the group.
    pub group: usize,
    /// First and last node in the group.
    pub nodes: [u32; 2],
    /// Where the first of its parts is: node and part in the schedule.
    pub at: (usize, usize),
    /// The part's times.
    pub part: Part,
    /// Share of the nodes' bills.
    pub share: Usd,
    /// Own cost and share.
    pub cost: Usd,
}

/// The accounts of a schedule.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// Capacity to buy.
    pub groups: Vec<Group>,
    /// Tasks on it.
    pub entries: Vec<Entry>,
    /// Copies of datasets: (dataset, region) and the mean end of their last reader.
    pub copies: BTreeMap<(usize, u16), i64>,
    /// Cost by cause.
    pub cost: CostBreakdown,
}

impl Accounts {
    /// Draws up the accounts. Deterministic: nodes in order of offer and time, tasks in order of job.
    pub fn new(schedule: &Schedule<'_, '_>) -> Self {
        let mut accounts = Self::default();
        accounts.cost.commitment_usd = schedule.problem.market.owed(schedule.problem.rules.horizon);
        accounts.group_nodes(schedule);
        accounts.name_tasks(schedule);
        accounts.bill_nodes(schedule);
        accounts.add_own_costs(schedule);
        accounts.add_copies(schedule.problem);
        accounts
    }

    fn group_nodes(&mut self, schedule: &Schedule<'_, '_>) {
        let key = |n: &Node| {
            let parts: Vec<(usize, i64)> =
                sorted_parts(n).iter().map(|&p| (n.parts[p].class, n.parts[p].start)).collect();
            let gang = n.parts.iter().find_map(|p| p.gang);
            (n.offer, n.launch, n.end, n.held, gang, parts)
        };
        let mut order: Vec<(usize, &Node)> = schedule.living().collect();
        order.sort_by_cached_key(|(i, n)| (key(n), *i));
        let mut last = None;
        for (i, node) in order {
            let gang = node.parts.iter().find_map(|p| p.gang);
            let same = (node.offer, node.launch, node.end, node.held, gang);
            if last != Some(same) {
                self.groups.push(Group { nodes: Vec::new(), gang: gang.is_some(), bill: Usd::ZERO });
                last = Some(same);
            }
            if let Some(group) = self.groups.last_mut() {
                group.nodes.push(i);
            }
        }
    }

    /// Gives each part a task of a job of its class, in order; equal neighbours on a node become one entry.
    fn name_tasks(&mut self, schedule: &Schedule<'_, '_>) {
        let problem = schedule.problem;
        let mut next: Vec<(usize, u32)> = vec![(0, 0); problem.classes.len()];
        let mut take = |class: usize| {
            let (which, task) = &mut next[class];
            let jobs = &problem.classes[class].jobs;
            while *task >= problem.workload.jobs()[jobs[*which]].count {
                *which += 1;
                *task = 0;
            }
            *task += 1;
            (jobs[*which], *task - 1)
        };
        let mut gangs = std::collections::BTreeSet::new();
        for (g, group) in self.groups.iter().enumerate() {
            for (n, &i) in group.nodes.iter().enumerate() {
                let Some(node) = &schedule.nodes[i] else { continue };
                for p in sorted_parts(node) {
                    let part = node.parts[p];
                    let n = n as u32;
                    let nodes = match part.gang {
                        Some(gang) if !gangs.insert(gang) => continue,
                        Some(_) => [n, n + problem.classes[part.class].nodes - 1],
                        None => [n, n],
                    };
                    let (job, task) = take(part.class);
                    if let Some(last) = self.entries.last_mut() {
                        let same = last.group == g && last.nodes == nodes && last.part == part && part.gang.is_none();
                        if same && last.job == job && last.tasks[1] + 1 == task {
                            last.tasks[1] = task;
                            continue;
                        }
                    }
                    let (share, cost) = (Usd::ZERO, Usd::ZERO);
                    let at = (i, p);
                    self.entries.push(Entry {
                        class: part.class,
                        job,
                        tasks: [task, task],
                        group: g,
                        nodes,
                        at,
                        part,
                        share,
                        cost,
                    });
                }
            }
        }
    }

    fn bill_nodes(&mut self, schedule: &Schedule<'_, '_>) {
        let problem = schedule.problem;
        let mut on_node: Vec<Vec<Vec<usize>>> = self.groups.iter().map(|g| vec![Vec::new(); g.nodes.len()]).collect();
        for (e, entry) in self.entries.iter().enumerate() {
            for n in entry.nodes[0]..=entry.nodes[1] {
                for _ in entry.tasks[0]..=entry.tasks[1] {
                    on_node[entry.group][n as usize].push(e);
                }
            }
        }
        for (g, nodes) in on_node.iter().enumerate() {
            for (n, entries) in nodes.iter().enumerate() {
                let Some(node) = &schedule.nodes[self.groups[g].nodes[n]] else { continue };
                let pool = &problem.pools[problem.pool_of[node.offer] as usize];
                let mut busy = Vec::with_capacity(entries.len());
                let mut weights = Vec::with_capacity(entries.len());
                for &e in entries {
                    let entry = &self.entries[e];
                    let law = law(schedule, node, &entry.part);
                    busy.push(Busy { start: problem.time(entry.part.start), mean: law.mean, useful: law.useful });
                    weights.push(cost::share_weight(pool.reference, &problem.workload.jobs()[entry.job], law));
                }
                let offer = &problem.market.offers[node.offer];
                let bill =
                    cost::node_bill(problem.market, offer, problem.time(node.launch), problem.time(node.end), &busy);
                self.groups[g].bill += bill.total();
                self.cost.compute_usd += bill.compute;
                self.cost.rework_usd += bill.rework;
                self.cost.boot_usd += bill.boot;
                self.cost.idle_usd += bill.idle;
                self.cost.address_usd += bill.address;
                for (&e, share) in entries.iter().zip(cost::split(bill.total(), &weights)) {
                    self.entries[e].share += share;
                }
            }
        }
    }

    fn add_own_costs(&mut self, schedule: &Schedule<'_, '_>) {
        let problem = schedule.problem;
        for entry in &mut self.entries {
            let Some(node) = &schedule.nodes[entry.at.0] else { continue };
            let region = problem.market.offers[node.offer].region;
            let law = law(schedule, node, &entry.part);
            let job = &problem.workload.jobs()[entry.job];
            let own = cost::own_cost(problem.market, region, job, law, behind(schedule, node, &entry.part))
                .unwrap_or_default();
            let tasks = i64::from(entry.tasks[1] - entry.tasks[0]) + 1;
            let times = |usd: Usd| Usd::from_nanos(usd.nanos().saturating_mul(tasks));
            entry.cost = times(own.total()) + entry.share;
            self.cost.egress_usd += times(own.egress);
            self.cost.disk_usd += times(own.disk);
            self.cost.storage_usd += times(own.storage);
            self.cost.fallback_usd += times(own.fallback);
            for &d in &problem.classes[entry.class].datasets {
                if problem.datasets[d].home != region {
                    let until = self.copies.entry((d, region)).or_insert(entry.part.end);
                    *until = (*until).max(entry.part.end);
                }
            }
        }
    }

    fn add_copies(&mut self, problem: &Problem<'_>) {
        for (&(d, r), &until) in &self.copies {
            let price = copy_cost(problem, d, r, until);
            self.cost.egress_usd += price.egress;
            self.cost.storage_usd += price.storage;
        }
    }
}

/// The cost of a copy staged from the horizon's start and kept until `until`.
pub(crate) fn copy_cost(problem: &Problem<'_>, dataset: usize, region: u16, until: i64) -> cost::StagingCost {
    let d = &problem.datasets[dataset];
    let (start, until) = (problem.time(0), problem.time(until));
    cost::staging_cost(problem.market, d.home, region, d.size, start, until).unwrap_or_default()
}

/// The law of a part on a node.
pub(crate) fn law<'p>(schedule: &Schedule<'p, '_>, node: &Node, part: &Part) -> &'p TaskLaw {
    let problem = schedule.problem;
    let pool = problem.pool_of[node.offer];
    let choice = schedule.choice_in(part.class, pool).expect("a part runs where its class may run");
    &problem.classes[part.class].laws[usize::from(choice.law)]
}

/// What stands behind a part on a node.
pub(crate) fn behind<'a>(schedule: &Schedule<'_, 'a>, node: &Node, part: &Part) -> Option<Behind<'a>> {
    let problem = schedule.problem;
    let choice = schedule.choice_in(part.class, problem.pool_of[node.offer])?;
    problem.behind(&problem.classes[part.class], choice)
}

/// The parts of a node by class and start, so that equal ones are neighbours.
fn sorted_parts(node: &Node) -> Vec<usize> {
    let mut order: Vec<usize> = (0..node.parts.len()).collect();
    order.sort_by_key(|&p| (node.parts[p].class, node.parts[p].start, node.parts[p].gang, p));
    order
}
