//! Clouds that behave like the real ones: one engine, and facts by which they differ ([`Traits`]).
//!
//! Pure but for the [`Keeper`]: the same world, market and calls give the same replies to the byte. Time moves
//! only when a call carries a later `now`, or by [`Simulated::pass`]. Chance is drawn by the decision of a call,
//! never by its order. Calls take no time.

mod agenda;
mod bucket;
mod cloud;
mod endpoint;
mod estimate;
mod fault;
mod health;
mod inventory;
mod job;
mod jobs;
mod launch;
mod luck;
mod meter;
mod node;
mod pass;
mod pool;
mod quota;
mod refuse;
mod route;
mod secret;
mod step;
mod tag;
mod token;
mod traits;
mod volume;
mod world;

pub use agenda::Kind;
pub use fault::{Fault, What};
pub use step::{Step, Taken};
pub use traits::{BucketAgain, JobNames, OnInterruption, Reason, Traits};
pub use world::{SCHEMA, Thing, World};

use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tradewind_core::market::Market;
use tradewind_core::seed::Seed;
use tradewind_core::time::Time;

use crate::limits::counted;
use crate::provider::{Answer, Call, Outcome, Pending, Provider};
use crate::refusal::{Class, Refusal};
use crate::tools::{Reply, Request};
use cloud::Cloud;

/// Keeps a world after each call that changed it, so that it outlives its clients.
pub trait Keeper: Send + Sync {
    /// Keeps it, all or nothing; `step` is the one that led here from what was kept last.
    ///
    /// # Errors
    /// Those of the medium; what was kept before is unchanged.
    fn keep(&self, world: &World, step: Step) -> std::io::Result<()>;
}

/// Keeps nothing: the world ends with its server.
#[derive(Debug, Clone, Copy)]
pub struct InMemory;

impl Keeper for InMemory {
    fn keep(&self, _: &World, _: Step) -> std::io::Result<()> {
        Ok(())
    }
}

/// Why a world cannot be simulated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// No cloud of that name is simulated.
    #[error("no cloud {0:?} is simulated")]
    Cloud(String),
    /// The market sells nothing of that cloud.
    #[error("the market has no cloud {0:?}")]
    Market(String),
    /// The world was made on another market.
    #[error("the world was made on another market: {world}, this is {market}")]
    OtherMarket {
        /// Identity of its market.
        world: String,
        /// Identity of this one.
        market: String,
    },
    /// Steps that led somewhere else before: another version took them.
    #[error("step {0} leads somewhere else than it did: the world was kept by another version")]
    OtherSteps(usize),
}

/// A simulated cloud as a provider.
pub struct Simulated {
    market: Arc<Market>,
    traits: &'static Traits,
    world: Mutex<World>,
    /// Whether the limits on calls hold.
    is_limited: bool,
    keeper: Box<dyn Keeper>,
}

impl Simulated {
    /// An empty cloud at the market's own instant.
    ///
    /// # Errors
    /// A cloud that is not simulated, or not in the market.
    pub fn new(cloud: &str, market: Arc<Market>, seed: Seed, keeper: Box<dyn Keeper>) -> Result<Self, WorldError> {
        let world = World::new(cloud, identity(&market), seed, market.as_of);
        Self::resume(world, market, keeper)
    }

    /// A cloud as it was left.
    ///
    /// # Errors
    /// The same, and a world of another market: its nodes would change their machines.
    pub fn resume(world: World, market: Arc<Market>, keeper: Box<dyn Keeper>) -> Result<Self, WorldError> {
        let traits = Traits::of(&world.cloud).ok_or_else(|| WorldError::Cloud(world.cloud.clone()))?;
        if !market.clouds.iter().any(|c| c.name == world.cloud) {
            return Err(WorldError::Market(world.cloud));
        }
        let identity = identity(&market);
        if world.market != identity {
            return Err(WorldError::OtherMarket { world: world.market, market: identity });
        }
        Ok(Self { market, traits, world: Mutex::new(world), is_limited: true, keeper })
    }

    /// The same without limits on calls: what the simulator of plans, which makes none, is compared with.
    pub fn without_limits(self) -> Self {
        Self { is_limited: false, ..self }
    }

    /// The same, with the steps taken again that were taken since the world was kept whole.
    ///
    /// # Errors
    /// A step that leads somewhere else than it did.
    pub fn again(self, steps: Vec<Taken>) -> Result<Self, WorldError> {
        let mut world = self.lock();
        for (n, taken) in (1..).zip(steps) {
            self.step(&mut world, taken.step.clone());
            if Taken::to(&world, taken.step.clone()) != taken {
                return Err(WorldError::OtherSteps(n));
            }
        }
        drop(world);
        Ok(self)
    }

    fn step(&self, world: &mut World, step: Step) {
        match step {
            Step::Call { request, control, now } => {
                // What came of it was told then.
                let _ = self.act(world, &step::call_again(*request, control, now));
            }
            Step::Pass(to) => Cloud::new(&self.market, self.traits, world).pass(to),
            Step::Break(fault) => {
                world.inject(fault);
                let now = world.now;
                Cloud::new(&self.market, self.traits, world).pass(now);
            }
        }
    }

    /// The world as it is.
    pub fn world(&self) -> World {
        self.lock().clone()
    }

    /// Its time.
    pub fn now(&self) -> Time {
        self.lock().now
    }

    /// Lets time pass, by hand.
    ///
    /// # Errors
    /// The world could not be kept.
    pub fn pass(&self, to: Time) -> std::io::Result<Time> {
        let mut world = self.lock();
        self.step(&mut world, Step::Pass(to));
        self.keeper.keep(&world, Step::Pass(to))?;
        Ok(world.now)
    }

