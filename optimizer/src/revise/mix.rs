//! Parts of a fresh schedule taken into a held one, wherever a part saves more than it is charged.

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::money::Usd;

use super::{Judged, Shift, exact};
use crate::budgets;
use crate::insertion::not_before;
use crate::schedule::{Node, Schedule, bill};

/// Rounds over the parts: one that is taken may free what another needs.
const ROUNDS: usize = 3;

/// Nodes of both schedules that belong together: the same classes of tasks run on them.
#[derive(Debug, Default)]
struct Piece {
    /// Nodes of the held schedule.
    old: Vec<usize>,
    /// Nodes of the fresh schedule.
    new: Vec<usize>,
}

/// The cheapest of held schedule, mixes and fresh schedule, charges included, and every part with its verdict.
pub(super) fn mix<'p, 'a>(
    held: &Schedule<'p, 'a>,
    fresh: &Schedule<'p, 'a>,
    charge: &(dyn Fn(&Shift) -> Usd + Sync),
) -> (Schedule<'p, 'a>, Vec<Judged>) {
    let pieces = pieces(held, fresh);
    let whole = Piece { old: pieces.iter().flat_map(|p| p.old.clone()).collect(), new: Vec::new() };
    let whole = Piece { new: pieces.iter().flat_map(|p| p.new.clone()).collect(), ..whole };
    let (mixed, judged) = by_pieces(held, fresh, pieces, charge);
    let all = shift(held, fresh, &whole, held, fresh);
    let all_charge = charge(&all);
    let (parts, charged) = (exact(held) - exact(&mixed), judged.iter().filter(|j| j.taken).map(|j| j.charge_usd).sum());
    let places_more = fresh.placed_by_level() > mixed.placed_by_level();
    let as_many = fresh.placed_by_level() == mixed.placed_by_level();
    if places_more || (as_many && net(all.saves_usd, all_charge) > net(parts, charged)) {
        let judged = judged.into_iter().map(|j| Judged { taken: true, ..j }).collect();
        return (fresh.clone(), judged);
    }
    (mixed, judged)
}

/// What is left of a saving; widened, since a charge may be beyond all money.
fn net(saves: Usd, charge: Usd) -> i128 {
    i128::from(saves.nanos()) - i128::from(charge.nanos())
}

/// Takes the pieces one by one, the largest saving first.
fn by_pieces<'p, 'a>(
    held: &Schedule<'p, 'a>,
    fresh: &Schedule<'p, 'a>,
    pieces: Vec<Piece>,
    charge: &(dyn Fn(&Shift) -> Usd + Sync),
) -> (Schedule<'p, 'a>, Vec<Judged>) {
    let mut mixed = held.clone();
    let mut open: Vec<(Piece, Shift)> = pieces
        .into_iter()
        .map(|piece| {
            let alone = swapped(held, fresh, &piece);
            let measured = shift(held, fresh, &piece, held, alone.as_ref().unwrap_or(held));
            (piece, measured)
        })
        .collect();
    open.sort_by(|(_, a), (_, b)| b.saves_usd.cmp(&a.saves_usd).then_with(|| a.jobs.cmp(&b.jobs)));
    let mut judged = Vec::new();
    for _ in 0..ROUNDS {
        let before = judged.len();
        open.retain(|(piece, _)| {
            let Some(next) = swapped(&mixed, fresh, piece) else { return true };
            let measured = shift(&mixed, fresh, piece, &mixed, &next);
            let charge_usd = charge(&measured);
            let taken = measured.places_more || measured.saves_usd > charge_usd.max(Usd::ZERO);
            if taken {
                mixed = next;
                judged.push(Judged { shift: measured, charge_usd, taken });
            }
            !taken
        });
        if judged.len() == before {
            break;
        }
    }
    let left = open.into_iter().map(|(_, shift)| Judged { charge_usd: charge(&shift), shift, taken: false });
    judged.extend(left);
    (mixed, judged)
}

