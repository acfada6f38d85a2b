//! Hazards that fall with age: the longer spot has been up, or down, the longer it stays so.
//!
//! Lives follow a Lomax law, hazard `shape / (age + SCALE)`. Measured on the H100 and V100 traces, for lives and for
//! outages: 1.3 to 3.3 an hour at ten minutes, 0.6 to 0.8 at one hour, 0.07 to 0.26 at eight, 0.03 to 0.07 beyond
//! sixteen. Shape and scale were chosen on those traces, cut into one-zone windows. That ages matter at all was
//! seen on a twelfth of the "Can't Be Late" windows too, so the form of the law is not blind to them. The shape is
//! learnt: events over the hazard run at shape 1, which is exact for this law.

/// Shape before anything is seen: the H100 and V100 traces.
const SHAPE: f64 = 1.0;
/// Hours; the same source.
const SCALE: f64 = 0.6;
/// Weight of the prior shape, in events.
const WEIGHT: f64 = 2.0;
/// Hours that the state found at the start is taken to have lasted.
const FIRST_AGE: f64 = 2.0;

/// Ages are told apart in so many phases, each twice as long as the one before.
pub const PHASES: usize = 8;

/// Times between changes of one kind: lives, or outages.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Aging {
    events: f64,
    risk: f64,
}

impl Aging {
    /// A tick from one age to another (hours), ended by the event or not.
    fn add(&mut self, from: f64, to: f64, event: bool) {
        self.risk += libm::log((to + SCALE) / (from + SCALE));
        self.events += f64::from(u8::from(event));
    }

    fn shape(&self) -> f64 {
        (WEIGHT + self.events) / (WEIGHT / SHAPE + self.risk)
    }

    /// Chance of the event in a tick (hours) of each phase.
    pub fn chances(&self, tick: f64) -> [f64; PHASES] {
        let shape = self.shape();
        std::array::from_fn(|phase| {
            let (from, ticks) = span(phase);
            let (from, to) = (from as f64 * tick, (from + ticks) as f64 * tick);
            let risk = shape * libm::log((to + SCALE) / (from + SCALE)) / ticks as f64;
            1.0 - libm::exp(-risk)
        })
    }
}

/// First age and length of a phase, ticks.
pub fn span(phase: usize) -> (usize, usize) {
    if phase == 0 { (0, 1) } else { (1 << (phase - 1), 1 << (phase - 1)) }
}

/// Whether a zone is up, and since how many ticks; what is learnt of its lives and outages.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Clock {
    /// Lives.
    pub lives: Aging,
    /// Outages.
    pub outages: Aging,
    now: Option<(bool, f64)>,
}

impl Clock {
    /// Sees the next tick (hours long).
    pub fn see(&mut self, up: bool, tick: f64) {
        let Some((was_up, age)) = self.now else {
            self.now = Some((up, FIRST_AGE));
            return;
        };
        let kind = if was_up { &mut self.lives } else { &mut self.outages };
        kind.add(age, age + tick, up != was_up);
        self.now = Some((up, if up == was_up { age + tick } else { 0.0 }));
    }

    /// The phase of the present state, for a tick in hours.
    pub fn phase(&self, tick: f64) -> usize {
        let ticks = self.now.map_or(0, |(_, age)| (age / tick + 1e-9) as usize);
        (0..PHASES).rev().find(|&phase| ticks >= span(phase).0).unwrap_or(0)
    }
}
