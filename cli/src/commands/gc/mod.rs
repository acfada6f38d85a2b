//! `tradewind gc`.

mod ground;

use clap::Args;
use tradewind_scheduler::gc::{self, Holding, Outcome};

use crate::args::{Format, MarketArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render;
use crate::render::gc::{Report, Row, Unread};
use crate::run_folder::StateArgs;
use ground::{Found, Ground};

/// What we own on the clouds of runs and watches, why it exists, when it dies; and the end of orphans.
///
/// An orphan belongs to no run, to one that is over or cancelled, or has outlived its time to live. Nodes
/// and pools are ended; volumes, buckets, secrets, routes and endpoints are told of, and wait for their owner.
///
/// Exit 0: no orphan is left; 2: some are; 7: a cloud did not answer, or did not let us.
#[derive(Debug, Clone, Args)]
#[command(verbatim_doc_comment)]
pub struct GcArgs {
    /// End the orphans.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub state: StateArgs,
    /// Of a watch: the market that it was begun with.
    #[command(flatten)]
    pub market: MarketArgs,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// Looks, and ends what may be ended where that is wanted.
pub fn run(args: &GcArgs) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::usage("gc cannot start", &e.to_string(), "try again"))?;
    let report = runtime.block_on(sweep(args))?;
    output::data(&match args.format {
        Format::Json => render::json(&report),
        Format::Csv => render::gc::csv(&report),
        format => render::people(&render::gc::page(&report), format, output::data_style()),
    })?;
    Ok(exit(&report))
}

fn exit(report: &Report) -> Exit {
    let is_refused = |row: &Row| matches!(row.holding.outcome, Some(Outcome::Refused { .. }));
    match () {
        () if !report.unread.is_empty() || report.rows.iter().any(is_refused) => Exit::Partial,
        () if report.left > 0 => Exit::Differs,
        () => Exit::Done,
    }
}

/// All clouds of the state, one ground after another: each is held while it is swept.
async fn sweep(args: &GcArgs) -> Result<Report, Failure> {
    let mut report = Report::new(args.yes);
    for place in ground::places(&args.state)? {
        match ground::enter(&place, &args.market).await? {
            Found::Ours(ground) => sweep_one(&ground, args.yes, &mut report).await,
            Found::Led(name) => report.led.push(name),
            Found::Untouched => {}
        }
    }
    Ok(report)
}

async fn sweep_one(ground: &Ground, yes: bool, report: &mut Report) {
    for cloud in &ground.clouds {
        match gc::look(&ground.hands, cloud, &ground.owners, ground.now).await {
            Ok(mut census) => {
                if census.is_cut {
                    output::warn(&format!("{}: {cloud} shows no more at once: sweep again", ground.name));
                }
                // A pool would replace its nodes.
                census.holdings.sort_by_key(|h| h.resource.kind != "pool");
                for holding in &mut census.holdings {
                    if yes && holding.orphan.is_some() {
                        holding.outcome = gc::end(&ground.hands, holding, &ground.owners, ground.now).await;
                    }
                }
                report.add(&ground.name, ground.now, census.holdings);
            }
            Err(refusal) => {
                let (kept_by, cloud) = (ground.name.clone(), cloud.clone());
                report.unread.push(Unread { kept_by, cloud, because: refusal.to_string() });
            }
        }
    }
}

impl Report {
    fn add(&mut self, kept_by: &str, at: tradewind_core::time::Time, holdings: Vec<Holding>) {
        self.orphans += holdings.iter().filter(|h| h.orphan.is_some()).count() as u64;
        self.left += holdings.iter().filter(|h| h.is_left()).count() as u64;
        self.rows.extend(holdings.into_iter().map(|holding| Row { kept_by: kept_by.to_owned(), at, holding }));
    }
}
