//! What others would do with the same queue: peers, no part of the product.

mod configurations;
mod knapsack;
mod monolith;
mod packing;

use std::time::Instant;

use tradewind_core::seed::Seed;
use tradewind_optimizer::{Request, allocate};

use crate::case::Case;
use crate::measure::{market_for, rules};
use monolith::Monolith;

/// Prints the tables of the peers for queues of these sizes.
pub fn run(sizes: &[u64], seconds: f64) {
    println!("\npeers: every task on its 20 cheapest offers from each window, staging and dependencies left out");
    for &jobs in sizes {
        let case = Case { source: "philly".to_owned(), seed: 3, jobs, classes: Some(500) };
        monolithic(&case, seconds);
    }
    packing::table();
}

/// The monolithic programs beside the plan.
fn monolithic(case: &Case, seconds: f64) {
    let queue = case.queue();
    let loaded = market_for(&queue);
    let rules = rules();
    eprintln!("peers of {case}: our plan ...");
    let begun = Instant::now();
    let relaxed = std::sync::Mutex::new(None);
    let plan = allocate(&Request {
        workload: &queue,
        market: &loaded.market,
        rules: &rules,
        market_hash: loaded.hash.clone(),
        as_of: rules.horizon.start,
        seed: Seed(0),
        gap: None,
        threads: 0,
        assumptions: Vec::new(),
        stop: &|| None,
        progress: &|p| {
            if let (Some(bound), Ok(mut first)) = (p.bound, relaxed.lock()) {
                first.get_or_insert((begun.elapsed().as_secs_f64(), bound));
            }
        },
    })
    .expect("a plan");
    let s = &plan.summary;
    println!("{case}:");
    println!(
        "  plan         {:>8.1} s  {:>6.2} % placed  {:>12.2} USD",
        begun.elapsed().as_secs_f64(),
        share(s.placed, s.tasks),
        s.cost_usd
    );
    if let Ok(Some((took, bound))) = relaxed.into_inner() {
        println!("  relaxation   {took:>8.1} s  {:>16}  {bound:>12.2} USD, over all offers", "");
    }
    eprintln!("peers of {case}: the linear program whole ...");
    let monolith = Monolith::new(&queue, &loaded.market, &rules);
    let lp = monolith.relaxed();
    println!(
        "  HiGHS, LP    {:>8.1} s  {:>6.2} % placed  {:>12.2} USD, {} columns",
        lp.seconds,
        100.0 * lp.placed,
        lp.cost,
        lp.columns
    );
    eprintln!("peers of {case}: one binary a task, offer and window, at most {seconds} s ...");
    match monolith.naive(seconds) {
        Some(m) => println!(
            "  naive MILP   {:>8.1} s  {:>6.2} % placed  {:>12.2} USD, {} binaries",
            m.seconds,
            100.0 * m.placed,
            m.cost,
            m.columns
        ),
        None => println!("  naive MILP: no plan within {seconds} s"),
    }
}

fn share(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