    /// Lets something go wrong, by hand.
    ///
    /// # Errors
    /// The world could not be kept.
    pub fn inject(&self, fault: Fault) -> std::io::Result<()> {
        let mut world = self.lock();
        self.step(&mut world, Step::Break(fault.clone()));
        self.keeper.keep(&world, Step::Break(fault))
    }

    /// A panic in a call leaves a world that the next call can read: no invariant spans two fields.
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what a call asks, in its world.
    fn act(&self, world: &mut World, call: &Call) -> Result<Reply, Refusal> {
        let mut cloud = Cloud::new(&self.market, self.traits, world);
        if let Some(now) = call.now {
            cloud.pass(now);
        }
        cloud
            .admit(call, self.is_limited)
            .and_then(|()| cloud.answer(call))
            .and_then(|reply| cloud.reply_or_lose(call, reply))
    }

    fn outcome(&self, call: &Call) -> Outcome {
        let mut world = self.lock();
        let before = world.now;
        let done = self.act(&mut world, call);
        if world.now > before || call.control.is_some() {
            self.keeper.keep(&world, Step::of(call, world.now)).map_err(|e| unkept(&e))?;
        }
        done.map(|reply| Answer { reply, at: world.now, replayed: false, approved_by: None })
    }
}

/// What a market is known by.
fn identity(market: &Market) -> String {
    format!("{} of {}, {} offers", market.snapshot, market.as_of, market.offers.len())
}

fn unkept(error: &std::io::Error) -> Refusal {
    let message = format!("the world could not be kept: {error}");
    Refusal::new("TW5013", Class::Unavailable, message, "the same call again finds out whether it was done").retryable()
}

impl Provider for Simulated {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(ready(self.outcome(call)))
    }
}

impl Cloud<'_> {
    /// Lets a call in: it reaches the cloud, and the cloud has room for it.
    fn admit(&mut self, call: &Call, is_limited: bool) -> Result<(), Refusal> {
        if self.struck(call, |what| if let What::Unreachable { share } = what { Some(*share) } else { None }) {
            return Err(self.traits.refuse(Reason::Outage, "the cloud did not answer"));
        }
        if self.struck(call, |what| if let What::Throttle { share } = what { Some(*share) } else { None }) {
            return Err(self.traits.refuse_for_now(tradewind_core::time::Millis::from_secs(1)));
        }
        let counted = if is_limited { counted(call) } else { Vec::new() };
        let now = self.now();
        self.world.throttle.take(&self.traits.limits, &counted, now).map_err(|wait| self.traits.refuse_for_now(wait))
    }

    /// Loses the reply if a fault wants it: the call is done, and the caller cannot know.
    fn reply_or_lose(&mut self, call: &Call, reply: Reply) -> Result<Reply, Refusal> {
        if self.struck(call, |what| if let What::ReplyLost { share } = what { Some(*share) } else { None }) {
            return Err(self.traits.refuse(Reason::Outage, "the reply was lost"));
        }
        Ok(reply)
    }

    /// Whether a fault that strikes a share of the calls strikes this try of this call.
    fn struck(&mut self, call: &Call, share: impl Fn(&What) -> Option<f64>) -> bool {
        let now = self.now();
        let holding = self.world.faults.iter().enumerate().filter(|(_, f)| f.from <= now && now < f.until);
        let shares: Vec<(usize, f64)> = holding.filter_map(|(i, f)| Some((i, share(&f.what)?))).collect();
        let Some(control) = call.control.as_ref().filter(|_| !shares.is_empty()) else { return false };
        let name = format!("{}/{}/{}", control.owner, call.request.tool(), control.idempotency_key);
        let entity = self.world.seed.bits(&name, 0);
        let tries = self.world.tries.entry(name).or_insert(0);
        *tries += 1;
        shares.iter().any(|(fault, share)| luck::strikes(&self.draws, *share, *fault, entity, *tries))
    }

    fn answer(&mut self, call: &Call) -> Result<Reply, Refusal> {
        let control = || call.control.as_ref().ok_or_else(without_control);
        Ok(match &call.request {
            Request::ProvisionCompute(q) => Reply::ProvisionCompute(self.provision_compute(q, control()?)?),
            Request::ScaleNodepool(q) => Reply::ScaleNodepool(self.scale_nodepool(q, control()?)?),
            Request::LaunchSpot(q) => Reply::LaunchSpot(self.launch_spot(q, control()?)?),
            Request::CreateStorageBucket(q) => Reply::CreateStorageBucket(self.create_storage_bucket(q, control()?)?),
            Request::AttachVolume(q) => Reply::AttachVolume(self.attach_volume(q, control()?)?),
            Request::SubmitMlJob(q) => Reply::SubmitMlJob(self.submit_ml_job(q, control()?)?),
            Request::DeployModel(q) => Reply::DeployModel(self.deploy_model(q, control()?)?),
            Request::GetCostEstimate(q) => Reply::GetCostEstimate(self.get_cost_estimate(q)?),
            Request::GetQuotas(q) => Reply::GetQuotas(self.get_quotas(q)),
            Request::RotateSecret(q) => Reply::RotateSecret(self.rotate_secret(q, control()?)?),
            Request::GetHealth(q) => Reply::GetHealth(self.get_health(q, call.caller.drives_time)),
            Request::FailoverRoute(q) => Reply::FailoverRoute(self.failover_route(q, control()?)?),
            // A call that does nothing to the cloud.
            #[cfg(debug_assertions)]
            Request::Fixture(_) => Reply::Fixture(crate::tools::fixture::Reply(serde_json::Value::Null)),
        })
    }
}

fn without_control() -> Refusal {
    Refusal::new("TW5001", Class::Invalid, "a call that changes something needs its control", "give idempotency_key")
}
