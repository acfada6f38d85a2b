//! Ends a search early: the user's time limit, Ctrl-C, SIGTERM.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use tradewind_optimizer::Stop;

use crate::exit::Exit;

/// Polled by the allocator between steps.
pub struct Stopper {
    deadline: Option<Instant>,
    signal: Arc<AtomicUsize>,
}

impl Stopper {
    /// Starts the time limit and listens for signals. A second Ctrl-C ends the process at once.
    pub fn new(time_limit: Option<Duration>) -> Self {
        let signal = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        for (number, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
            // Where a handler cannot be set, the signal keeps its default: the process ends.
            let _ = flag::register_conditional_shutdown(number, exit as i32, Arc::clone(&again));
            let _ = flag::register(number, Arc::clone(&again));
            let _ = flag::register_usize(number, Arc::clone(&signal), number as usize);
        }
        Self { deadline: time_limit.map(|limit| Instant::now() + limit), signal }
    }

    /// Why to stop, if at all.
    pub fn poll(&self) -> Option<Stop> {
        if self.signal.load(Ordering::Relaxed) != 0 {
            return Some(Stop::Interrupted);
        }
        self.deadline.filter(|deadline| Instant::now() >= *deadline).map(|_| Stop::TimeLimit)
    }

    /// The exit code of the signal that came, if one did.
    pub fn signalled(&self) -> Option<Exit> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            n if n == SIGTERM as usize => Some(Exit::Terminated),
            _ => Some(Exit::Interrupted),
        }
    }
}
