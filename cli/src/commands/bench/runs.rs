//! One run of a benchmark: its data in the simulator's terms, under any policy.

use std::sync::Arc;

use tradewind_core::policy::spot::one_zone::{Greedy, OnDemand, Rule, Setting, Sliced, Uniform};
use tradewind_core::policy::spot::tradewind::{InOneZone, InZones};
use tradewind_core::policy::spot::zones::{Job, Link, SkyNomad, UpA, UpAp, UpS};
use tradewind_datasets::spot_bench::{BenchLink, OneZoneRow, SpotBench, ZonesRow};
use tradewind_datasets::{DataError, Place};
use tradewind_sim::spot::one_zone;
use tradewind_sim::spot::zones::{Market, Optimal, Outcome, Zone, run, run_single};

const HOUR: f64 = 3600.0;

/// Tick and prices of the one-zone benchmark ("Can't Be Late", NSDI '24: p3.2xlarge), seconds and dollars an hour.
const ONE_ZONE: Setting =
    Setting { work: 0.0, deadline: 0.0, restart: 0.0, tick: 600.0, on_demand: 3.06, spot: 0.9731 };

/// Policies over several zones by their names in the tables.
const ZONES_POLICIES: &str = "optimal, up_single_zone, up_s, up_a, up_ap, skynomad, skynomad_o";
/// Policies in one zone.
const ONE_ZONE_POLICIES: &str =
    "on_demand, greedy, sliced_4, sliced_8, uniform_progress, uniform_progress_no_hysteresis, optimal";

/// A run over several zones.
pub struct ZonesRun {
    market: Market,
    job: Job,
}

impl ZonesRun {
    /// What a row is about.
    pub fn of(bench: &SpotBench, row: &ZonesRow) -> Result<Self, DataError> {
        let (mut zones, mut tick) = (Vec::new(), 0.0);
        for name in &row.zones {
            let Some(zone) = bench.zones.get(&(row.bench.clone(), name.clone())) else {
                return Err(unknown(&row.place, "zones_in_order", name, "a zone of spot_bench_zones.csv"));
            };
            tick = zone.tick_seconds;
            zones.push(Zone {
                name: Arc::from(&**name),
                region: Arc::from(&*zone.region),
                on_demand: zone.on_demand,
                spot: zone.spot.clone(),
                available: zone.available.clone(),
            });
        }
        let link = |from: &Zone, to: &Zone| {
            let key = (row.bench.clone(), from.region.to_string(), to.region.to_string());
            match bench.links.get(&key) {
                Some(link) => Ok(self::link(link)),
                None if from.region == to.region => Ok(Link::default()),
                None => {
                    let pair = format!("{} to {}", from.region, to.region);
                    Err(unknown(&row.place, "zones_in_order", &pair, "regions paired in spot_bench_transfer.csv"))
                }
            }
        };
        let links = zones.iter().map(|a| zones.iter().map(|b| link(a, b)).collect()).collect::<Result<_, _>>()?;
        let job = Job {
            start: row.start_tick,
            tick,
            work: row.task_hours * HOUR,
            deadline: row.deadline_hours * HOUR,
            restart: row.restart_hours * HOUR,
            checkpoint_gb: row.checkpoint_gb,
        };
        Ok(Self { market: Market { zones, links }, job })
    }

    /// Under the row's policy.
    pub fn published(&self, row: &ZonesRow) -> Result<Outcome, DataError> {
        let (market, job) = (&self.market, &self.job);
        Ok(match &*row.policy {
            "optimal" => self.optimal(),
            "up_s" => run(market, job, &mut UpS::default()),
            "up_a" => run(market, job, &mut UpA::default()),
            "up_ap" => run(market, job, &mut UpAp::default()),
            "skynomad" => run(market, job, &mut SkyNomad::online(market.zones.len(), market.prices_move())),
            "skynomad_o" => run(market, job, &mut SkyNomad::told(market.availability())),
            "up_single_zone" => match market.zones.iter().find(|z| *z.name == row.single_zone) {
                Some(zone) => run_single(zone, job),
                None => return Err(unknown(&row.place, "single_zone", &row.single_zone, "one of zones_in_order")),
            },
            other => return Err(unknown(&row.place, "policy", other, ZONES_POLICIES)),
        })
    }

    /// Under ours.
    pub fn ours(&self) -> Outcome {
        run(&self.market, &self.job, &mut InZones::default())
    }

    /// With the future known.
    pub fn optimal(&self) -> Outcome {
        run(&self.market, &self.job, &mut Optimal::new(&self.market, &self.job))
    }

    /// Whether anyone could be in time.
    pub fn is_feasible(&self) -> bool {
        self.job.is_feasible()
    }
}

/// A transfer in the simulator's terms: megabits of a GB (as published, 8 x 1024) at both rates.
fn link(link: &BenchLink) -> Link {
    let seconds = |rate: f64| 8.0 * 1024.0 / rate;
    let more = seconds(link.megabit_per_s) - seconds(link.same_region_megabit_per_s);
    Link { usd_per_gb: link.usd_per_gb, seconds_per_gb: more.max(0.0) }
}

/// A run in one zone.
pub struct OneZoneRun {
    setting: Setting,
    available: Arc<[bool]>,
}

impl OneZoneRun {
    /// What a row is about.
    pub fn of(bench: &SpotBench, row: &OneZoneRow) -> Result<Self, DataError> {
        let Some(available) = bench.windows.get(&(row.trace.clone(), row.window.clone())) else {
            let window = format!("{} {}", row.trace, row.window);
            return Err(unknown(&row.place, "window", &window, "a trace and window of spot_windows_nsdi24.csv"));
        };
        let (work, deadline, restart) = (row.task_hours * HOUR, row.deadline_hours * HOUR, row.restart_hours * HOUR);
        Ok(Self { setting: Setting { work, deadline, restart, ..ONE_ZONE }, available: available.clone() })
    }

    /// Under the row's policy.
    pub fn published(&self, row: &OneZoneRow) -> Result<one_zone::Outcome, DataError> {
        let run = |rule: &mut dyn Rule| one_zone::run(&self.setting, &self.available, rule);
        Ok(match &*row.policy {
            "on_demand" => run(&mut OnDemand),
            "greedy" => run(&mut Greedy),
            "sliced_4" => run(&mut Sliced(4)),
            "sliced_8" => run(&mut Sliced(8)),
            "uniform_progress" => run(&mut Uniform { hysteresis: true }),
            "uniform_progress_no_hysteresis" => run(&mut Uniform { hysteresis: false }),
            "optimal" => self.optimal(),
            other => return Err(unknown(&row.place, "policy", other, ONE_ZONE_POLICIES)),
        })
    }

    /// Under ours.
    pub fn ours(&self) -> one_zone::Outcome {
        one_zone::run(&self.setting, &self.available, &mut InOneZone::default())
    }

    /// With the future known.
    pub fn optimal(&self) -> one_zone::Outcome {
        one_zone::optimal(&self.setting, &self.available)
    }
}

/// A cell that names what is not there.
fn unknown(row: &Place, column: &str, got: &str, accepted: &str) -> DataError {
    let place = Place { column: Some(column.to_owned()), ..row.clone() };
    DataError::unknown_name(place, got, accepted)
}
