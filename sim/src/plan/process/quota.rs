//! What runs under a quota that is cut.

use crate::plan::world::QuotaCut;

/// Nodes and vCPUs that run now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::plan) struct Held {
    nodes: u64,
    vcpu_milli: u64,
}

impl Held {
    /// A node more, of so many thousandths of a vCPU.
    pub fn take(&mut self, vcpu_milli: u64) {
        self.nodes += 1;
        self.vcpu_milli += vcpu_milli;
    }

    /// A node less.
    pub fn give_back(&mut self, vcpu_milli: u64) {
        self.nodes -= 1;
        self.vcpu_milli -= vcpu_milli;
    }

    /// Whether what runs is within a cut, with another node of so many thousandths of a vCPU or as it is.
    pub fn fits(&self, cut: &QuotaCut, more: Option<u64>) -> bool {
        let (nodes, vcpu) = more.map_or((0, 0), |vcpu_milli| (1, vcpu_milli));
        let nothing = cut.nodes.is_none() && cut.vcpus.is_none();
        let nodes_left = cut.nodes.is_none_or(|most| self.nodes + nodes <= u64::from(most));
        let vcpus_left = cut.vcpus.is_none_or(|most| self.vcpu_milli + vcpu <= 1000 * u64::from(most));
        if nothing { self.nodes + nodes == 0 } else { nodes_left && vcpus_left }
    }
}
