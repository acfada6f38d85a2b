//! The quota that nodes hold, and what is reserved behind those on spot.

use tradewind_core::market::QuotaRow;

use super::{Node, Part, Schedule};
use crate::problem::Choice;
use crate::timeline::Timeline;

impl Schedule<'_, '_> {
    /// Whether quota is left for a node of `offer` in `[launch, held)`.
    pub fn quota_allows(&self, offer: usize, launch: i64, held: i64, nodes: i64) -> bool {
        let market = self.problem.market;
        let o = &market.offers[offer];
        market.quotas_of(o).iter().all(|&q| {
            let row = &market.quotas[usize::from(q)];
            let taken = market.taken_milli(row.unit, o) as i64 * nodes;
            self.quotas[usize::from(q)].max_in(launch, held) + taken <= limit_milli(row)
        })
    }

    /// How many nodes of `offer` quota is left for in `[launch, held)`.
    pub fn quota_room(&self, offer: usize, launch: i64, held: i64) -> u64 {
        let market = self.problem.market;
        let o = &market.offers[offer];
        let room = |&q: &u16| {
            let row = &market.quotas[usize::from(q)];
            let taken = market.taken_milli(row.unit, o) as i64;
            let left = limit_milli(row) - self.quotas[usize::from(q)].max_in(launch, held);
            left.max(0).checked_div(taken).unwrap_or(i64::MAX) as u64
        };
        market.quotas_of(o).iter().map(room).min().unwrap_or(u64::MAX)
    }

    /// Quota rows that lack room for `nodes` of an offer in `[launch, held)`: row, the most that is held
    /// meanwhile and what the nodes take, both in thousandths.
    pub fn quota_lacking(&self, offer: usize, launch: i64, held: i64, nodes: i64) -> Vec<(u16, i64, i64)> {
        let market = self.problem.market;
        let o = &market.offers[offer];
        let mut lacking = Vec::new();
        for &q in market.quotas_of(o) {
            let row = &market.quotas[usize::from(q)];
            let taken = market.taken_milli(row.unit, o) as i64 * nodes;
            let most = self.quotas[usize::from(q)].max_in(launch, held);
            if most + taken > limit_milli(row) {
                lacking.push((q, most, taken));
            }
        }
        lacking
    }

    /// The most that is ever held of a quota row, thousandths of its unit.
    pub fn quota_peak(&self, row: usize) -> i64 {
        self.quotas[row].max_in(i64::MIN, i64::MAX)
    }

    /// What is held of each quota row of which anything is: the row, instants and thousandths from there on.
    pub fn quota_steps(&self) -> impl Iterator<Item = (usize, &[(i64, i64)])> {
        self.quotas.iter().map(Timeline::steps).enumerate().filter(|(_, steps)| !steps.is_empty())
    }

    /// Whether no quota row is ever held beyond what it allows.
    pub fn within_quotas(&self) -> bool {
        let rows = &self.problem.market.quotas;
        self.quota_steps().all(|(row, steps)| steps.iter().all(|(_, held)| *held <= limit_milli(&rows[row])))
    }

    /// The first instant from `launch` on at which `nodes` nodes of `offer` find quota for `length`, ms; `None`
    /// if they never do.
    pub fn room_from(&self, offer: usize, launch: i64, length: i64, nodes: i64) -> Option<i64> {
        let market = self.problem.market;
        let o = &market.offers[offer];
        let mut at = launch;
        loop {
            let mut next = at;
            for &q in market.quotas_of(o) {
                let row = &market.quotas[usize::from(q)];
                let most = limit_milli(row) - market.taken_milli(row.unit, o) as i64 * nodes;
                if most < 0 {
                    return None;
                }
                next = self.quotas[usize::from(q)].falls_to(most, next, next + length).unwrap_or(next);
            }
            if next == at {
                return Some(at);
            }
            at = next;
        }
    }

    /// Instants after `from` at which some quota of the offer may become free.
    pub fn quota_instants(&self, offer: usize, from: i64) -> Vec<i64> {
        let market = self.problem.market;
        let mut all: Vec<i64> = market
            .quotas_of(&market.offers[offer])
            .iter()
            .flat_map(|&q| self.quotas[usize::from(q)].instants_after(from))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether quota is left for `nodes` nodes of `offer` with these parts, and for what stands behind them.
    pub fn parts_allowed(&self, offer: usize, parts: &[Part], nodes: i64) -> bool {
        let launch = parts.iter().map(|p| p.start).min().unwrap_or(0) - self.boot(offer);
        let held = parts.iter().map(|p| p.held).max().unwrap_or(launch);
        self.quota_allows(offer, launch, held, nodes) && self.behind_allowed(offer, parts, nodes)
    }

    /// Whether quota is left for what stands behind these parts beside `nodes` new nodes of `offer`. Where
    /// they share a row all is counted as held at once.
    pub fn behind_allowed(&self, offer: usize, parts: &[Part], nodes: i64) -> bool {
        let market = self.problem.market;
        let reserved: Vec<Reserved> = parts.iter().filter_map(|p| self.reserved(offer, p)).collect();
        let (Some(from), Some(until)) = (reserved.iter().map(|r| r.from).min(), reserved.iter().map(|r| r.until).max())
        else {
            return true;
        };
        reserved.iter().flat_map(|r| market.quotas_of(&market.offers[r.offer])).all(|&q| {
            let row = &market.quotas[usize::from(q)];
            let takes = |o: usize| {
                let o = &market.offers[o];
                if market.quotas_of(o).contains(&q) { market.taken_milli(row.unit, o) as i64 } else { 0 }
            };
            let taken = takes(offer) + reserved.iter().map(|r| takes(r.offer)).sum::<i64>();
            self.quotas[usize::from(q)].max_in(from, until) + taken * nodes <= limit_milli(row)
        })
    }

    /// What is reserved behind one node of a part, where it may fall back.
    fn reserved(&self, offer: usize, part: &Part) -> Option<Reserved> {
        let class = &self.problem.classes[part.class];
        if !class.falls_back {
            return None;
        }
        let Choice { law, behind, .. } = self.choice_in(part.class, self.problem.pool_of[offer])?;
        let law = &class.laws[usize::from(*law)];
        let from = part.start + law.fallback?.on_demand_from.get();
        Some(Reserved { offer: (*behind)? as usize, from, until: part.start + law.done().get() })
    }

    pub(super) fn hold(&mut self, node: &Node, sign: i64) {
        self.take(node.offer, node.launch, node.held, sign);
        for part in &node.parts {
            if let Some(r) = self.reserved(node.offer, part) {
                self.take(r.offer, r.from, r.until, sign);
            }
        }
    }

    fn take(&mut self, offer: usize, from: i64, until: i64, sign: i64) {
        let market = self.problem.market;
        let o = &market.offers[offer];
        for &q in market.quotas_of(o) {
            let taken = market.taken_milli(market.quotas[usize::from(q)].unit, o) as i64;
            self.quotas[usize::from(q)].add(from, until, sign * taken);
        }
    }
}

/// One node of on-demand capacity behind a task.
#[derive(Debug, Clone, Copy)]
struct Reserved {
    offer: usize,
    from: i64,
    until: i64,
}

/// What a quota row allows, in thousandths of its unit.
pub(crate) fn limit_milli(row: &QuotaRow) -> i64 {
    row.available.min(i64::MAX as u64 / 2000) as i64 * 1000
}
