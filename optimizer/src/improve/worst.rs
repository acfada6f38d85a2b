//! Which nodes of a large schedule a search changes: those that waste most.

use std::collections::BTreeSet;

use crate::problem::units;
use crate::schedule::{Node, Schedule};

/// Most nodes changed in one search: its passes cost more than in proportion.
const MOST_NODES: usize = 1_200;

/// The nodes that waste most, and those of chains, where there are more than [`MOST_NODES`]; gangs whole or not at all.
pub(super) fn nodes(schedule: &Schedule<'_, '_>) -> Option<Vec<usize>> {
    let problem = schedule.problem;
    let mut waste: Vec<(f64, usize)> = Vec::new();
    for (i, node) in schedule.living() {
        let capacity = units(problem.market.type_of(&problem.market.offers[node.offer]).capacity);
        let mut used = [0.0; 3];
        for part in &node.parts {
            let hours = (part.end - part.start) as f64;
            used.iter_mut().zip(units(problem.classes[part.class].demand)).for_each(|(u, d)| *u += d * hours);
        }
        let span = (node.end - node.launch).max(1) as f64;
        let share =
            used.iter().zip(capacity).filter(|(_, c)| *c > 0.0).map(|(u, c)| u / (c * span)).fold(0.0, f64::max);
        let tied = node.parts.iter().any(|p| problem.classes[p.class].tied);
        let wasted = (1.0 - share) * schedule.bill(node.offer, node.launch, node.end);
        waste.push((if tied { f64::INFINITY } else { wasted }, i));
    }
    if waste.len() <= MOST_NODES {
        return None;
    }
    waste.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let chains = waste.iter().take_while(|(w, _)| w.is_infinite()).count();
    let kept: BTreeSet<usize> = waste.into_iter().take(MOST_NODES.max(chains)).map(|(_, i)| i).collect();
    let gangs = |n: &Node| n.parts.iter().filter_map(|p| p.gang).collect();
    let gangs: Vec<(usize, Vec<u32>)> = schedule.living().map(|(i, n)| (i, gangs(n))).collect();
    Some(with_whole_gangs(kept, &gangs).into_iter().collect())
}

/// Those of `kept` that share no gang with a node that is not: half a gang cannot be moved. `gangs` has every node with
/// the gangs on it.
fn with_whole_gangs(mut kept: BTreeSet<usize>, gangs: &[(usize, Vec<u32>)]) -> BTreeSet<usize> {
    loop {
        let others = gangs.iter().filter(|(i, _)| !kept.contains(i));
        let torn: BTreeSet<u32> = others.flat_map(|(_, of)| of).copied().collect();
        let before = kept.len();
        for (i, _) in gangs.iter().filter(|(_, of)| of.iter().any(|g| torn.contains(g))) {
            kept.remove(i);
        }
        if kept.len() == before {
            return kept;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gang_is_kept_whole_or_not_at_all() {
        // Node 2 has half of gang 7 and half of gang 8; node 4 has the other half of 7.
        let gangs = [(0, vec![]), (1, vec![8]), (2, vec![7, 8]), (3, vec![9]), (4, vec![7]), (5, vec![9])];
        assert_eq!(with_whole_gangs(BTreeSet::from([0, 1, 2, 3, 5]), &gangs), BTreeSet::from([0, 3, 5]));
        assert_eq!(with_whole_gangs(BTreeSet::from([1, 2, 4]), &gangs), BTreeSet::from([1, 2, 4]));
    }
}
