//! `tradewind offers`.

use std::collections::BTreeSet;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::Serialize;
use tradewind_core::clock::Clock;
use tradewind_core::job::Arch;
use tradewind_core::market::{CapacityType, InstanceType, Market, Offer};
use tradewind_core::place::RegionName;
use tradewind_core::size::Bytes;
use tradewind_core::time::Time;
use tradewind_datasets::LoadedMarket;
use tradewind_datasets::queue::nearest;

use crate::args::{Format, MarketArgs};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::{coarse, day, load_market};
use crate::output;
use crate::render::offers::{HazardCell, OfferRow};
use crate::render::report::Page;
use crate::render::{self, count, thousands};

/// Rows shown to people unless they say otherwise.
const MAX_ROWS: usize = 20;

/// List what can be bought. `N` asks for exactly so much, `N+` for at least so much.
#[derive(Debug, Clone, Args)]
pub struct OffersArgs {
    #[command(flatten)]
    pub market: MarketArgs,
    /// GPUs of a node: A100, A100:8 or A100:4+; `none` for nodes without.
    #[arg(long, value_name = "MODEL[:N[+]]")]
    pub gpu: Option<GpuFilter>,
    /// vCPUs of a node.
    #[arg(long, value_name = "N[+]")]
    pub vcpus: Option<Amount>,
    /// Memory of a node that tasks can use, e.g. 64GiB+.
    #[arg(long, value_name = "SIZE[+]")]
    pub memory: Option<Size>,
    /// Only these clouds (repeat, or a,b).
    #[arg(long, value_delimiter = ',')]
    pub cloud: Vec<String>,
    /// Only these regions, cloud/region (repeat, or a,b).
    #[arg(long, value_name = "CLOUD/REGION", value_delimiter = ',')]
    pub region: Vec<RegionName>,
    /// Only regions in one of these groups, e.g. EU or DE (repeat, or a,b).
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub residency: Vec<String>,
    /// Only spot capacity.
    #[arg(long, conflicts_with = "on_demand")]
    pub spot: bool,
    /// Only on-demand capacity.
    #[arg(long)]
    pub on_demand: bool,
    /// Only these architectures: x86_64, arm64.
    #[arg(long, value_delimiter = ',', value_parser = arch)]
    pub arch: Vec<Arch>,
    /// Shared-core nodes too; like jobs, the list leaves them out by default.
    #[arg(long)]
    pub burstable: bool,
    /// What comes first.
    #[arg(long, value_enum, default_value_t)]
    pub sort: Sort,
    /// Rows at most [default: 20 for people, all for json and csv].
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Sort {
    /// The cheapest node.
    #[default]
    Price,
    /// The cheapest vCPU.
    PricePerVcpu,
    /// The cheapest GiB of memory.
    PricePerGib,
    /// The cheapest GPU; nodes without one last.
    PricePerGpu,
    /// The least interrupted.
    Hazard,
    /// By region and type.
    Name,
}

/// A number, exactly or at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    milli: u64,
    at_least: bool,
}

impl Amount {
    fn holds(self, milli: u64) -> bool {
        if self.at_least { milli >= self.milli } else { milli == self.milli }
    }
}

/// The number, and whether a `+` followed it.
fn plus(text: &str) -> (&str, bool) {
    text.strip_suffix('+').map_or((text, false), |number| (number, true))
}

impl FromStr for Amount {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (number, at_least) = plus(text);
        match number.parse::<f64>() {
            Ok(n) if (0.001..=1e9).contains(&n) => Ok(Self { milli: (n * 1000.0).round() as u64, at_least }),
            _ => Err("write a number above zero, e.g. 16 or 16+".to_owned()),
        }
    }
}

/// A size, exactly or at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    mib: u64,
    at_least: bool,
}

impl FromStr for Size {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (size, at_least) = plus(text);
        let bytes: Bytes = size.parse().map_err(|e: tradewind_core::size::SizeError| e.to_string())?;
        Ok(Self { mib: bytes.mib_up(), at_least })
    }
}

/// GPUs of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuFilter {
    model: String,
    count: Option<Amount>,
}

impl FromStr for GpuFilter {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (model, count) = match text.split_once(':') {
            Some((model, count)) => (model, Some(count.parse()?)),
            None => (text, None),
        };
        if model.is_empty() {
            return Err("write a model, e.g. A100 or A100:8".to_owned());
        }
        Ok(Self { model: model.to_owned(), count })
    }
}

