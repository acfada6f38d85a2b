//! Placing one task at least cost: into a node that is there, or on a new one.

use tradewind_core::market::CapacityType;

use crate::problem::Choice;
use crate::schedule::{Part, Schedule};
use crate::singles::{self, Singles};

/// Later starts tried on one offer where quota is free, but not for what must stand behind spot.
const LATER_STARTS: usize = 48;

/// Nodes looked at for room: all of a small schedule, the newest of a larger one.
const SMALL: usize = 6_000;
const NEWEST: usize = 250;

/// What a placement may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Start later than the earliest if quota asks for it.
    pub shift: bool,
    /// Use spot capacity.
    pub spot: bool,
    /// Extend nodes that are there; else only fill what they leave free.
    pub extend: bool,
    /// A copy (dataset, region) not to be made or read.
    pub closed: Option<(usize, u16)>,
    /// Tasks that go at once share the copies that they are the first to read.
    pub together: bool,
    /// Which offers.
    pub only: Only,
}

/// Which offers a placement may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Only {
    /// Any.
    Any,
    /// This one.
    Offer(usize),
    /// Any but this one.
    Not(usize),
}

impl Only {
    fn admits(self, offer: usize) -> bool {
        match self {
            Self::Any => true,
            Self::Offer(o) => o == offer,
            Self::Not(o) => o != offer,
        }
    }
}

impl Manner {
    /// Everything allowed.
    pub const FREE: Self =
        Self { shift: true, spot: true, extend: true, closed: None, together: false, only: Only::Any };

    fn closes(self, schedule: &Schedule<'_, '_>, k: usize, region: u16) -> bool {
        self.closed.is_some_and(|(d, r)| r == region && schedule.problem.classes[k].datasets.contains(&d))
    }
}

/// A place for a task.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// On a node that is there.
    Inside {
        /// The node.
        node: usize,
        /// What runs there.
        part: Part,
    },
    /// On nodes of its own.
    New {
        /// Their offer.
        offer: usize,
        /// How the class runs there.
        choice: Choice,
        /// From when, ms.
        start: i64,
    },
}

/// Places one task of class `k` where it adds least cost; false if nowhere.
pub(crate) fn place(schedule: &mut Schedule<'_, '_>, singles: &Singles, k: usize, manner: Manner) -> bool {
    match find(schedule, singles, k, manner) {
        Some(place) => {
            put(schedule, k, place);
            true
        }
        None => false,
    }
}

/// Places all tasks of class `k` that are left and fit. Where a task goes on nodes of its own, as many
/// more do at once as quota allows.
pub(crate) fn place_all(schedule: &mut Schedule<'_, '_>, singles: &Singles, k: usize, manner: Manner) {
    while schedule.left[k] > 0 {
        let Some(place) = find(schedule, singles, k, manner) else { return };
        let mut times = 1;
        if let Place::New { offer, choice, start } = &place {
            times = at_once(schedule, k, *offer, choice, *start);
        }
        for _ in 0..times {
            put(schedule, k, place.clone());
        }
    }
}

/// How many tasks of class `k` may go on nodes of their own from one start, which one may.
fn at_once(schedule: &Schedule<'_, '_>, k: usize, offer: usize, choice: &Choice, start: i64) -> u64 {
    // What stands behind spot is looked at task by task.
    if choice.behind.is_some() {
        return 1;
    }
    let part = schedule.part(k, choice, start);
    let nodes = u64::from(schedule.problem.classes[k].nodes);
    let room = schedule.quota_room(offer, start - schedule.boot(offer), part.held) / nodes;
    room.min(schedule.cap_room(k, choice.pool)).clamp(1, u64::from(schedule.left[k]).max(1))
}

/// Where one task of class `k` adds least cost. The schedule is as before.
pub(crate) fn find(schedule: &mut Schedule<'_, '_>, singles: &Singles, k: usize, manner: Manner) -> Option<Place> {
    let span = Span { not_before: not_before(schedule, k)?, held_by: held_by(schedule, k) };
    let inside = best_inside(schedule, k, manner, span);
    let limit = inside.as_ref().map_or(f64::INFINITY, |(cost, _)| *cost);
    best_new(schedule, singles, k, manner, span, limit).or(inside).map(|(_, place)| place)
}

