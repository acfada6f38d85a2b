//! The best filling of every size of node at once, by dynamic programme over vCPUs and GiB.

/// Something to put on a node.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    pub vcpus: usize,
    pub gib: usize,
    /// What one is worth.
    pub value: f64,
}

/// Best values by size, with the item that was put last.
pub struct Fillings {
    width: usize,
    value: Vec<f64>,
    last: Vec<u32>,
}

/// No item.
const NONE: u32 = u32::MAX;

impl Fillings {
    /// Of every size up to these, each item as often as it fits.
    pub fn new(items: &[Item], vcpus: usize, gib: usize) -> Self {
        let width = gib + 1;
        let mut all = Self { width, value: vec![0.0; (vcpus + 1) * width], last: vec![NONE; (vcpus + 1) * width] };
        for v in 0..=vcpus {
            for m in 0..=gib {
                all.fill(items, v, m);
            }
        }
        all
    }

    fn fill(&mut self, items: &[Item], v: usize, m: usize) {
        let at = v * self.width + m;
        for (i, item) in items.iter().enumerate().filter(|(_, i)| i.vcpus <= v && i.gib <= m && i.value > 0.0) {
            let value = self.value[at - item.vcpus * self.width - item.gib] + item.value;
            if value > self.value[at] {
                (self.value[at], self.last[at]) = (value, i as u32);
            }
        }
    }

    /// What a node of this size can be worth at most.
    pub fn value(&self, vcpus: usize, gib: usize) -> f64 {
        self.value[vcpus * self.width + gib]
    }

    /// A filling that is worth it: how many of each item.
    pub fn filling(&self, items: &[Item], mut vcpus: usize, mut gib: usize) -> Vec<u32> {
        let mut counts = vec![0; items.len()];
        while let Some(item) = items.get(self.last[vcpus * self.width + gib] as usize) {
            counts[self.last[vcpus * self.width + gib] as usize] += 1;
            vcpus -= item.vcpus;
            gib -= item.gib;
        }
        counts
    }
}