/// The schedule with a piece's nodes of `fresh` in place of its own; `None` where a quota, the cap, a budget or a
/// dependency forbids it, or less is placed.
fn swapped<'p, 'a>(schedule: &Schedule<'p, 'a>, fresh: &Schedule<'p, 'a>, piece: &Piece) -> Option<Schedule<'p, 'a>> {
    let mut next = schedule.clone();
    let mut came: BTreeMap<usize, i64> = BTreeMap::new();
    for &at in &piece.old {
        next.close(at)?.parts.iter().for_each(|p| *came.entry(p.class).or_default() -= 1);
    }
    let mut gangs = BTreeMap::new();
    for node in piece.new.iter().filter_map(|&i| fresh.nodes[i].as_ref()) {
        let mut parts = node.parts.clone();
        for part in &mut parts {
            part.gang = part.gang.map(|g| *gangs.entry(g).or_insert_with(|| next.new_gang()));
        }
        if !next.cap_allows(node.offer, &parts, 1) {
            return None;
        }
        parts.iter().for_each(|p| *came.entry(p.class).or_default() += 1);
        next.open(node.offer, parts);
    }
    recount(&mut next, &came);
    let as_many = next.placed_by_level() >= schedule.placed_by_level();
    let allowed = as_many && next.within_quotas() && follows(&next);
    (allowed && budgets::repair(&mut next).is_empty()).then_some(next)
}

/// Corrects the tasks left by the parts that came (+) and went (-). Gangs come and go whole.
fn recount(schedule: &mut Schedule<'_, '_>, parts: &BTreeMap<usize, i64>) {
    for (&k, came) in parts {
        let tasks = came / i64::from(schedule.problem.classes[k].nodes);
        let left = i64::from(schedule.left[k]) - tasks;
        schedule.left[k] = u32::try_from(left).unwrap_or(0);
    }
}

/// Whether every task starts after those it waits for.
fn follows(schedule: &Schedule<'_, '_>) -> bool {
    let tied = |k: usize| schedule.problem.classes[k].tied;
    let first: BTreeMap<usize, i64> =
        schedule.living().flat_map(|(_, n)| &n.parts).filter(|p| tied(p.class)).fold(BTreeMap::new(), |mut all, p| {
            all.entry(p.class).and_modify(|s: &mut i64| *s = p.start.min(*s)).or_insert(p.start);
            all
        });
    first.into_iter().all(|(k, start)| not_before(schedule, k).is_some_and(|from| from <= start))
}

/// What a piece is about, and what it saves between two schedules.
fn shift(
    held: &Schedule<'_, '_>,
    fresh: &Schedule<'_, '_>,
    piece: &Piece,
    before: &Schedule<'_, '_>,
    after: &Schedule<'_, '_>,
) -> Shift {
    let problem = held.problem;
    let old = || piece.old.iter().filter_map(|&i| held.nodes[i].as_ref());
    let new = || piece.new.iter().filter_map(|&i| fresh.nodes[i].as_ref());
    let mut moves: BTreeMap<(usize, usize, i64), i64> = BTreeMap::new();
    for (node, sign) in old().map(|n| (n, 1)).chain(new().map(|n| (n, -1))) {
        node.parts.iter().for_each(|p| *moves.entry((p.class, node.offer, p.start)).or_default() += sign);
    }
    let parts = |(&(k, ..), n): (&(usize, usize, i64), &i64)| (*n).max(0) as u64 / u64::from(problem.classes[k].nodes);
    let classes: BTreeSet<usize> = old().chain(new()).flat_map(|n| &n.parts).map(|p| p.class).collect();
    let jobs = classes.iter().flat_map(|&k| &problem.classes[k].jobs).map(|&j| problem.workload.jobs()[j].id.clone());
    let mut jobs: Vec<String> = jobs.collect();
    jobs.sort_unstable();
    Shift {
        jobs,
        tasks: moves.iter().map(parts).sum(),
        leaves: piece.old.len() as u64,
        takes: piece.new.len() as u64,
        held_usd: old().map(|n| dollars(bill(problem, n.offer, n.end - n.launch))).sum(),
        saves_usd: exact(before) - exact(after),
        places_more: after.placed_by_level() > before.placed_by_level(),
    }
}