/// Puts one task of class `k` where [`find`] said.
pub(crate) fn put(schedule: &mut Schedule<'_, '_>, k: usize, place: Place) {
    match place {
        Place::Inside { node, part } => schedule.insert(node, part),
        Place::New { offer, choice, start } => {
            let nodes = schedule.problem.classes[k].nodes;
            let gang = (nodes > 1).then(|| schedule.new_gang());
            let part = Part { gang, ..schedule.part(k, &choice, start) };
            for _ in 0..nodes {
                schedule.open(offer, vec![part]);
            }
        }
    }
    schedule.left[k] -= 1;
}

/// When the class's predecessors have ended for certain; `None` if one is not wholly placed.
pub(crate) fn not_before(schedule: &Schedule<'_, '_>, k: usize) -> Option<i64> {
    let problem = schedule.problem;
    let job = &problem.workload.jobs()[problem.classes[k].jobs[0]];
    if job.depends_on.is_empty() {
        return Some(0);
    }
    let mut from = 0;
    for p in job.depends_on.iter().filter_map(|d| problem.workload.index_of(d)) {
        let before = problem.class_of[p];
        if schedule.left[before] > 0 {
            return None;
        }
        let parts = schedule.living().flat_map(|(_, n)| &n.parts).filter(|x| x.class == before);
        from = parts.map(|x| x.held).fold(from, i64::max);
    }
    Some(from)
}

/// When the first task that waits for the class starts as planned; `i64::MAX` if none does.
fn held_by(schedule: &Schedule<'_, '_>, k: usize) -> i64 {
    let followers = &schedule.problem.classes[k].followers;
    if followers.is_empty() {
        return i64::MAX;
    }
    let parts = schedule.living().flat_map(|(_, n)| &n.parts).filter(|x| followers.contains(&x.class));
    parts.map(|x| x.start).fold(i64::MAX, i64::min)
}

/// The time in which a task must lie because of what is placed before and after it, ms.
#[derive(Debug, Clone, Copy)]
struct Span {
    /// No start before.
    pub not_before: i64,
    /// No reserved end after.
    pub held_by: i64,
}

impl Span {
    /// Latest start of a class by a choice.
    fn latest(self, schedule: &Schedule<'_, '_>, k: usize, choice: &Choice) -> i64 {
        let reserved = schedule.problem.classes[k].laws[usize::from(choice.law)].reserved.get();
        choice.latest.min(self.held_by - reserved)
    }
}

fn best_inside(schedule: &mut Schedule<'_, '_>, k: usize, manner: Manner, span: Span) -> Option<(f64, Place)> {
    let problem = schedule.problem;
    if problem.classes[k].nodes > 1 {
        return None;
    }
    let most = problem.workload.jobs()[problem.classes[k].jobs[0]].max_price;
    let mut best: Option<(f64, Place)> = None;
    let mut starts = Vec::new();
    let all = schedule.nodes.len();
    for i in all.saturating_sub(if all <= SMALL { SMALL } else { NEWEST })..all {
        let Some(node) = &schedule.nodes[i] else { continue };
        // Nodes opened together are alike: the first stands for all.
        if i > 0 && schedule.nodes[i - 1].as_ref().is_some_and(|before| before == node) {
            continue;
        }
        let offer = &problem.market.offers[node.offer];
        let spot_ok = manner.spot || offer.capacity_type == CapacityType::OnDemand;
        let dear = most.is_some_and(|m| problem.market.hourly(offer) > m);
        if !spot_ok || dear || manner.closes(schedule, k, offer.region) || !manner.only.admits(node.offer) {
            continue;
        }
        let Some(choice) = schedule.choice_in(k, problem.pool_of[node.offer]) else { continue };
        if schedule.cap_room(k, choice.pool) == 0 {
            continue;
        }
        let rigid = !manner.extend || node.parts.iter().any(|p| p.gang.is_some());
        let own = choice.own + schedule.new_copies(k, offer.region);
        if best.as_ref().is_some_and(|(b, _)| own >= *b) {
            continue;
        }
        let latest = span.latest(schedule, k, choice);
        let first = choice.earliest.max(span.not_before).max(node.launch + schedule.boot(node.offer));
        starts.clear();
        starts.push(first);
        starts.extend(node.parts.iter().map(|p| p.held).filter(|&h| h > first && h < node.held));
        starts.sort_unstable();
        starts.dedup();
        let (offer, launch, end, held) = (node.offer, node.launch, node.end, node.held);
        for start in starts.iter().copied().take_while(|&s| s <= latest) {
            let part = schedule.part(k, choice, start);
            if rigid && (part.end > end || part.held > held) {
                continue;
            }
            let grown = schedule.bill(offer, launch, end.max(part.end)) - schedule.bill(offer, launch, end);
            let cost = own + grown;
            if best.as_ref().is_some_and(|(b, _)| cost >= *b) {
                continue;
            }
            let fits = schedule.nodes[i].as_ref().is_some_and(|n| schedule.capacity_allows(n, &part));
            let behind = || schedule.behind_allowed(offer, &[part], 1);
            if fits && behind() && schedule.may_span(i, launch, part.held) {
                best = Some((cost, Place::Inside { node: i, part }));
            }
        }
    }
    best
}

