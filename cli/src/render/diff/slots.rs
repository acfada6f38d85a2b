//! Places and times in a few words.

use tradewind_core::diff::Slot;
use tradewind_core::market::CapacityType;
use tradewind_core::place::RegionName;
use tradewind_core::time::{Millis, Time};

use crate::render::bought_as;

/// A place without its time.
pub type Shape = (RegionName, CapacityType, String, bool);

/// The place of a slot.
pub fn shape(slot: &Slot) -> Shape {
    (slot.region.clone(), slot.capacity_type, slot.instance_type.clone(), slot.commitment.is_some())
}

/// `aws/us-east-1 spot m5.large`.
pub fn place((region, capacity_type, instance_type, committed): &Shape) -> String {
    format!("{region} {} {instance_type}", bought_as(*capacity_type, *committed))
}

/// From one place to another, without repeating what they share.
pub fn between(from: &Shape, to: &Shape) -> String {
    if (&from.0, from.1, from.3) == (&to.0, to.1, to.3) {
        format!("{} -> {}", place(from), to.2)
    } else {
        format!("{} -> {}", place(from), place(to))
    }
}

/// How much later; a negative time is earlier.
pub fn later(by: Millis) -> String {
    match by.get() {
        0 => "unchanged".to_owned(),
        ms if ms > 0 => format!("{} later", by.readable()),
        ms => format!("{} earlier", Millis::new(-ms).readable()),
    }
}

/// `03-31 18:00`, UTC.
pub fn minute(time: Time) -> String {
    time.to_string().get(5..16).map_or(String::new(), |text| text.replace('T', " "))
}
