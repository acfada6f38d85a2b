//! A waiting line with some servers, first come first served (GI/G/c).

use std::collections::VecDeque;

use super::law::Law;
use crate::draws::{Draws, Purpose, Series};
use crate::engine::EventQueue;

const GAP: Purpose = Purpose(1);
const SERVICE: Purpose = Purpose(2);
/// The payloads.
const ARRIVAL: u32 = 0;
const DEPARTURE: u32 = 1;

/// Customers come, wait, are served and go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Station {
    /// How many are served at once.
    pub servers: u32,
    /// From one arrival to the next.
    pub gap: Law,
    /// How long a service takes.
    pub service: Law,
    /// Customers that come.
    pub customers: u64,
    /// The first so many are not counted: the line begins empty.
    pub warm_up: u64,
}

/// What was seen from the first counted arrival until the last customer has gone, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Counted customers.
    pub customers: u64,
    /// Events of the whole run.
    pub events: u64,
    /// Sum of the counted customers' waits.
    pub waits: u64,
    /// Sum of their services.
    pub services: u64,
    /// How long it took.
    pub span: u64,
    /// Customers in the station, summed over time.
    pub presence: u64,
    /// Busy servers, summed over time.
    pub busy: u64,
}

impl Seen {
    /// The mean wait of a customer.
    pub fn mean_wait(&self) -> f64 {
        self.waits as f64 / self.customers as f64
    }

    /// Customers in the station on average over time.
    pub fn mean_presence(&self) -> f64 {
        self.presence as f64 / self.span as f64
    }

    /// Busy servers on average over time.
    pub fn mean_busy(&self) -> f64 {
        self.busy as f64 / self.span as f64
    }
}

impl Station {
    /// Runs it until the last customer has gone.
    pub fn run(&self, draws: &Draws) -> Seen {
        let mut run = Run {
            station: self,
            gaps: draws.series(GAP),
            services: draws.series(SERVICE),
            queue: EventQueue::new(),
            waiting: VecDeque::new(),
            state: State::default(),
        };
        run.queue.push(self.gap.of(run.gaps.pair()), ARRIVAL);
        while let Some(event) = run.queue.pop() {
            run.pass_time();
            match event.payload {
                ARRIVAL => run.arrive(),
                _ => run.depart(),
            }
        }
        run.state.seen
    }
}

/// Counters of a run.
#[derive(Default)]
struct State {
    arrived: u64,
    started: u64,
    busy: u32,
    /// When the counters were brought up to date.
    until: u64,
    seen: Seen,
}

struct Run<'a> {
    station: &'a Station,
    gaps: Series<'a>,
    services: Series<'a>,
    queue: EventQueue,
    /// When those who wait came.
    waiting: VecDeque<u64>,
    state: State,
}

impl Run<'_> {
    /// Counts the time since the event before.
    fn pass_time(&mut self) {
        let (now, s) = (self.queue.now(), &mut self.state);
        s.seen.events += 1;
        if s.arrived > self.station.warm_up {
            let passed = now - s.until;
            s.seen.span += passed;
            let busy = u64::from(s.busy);
            s.seen.busy += passed * busy;
            s.seen.presence += passed * (busy + self.waiting.len() as u64);
        }
        s.until = now;
    }

    fn arrive(&mut self) {
        self.state.arrived += 1;
        let now = self.queue.now();
        if self.state.arrived < self.station.customers {
            self.queue.push(now + self.station.gap.of(self.gaps.pair()), ARRIVAL);
        }
        if self.state.busy < self.station.servers {
            self.state.busy += 1;
            self.serve(now);
        } else {
            self.waiting.push_back(now);
        }
    }

    fn depart(&mut self) {
        match self.waiting.pop_front() {
            Some(came) => self.serve(came),
            None => self.state.busy -= 1,
        }
    }

    /// Starts the service of the next customer, who came at `came`.
    fn serve(&mut self, came: u64) {
        let now = self.queue.now();
        let service = self.station.service.of(self.services.pair());
        self.queue.push(now + service, DEPARTURE);
        if self.state.started >= self.station.warm_up {
            let seen = &mut self.state.seen;
            seen.customers += 1;
            seen.waits += now - came;
            seen.services += service;
        }
        self.state.started += 1;
    }
}
