//! Which of several plans nobody would choose.

/// A plan by what counts: more tasks placed, less cost, less risk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Tasks placed.
    pub placed: u64,
    /// Mean cost in nano-dollars.
    pub cost: i64,
    /// Probability that some deadline is missed.
    pub risk: f64,
}

impl Point {
    /// Whether it is at least as good in everything.
    fn is_no_worse(self, other: Self) -> bool {
        self.placed >= other.placed && self.cost <= other.cost && self.risk <= other.risk
    }
}

/// For each point whether another one is no worse in anything and better in something; of equal points none is.
pub fn dominated(points: &[Point]) -> Vec<bool> {
    let by = |p: &Point, q: &Point| q.is_no_worse(*p) && !p.is_no_worse(*q);
    points.iter().map(|p| points.iter().any(|q| by(p, q))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frontier_is_left() {
        let point = |placed, cost, risk| Point { placed, cost, risk };
        let points = [
            point(10, 100, 0.10),
            point(10, 120, 0.01),
            point(10, 130, 0.01),
            point(10, 130, 0.20),
            point(9, 90, 0.01),
            point(10, 100, 0.10),
        ];
        assert_eq!(dominated(&points), [false, false, true, true, false, false]);
        assert!(dominated(&[]).is_empty());
    }
}
