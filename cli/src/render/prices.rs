//! The price snapshot and its quarantine.

use std::collections::BTreeMap;

use serde::Serialize;
use tradewind_core::market::CapacityType;
use tradewind_core::time::Time;
use tradewind_datasets::{LoadedMarket, Quarantined, Rule, TableSource};

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, thousands};
use crate::inputs::{coarse, day};

/// The snapshot, for programs.
#[derive(Serialize)]
pub struct Snapshot<'m> {
    snapshot: &'m str,
    as_of: Time,
    hash: &'m str,
    age_ms: i64,
    counts: BTreeMap<&'static str, usize>,
    sources: &'m [TableSource],
    assumptions: &'m [String],
    warnings: &'m [String],
}

impl<'m> Snapshot<'m> {
    /// Of a market, at an instant.
    pub fn of(loaded: &'m LoadedMarket, now: Time) -> Self {
        let m = &loaded.market;
        let bought = |c: CapacityType| m.offers.iter().filter(|o| o.capacity_type == c).count();
        let counts = BTreeMap::from([
            ("clouds", m.clouds.len()),
            ("regions", m.regions.len()),
            ("types", m.types.len()),
            ("offers", m.offers.len()),
            ("offers_on_demand", bought(CapacityType::OnDemand)),
            ("offers_spot", bought(CapacityType::Spot)),
            ("quotas", m.quotas.len()),
            ("quarantined", loaded.quarantine.len()),
            ("rows_read", loaded.rows_read),
        ]);
        Self {
            snapshot: &m.snapshot,
            as_of: m.as_of,
            hash: &loaded.hash,
            age_ms: (now - m.as_of).get(),
            counts,
            sources: &loaded.sources,
            assumptions: &loaded.assumptions,
            warnings: &loaded.warnings,
        }
    }

    /// The page for people.
    pub fn page(&self) -> Page {
        let mut page = Page::default();
        let n = |name: &str| thousands(self.counts.get(name).copied().unwrap_or(0) as u64);
        page.title(format!("Snapshot {}: prices of {}", self.snapshot, day(self.as_of)));
        page.line(format!("{} old by this machine's clock.", coarse(tradewind_core::time::Millis::new(self.age_ms))));
        page.line(format!(
            "{} offers, {} on demand and {} spot, of {} types in {} regions; {} prices quarantined.",
            n("offers"),
            n("offers_on_demand"),
            n("offers_spot"),
            n("types"),
            n("regions"),
            n("quarantined")
        ));
        page.line("A row of the offers table prices a type in a region both ways: up to two offers.");
        page.line(format!("Hash {}", self.hash));
        page.table("Tables", tables(self.sources));
        let licences: Vec<String> = self
            .sources
            .iter()
            .filter(|s| !s.licence.is_empty())
            .map(|s| format!("{}: {}", s.table, s.licence))
            .collect();
        page.items("Licences", &licences);
        page.items("Assumptions", self.assumptions);
        page.items("Warnings", self.warnings);
        page
    }
}

/// The tables, for people.
fn tables(sources: &[TableSource]) -> Grid {
    let mut grid = Grid::new([
        ("table", Side::Left),
        ("rows", Side::Right),
        ("of", Side::Left),
        ("usable for", Side::Left),
        ("origin", Side::Left),
    ]);
    for s in sources {
        let (of, age) = (s.as_of.map_or(String::new(), day), s.age_limit.map_or_else(|| "ever".to_owned(), coarse));
        grid.row([s.table.clone(), thousands(s.rows as u64), of, age, s.origin.clone()]);
    }
    grid
}

/// The tables and where they come from, for a spreadsheet.
pub fn sources(sources: &[TableSource]) -> Grid {
    let mut grid = Grid::new([
        ("table", Side::Left),
        ("rows", Side::Right),
        ("as_of", Side::Left),
        ("age_limit_ms", Side::Left),
        ("origin", Side::Left),
        ("licence", Side::Left),
    ]);
    for s in sources {
        grid.row([
            s.table.clone(),
            s.rows.to_string(),
            s.as_of.map_or(String::new(), |t| t.to_string()),
            s.age_limit.map_or(String::new(), |a| a.get().to_string()),
            s.origin.clone(),
            s.licence.clone(),
        ]);
    }
    grid
}

/// The quarantine, for people: counts by rule, then rows.
pub fn quarantine_page(loaded: &LoadedMarket, limit: usize) -> Page {
    let mut page = Page::default();
    let n = loaded.quarantine.len();
    page.title(format!(
        "Snapshot {}: {} not believed of {} rows",
        loaded.market.snapshot,
        count(n as u64, "price"),
        thousands(loaded.rows_read as u64)
    ));
    let mut rules = Grid::new([("rule", Side::Left), ("code", Side::Left), ("prices", Side::Right)]);
    for rule in Rule::ALL {
        let found = loaded.quarantine.iter().filter(|q| q.rule == rule).count();
        rules.row([rule.to_string(), rule.code().to_owned(), thousands(found as u64)]);
    }
    page.table("By rule", rules);
    let heading = if n > limit {
        format!("Quarantined (first {limit} of {})", thousands(n as u64))
    } else {
        "Quarantined".to_owned()
    };
    let mut rows = Grid::new([
        ("region", Side::Left),
        ("type", Side::Left),
        ("rule", Side::Left),
        ("USD/h", Side::Right),
        ("why", Side::Left),
    ]);
    for q in loaded.quarantine.iter().take(limit) {
        let line = if q.line == 0 { String::new() } else { format!(" (line {})", q.line) };
        let why = format!("{}{line}", q.reason);
        rows.row([q.region.to_string(), q.instance_type.clone(), q.rule.code().to_owned(), q.value.clone(), why]);
    }
    page.table(heading, rows);
    page
}

/// The quarantined prices, for a spreadsheet.
pub fn quarantine(rows: &[Quarantined]) -> Grid {
    let names = ["region", "instance_type", "price", "rule", "code", "usd_per_hour", "expected", "reason", "line"];
    let mut grid = Grid::new(names.map(|n| (n, Side::Left)));
    for q in rows {
        grid.row([
            q.region.to_string(),
            q.instance_type.clone(),
            q.price.to_string(),
            q.rule.to_string(),
            q.rule.code().to_owned(),
            q.value.clone(),
            q.expected.clone(),
            q.reason.clone(),
            if q.line == 0 { String::new() } else { q.line.to_string() },
        ]);
    }
    grid
}