impl GpuFilter {
    fn holds(&self, kind: &InstanceType) -> bool {
        match self.model.as_str() {
            "none" => kind.gpu.is_empty(),
            model => kind.gpu == model && self.count.is_none_or(|c| c.holds(kind.capacity.gpu_milli)),
        }
    }
}

fn arch(text: &str) -> Result<Arch, String> {
    text.parse().map_err(|()| "write x86_64 or arm64".to_owned())
}

/// Loads, filters, sorts, prints.
pub fn run(args: Box<OffersArgs>) -> Result<Exit, Failure> {
    let config = Config::load(args.market.config.as_deref())?;
    let loaded = load_market(&args.market, &config)?;
    let market = &loaded.market;
    expect_known(&args, market)?;
    let mut hidden = 0_u64;
    let mut found: Vec<&Offer> = market.offers.iter().filter(|o| keeps(&args, market, o, &mut hidden)).collect();
    sort(&mut found, args.sort, market);
    let default = if matches!(args.format, Format::Json | Format::Csv) { usize::MAX } else { MAX_ROWS };
    let rows: Vec<OfferRow> = found.iter().take(args.limit.unwrap_or(default)).map(|o| row(market, o)).collect();
    let listing = Listing::of(&loaded, found.len(), hidden, rows, SystemClock.now());
    output::data(&match args.format {
        Format::Json => render::json(&listing),
        Format::Csv => render::offers::csv(&listing.offers),
        Format::Table | Format::Md | Format::Html => render::people(&listing.page(), args.format, output::data_style()),
    })?;
    Ok(Exit::Done)
}

/// Names that the market does not have are a slip, not an empty answer.
fn expect_known(args: &OffersArgs, market: &Market) -> Result<(), Failure> {
    let clouds: BTreeSet<&str> = market.clouds.iter().map(|c| c.name.as_str()).collect();
    let groups: BTreeSet<&str> = market.regions.iter().flat_map(|r| r.residency.iter().map(String::as_str)).collect();
    let gpus: BTreeSet<&str> = market.types.iter().map(|t| t.gpu.as_str()).filter(|g| !g.is_empty()).collect();
    let names: Vec<String> = market.regions.iter().map(|r| r.name.to_string()).collect();
    let regions: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let asked: Vec<String> = args.region.iter().map(ToString::to_string).collect();
    let model = args.gpu.iter().map(|g| &g.model).filter(|m| m.as_str() != "none").cloned().collect::<Vec<_>>();
    for (kind, asked, known) in [
        ("cloud", &args.cloud, &clouds),
        ("residency group", &args.residency, &groups),
        ("region", &asked, &regions),
        ("GPU model", &model, &gpus),
    ] {
        if let Some(unknown) = asked.iter().find(|a| !known.contains(a.as_str())) {
            let help = nearest(unknown, known.iter().copied()).map_or_else(
                || known.iter().copied().collect::<Vec<_>>().join(", "),
                |n| format!("did you mean {n:?}?"),
            );
            return Err(Failure::usage(&format!("unknown {kind}"), unknown, &help));
        }
    }
    Ok(())
}

/// Whether an offer is wished; counts those left out only for being shared-core. What is charged against
/// a commitment is no further offer of the cloud.
fn keeps(args: &OffersArgs, market: &Market, offer: &Offer, hidden: &mut u64) -> bool {
    let kind = market.type_of(offer);
    let region = market.region_of(offer);
    let bought = match offer.capacity_type {
        CapacityType::Spot => !args.on_demand,
        CapacityType::OnDemand => !args.spot,
    };
    let size = |s: Size| if s.at_least { kind.capacity.memory_mib >= s.mib } else { kind.capacity.memory_mib == s.mib };
    let kept = bought
        && offer.commitment().is_none()
        && args.gpu.as_ref().is_none_or(|g| g.holds(kind))
        && args.vcpus.is_none_or(|v| v.holds(kind.capacity.vcpu_milli))
        && args.memory.is_none_or(size)
        && (args.arch.is_empty() || args.arch.contains(&kind.arch))
        && (args.cloud.is_empty() || args.cloud.iter().any(|c| c == region.name.cloud()))
        && (args.region.is_empty() || args.region.contains(&region.name))
        && (args.residency.is_empty() || region.residency.iter().any(|g| args.residency.contains(g)));
    if kept && kind.burstable && !args.burstable {
        *hidden += 1;
        return false;
    }
    kept
}

