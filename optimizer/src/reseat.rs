//! Tasks of chains and gangs taken up one at a time and put where they add least: the other passes of
//! the search leave them where construction put them.

use crate::insertion::{self, Manner};
use crate::schedule::Schedule;
use crate::singles::Singles;

/// Most tasks taken up in a round.
const MOST: usize = 1000;

/// Takes up each task of a chain or a gang and puts it where it adds least, between what it waits for
/// and what waits for it; undone where that saves less than `worth` dollars.
pub(crate) fn reseat(schedule: &mut Schedule<'_, '_>, singles: &Singles, worth: f64, stop: &(dyn Fn() -> bool + Sync)) {
    let mut cost = schedule.cost();
    for (class, start) in seats(schedule) {
        if stop() {
            return;
        }
        let kept = schedule.clone();
        if !schedule.take_off(|_, p| p.class == class && p.start == start) {
            continue;
        }
        let placed = insertion::place(schedule, singles, class, Manner::FREE);
        let now = schedule.cost();
        if placed && now < cost - worth {
            cost = now;
        } else {
            *schedule = kept;
        }
    }
}

/// Class and start of the tasks in question, in order of nodes.
fn seats(schedule: &Schedule<'_, '_>) -> Vec<(usize, i64)> {
    let classes = &schedule.problem.classes;
    let mut gangs = std::collections::BTreeSet::new();
    let parts = schedule.living().flat_map(|(_, n)| &n.parts);
    let bound = parts.filter(|p| classes[p.class].tied || p.gang.is_some_and(|g| gangs.insert(g)));
    bound.map(|p| (p.class, p.start)).take(MOST).collect()
}
