use proptest::prelude::*;

use super::*;

/// Pushes `delays` after now, one each time and at first `ahead` without popping, and drains: what comes, against
/// a stable sort of all that was pushed.
fn is_like_a_sorted_list(delays: &[u64], ahead: usize) {
    let (mut queue, mut pushed, mut popped) = (EventQueue::new(), Vec::new(), Vec::new());
    for (payload, delay) in delays.iter().enumerate() {
        if payload >= ahead {
            popped.extend(queue.pop());
        }
        let event = Event { time: (queue.now() + delay).min(LATEST), payload: payload as u32 };
        queue.push(event.time, event.payload);
        pushed.push(event);
        assert_eq!(queue.len(), pushed.len() - popped.len());
    }
    popped.extend(std::iter::from_fn(|| queue.pop()));
    pushed.sort_by_key(|e| e.time);
    assert_eq!(popped, pushed);
    assert!(queue.is_empty() && queue.pop().is_none());
}

/// Fills a queue far ahead, looks what comes next, and goes on to push much before that: as a model does that has plans
/// beside the queue.
fn may_be_looked_into(far: &[u64], near: &[u64]) {
    let mut queue = EventQueue::new();
    let all: Vec<Event> = (0..)
        .zip(far.iter().map(|time| time + 5000).chain(near.iter().copied()))
        .map(|(payload, time)| Event { time, payload })
        .collect();
    let (first, then) = all.split_at(far.len());
    first.iter().for_each(|e| queue.push(e.time, e.payload));
    assert_eq!(queue.next_time(), first.iter().map(|e| e.time).min());
    then.iter().for_each(|e| queue.push(e.time, e.payload));
    let popped: Vec<Event> = std::iter::from_fn(|| queue.pop()).collect();
    let mut sorted = all;
    sorted.sort_by_key(|e| e.time);
    assert!(popped == sorted, "not in order");
}

/// Delays of all magnitudes: none, one tick, up to 2^40 ticks.
fn delays(most: usize) -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec((0_u32..=40, any::<u64>()).prop_map(|(bits, x)| x & ((1 << bits) - 1)), 1..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn events_come_in_order_when_few(delays in delays(600), ahead in 0_usize..300) {
        is_like_a_sorted_list(&delays, ahead);
    }

    #[test]
    fn events_come_in_order_when_many(delays in delays(4 * SMALL), ahead in SMALL..2 * SMALL) {
        is_like_a_sorted_list(&delays, ahead);
    }

    #[test]
    fn events_come_in_order_when_they_crowd(wide in delays(2 * SMALL), width in 1_u64..50) {
        let crowd = (0..3 * SMALL as u64).map(|i| i * 7 % width);
        let delays: Vec<u64> = wide.into_iter().chain(crowd).collect();
        is_like_a_sorted_list(&delays, 2 * SMALL + SMALL / 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn looking_ahead_leaves_the_order(
        far in prop::collection::vec(0_u64..40_000, SMALL + 1..2 * SMALL),
        near in prop::collection::vec(0_u64..6_000, SMALL + 1..2 * SMALL),
    ) {
        may_be_looked_into(&far, &near);
    }
}

#[test]
fn the_ends_of_time_are_kept() {
    let mut queue = EventQueue::new();
    for i in 0..2 * SMALL as u32 {
        queue.push(if i % 2 == 0 { LATEST } else { 0 }, i);
    }
    let order: Vec<u32> = std::iter::from_fn(|| queue.pop()).map(|e| e.payload).collect();
    let expected: Vec<u32> =
        (0..2 * SMALL as u32).filter(|i| i % 2 == 1).chain((0..2 * SMALL as u32).step_by(2)).collect();
    assert_eq!((order, queue.now()), (expected, LATEST));
}

#[test]
#[should_panic(expected = "before now")]
fn the_past_is_closed() {
    let mut queue = EventQueue::new();
    queue.push(10, 0);
    queue.pop();
    queue.push(9, 0);
}

#[test]
#[should_panic(expected = "after the latest time")]
fn time_ends() {
    EventQueue::new().push(LATEST + 1, 0);
}

/// `n` pending events, each pushed back when it comes, for `turns` turns of the whole queue.
fn hold(queue: &mut EventQueue, n: u32, turns: u32) {
    let delay = |i: u32| u64::from(i.wrapping_mul(2_654_435_761) >> 12);
    (0..n).for_each(|i| queue.push(delay(i), i));
    for i in 0..n * turns {
        let event = queue.pop().expect("pending events");
        queue.push(event.time + delay(event.payload ^ i), event.payload);
    }
}

#[test]
fn nothing_is_allocated_in_steady_state() {
    for n in [100, 200_000] {
        let mut queue = EventQueue::new();
        hold(&mut queue, n, 3);
        let bytes = queue.bytes();
        queue.clear();
        assert!(queue.is_empty() && queue.now() == 0);
        hold(&mut queue, n, 4);
        assert_eq!(queue.bytes(), bytes, "{n} pending");
    }
}

/// The heap and the arena double as every vector does: at most two places an event, besides the buckets' halves.
#[test]
fn a_pending_event_takes_16_bytes() {
    let mut queue = EventQueue::new();
    let n = (1 << 20) - (1 << 15);
    hold(&mut queue, n, 2);
    let bytes = queue.bytes() as f64 / f64::from(n);
    assert!((16.0..17.5).contains(&bytes), "{bytes}");
}
