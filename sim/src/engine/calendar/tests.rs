use proptest::prelude::*;

use super::*;

/// One step of a model: an event after a delay, or the next one before so much time has passed.
#[derive(Debug, Clone, Copy)]
enum Step {
    Push(u64),
    Pop(u64),
}

/// Delays of all magnitudes: none, one tick, up to 2^40 ticks.
fn delay() -> impl Strategy<Value = u64> {
    (0_u32..=40, any::<u64>()).prop_map(|(bits, x)| x & ((1 << bits) - 1))
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![3 => delay().prop_map(Step::Push), 2 => delay().prop_map(Step::Pop)];
    prop::collection::vec(step, 1..most)
}

/// Whatever a calendar was made for, what comes of it is what comes of a list that is searched.
fn is_like_a_list(queue: &mut Calendar, steps: &[Step], drained: u64) {
    let (mut pending, mut now): (Vec<Event>, u64) = (Vec::new(), 0);
    let end = [Step::Pop(drained), Step::Pop(LATEST + 1)].repeat(steps.len());
    for (payload, step) in (0..).zip(steps.iter().chain(&end)) {
        match *step {
            Step::Push(delay) => {
                let event = Event { time: (now + delay).min(LATEST), payload };
                queue.push(event.time, event.payload);
                pending.push(event);
            }
            Step::Pop(within) => {
                let first = pending.iter().map(|e| e.time).min().filter(|time| *time < now + within);
                let next = first.and_then(|time| pending.iter().position(|e| e.time == time));
                let expected = next.map(|place| pending.remove(place));
                assert_eq!(queue.pop_before(now + within), expected);
                now = first.unwrap_or(now);
            }
        }
    }
    assert!(pending.is_empty() && queue.pop_before(NEVER).is_none());
}

proptest! {
    #[test]
    fn events_come_in_order(
        rounds in prop::collection::vec((delay(), 0_u64..5000, steps(400), delay()), 1..3),
    ) {
        let mut queue = Calendar::default();
        for (span, events, steps, drained) in &rounds {
            queue.begin(*span, *events);
            is_like_a_list(&mut queue, steps, *drained);
        }
    }

    #[test]
    fn crowds_come_in_order(width in 1_u64..50, span in 1_u64..3000, ahead in 0_usize..400) {
        let push = |i: u64| Step::Push(i * 7 % width);
        let steps: Vec<Step> =
            (0..ahead as u64).map(push).chain((0..800).map(|i| if i % 2 == 0 { Step::Pop(9) } else { push(i) })).collect();
        let mut queue = Calendar::default();
        queue.begin(span, 1);
        is_like_a_list(&mut queue, &steps, 5);
    }
}

#[test]
fn the_ends_of_time_are_kept() {
    let mut queue = Calendar::default();
    queue.begin(LATEST, 1 << 20);
    (0..200).for_each(|i| queue.push(if i % 2 == 0 { LATEST } else { 0 }, i));
    let order: Vec<u32> = std::iter::from_fn(|| queue.pop_before(NEVER)).map(|e| e.payload).collect();
    assert!(order.into_iter().eq((0..200).filter(|i| i % 2 == 1).chain((0..200).step_by(2))));
}

#[test]
#[should_panic(expected = "before now")]
fn the_past_is_closed() {
    let mut queue = Calendar::default();
    queue.begin(100, 1);
    queue.push(10, 0);
    queue.pop_before(11);
    queue.push(9, 0);
}

#[test]
#[should_panic(expected = "after the latest time")]
fn time_ends() {
    let mut queue = Calendar::default();
    queue.begin(1, 1);
    queue.push(LATEST + 1, 0);
}
