use std::sync::Arc;

use tradewind_core::clock::FixedClock;
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
use tradewind_core::time::Time;

use super::*;
use crate::approval::Approvals;
use crate::layers::{Governed, Register, Settings, VirtualTimer};
use crate::provider::Provider;
use crate::simulated::{InMemory, Simulated};

fn simulated(names: Names) -> Arc<Simulated> {
    let market = Arc::new(names.market());
    Arc::new(Simulated::new(names.cloud, market, Seed(7), Box::new(InMemory)).expect("a simulated cloud"))
}

/// The cloud alone.
fn bare(names: Names) -> Desk {
    let hands = simulated(names);
    Desk::new(names, hands.clone(), Some(hands))
}

/// The cloud under all layers.
fn governed(names: Names) -> Desk {
    let hands = simulated(names);
    let clock = hands.clone();
    let name = format!("tradewind-audit-{}-{:p}.jsonl", std::process::id(), Arc::as_ptr(&hands));
    let settings = Settings {
        cloud: names.cloud.to_owned(),
        timer: Arc::new(VirtualTimer(move || clock.now())),
        register: Arc::new(Register::in_memory().expect("memory")),
        audit: std::env::temp_dir().join(name),
        rules: vec![],
        approvals: Approvals::in_memory(Arc::new(FixedClock(Time::from_ms(0)))).expect("randomness"),
        budget: Usd::from_nanos(i64::MAX),
        incident: Box::new(|| None),
        limits: &[],
        seed: Seed(7),
    };
    let audit = settings.audit.clone();
    let provider = Governed::new(hands.clone(), settings).expect("sound settings");
    // The open file keeps working without its name.
    let _ = std::fs::remove_file(audit);
    Desk::new(names, Arc::new(provider), Some(hands))
}

/// Runs every case at a desk of its own on every cloud; the cases that broke.
fn broken(desk: impl Fn(Names) -> Desk) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut broken = Vec::new();
    for names in Names::all() {
        for case in cases() {
            match runtime.block_on(case.run(&desk(names))) {
                Verdict::Held => {}
                other => broken.push(format!("{} {}: {other:?}", names.cloud, case.name)),
            }
        }
    }
    broken
}

#[test]
fn the_simulated_clouds_hold_every_case() {
    assert_eq!(broken(bare), Vec::<String>::new());
}

#[test]
fn so_they_do_under_all_layers() {
    assert_eq!(broken(governed), Vec::<String>::new());
}

#[test]
fn a_cloud_that_does_nothing_right_breaks_cases() {
    /// Answers everything with a limit.
    struct Stubborn;
    impl Provider for Stubborn {
        fn call<'a>(&'a self, _: &'a crate::provider::Call) -> crate::provider::Pending<'a> {
            use crate::refusal::{Class, Refusal};
            Box::pin(std::future::ready(Err(Refusal::new("TW5012", Class::Quota, "no", "never"))))
        }
    }
    let names = Names::all()[0];
    let broken = broken(|_| Desk::new(names, Arc::new(Stubborn), Some(simulated(names))));
    assert!(broken.len() > 3 * (cases().len() - 3), "{} of {}", broken.len(), 3 * cases().len());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let without_hands = Desk::new(names, Arc::new(Stubborn), None);
    assert!(matches!(runtime.block_on(cases()[0].run(&without_hands)), Verdict::Skipped(_)));
}
