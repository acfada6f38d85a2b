//! Uniform Progress in one zone, in the loop of its own that the published figures come from.
//!
//! Unlike the world of several zones it bills every tick, and spot at the price of the tick after.

use tradewind_core::policy::spot::zones::{Job, Standing};
use tradewind_core::policy::spot::{DONE, HOUR, Kind};

use super::market::Zone;
use super::world::Outcome;

/// Runs Uniform Progress in one zone. A job that cannot fit is bought on demand, unsimulated.
pub fn run_single(zone: &Zone, job: &Job) -> Outcome {
    if !job.is_feasible() {
        let cost = job.cost_at(zone.on_demand);
        return Outcome { cost, cost_all_ticks: cost, finish_tick: 0, migrations: 0, met_deadline: false };
    }
    let (mut tick, mut cost, mut done, mut restart_left) = (0, 0.0, 0.0, 0.0);
    let mut running: Option<Kind> = None;
    loop {
        if let Some(kind) = running {
            let hourly = if kind == Kind::Spot { zone.spot_price(job.start + tick) } else { zone.on_demand };
            cost += hourly * job.tick / HOUR;
            done += (job.tick - restart_left).max(0.0).min(job.work - done);
            restart_left = (restart_left - job.tick).max(0.0);
        }
        if job.work - done <= DONE {
            break;
        }
        let available = tick < job.ticks() && zone.available.get(job.start + tick).copied().unwrap_or(false);
        let current = running.filter(|&kind| kind == Kind::OnDemand || available);
        let standing = Standing { job, tick, done, restart_left };
        let wanted = want(&standing, running, current, available);
        if wanted.is_some() && wanted != current {
            restart_left = job.restart;
        }
        running = wanted;
        tick += 1;
    }
    let met_deadline = tick as f64 * job.tick <= job.deadline;
    Outcome { cost, cost_all_ticks: cost, finish_tick: tick, migrations: 0, met_deadline }
}

/// The published rule. `last` ran in the tick before, `current` is what is left of it.
fn want(standing: &Standing<'_>, last: Option<Kind>, current: Option<Kind>, available: bool) -> Option<Kind> {
    let mut want = available.then_some(Kind::Spot);
    if want.is_none() && standing.is_behind() {
        want = Some(Kind::OnDemand);
    }
    if current == Some(Kind::OnDemand) && (!available || standing.lead_short() >= 0.0) {
        want = Some(Kind::OnDemand);
    }
    if standing.needed(2.0) >= standing.time() && current != Some(Kind::Spot) {
        want = Some(Kind::OnDemand);
    }
    let last_call = standing.needed(1.0) >= standing.time();
    if last_call {
        let warm = last == Some(Kind::Spot) && standing.restart_left < DONE;
        want = Some(if warm { Kind::Spot } else { Kind::OnDemand });
    }
    if want == Some(Kind::Spot) && !available {
        want = last_call.then_some(Kind::OnDemand);
    }
    want
}