/// A node as another plan would know it again: offer, and the tasks on it by class and start.
type Likeness = (usize, Vec<(usize, i64)>);

fn likeness(node: &Node) -> Likeness {
    let mut parts: Vec<(usize, i64)> = node.parts.iter().map(|p| (p.class, p.start)).collect();
    parts.sort_unstable();
    (node.offer, parts)
}

/// The nodes that differ, in pieces that share no class.
fn pieces(held: &Schedule<'_, '_>, fresh: &Schedule<'_, '_>) -> Vec<Piece> {
    let (old, new) = unlike(held, fresh);
    let mut leader: Vec<usize> = (0..held.problem.classes.len()).collect();
    let classes_of = |schedule: &Schedule<'_, '_>, i: usize| -> Vec<usize> {
        schedule.nodes[i].iter().flat_map(|n| &n.parts).map(|p| p.class).collect()
    };
    let sides = old.iter().map(|&i| classes_of(held, i)).chain(new.iter().map(|&i| classes_of(fresh, i)));
    for classes in sides {
        for pair in classes.windows(2) {
            let (a, b) = (find(&mut leader, pair[0]), find(&mut leader, pair[1]));
            leader[a.max(b)] = a.min(b);
        }
    }
    let mut pieces: BTreeMap<usize, Piece> = BTreeMap::new();
    for (schedule, nodes, is_new) in [(held, old, false), (fresh, new, true)] {
        for i in nodes {
            let Some(&class) = classes_of(schedule, i).first() else { continue };
            let piece = pieces.entry(find(&mut leader, class)).or_default();
            if is_new { &mut piece.new } else { &mut piece.old }.push(i);
        }
    }
    pieces.into_values().collect()
}

fn find(leader: &mut [usize], mut k: usize) -> usize {
    while leader[k] != k {
        leader[k] = leader[leader[k]];
        k = leader[k];
    }
    k
}

/// The nodes of each schedule that the other has not.
fn unlike(held: &Schedule<'_, '_>, fresh: &Schedule<'_, '_>) -> (Vec<usize>, Vec<usize>) {
    let (mut a, mut b) = (groups(held), groups(fresh));
    for (key, old) in &mut a {
        let Some(new) = b.get_mut(key) else { continue };
        let width = key.1.iter().map(|(k, _)| held.problem.classes[*k].nodes).max().unwrap_or(1) as usize;
        let (x, y) = (whole_gangs(held, old, width), whole_gangs(fresh, new, width));
        let alike = x.len().min(y.len());
        old.retain(|i| !x[..alike].contains(i));
        new.retain(|i| !y[..alike].contains(i));
    }
    (a.into_values().flatten().collect(), b.into_values().flatten().collect())
}

/// The living nodes by likeness.
fn groups(schedule: &Schedule<'_, '_>) -> BTreeMap<Likeness, Vec<usize>> {
    let mut groups: BTreeMap<Likeness, Vec<usize>> = BTreeMap::new();
    schedule.living().for_each(|(i, n)| groups.entry(likeness(n)).or_default().push(i));
    groups
}

/// Those of the nodes whose gangs of `width` are all among them, gang by gang; all of them where there are no gangs.
fn whole_gangs(schedule: &Schedule<'_, '_>, nodes: &[usize], width: usize) -> Vec<usize> {
    if width == 1 {
        return nodes.to_vec();
    }
    let mut gangs: BTreeMap<Option<u32>, Vec<usize>> = BTreeMap::new();
    for &i in nodes {
        let gang = schedule.nodes[i].iter().flat_map(|n| &n.parts).find_map(|p| p.gang);
        gangs.entry(gang).or_default().push(i);
    }
    gangs.into_values().filter(|nodes| nodes.len() == width).flatten().collect()
}

/// Dollars of the search as money, rounded once.
fn dollars(usd: f64) -> Usd {
    Usd::from_nanos((usd * 1e9).round() as i64)
}
