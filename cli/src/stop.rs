//! Ends a search early: the user's time limit, Ctrl-C, SIGTERM.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};
use tradewind_optimizer::Stop;

use crate::exit::Exit;

/// Polled by the allocator between steps. While one lives the first Ctrl-C asks it to stop, and a second one ends the
/// process at once; when none does any more, the first one ends it.
pub struct Stopper {
    deadline: Option<Instant>,
    signal: Arc<AtomicUsize>,
    listens: Vec<SigId>,
}

/// What all stoppers of the process share.
struct Listening {
    /// Whether a signal ends the process: nobody listens, or one came before.
    at_once: Arc<AtomicBool>,
    /// Stoppers that live.
    living: Mutex<usize>,
}

impl Listening {
    /// Of the process; the first who asks sets the handlers that end it.
    fn of_process() -> &'static Self {
        static ALL: OnceLock<Listening> = OnceLock::new();
        ALL.get_or_init(|| {
            let at_once = Arc::new(AtomicBool::new(true));
            for (number, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
                // Where a handler cannot be set, the signal keeps its default: the process ends.
                let _ = flag::register_conditional_shutdown(number, exit as i32, Arc::clone(&at_once));
            }
            Self { at_once, living: Mutex::new(0) }
        })
    }

    fn living(&self) -> MutexGuard<'_, usize> {
        self.living.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stopper {
    /// Starts the time limit and listens for signals.
    pub fn new(time_limit: Option<Duration>) -> Self {
        let listening = Listening::of_process();
        let mut living = listening.living();
        let signal = Arc::new(AtomicUsize::new(0));
        let listens = [SIGINT, SIGTERM].into_iter().flat_map(|number| {
            let told = flag::register_usize(number, Arc::clone(&signal), number as usize);
            // After the handler that ends the process looked at it: only a second signal meets it.
            [told, flag::register(number, Arc::clone(&listening.at_once))]
        });
        let listens = listens.filter_map(Result::ok).collect();
        if *living == 0 {
            listening.at_once.store(false, Ordering::SeqCst);
        }
        *living += 1;
        Self { deadline: time_limit.map(|limit| Instant::now() + limit), signal, listens }
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

impl Drop for Stopper {
    fn drop(&mut self) {
        let listening = Listening::of_process();
        let mut living = listening.living();
        *living -= 1;
        // First, so that no signal falls between.
        if *living == 0 {
            listening.at_once.store(true, Ordering::SeqCst);
        }
        self.listens.drain(..).for_each(|id| {
            low_level::unregister(id);
        });
    }
}
