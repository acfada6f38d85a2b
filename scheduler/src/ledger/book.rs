//! The ledger: lines that are open, accounts that are settled, limits and where they stand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::time::{Millis, Time};

use super::chart::Chart;
use super::limit::Limit;
use super::line::Line;

/// What a payer was billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    /// For nodes, by the clouds.
    pub nodes: Usd,
    /// For disks and checkpoints, by the time that tasks were on nodes.
    pub kept: Usd,
}

/// What became of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// When its soft share was spent: what is not critical was frozen.
    pub frozen: Option<Time>,
    /// When all of it was spent: what ran was ended.
    pub stopped: Option<Time>,
}

/// When a project was told to cost more than was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dearer {
    /// When.
    pub at: Time,
    /// What it had cost by then.
    pub cost: Usd,
}

/// What is remembered of projects that are held against the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Projects {
    /// When they were looked at last.
    pub looked: Time,
    /// When they are to be looked at next.
    pub alarm: Option<Time>,
    /// Those that were told, by name.
    pub dearer: BTreeMap<String, Dearer>,
}

/// What a payer has spent, and how fast he spends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Billed, and data as planned.
    pub settled: Usd,
    /// Run up since, in billionths of a dollar times the milliseconds of an hour.
    pub run_up: i128,
    /// Nano-dollars an hour.
    pub slope: i128,
}

impl Sum {
    /// All of it, rounded up.
    pub fn cost(&self) -> Usd {
        self.settled + rounded_up(self.run_up)
    }
}

/// The ledger of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Launches that were answered, in their order.
    pub lines: Vec<Line>,
    /// Launches that are asked for, by node.
    asked: BTreeMap<u32, Line>,
    /// What tasks on nodes keep, by task.
    kept: BTreeMap<u32, Line>,
    /// Lines without a bill.
    open: BTreeSet<u32>,
    /// What each payer was billed.
    pub accounts: Vec<Account>,
    /// Where each limit stands.
    pub standings: Vec<Standing>,
    /// Nodes whose launch waits for money, each with the number of the limit that has no room.
    pub held: BTreeMap<u32, u32>,
    /// Whether money came back, or a launch began to wait, since those that wait were looked at.
    pub has_changed: bool,
    /// When a limit is reached next, as things are.
    pub alarm: Option<Time>,
    /// What the last nodes that are over cost, in millionths of what was planned for each.
    pub over_plan: VecDeque<i64>,
    /// Allocations of which a node was told that cost far more.
    pub unusual: BTreeSet<u32>,
    /// Projects against the plan.
    pub projects: Projects,
}

/// Milliseconds of an hour: what is run up by the hour is counted in billionths of a dollar times these.
const HOUR: i128 = Millis::HOUR.get() as i128;

impl Ledger {
    /// Before anything is spent.
    pub fn new(chart: &Chart) -> Self {
        Self {
            accounts: vec![Account::default(); chart.payers.all().len()],
            standings: vec![Standing::default(); chart.limits.len()],
            ..Self::default()
        }
    }

    /// A launch of a node is asked for.
    pub fn ask(&mut self, node: u32, line: Line) {
        self.asked.insert(node, line);
    }

    /// It was not launched.
    pub fn give_back(&mut self, node: u32) {
        self.has_changed |= self.asked.remove(&node).is_some();
    }

    /// It was launched, at a price: the number of its line.
    pub fn begin(&mut self, node: u32, since: Time, price: UsdPerHour) -> Option<u32> {
        let mut line = self.asked.remove(&node)?;
        line.terms[0].from = since;
        line.reprice(price);
        Some(self.enter(line))
    }

    /// Something is there that was not asked for any more.
    pub fn enter(&mut self, line: Line) -> u32 {
        let number = self.lines.len() as u32;
        self.open.insert(number);
        self.lines.push(line);
        number
    }

    /// A node is needed no more: no more is set aside for it than it costs until its cloud says that it has ended.
    pub fn release(&mut self, line: u32, at: Time) {
        let released = &mut self.lines[line as usize];
        released.worst_until = released.worst_until.min(at);
        self.has_changed = true;
    }

    /// A node has ended; its bill will come.
    pub fn end(&mut self, line: u32, at: Time) {
        self.lines[line as usize].until = Some(at);
    }

    /// The bill of a node that has ended.
    pub fn settle(&mut self, line: u32, bill: Usd) {
        if self.open.remove(&line) {
            self.has_changed = true;
            let settled = &mut self.lines[line as usize];
            settled.billed = Some(bill);
            for (payer, usd) in settled.shares() {
                self.accounts[payer as usize].nodes += usd;
            }
        }
    }

