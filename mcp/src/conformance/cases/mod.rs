//! The cases, by what they are about.

mod capacity;
mod idempotency;
mod jobs;
mod lifecycle;
mod money;
mod pools;
mod services;
mod spot;
mod volumes;

use super::Case;
use crate::refusal::{Class, Refusal};

/// All cases, in a fixed order.
pub fn cases() -> Vec<Case> {
    [
        lifecycle::CASES,
        idempotency::CASES,
        capacity::CASES,
        spot::CASES,
        money::CASES,
        pools::CASES,
        volumes::CASES,
        jobs::CASES,
        services::CASES,
    ]
    .concat()
}

/// A case in one line.
macro_rules! case {
    ($name:ident, $claim:literal) => {
        $crate::conformance::Case {
            name: stringify!($name),
            claim: $claim,
            needs_hands: true,
            course: |desk| Box::pin($name(desk)),
        }
    };
}
use case;

/// Says what was seen where something else was claimed.
macro_rules! hold {
    ($claim:expr, $($seen:tt)+) => {
        if !$claim {
            return Err(format!($($seen)+));
        }
    };
}
use hold;

/// What a refusal says, for a case that did not expect it.
fn told(refusal: Refusal) -> String {
    format!("refused: {refusal} ({:?}, {:?})", refusal.class, refusal.cloud_code)
}

/// The refusal that a call should have met, if it is of the right class.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Refusal>, class: Class) -> Result<Refusal, String> {
    match outcome {
        Ok(reply) => Err(format!("answered {reply:?}, not refused as {class:?}")),
        Err(refusal) if refusal.class == class => Ok(refusal),
        Err(refusal) => Err(format!("not as {class:?}: {}", told(refusal))),
    }
}
