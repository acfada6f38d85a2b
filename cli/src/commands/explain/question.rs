//! A plan and the market to explain it by.

use std::path::Path;

use tradewind_core::market::Market;
use tradewind_core::plan::Plan;
use tradewind_datasets::LoadedMarket;
use tradewind_datasets::queue::{Problem, nearest};
use tradewind_optimizer::explain::ExplainError;

use crate::args::{MarketArgs, SnapshotYear};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::load_market_for;
use crate::plan_file;
use crate::render::thousands;

/// What is asked about.
pub struct Question {
    /// The plan.
    pub plan: Plan,
    /// What was looked at, for people.
    pub note: String,
    /// The whole market the plan was made from, where it is at hand.
    whole: Option<LoadedMarket>,
    file: String,
}

impl Question {
    /// Reads a plan that nobody edited, and finds the market it was made from: the one the arguments
    /// name, else the embedded snapshot of that name. Where neither has the plan's hash, only the
    /// offers in the plan file are looked at, and the note says so.
    ///
    /// # Errors
    /// The plan cannot be read or was edited; a market that was named is not the plan's (exit 6).
    pub fn read(path: &Path, args: &MarketArgs) -> Result<Self, Failure> {
        let file = path.display().to_string();
        let plan = plan_file::read_sound(path)?;
        let config = Config::load(args.config.as_deref())?;
        let named = args.market.is_some() || args.snapshot.is_some() || args.quotas.is_some() || args.config.is_some();
        let of_plan = MarketArgs { snapshot: snapshot_of(&plan), ..args.clone() };
        let loaded = load_market_for(if named { args } else { &of_plan }, &config, &plan.workload, &plan.rules)?;
        let same = loaded.hash == plan.inputs.market_hash;
        if named && !same {
            return Err(other_market(&file, &plan, &loaded));
        }
        let rows = plan.market.offers.len();
        let note = if same {
            let whole = loaded.market.offers.len();
            format!("All {} offers of snapshot {} were looked at.", thousands(whole as u64), plan.inputs.snapshot)
        } else {
            format!(
                "Only the {} offers in the plan file were looked at: give --market, --quotas and --config as when \
                 planning to look at the whole market.",
                thousands(rows as u64)
            )
        };
        Ok(Self { plan, note, whole: same.then_some(loaded), file })
    }

    /// The whole market, or the rows in the plan.
    pub fn market(&self) -> &Market {
        self.whole.as_ref().map_or(&self.plan.market, |l| &l.market)
    }

    /// Where the whole market's tables came from, if it is at hand.
    pub fn loaded(&self) -> Option<&LoadedMarket> {
        self.whole.as_ref()
    }

    /// An answer, or why there is none.
    pub fn answer<T>(&self, answer: Result<T, ExplainError>) -> Result<T, Failure> {
        answer.map_err(|error| self.failure(&error))
    }

    fn failure(&self, error: &ExplainError) -> Failure {
        let problem = match error {
            ExplainError::UnknownJob(id) => {
                let ids = self.plan.workload.jobs().iter().map(|j| j.id.as_str());
                let help = nearest(id, ids).map_or_else(
                    || "the plan lists its jobs in its \"workload\"".to_owned(),
                    |near| format!("did you mean {near:?}?"),
                );
                Problem::of_file("TW3004", "no such job in the plan", &self.file).got(format!("{id:?}")).help(help)
            }
            ExplainError::UnknownOffer(name) => {
                let (text, market) = (name.clone(), self.market());
                let names: Vec<String> = similar_offers(market, name);
                let help = if names.is_empty() {
                    "`tradewind offers` lists what is sold".to_owned()
                } else {
                    format!("did you mean {}?", names.join(" or "))
                };
                Problem::of_file("TW3004", "no such offer in the market", &self.file).got(text).help(help)
            }
            ExplainError::Mismatch => {
                Problem::of_file("TW3002", "the plan and its market do not belong together", &self.file)
                    .got("a task that may not run where the plan puts it")
                    .help("`tradewind check` names what is wrong")
            }
        };
        let exit = if *error == ExplainError::Mismatch { Exit::Stale } else { Exit::BadInput };
        Failure::new(exit, problem)
    }
}

/// The embedded snapshot that a plan names.
fn snapshot_of(plan: &Plan) -> Option<SnapshotYear> {
    plan.inputs.snapshot.starts_with("2026").then_some(SnapshotYear::Y2026)
}

/// Offers of the same type elsewhere, or of a similar name in the same region.
fn similar_offers(market: &Market, name: &str) -> Vec<String> {
    let names = (0..market.offers.len()).map(|o| tradewind_core::offer_name::OfferName::of(market, o).to_string());
    let names: Vec<String> =
        names.filter(|n| n.split('/').zip(name.split('/')).filter(|(a, b)| a == b).count() >= 3).collect();
    let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
    near.or_else(|| names.first().cloned()).into_iter().collect()
}

fn other_market(file: &str, plan: &Plan, loaded: &LoadedMarket) -> Failure {
    let problem = Problem::of_file("TW3002", "the plan was made from another market", file)
        .got(format!("snapshot {}, hash {}", loaded.market.snapshot, short(&loaded.hash)))
        .accepted(format!("snapshot {}, hash {}", plan.inputs.snapshot, short(&plan.inputs.market_hash)))
        .help("give the same --market, --snapshot, --quotas and --config as when planning, or none of them");
    Failure::new(Exit::Stale, problem)
}

fn short(hash: &str) -> String {
    hash.chars().take(19).collect()
}
