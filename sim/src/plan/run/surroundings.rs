//! What goes on around nodes in one replication: the courses of the world's processes.

use crate::draws::{Draws, Purpose, exponential};
use crate::plan::model::Model;
use crate::plan::process::{Bucket, Held, Prices, Spells, mean, product};
use crate::plan::state::NodeState;

const REFUSED: Purpose = Purpose(8);
const LOST_IN_TIGHT: Purpose = Purpose(9);

/// What is known of when the cloud takes a node back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Loss {
    /// When, ms; `i64::MAX` is not as far as is known.
    pub at: i64,
    /// Until when that is known, ms; `i64::MAX` is for ever.
    pub known: i64,
}

impl Loss {
    const NEVER: Self = Self { at: i64::MAX, known: i64::MAX };
}

/// The courses of a replication; none in a world without processes.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    spells: Vec<Spells>,
    buckets: Vec<Bucket>,
    prices: Vec<Prices>,
    held: Vec<Held>,
    /// When the cut of each quota holds, ms.
    cuts: Vec<[i64; 2]>,
}

impl Surroundings {
    /// As they are at the start.
    pub fn begin(&mut self, model: &Model, draws: &Draws) {
        let (sites, world) = (&model.sites, &model.world);
        again(&mut self.spells, &sites.spells, Spells::memory, |law, room| law.begin_in(room, draws, model.origin));
        self.buckets.clear();
        self.buckets.extend(sites.buckets.iter().map(|&rate| Bucket::new(&world.launch_rates[rate as usize])));
        again(&mut self.prices, &sites.prices, Prices::memory, |law, room| law.begin_in(room, draws));
        self.cuts.clear();
        self.cuts.extend(sites.cuts.iter().map(|&cut| {
            let cut = &world.quota_cuts[cut as usize];
            [cut.start.since(model.start), cut.end.since(model.start)]
        }));
        self.held.clear();
        self.held.resize(sites.cuts.len(), Held::default());
    }

    /// When the first tight spell of each course begins in which nodes are lost at once; of those that concern nobody
    /// who is planned nothing is told, unless tasks may come from elsewhere.
    pub fn first_tight(&mut self, model: &Model) -> impl Iterator<Item = (i64, u32)> {
        let matters = |i: u32, s: &Spells| s.loses() > 0.0 && (model.may_move || !model.under[i as usize].is_empty());
        let courses = (0..).zip(&mut self.spells).filter(move |(i, s)| matters(*i, s));
        courses.filter_map(|(i, s)| s.next_tight(model.origin).map(|(_, at)| (at, i)))
    }

    /// The number of the tight spell of a course that begins now, and when the next one does.
    pub fn tight_now(&mut self, spells: u32, now: i64) -> (u32, Option<i64>) {
        let course = &mut self.spells[spells as usize];
        let number = course.next_tight(now).map_or(0, |(number, _)| number);
        (number, course.next_tight(now + 1).map(|(_, at)| at))
    }

    /// Whether a node is lost in the beginning of a tight spell.
    pub fn is_lost(&self, draws: &Draws, node: &NodeState, spells: u32, number: u32) -> bool {
        draws.uniform(node.luck ^ u64::from(spells), LOST_IN_TIGHT, number) < self.spells[spells as usize].loses()
    }

    /// Until when a launch of a node is refused for sure, if it is refused now: by a shortage, or by a quota that is cut.
    pub fn refuses(&mut self, model: &Model, draws: &Draws, node: &NodeState, now: i64) -> Option<i64> {
        let site = model.sites.get(node.site)?;
        let uniform = |course: u32| draws.uniform(node.luck ^ u64::from(course), REFUSED, node.refusals[1]);
        let spells = &mut self.spells;
        if let Some(until) = site.spells.iter().filter_map(|&s| spells[s as usize].refuses(now, || uniform(s))).max() {
            return Some(until);
        }
        let more = Some(model.machines[node.machine as usize].quota_vcpu_milli);
        site.cuts.iter().any(|&q| !self.fits(model, q, more, now)).then_some(now)
    }

