//! How far the concentration cap has to be raised for tasks to go where they are wanted.

use tradewind_core::share::Share;

use super::Change;
use crate::schedule::Schedule;

/// The raise that lets `batch` more tasks of class `k` into the pool of `offer`, where the cap lacks room.
pub(super) fn raise(schedule: &Schedule<'_, '_>, k: usize, offer: usize, batch: u32) -> Option<Change> {
    let problem = schedule.problem;
    let (cap, pool) = (problem.cap?, problem.pool_of[offer]);
    if schedule.cap_room(k, pool) >= u64::from(batch) {
        return None;
    }
    let held = cap.limit - schedule.work_room(pool);
    let to = Share::holding(held + problem.capped_work(k, pool) * i128::from(batch), cap.all)?;
    Some(Change::RaiseConcentration { from: cap.share, to })
}

/// The least share at which the schedule keeps the cap; `None` where no cap is felt.
pub(super) fn used(schedule: &Schedule<'_, '_>) -> Option<Share> {
    let cap = schedule.problem.cap?;
    Share::holding(schedule.cap.most(), cap.all)
}