fn best_new(
    schedule: &Schedule<'_, '_>,
    singles: &Singles,
    k: usize,
    manner: Manner,
    span: Span,
    limit: f64,
) -> Option<(f64, Place)> {
    let problem = schedule.problem;
    let class = &problem.classes[k];
    let mut best: Option<(f64, Place)> = None;
    let mut below = limit;
    let named;
    let singles = match manner.only {
        Only::Offer(offer) => {
            named = singles::on(problem, k, offer);
            named.as_slice()
        }
        Only::Any | Only::Not(_) => singles.of(k),
    };
    for single in singles {
        if single.cost >= below {
            break;
        }
        let offer = single.offer as usize;
        let o = &problem.market.offers[offer];
        let spot_ok = manner.spot || o.capacity_type == CapacityType::OnDemand;
        if !spot_ok || manner.closes(schedule, k, o.region) || !manner.only.admits(offer) {
            continue;
        }
        let copies = schedule.new_copies(k, o.region);
        let is_shared = manner.together && copies > 0.0;
        let least = if is_shared { copies / f64::from(schedule.left[k].max(1)) } else { copies };
        if single.cost + least >= below {
            continue;
        }
        let choice = class.choices[single.choice as usize];
        if schedule.cap_room(k, choice.pool) == 0 {
            continue;
        }
        if let Some(start) = free_start(schedule, k, offer, &choice, span, manner.shift) {
            let sharers = if is_shared { at_once(schedule, k, offer, &choice, start) } else { 1 };
            let cost = single.cost + copies / sharers as f64;
            if cost < below {
                below = cost;
                best = Some((cost, Place::New { offer, choice, start }));
            }
        }
    }
    best
}

/// Earliest start at which quota allows the nodes of a task; only the very earliest without `shift`.
fn free_start(
    schedule: &Schedule<'_, '_>,
    k: usize,
    offer: usize,
    choice: &Choice,
    span: Span,
    shift: bool,
) -> Option<i64> {
    let nodes = i64::from(schedule.problem.classes[k].nodes);
    let (first, latest) = (choice.earliest.max(span.not_before), span.latest(schedule, k, choice));
    if first > latest {
        return None;
    }
    let boot = schedule.boot(offer);
    let length = boot + schedule.part(k, choice, first).held - first;
    let mut launch = first - boot;
    for _ in 0..LATER_STARTS {
        let start = schedule.room_from(offer, launch, length, nodes)? + boot;
        if start > if shift { latest } else { first } {
            return None;
        }
        if schedule.behind_allowed(offer, &[schedule.part(k, choice, start)], nodes) {
            return Some(start);
        }
        launch = schedule.quota_instants(offer, start - boot).into_iter().next()?;
    }
    None
}
