//! The time lost to interruptions: a compound negative binomial distribution on a grid.
//!
//! A segment of s hours on capacity interrupted at rate l is tried until it succeeds, so `r` segments
//! see a negative binomial number of interruptions with success probability e^(-l s). Each loses the
//! elapsed time, exponential and cut off at s, and R to come back. Panjer's recursion gives the sum
//! exactly once the losses lie on a grid; on the grid a loss is a geometric sequence, so the sums
//! of the recursion slide and a cell of the grid costs a few multiplications, whatever the loss.
//!
//! `r` need not be whole. A last segment of a share q of the others enters as q of a segment: the same
//! chance of no interruption, and otherwise more of them and longer ones (both counts are sums of
//! logarithmic jumps at the same rate; the ratio of their jumps, q ((1-p)/(1-p^q))^k, grows with k).

/// Cells of the grid in a loss of s + R where interruptions are few.
const CELLS_PER_LOSS: f64 = 48.0;
/// More cells in a loss by the root of the number of interruptions: roundings add up as n, their
/// effect is measured by the spread, which grows as the root of n.
const MORE_CELLS_PER_LOSS: f64 = 16.0;
/// No distribution has more cells; what lies beyond is taken as a miss.
const MOST_CELLS: usize = 4096;
/// Where more interruptions than this are expected a task is not worth planning.
const MOST_INTERRUPTIONS: f64 = 400.0;

/// Which way what falls between two points of a grid is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// To the longer time: probabilities of a miss are bounded from above.
    Up,
    /// To the shorter time: from below.
    Down,
}

/// A task's exposure to interruptions, in hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exposure {
    /// Number of segments, the last one as a share of the others.
    pub segments: f64,
    /// Useful work and save of a segment.
    pub segment: f64,
    /// Lost at each interruption besides the elapsed part of the segment.
    pub restore: f64,
    /// Interruptions per hour.
    pub hazard: f64,
}

impl Exposure {
    /// Expected number of interruptions.
    pub(crate) fn interruptions(self) -> f64 {
        self.segments * libm::expm1(self.hazard * self.segment)
    }
}

/// How losses are laid on a grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    /// Which way a loss between two points goes.
    pub rounding: Rounding,
    /// Points in a loss as a share of the usual number.
    pub fineness: f64,
    /// The distribution ends where its tail is below.
    pub negligible: f64,
}

/// The distribution of the time lost, as the probabilities of exceeding the points of a grid.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Losses {
    /// Hours between two points.
    step: f64,
    /// P(lost > i step); what lies beyond the last point is at most the last value.
    tails: Vec<f64>,
}

impl Losses {
    /// The distribution for `exposure`.
    pub(crate) fn new(exposure: Exposure, grid: Grid) -> Self {
        let Grid { rounding, fineness, negligible } = grid;
        let Exposure { segments, segment, restore, hazard } = exposure;
        let expected = exposure.interruptions();
        if !(expected <= MOST_INTERRUPTIONS) {
            return Self { step: f64::INFINITY, tails: vec![if rounding == Rounding::Up { 1.0 } else { 0.0 }] };
        }
        let most = reach(exposure, negligible);
        let wanted = fineness * (CELLS_PER_LOSS + MORE_CELLS_PER_LOSS * libm::sqrt(expected));
        let cells = libm::floor(wanted.min(MOST_CELLS as f64 / most)).max(1.0) as usize;
        let step = (segment + restore) / cells as f64;
        let loss = Loss::new(hazard, segment, restore, step, cells, rounding);
        let tails = panjer(segments, libm::exp(-hazard * segment), loss, grid);
        Self { step, tails }
    }

    /// Probability of losing more than `spare` hours.
    pub(crate) fn exceeds(&self, spare: f64) -> f64 {
        let at = libm::floor(spare / self.step + 1e-9) as usize;
        self.tails[at.min(self.tails.len() - 1)]
    }
}

/// How many losses of s + R the lost time stays within, but for about `negligible`: where jumps are
/// few their number, else mean and deviations of the sum (only the fineness of the grid rests on it).
fn reach(exposure: Exposure, negligible: f64) -> f64 {
    let mean = exposure.interruptions();
    let per_segment = libm::expm1(exposure.hazard * exposure.segment);
    let deviations = libm::sqrt(-2.0 * libm::log(negligible));
    1.0 + mean
        + deviations * libm::sqrt(mean * (1.0 + per_segment))
        + deviations * deviations / 3.0 * per_segment.min(mean)
}

/// The loss of one interruption on the grid: the mass of its first point, then `count` points that
/// fall off by `ratio`.
#[derive(Debug, Clone, Copy)]
struct Loss {
    first: usize,
    first_mass: f64,
    second_mass: f64,
    ratio: f64,
    count: usize,
}

impl Loss {
    /// Elapsed time, exponential within `segment`, plus `restore`, in `cells` cells of `step` hours.
    fn new(hazard: f64, segment: f64, restore: f64, step: f64, cells: usize, rounding: Rounding) -> Self {
        let first = (libm::floor(restore / step + 1e-9) as usize + 1).min(cells);
        let all = -libm::expm1(-hazard * segment);
        let into_first = (first as f64 * step - restore).clamp(0.0, segment);
        let first_mass = (-libm::expm1(-hazard * into_first) / all).min(1.0);
        let second_mass = libm::exp(-hazard * into_first) * -libm::expm1(-hazard * step) / all;
        let down = usize::from(rounding == Rounding::Down);
        Self { first: first - down, first_mass, second_mass, ratio: libm::exp(-hazard * step), count: cells - first }
    }
}

