//! Many runs on the same clouds, in one time: it goes from event to event of all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tradewind_core::time::Time;

use crate::drive::{DriveError, Driver, Hands, NoWatch};
use crate::journal::Journal;
use crate::run::{Run, Script};

/// Runs, by the number of their wave.
pub struct Fleet<H, J> {
    hands: Arc<H>,
    now: Time,
    /// Runs whose first launch is still to come.
    ahead: BTreeMap<u32, (Arc<Script>, J)>,
    under_way: BTreeMap<u32, Driver<'static, Arc<H>, J>>,
}

impl<H: Hands, J: Journal> Fleet<H, J> {
    /// Without runs, at an instant.
    pub fn new(hands: H, now: Time) -> Self {
        Self { hands: Arc::new(hands), now, ahead: BTreeMap::new(), under_way: BTreeMap::new() }
    }

    /// Its time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Adds a run; one that began already goes on where its journal ends.
    ///
    /// # Errors
    /// Its journal cannot be used.
    pub fn add(&mut self, wave: u32, script: Arc<Script>, journal: J) -> Result<(), DriveError> {
        if script.begins() > self.now && journal.is_empty()? {
            self.ahead.insert(wave, (script, journal));
            return Ok(());
        }
        self.open(wave, script, journal)
    }

    fn open(&mut self, wave: u32, script: Arc<Script>, journal: J) -> Result<(), DriveError> {
        // Of no size: nothing is kept that could be lost.
        let nobody = Box::leak(Box::new(NoWatch));
        let driver = Driver::open(script, journal, self.hands.clone(), nobody)?;
        self.now = self.now.max(driver.now());
        self.under_way.insert(wave, driver);
        Ok(())
    }

    /// Does all that is to be done now; the waves that are over with it.
    ///
    /// # Errors
    /// See [`DriveError`].
    pub async fn catch_up(&mut self) -> Result<Vec<u32>, DriveError> {
        let mut over = Vec::new();
        for (wave, driver) in &mut self.under_way {
            driver.pass_to(self.now)?;
            if !driver.catch_up().await? {
                over.push(*wave);
            }
        }
        Ok(over)
    }

    /// When something happens next.
    ///
    /// # Errors
    /// [`DriveError::Stuck`]: a run is not over and waits for nothing.
    pub fn next(&self) -> Result<Option<Time>, DriveError> {
        let mut next = self.ahead.values().map(|(script, _)| script.begins()).min();
        for driver in self.under_way.values() {
            let its = driver.next().ok_or(DriveError::Stuck(driver.run().state().undone))?;
            next = Some(next.map_or(its, |next| next.min(its)));
        }
        Ok(next)
    }

    /// Lets time pass; runs that begin by then begin.
    ///
    /// # Errors
    /// See [`DriveError`].
    pub fn pass_to(&mut self, at: Time) -> Result<(), DriveError> {
        self.now = self.now.max(at);
        let begins = |(script, _): &(Arc<Script>, J)| script.begins() <= self.now;
        let due: Vec<u32> = self.ahead.iter().filter(|(_, run)| begins(run)).map(|(wave, _)| *wave).collect();
        for wave in due {
            if let Some((script, journal)) = self.ahead.remove(&wave) {
                self.open(wave, script, journal)?;
            }
        }
        Ok(())
    }

    /// Takes back what has not begun.
    ///
    /// # Errors
    /// A journal cannot be used.
    pub fn recall(&mut self) -> Result<(), DriveError> {
        self.under_way.values_mut().try_for_each(Driver::recall)
    }

    /// A cloud tells that places are out.
    ///
    /// # Errors
    /// A journal cannot be used.
    pub fn lose<'p>(&mut self, places: impl Iterator<Item = &'p str>) -> Result<(), DriveError> {
        for place in places {
            self.under_way.values_mut().try_for_each(|driver| driver.lose(place).map(drop))?;
        }
        Ok(())
    }

    /// Hands on the clouds.
    pub fn hands(&self) -> &H {
        &self.hands
    }

    /// Runs under way.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.under_way.values().map(Driver::run)
    }

    /// Plans whose run has not begun.
    pub fn plans_ahead(&self) -> impl Iterator<Item = &Script> {
        self.ahead.values().map(|(script, _)| &**script)
    }

    /// A run under way.
    pub fn run(&self, wave: u32) -> Option<&Run> {
        self.under_way.get(&wave).map(Driver::run)
    }

    /// Lets go of a run that is over.
    pub fn remove(&mut self, wave: u32) {
        self.under_way.remove(&wave);
    }

    /// Whether nothing runs or will.
    pub fn is_empty(&self) -> bool {
        self.ahead.is_empty() && self.under_way.is_empty()
    }
}
