//! Runs in this process that are looked at after every event.

use std::collections::BTreeMap;
use std::sync::Arc;

use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_mcp::provider::Provider;
use tradewind_mcp::simulated::Simulated;
use tradewind_scheduler::drive::{Direct, Driver, Place, Simulation, Trouble, Watch, replay};
use tradewind_scheduler::journal::{Entry, Memory};
use tradewind_scheduler::run::{Decision, Run, Script};

use crate::common::Desk;

/// Plans a queue on an account without limits.
pub fn planned(desk: &Desk, queue: &str) -> Plan {
    desk.write("q.jsonl", queue);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    serde_json::from_str(&desk.read("p.json")).expect("a plan")
}

/// Looks after every event.
pub struct Auditor {
    clouds: BTreeMap<String, Arc<Simulated>>,
    pub entries: Vec<Entry>,
    /// Whether the sums are held against the run's figures: all of a run, that is slow.
    ties: bool,
    /// What was owed at the most beyond a limit and a minute of what runs, in nano-dollars.
    limit: Option<Usd>,
    pub beyond: i64,
}

impl Auditor {
    /// All choices, in order, each with its entry.
    pub fn choices(&self) -> impl Iterator<Item = (&Entry, &Decision)> {
        self.entries.iter().flat_map(|entry| entry.data.decisions.iter().map(move |choice| (entry, choice)))
    }
}

impl Watch for Auditor {
    fn at(&mut self, _: Place<'_>, run: &Run) -> bool {
        if let Some(limit) = self.limit {
            let market = &run.script().plan.market;
            let owed = self.clouds.values().map(|c| c.world().owed(market, Millis::from_secs(60)));
            let (owed, minute) = owed.fold((Usd::ZERO, Usd::ZERO), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            self.beyond = self.beyond.max((owed - limit - minute).nanos());
        }
        true
    }

    fn noted(&mut self, entry: &Entry, run: &Run) {
        self.entries.push(entry.clone());
        if self.ties {
            let (accounts, figures) = (&run.state().ledger.accounts, run.figures());
            assert_eq!(accounts.iter().map(|a| a.nodes).sum::<Usd>(), figures.billed_usd, "{}", entry.id);
            assert_eq!(accounts.iter().map(|a| a.kept).sum::<Usd>(), figures.kept_usd, "{}", entry.id);
            for budget in run.budgets() {
                assert!(budget.set_aside_usd >= Usd::ZERO, "{budget:?}");
            }
        }
    }
}

/// Carries a plan out on simulated clouds in this process; what the run came to, and who watched.
pub fn carried_out(plan: &Plan, seed: Seed, troubles: Vec<Trouble>, limit: Option<Usd>) -> (Run, Auditor) {
    let script = Arc::new(Script::new("ledger", plan.clone()).expect("a sound plan"));
    let simulation = Simulation { seed, troubles, budget: Usd::from_nanos(i64::MAX), limits: false };
    let clouds = simulation.clouds(&script).expect("clouds");
    let hands = clouds.iter().map(|(name, cloud)| (name.clone(), cloud.clone() as Arc<dyn Provider>)).collect();
    let mut auditor = Auditor { clouds, entries: Vec::new(), ties: limit.is_none(), limit, beyond: i64::MIN };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let hands = Direct(hands);
        let mut driver = Driver::open(script.clone(), Memory::default(), hands, &mut auditor).expect("a run");
        driver.finish().await.expect("an end");
    });
    let (run, _) = replay(script, &auditor.entries).expect("the journal tells it again");
    assert!(run.is_over());
    (run, auditor)
}