/// P(sum > i) of a negative binomial (`r`, `p`) number of losses, by Panjer's recursion
/// `g(i) (1 - a f(0)) = sum over k of (a + b k / i) f(k) g(i - k)`, a = 1 - p, b = (r - 1) a, until the
/// tail is negligible or the grid ends.
fn panjer(r: f64, p: f64, loss: Loss, grid: Grid) -> Vec<f64> {
    let a = 1.0 - p;
    let b = (r - 1.0) * a;
    let Loss { first, first_mass, second_mass, ratio, count } = loss;
    let norm = if first == 0 { 1.0 / (1.0 - a * first_mass) } else { 1.0 };
    let cut = libm::pow(ratio, count as f64);
    let mut mass = Vec::with_capacity(256);
    let mut tails = Vec::with_capacity(256);
    mass.push(libm::pow(p * norm, r));
    tails.push(1.0 - mass[0]);
    // The sums over the geometric part of f(k) g(i - k) and k f(k) g(i - k), both over the second mass.
    let (mut plain, mut weighted) = (0.0, 0.0);
    while tails[tails.len() - 1] > grid.negligible && mass.len() < MOST_CELLS {
        let i = mass.len();
        let back = |k: usize| if k <= i { mass[i - k] } else { 0.0 };
        let (enters, leaves) = if count > 0 { (back(first + 1), cut * back(first + count + 1)) } else { (0.0, 0.0) };
        weighted = ratio * (weighted + plain) + (first + 1) as f64 * enters - (first + count + 1) as f64 * leaves;
        plain = ratio * plain + enters - leaves;
        let per_size = b / i as f64;
        let head = if first > 0 { (a + per_size * first as f64) * first_mass * back(first) } else { 0.0 };
        let rest = second_mass * (a * plain + per_size * weighted);
        let g = (norm * (head + rest)).max(0.0);
        mass.push(g);
        tails.push((tails[i - 1] - g).max(0.0));
    }
    if grid.rounding == Rounding::Down {
        // What lies beyond the grid may as well not be.
        let beyond = tails[tails.len() - 1];
        tails.iter_mut().for_each(|t| *t -= beyond);
    }
    tails
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(sum > i) by convolving the losses of one segment after the other, whose number is geometric.
    fn convolved(segments: usize, p: f64, loss: &[f64], points: usize) -> Vec<f64> {
        let mut sum = vec![0.0; points];
        sum[0] = 1.0;
        for _ in 0..segments {
            let (mut power, mut next) = (sum, vec![0.0; points]);
            for _ in 0..400 {
                next.iter_mut().zip(&power).for_each(|(n, x)| *n += p * x);
                let lost = |i: usize| (0..=i).map(|k| (1.0 - p) * loss.get(k).unwrap_or(&0.0) * power[i - k]).sum();
                power = (0..points).map(lost).collect();
            }
            sum = next;
        }
        sum.iter()
            .scan(1.0, |above, x| {
                *above -= x;
                Some(*above)
            })
            .collect()
    }

    #[test]
    fn the_recursion_agrees_with_convolution() {
        for (segments, hazard, segment, restore) in
            [(1, 0.5, 2.0, 0.0), (3, 0.3, 1.0, 0.37), (2, 1.0, 0.5, 2.0), (5, 0.05, 1.0, 0.1)]
        {
            for rounding in [Rounding::Up, Rounding::Down] {
                let cells = 10;
                let step = (segment + restore) / f64::from(cells);
                // The mass of each cell of the loss, from its distribution function.
                let all = -libm::expm1(-hazard * segment);
                let below = |x: f64| -libm::expm1(-hazard * (x - restore).clamp(0.0, segment)) / all;
                let mut loss: Vec<f64> =
                    (1..=cells).map(|k| below(f64::from(k) * step) - below(f64::from(k - 1) * step)).collect();
                if rounding == Rounding::Up {
                    loss.insert(0, 0.0);
                }
                let p = (-hazard * segment).exp();
                let known = convolved(segments, p, &loss, 40);
                let grid = Grid { rounding, fineness: 1.0, negligible: 1e-12 };
                let got = panjer(
                    segments as f64,
                    p,
                    Loss::new(hazard, segment, restore, step, cells as usize, rounding),
                    grid,
                );
                for i in 0..40 {
                    assert!((got[i] - known[i]).abs() < 1e-10, "{segments} {rounding:?} {i}: {} {}", got[i], known[i]);
                }
            }
        }
    }

    #[test]
    fn a_share_of_a_segment_is_worse_than_a_shorter_one() {
        let grid = Grid { rounding: Rounding::Up, fineness: 20.0, negligible: 1e-9 };
        let whole = |segment| Exposure { segments: 1.0, segment, restore: 0.2, hazard: 0.4 };
        for share in [0.1, 0.5, 0.9] {
            let shared = Losses::new(Exposure { segments: share, ..whole(2.0) }, grid);
            let shorter = Losses::new(whole(2.0 * share), Grid { rounding: Rounding::Down, ..grid });
            assert!((shared.exceeds(0.0) - -libm::expm1(-0.8 * share)).abs() < 1e-12);
            for i in 0..100 {
                let spare = f64::from(i) / 10.0;
                assert!(shared.exceeds(spare) >= shorter.exceeds(spare) - 1e-12, "{share} {spare}");
            }
        }
    }
}