/// Sorts by the wish, ties by price and then by the market's own order.
fn sort(offers: &mut [&Offer], by: Sort, market: &Market) {
    if by == Sort::Name {
        return;
    }
    let key = |o: &Offer| {
        let per = |amount: u64| if amount == 0 { f64::INFINITY } else { o.price.as_f64() / amount as f64 };
        let capacity = market.type_of(o).capacity;
        match by {
            Sort::Price | Sort::Name => o.price.as_f64(),
            Sort::PricePerVcpu => per(capacity.vcpu_milli),
            Sort::PricePerGib => per(capacity.memory_mib),
            Sort::PricePerGpu => per(capacity.gpu_milli),
            Sort::Hazard => market.hazard_per_hour(o),
        }
    };
    offers.sort_by(|a, b| key(a).total_cmp(&key(b)).then(a.price.cmp(&b.price)));
}

fn row(market: &Market, offer: &Offer) -> OfferRow {
    let kind = market.type_of(offer);
    let vcpus = kind.capacity.vcpu_milli as f64 / 1000.0;
    let hazard = offer.hazard.map(|h| &market.hazards[usize::from(h)]);
    OfferRow {
        region: market.region_of(offer).name.to_string(),
        instance_type: kind.name.clone(),
        capacity_type: offer.capacity_type.to_string(),
        arch: kind.arch.as_str(),
        vcpus,
        memory_gib: kind.capacity.memory_mib as f64 / 1024.0,
        gpu: kind.gpu.clone(),
        gpus: kind.capacity.gpu_milli as f64 / 1000.0,
        burstable: kind.burstable,
        usd_per_hour: offer.price.to_string(),
        usd_per_vcpu_hour: offer.price.as_f64() / vcpus,
        hazard: hazard.map(|h| HazardCell {
            value: h.value,
            unit: serde_json::to_value(h.unit).ok().and_then(|u| u.as_str().map(str::to_owned)).unwrap_or_default(),
            per_hour: h.per_hour(),
            source: h.source.clone(),
        }),
        price_date: day(market.as_of),
    }
}

/// What was found.
#[derive(Serialize)]
struct Listing {
    snapshot: String,
    as_of: Time,
    age: String,
    source: String,
    offers_of_market: u64,
    matching: u64,
    left_out_burstable: u64,
    offers: Vec<OfferRow>,
}

impl Listing {
    fn of(loaded: &LoadedMarket, matching: usize, hidden: u64, offers: Vec<OfferRow>, now: Time) -> Self {
        let source = loaded.sources.iter().find(|s| s.table == "offers").map(|s| s.origin.clone());
        Self {
            snapshot: loaded.market.snapshot.clone(),
            as_of: loaded.market.as_of,
            age: coarse(now - loaded.market.as_of),
            source: source.unwrap_or_default(),
            offers_of_market: loaded.market.offers.len() as u64,
            matching: matching as u64,
            left_out_burstable: hidden,
            offers,
        }
    }

    fn page(&self) -> Page {
        let mut page = Page::default();
        let shown = self.offers.len() as u64;
        let first =
            if shown < self.matching { format!(", the first {} shown", thousands(shown)) } else { String::new() };
        let (matching, all) = (thousands(self.matching), count(self.offers_of_market, "offer"));
        page.title(format!("{matching} of the market's {all}{first}"));
        page.table("Offers", render::offers::grid(&self.offers));
        let hidden = match self.left_out_burstable {
            0 => String::new(),
            n => format!(" {} left out; --burstable lists them.", count(n, "shared-core offer")),
        };
        let (snapshot, day, age) = (&self.snapshot, day(self.as_of), &self.age);
        page.line("An offer is an instance type in a region, bought one way: on demand or spot.");
        page.line(format!("Prices of {day} ({age} old): snapshot {snapshot}, {}.{hidden}", self.source));
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_or_at_least() {
        let exact: Amount = "16".parse().unwrap();
        let least: Amount = "16+".parse().unwrap();
        assert!(exact.holds(16_000) && !exact.holds(32_000) && least.holds(32_000) && !least.holds(8_000));
        for text in ["", "+", "x", "-1", "0", "NaN", "16++"] {
            assert!(text.parse::<Amount>().is_err(), "{text:?}");
        }
        let gpu: GpuFilter = "A100:4+".parse().unwrap();
        assert_eq!((gpu.model.as_str(), gpu.count), ("A100", Some(Amount { milli: 4000, at_least: true })));
        assert!("64".parse::<Size>().is_err() && "64GiB+".parse::<Size>().unwrap().at_least);
    }
}
