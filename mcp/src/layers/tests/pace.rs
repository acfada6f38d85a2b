use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tradewind_core::clock::Clock;
use tradewind_core::time::{Millis, Time};

use super::*;
use crate::conformance::Names;
use crate::layers::Pace;
use crate::provider::Call;
use crate::simulated::{InMemory, Simulated};
use crate::tools::{Request, get_quotas};

/// Milliseconds since the beginning, turned by hand.
#[derive(Default)]
struct Wall(AtomicI64);

impl Clock for Wall {
    fn now(&self) -> Time {
        Time::from_ms(self.0.load(Ordering::Relaxed))
    }
}

#[test]
fn time_in_the_world_runs_with_the_wall_and_callers_do_not_turn_it() {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Default::default(), Box::new(InMemory));
    let cloud = Arc::new(cloud.expect("a cloud"));
    let (wall, begin) = (Arc::new(Wall::default()), cloud.now());
    let paced = Pace::new(cloud.clone(), wall.clone(), begin, 3600);
    let request = Request::GetQuotas(get_quotas::Request::default());
    let asked = Call { request, control: None, now: Some(begin + Millis::from_hours(1000)), ..call("k") };
    run(&paced, &asked).expect("read");
    assert_eq!(cloud.now(), begin, "no time passed");
    wall.0.store(2_000, Ordering::Relaxed);
    assert_eq!(run(&paced, &asked).expect("read").at, begin + Millis::from_hours(2), "two seconds are two hours");
    wall.0.store(1_000, Ordering::Relaxed);
    assert_eq!(
        run(&paced, &asked).expect("read").at,
        begin + Millis::from_hours(2),
        "a wall clock set back is waited for"
    );
}