    /// A task is on nodes, and keeps disks and checkpoints there.
    pub fn keep(&mut self, task: u32, line: Line) {
        self.kept.insert(task, line);
    }

    /// It is no more: what they cost.
    pub fn kept(&mut self, task: u32, payer: u32, cost: Usd) {
        self.kept.remove(&task);
        self.accounts[payer as usize].kept += cost;
    }

    /// Whom a limit stops pays no more for what others use too.
    pub fn hand_over(&mut self, at: Time, limit: &Limit) {
        let open = self.open.iter().map(|&n| n as usize).collect::<Vec<_>>();
        for n in open {
            self.lines[n].hand_over(at, |payer| limit.counts(payer));
        }
        self.asked.values_mut().for_each(|line| line.hand_over(at, |payer| limit.counts(payer)));
    }

    /// What a limit's payers have spent: what is billed, and what has run up since, rounded up.
    pub fn spent(&self, chart: &Chart, limit: &Limit, at: Time) -> Usd {
        self.sum(chart, limit, |line| line.run_up(at, |payer| limit.counts(payer)))
    }

    /// What they have spent, or may at the worst for all that is launched or asked for; rounded up.
    pub fn committed(&self, chart: &Chart, limit: &Limit, at: Time) -> Usd {
        self.sum(chart, limit, |line| line.at_worst(at, |payer| limit.counts(payer)))
    }

    /// What a line that is not in the ledger may cost them.
    pub fn worst_of(line: &Line, limit: &Limit, at: Time) -> Usd {
        rounded_up(line.at_worst(at, |payer| limit.counts(payer)))
    }

    /// When they will have spent an amount, as things are; nothing where it does not run up.
    pub fn reaches(&self, chart: &Chart, limit: &Limit, amount: Usd, at: Time) -> Option<Time> {
        let slope: i128 = self.unbilled().map(|line| line.slope(|payer| limit.counts(payer))).sum();
        let spent = self.settled(chart, limit)
            + self.unbilled().map(|line| line.run_up(at, |payer| limit.counts(payer))).sum::<i128>();
        let left = i128::from(amount.nanos()) * HOUR - spent;
        (slope > 0).then(|| {
            at + Millis::new(i64::try_from((left + slope - 1).div_euclid(slope).max(1)).unwrap_or(i64::MAX / 4))
        })
    }

    /// Whether they have spent an amount.
    pub fn has_reached(&self, chart: &Chart, limit: &Limit, amount: Usd, at: Time) -> bool {
        let run_up: i128 = self.unbilled().map(|line| line.run_up(at, |payer| limit.counts(payer))).sum();
        let spent = self.settled(chart, limit) + run_up;
        spent > 0 && spent >= i128::from(amount.nanos()) * HOUR
    }

    /// What each payer has spent, by number: what is billed, the data, and what runs and keeps disks now.
    pub fn by_payer(&self, chart: &Chart, at: Time) -> Vec<Sum> {
        let settled = |(account, data): (&Account, &Usd)| account.nodes + account.kept + *data;
        let settled = self.accounts.iter().zip(&chart.data).map(settled);
        let mut sums: Vec<Sum> = settled.map(|settled| Sum { settled, ..Sum::default() }).collect();
        let running = self.open.iter().map(|&n| &self.lines[n as usize]).chain(self.kept.values());
        for line in running {
            line.each_run_up(at, |payer, amount| sums[payer as usize].run_up += amount);
            line.each_slope(|payer, rate| sums[payer as usize].slope += rate);
        }
        sums
    }

    fn sum(&self, chart: &Chart, limit: &Limit, of: impl Fn(&Line) -> i128) -> Usd {
        rounded_up(self.settled(chart, limit) + self.unbilled().map(of).sum::<i128>())
    }

    /// What is billed, and the data, in billionths of a dollar times the milliseconds of an hour.
    fn settled(&self, chart: &Chart, limit: &Limit) -> i128 {
        let accounts = (0..).zip(&self.accounts).filter(|(payer, _)| limit.counts(*payer));
        let nanos =
            |(payer, account): (u32, &Account)| (account.nodes + account.kept + chart.data[payer as usize]).nanos();
        accounts.map(|account| i128::from(nanos(account))).sum::<i128>() * HOUR
    }

    fn unbilled(&self) -> impl Iterator<Item = &Line> {
        let open = self.open.iter().map(|&n| &self.lines[n as usize]);
        open.chain(self.asked.values()).chain(self.kept.values())
    }
}

fn rounded_up(amount: i128) -> Usd {
    Usd::from_nanos(i64::try_from((amount + HOUR - 1).div_euclid(HOUR)).unwrap_or(i64::MAX))
}
