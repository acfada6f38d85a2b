//! Each layer alone, around a provider that does as it is told.

mod approval;
mod audit;
mod breaker;
mod buckets;
mod budget;
mod fence;
mod governed;
mod idempotency;
mod lost_replies;
mod pace;
mod policy;
mod retry;
mod scripted;
mod switches;

use scripted::{Scripted, call, done, now, refusal, run};