    /// When the turn of a node to be launched comes, where launches take turns; it takes it.
    pub fn turn(&mut self, model: &Model, site: u32, now: i64) -> i64 {
        let Some(site) = model.sites.get(site) else { return now };
        site.buckets.iter().fold(now, |at, &b| self.buckets[b as usize].take(now).max(at))
    }

    /// Whether what runs under a quota, and a node more, is within its cut.
    pub fn fits(&self, model: &Model, quota: u32, more: Option<u64>, now: i64) -> bool {
        let [from, until] = self.cuts[quota as usize];
        let cut = || &model.world.quota_cuts[model.sites.cuts[quota as usize] as usize];
        !(from..until).contains(&now) || self.held[quota as usize].fits(cut(), more)
    }

    /// A node runs.
    pub fn take(&mut self, model: &Model, node: &NodeState) {
        if let Some(site) = model.sites.get(node.site) {
            let vcpus = model.machines[node.machine as usize].quota_vcpu_milli;
            site.cuts.iter().for_each(|&q| self.held[q as usize].take(vcpus));
        }
    }

    /// A node runs no more.
    pub fn give_back(&mut self, model: &Model, node: &NodeState) {
        if let Some(site) = model.sites.get(node.site) {
            let vcpus = model.machines[node.machine as usize].quota_vcpu_milli;
            site.cuts.iter().for_each(|&q| self.held[q as usize].give_back(vcpus));
        }
    }

    /// When the cloud takes back a node that is launched at `from`, by a uniform number: looked at until an instant.
    pub fn loss(
        &mut self,
        model: &Model,
        node: &NodeState,
        uniform: impl FnOnce() -> f64,
        [from, until]: [i64; 2],
    ) -> Loss {
        let Some(life) = &model.machines[node.machine as usize].life else { return Loss::NEVER };
        let uniform = uniform();
        let Some(site) = model.sites.get(node.site).filter(|site| !site.spells.is_empty()) else {
            return Loss { at: from.saturating_add(life.length(exponential(uniform))), known: i64::MAX };
        };
        let last = self.surely_lost(&site.spells, from).unwrap_or(model.patience);
        let seen = last.min(until);
        let mut factor = |at| product(&mut self.spells, &site.spells, at);
        // Most nodes do not see a change, and most live on for sure under the highest rate they see.
        let (times, changes) = factor(from);
        let changes = changes.min(last);
        if changes >= until && life.reaches_surely(uniform, times, changes - from) {
            return Loss { known: if changes < last { changes } else { i64::MAX }, ..Loss::NEVER };
        }
        let (mut highest, mut next) = (times, changes);
        let lives = loop {
            if !life.reaches_surely(uniform, highest, next.min(seen) - from) {
                break false;
            } else if next >= seen {
                break true;
            }
            let (times, changes) = factor(next);
            (highest, next) = (highest.max(times), changes);
        };
        let end = if lives { None } else { life.end_under(exponential(uniform), [from, seen], factor) };
        match end {
            Some(at) => Loss { at, known: i64::MAX },
            None if until >= last => Loss::NEVER,
            None => Loss { known: until, ..Loss::NEVER },
        }
    }

    /// When a node that is launched now is lost at the latest, as a tight spell begins that takes all: how long it
    /// might live beyond does not matter.
    fn surely_lost(&mut self, spells: &[u32], now: i64) -> Option<i64> {
        let all = spells.iter().filter_map(|&s| {
            let course = &mut self.spells[s as usize];
            if course.loses() < 1.0 { None } else { course.next_tight(now + 1).map(|(_, at)| at) }
        });
        all.min()
    }

    /// What the price of a node is multiplied by over a time, in the mean.
    pub fn price_factor(&mut self, model: &Model, site: u32, from: i64, until: i64) -> f64 {
        match model.sites.get(site).filter(|site| !site.prices.is_empty()) {
            None => 1.0,
            Some(site) => mean(from, until, |at| product(&mut self.prices, &site.prices, at)),
        }
    }
}

/// New courses in the memory of those that are over.
fn again<L, C, M: Default>(courses: &mut Vec<C>, laws: &[L], memory: impl Fn(C) -> M, begin: impl Fn(&L, M) -> C) {
    let mut over = std::mem::take(courses).into_iter();
    *courses = laws.iter().map(|law| begin(law, over.next().map_or_else(M::default, &memory))).collect();
}
