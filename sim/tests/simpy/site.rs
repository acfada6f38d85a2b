//! Jobs with checkpoints on nodes that are lost, on the event engine: `sim/validation/simpy/README.md`.

use std::collections::VecDeque;

use tradewind_sim::engine::EventQueue;

/// The site. Times in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    pub nodes: u32,
    pub interval: u64,
    pub save: u64,
    pub restore: u64,
    pub repair: u64,
}

/// A row of the trace.
#[derive(Debug, Clone)]
pub struct Job {
    pub arrival: u64,
    pub work: u64,
    /// How long each of its nodes lasts; those after are not lost.
    pub lives: Vec<u64>,
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ran {
    pub start: u64,
    pub end: u64,
    pub attempts: u32,
}

/// What happens to a job; of an attempt that is over it does not.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Arrive,
    Save,
    Finish,
    Lose,
    /// A node is back.
    Repair,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Arrive, Self::Save, Self::Finish, Self::Lose, Self::Repair];
}

/// Kind, attempt and job in one payload: 3, 9 and 20 bits.
fn payload(kind: Kind, attempt: u32, job: usize) -> u32 {
    (kind as u32) << 29 | attempt << 20 | job as u32
}

/// Runs all jobs to their ends.
pub fn run(site: &Site, jobs: &[Job]) -> Vec<Ran> {
    let mut world = World {
        site,
        jobs,
        queue: EventQueue::new(),
        waiting: VecDeque::new(),
        free: site.nodes,
        saved: vec![0; jobs.len()],
        ran: vec![Ran::default(); jobs.len()],
    };
    for (j, job) in jobs.iter().enumerate() {
        world.queue.push(job.arrival, payload(Kind::Arrive, 0, j));
    }
    while let Some(event) = world.queue.pop() {
        let (kind, attempt, job) =
            (event.payload >> 29, event.payload >> 20 & 0x1ff, event.payload as usize & 0xf_ffff);
        world.happen(Kind::ALL[kind as usize], attempt, job);
    }
    world.ran
}

struct World<'a> {
    site: &'a Site,
    jobs: &'a [Job],
    queue: EventQueue,
    waiting: VecDeque<usize>,
    free: u32,
    saved: Vec<u64>,
    ran: Vec<Ran>,
}

impl World<'_> {
    fn happen(&mut self, kind: Kind, attempt: u32, job: usize) {
        let is_over = self.ran[job].end > 0 || attempt < self.ran[job].attempts;
        match kind {
            Kind::Arrive => self.waiting.push_back(job),
            Kind::Repair => self.free += 1,
            _ if is_over => return,
            Kind::Save => {
                self.saved[job] += self.site.interval;
                self.work_on(job, self.queue.now());
            }
            Kind::Finish => {
                self.ran[job].end = self.queue.now();
                self.free += 1;
            }
            Kind::Lose => {
                // From now on the attempt is over: whatever it was to do does not happen.
                self.ran[job].attempts += 1;
                self.queue.push(self.queue.now() + self.site.repair, payload(Kind::Repair, 0, job));
                self.waiting.push_back(job);
            }
        }
        self.start_waiting();
    }

    fn start_waiting(&mut self) {
        while self.free > 0 {
            let Some(job) = self.waiting.pop_front() else { return };
            self.free -= 1;
            let (now, attempt) = (self.queue.now(), self.ran[job].attempts);
            if attempt == 0 {
                self.ran[job].start = now;
            }
            if let Some(life) = self.jobs[job].lives.get(attempt as usize) {
                self.queue.push(now + life, payload(Kind::Lose, attempt, job));
            }
            let restore = if attempt == 0 { 0 } else { self.site.restore };
            self.work_on(job, now + restore);
        }
    }

    /// Works from `time` to the next checkpoint or the end.
    fn work_on(&mut self, job: usize, time: u64) {
        let (left, attempt) = (self.jobs[job].work - self.saved[job], self.ran[job].attempts);
        if left > self.site.interval {
            self.queue.push(time + self.site.interval + self.site.save, payload(Kind::Save, attempt, job));
        } else {
            self.queue.push(time + left, payload(Kind::Finish, attempt, job));
        }
    }
}
