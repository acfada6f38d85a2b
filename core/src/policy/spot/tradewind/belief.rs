//! What is believed of a zone, from what was seen of it.

/// Weak priors, stated: each counts as one event seen in this many hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Hours a machine lasts.
    pub life_hours: f64,
    /// Hours an outage lasts.
    pub outage_hours: f64,
    /// Chance that spot is found; it counts as two looks.
    pub share: f64,
    /// Weight of the prior, in events.
    pub weight: f64,
}

/// Round figures written down before the first run on any trace, and not changed since.
pub const PRIOR: Prior = Prior { life_hours: 6.0, outage_hours: 1.0, share: 0.7, weight: 1.0 };

/// Events against the hours in which they could have come.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Tally {
    events: f64,
    hours: f64,
}

impl Tally {
    fn add(&mut self, event: bool, hours: f64) {
        self.hours += hours;
        self.events += f64::from(u8::from(event));
    }

    /// The rate an hour, with a prior of `weight` events in `weight` times `hours`.
    fn rate(&self, weight: f64, hours: f64) -> f64 {
        (weight + self.events) / (weight * hours + self.hours)
    }
}

/// A zone's past: up and down times seen from tick to tick.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Belief {
    losses: Tally,
    returns: Tally,
    /// Tick and finding of the last look.
    last: Option<(usize, bool)>,
    /// Looks after a gap, and how many found spot.
    looks: f64,
    found: f64,
}

impl Belief {
    /// Notes whether spot could be had at a tick of `hours`.
    pub fn see(&mut self, tick: usize, up: bool, hours: f64) {
        match self.last {
            Some((at, _)) if at == tick => return,
            Some((at, true)) if at + 1 == tick => self.losses.add(!up, hours),
            Some((at, false)) if at + 1 == tick => self.returns.add(up, hours),
            _ => {
                self.looks += 1.0;
                self.found += f64::from(u8::from(up));
            }
        }
        self.last = Some((tick, up));
    }

    /// Chance that a machine is lost within a tick.
    pub fn loss(&self, prior: &Prior, hours: f64) -> f64 {
        1.0 - libm::exp(-self.losses.rate(prior.weight, prior.life_hours) * hours)
    }

    /// Chance that spot is back a tick after it was down.
    pub fn back(&self, prior: &Prior, hours: f64) -> f64 {
        1.0 - libm::exp(-self.returns.rate(prior.weight, prior.outage_hours) * hours)
    }

    /// Chance that spot is found where nothing was seen lately.
    pub fn share(&self, prior: &Prior) -> f64 {
        let weight = 2.0 * prior.weight;
        (self.found + prior.share * weight) / (self.looks + weight)
    }
}
