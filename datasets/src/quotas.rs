//! Account limits: which rows an offer counts against (membership), and how much each row allows.
//!
//! The membership table holds the three shapes: AWS one bucket per region; Azure family and regional
//! total on demand, one pool on spot; GCP a metric per region and GPU counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tradewind_core::market::{CapacityType, QuotaRow, QuotaUnit};
use tradewind_core::place::RegionName;

use crate::csv_table::{self, Row};
use crate::error::{DataError, Place};
use crate::offers::{Offers, PriceRow, RawType};

const MARKETS: [(&str, CapacityType); 2] = [("on_demand", CapacityType::OnDemand), ("spot", CapacityType::Spot)];
const UNITS: [(&str, QuotaUnit); 3] =
    [("vcpu", QuotaUnit::Vcpu), ("gpu", QuotaUnit::Gpu), ("instance", QuotaUnit::Instance)];
/// The scope of rows that hold across regions.
const GLOBAL: &str = "global";
/// The scope of rows that stand for every region without a row of its own.
const EVERY: &str = "*";

/// A rule of membership: offers of a cloud and market count against this quota.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    cloud: String,
    market: CapacityType,
    gpu_only: bool,
    /// May hold `{quota_family}` and `{GPU}`.
    quota: String,
    global: bool,
    unit: QuotaUnit,
}

/// What identifies a limit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    cloud: String,
    scope: String,
    quota: String,
    market: CapacityType,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}/{}", self.cloud, self.scope, self.quota, self.market)
    }
}

/// The membership table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Membership(Vec<Rule>);

impl Membership {
    /// Reads `quota_membership.csv`: cloud,market,offers,quota,scope,unit.
    pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Self, DataError> {
        let mut rules = Vec::new();
        csv_table::for_each_row(file, bytes, &["cloud", "market", "offers", "quota", "scope", "unit"], |row| {
            rules.push(Rule {
                cloud: row.required("cloud")?.to_owned(),
                market: needed(row, "market", &MARKETS)?,
                gpu_only: needed(row, "offers", &[("all", false), ("gpu", true)])?,
                quota: row.required("quota")?.to_owned(),
                global: needed(row, "scope", &[("region", false), (GLOBAL, true)])?,
                unit: needed(row, "unit", &UNITS)?,
            });
            Ok(())
        })?;
        Ok(Self(rules))
    }

    fn knows(&self, cloud: &str) -> bool {
        self.0.iter().any(|r| r.cloud == cloud)
    }

    /// The limits that an offer counts against.
    fn keys(
        &self,
        region: &RegionName,
        kind: &RawType,
        market: CapacityType,
    ) -> impl Iterator<Item = (Key, QuotaUnit)> {
        let holds = move |r: &&Rule| r.cloud == kind.cloud && r.market == market && (!r.gpu_only || kind.gpu_milli > 0);
        self.0.iter().filter(holds).map(move |r| {
            let gpu = kind.gpu.to_uppercase().replace('-', "_");
            let key = Key {
                cloud: r.cloud.clone(),
                scope: if r.global { GLOBAL } else { region.region() }.to_owned(),
                quota: r.quota.replace("{quota_family}", &kind.quota_family).replace("{GPU}", &gpu),
                market,
            };
            (key, r.unit)
        })
    }
}

fn needed<T: Copy>(row: &Row<'_>, column: &str, words: &[(&str, T)]) -> Result<T, DataError> {
    row.required(column)?;
    row.word(column, words)?.ok_or_else(|| row.malformed(column, "a word", "complete the row"))
}

/// A stated limit.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Limit {
    unit: QuotaUnit,
    available: u64,
    place: Place,
}

/// Limits as stated; scope `*` holds for every region without a row of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Limits(BTreeMap<Key, Limit>);

impl Limits {
    /// Reads a table: cloud,scope,quota,market,unit,limit,usage.
    pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Self, DataError> {
        let mut limits = Self::default();
        csv_table::for_each_row(file, bytes, &["cloud", "scope", "quota", "market", "unit", "limit"], |row| {
            let key = Key {
                cloud: row.required("cloud")?.to_owned(),
                scope: row.required("scope")?.to_owned(),
                quota: row.required("quota")?.to_owned(),
                market: needed(row, "market", &MARKETS)?,
            };
            let whole = |column: &str| match row.text(column) {
                "" => Ok(0),
                text => text.parse::<u64>().map_err(|_| {
                    let help = "a limit is a whole number from 0, in the row's unit";
                    DataError::quota(row.place(column), format!("{text:?}"), "a whole number from 0", help)
                }),
            };
            row.required("limit")?;
            let (limit, usage) = (whole("limit")?, whole("usage")?);
            let Some(available) = limit.checked_sub(usage) else {
                let got = format!("usage {usage} is above the limit {limit}");
                let help = "check both figures: a cloud never shows more in use than allowed";
                return Err(DataError::quota(row.place("usage"), got, format!("at most {limit}"), help));
            };
            let place = row.place("quota");
            let name = key.to_string();
            match limits.0.insert(key, Limit { unit: needed(row, "unit", &UNITS)?, available, place }) {
                None => Ok(()),
                Some(other) => {
                    let got = format!("{name} occurs twice, first at {}", other.place);
                    Err(DataError::quota(row.place("quota"), got, "one row per quota", "remove one of the two"))
                }
            }
        })?;
        Ok(limits)
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn find(&self, key: &Key) -> Option<&Limit> {
        let exact = self.0.get(key);
        exact.or_else(|| self.0.get(&Key { scope: EVERY.to_owned(), ..key.clone() }))
    }

    /// Every stated row must be one that some offer of the market could count against.
    pub(crate) fn all_known(&self, membership: &Membership, offers: &Offers) -> Result<(), DataError> {
        let (mut names, mut scopes) = (BTreeMap::<(&str, CapacityType), BTreeSet<String>>::new(), BTreeSet::new());
        for region in &offers.regions {
            scopes.insert((region.cloud(), region.region()));
        }
        for kind in &offers.types {
            let anywhere = RegionName::new(&kind.cloud, EVERY);
            for market in [CapacityType::OnDemand, CapacityType::Spot] {
                let quotas = names.entry((&kind.cloud, market)).or_default();
                quotas.extend(membership.keys(&anywhere, kind, market).map(|(key, _)| key.quota));
            }
        }
        for (key, limit) in &self.0 {
            let cloud = key.cloud.as_str();
            let known = names.get(&(cloud, key.market));
            if known.is_none_or(|quotas| !quotas.contains(&key.quota)) {
                let near = known.and_then(|q| csv_table::closest(&key.quota, q.iter().map(String::as_str)));
                let help = near.map_or_else(
                    || "the names are those of quota_family in the offers; see `tradewind prices show`".to_owned(),
                    |near| format!("did you mean {near:?}?"),
                );
                let got = format!("unknown quota {key}");
                return Err(DataError::quota(
                    limit.place.clone(),
                    got,
                    "a quota that offers of the market count against",
                    help,
                ));
            }
            if ![GLOBAL, EVERY].contains(&key.scope.as_str()) && !scopes.contains(&(cloud, key.scope.as_str())) {
                let near = csv_table::closest(&key.scope, scopes.iter().filter(|s| s.0 == cloud).map(|s| s.1));
                let help =
                    near.map_or_else(|| "use a region of the market".to_owned(), |n| format!("did you mean {n:?}?"));
                let place = Place { column: Some("scope".to_owned()), ..limit.place.clone() };
                let got = format!("unknown region {:?} of {cloud}", key.scope);
                return Err(DataError::quota(place, got, "a region, `global`, or `*` for every region", help));
            }
        }
        Ok(())
    }
}

/// Gives every offer its set of rows, and collects rows and distinct sets.
#[derive(Debug)]
pub(crate) struct QuotaBook<'a> {
    membership: &'a Membership,
    /// None is no limits at all.
    limits: Option<&'a Limits>,
    rows: Vec<QuotaRow>,
    row_at: HashMap<Key, u16>,
    sets: Vec<Vec<u16>>,
    set_at: HashMap<Vec<u16>, u16>,
    types: &'a [RawType],
    /// Of each type, a number for all that membership looks at: cloud, family and GPU model.
    alike: Vec<u32>,
    /// Set of (region, market, number above).
    seen: HashMap<(u16, CapacityType, u32), u16>,
    missing: BTreeMap<(String, String, CapacityType), BTreeSet<String>>,
    ruleless: BTreeSet<String>,
}

impl<'a> QuotaBook<'a> {
    pub(crate) fn new(membership: &'a Membership, limits: Option<&'a Limits>, types: &'a [RawType]) -> Self {
        let mut numbers = HashMap::new();
        let alike = types.iter().map(|t| {
            let gpu = if t.gpu_milli > 0 { t.gpu.as_str() } else { "" };
            let next = numbers.len() as u32;
            *numbers.entry((t.cloud.as_str(), t.quota_family.as_str(), gpu)).or_insert(next)
        });
        Self {
            alike: alike.collect(),
            types,
            membership,
            limits,
            rows: Vec::new(),
            row_at: HashMap::new(),
            sets: vec![Vec::new()],
            set_at: HashMap::from([(Vec::new(), 0)]),
            seen: HashMap::new(),
            missing: BTreeMap::new(),
            ruleless: BTreeSet::new(),
        }
    }

    /// The index of the set that an offer of a row counts against.
    pub(crate) fn of(&mut self, row: &PriceRow, region: &RegionName, market: CapacityType) -> Result<u16, DataError> {
        let Some(limits) = self.limits else { return Ok(0) };
        let what = (row.region, market, self.alike[row.kind as usize]);
        if let Some(&set) = self.seen.get(&what) {
            return Ok(set);
        }
        let kind = &self.types[row.kind as usize];
        let mut set = self.rows_of(limits, region, kind, market)?;
        set.sort_unstable();
        set.dedup();
        let at = match self.set_at.get(&set) {
            Some(&at) => at,
            None => {
                let at = u16::try_from(self.sets.len()).map_err(|_| too_many())?;
                self.sets.push(set.clone());
                self.set_at.insert(set, at);
                at
            }
        };
        self.seen.insert(what, at);
        Ok(at)
    }

    /// The rows that an offer counts against, new ones added.
    fn rows_of(
        &mut self,
        limits: &Limits,
        region: &RegionName,
        kind: &RawType,
        market: CapacityType,
    ) -> Result<Vec<u16>, DataError> {
        if !self.membership.knows(&kind.cloud) {
            self.ruleless.insert(kind.cloud.clone());
        }
        let mut set = Vec::new();
        for (key, unit) in self.membership.keys(region, kind, market) {
            let at = match self.row_at.get(&key) {
                Some(&at) => at,
                None => {
                    let available = match limits.find(&key) {
                        Some(limit) if limit.unit == unit => limit.available,
                        Some(limit) => {
                            let got = format!("{key} stated in another unit than the cloud counts");
                            let accepted = UNITS.iter().find(|(_, u)| *u == unit).map_or("", |(w, _)| w);
                            return Err(DataError::quota(limit.place.clone(), got, accepted, "correct the unit"));
                        }
                        None => {
                            let family = (key.cloud.clone(), key.quota.clone(), key.market);
                            self.missing.entry(family).or_default().insert(key.scope.clone());
                            0
                        }
                    };
                    let at = u16::try_from(self.rows.len()).map_err(|_| too_many())?;
                    self.rows.push(QuotaRow { name: key.to_string(), unit, available });
                    self.row_at.insert(key, at);
                    at
                }
            };
            set.push(at);
        }
        Ok(set)
    }

    /// One sentence per quota that had no row, naming the regions.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let missing = self.missing.iter().map(|((cloud, quota, market), scopes)| {
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            let quota = if quota.is_empty() { "(offers without a quota_family)" } else { quota };
            format!("[TW2011] no quota row for {cloud} {quota} {market} in {}: taken as 0", scopes.join(", "))
        });
        let ruleless = self
            .ruleless
            .iter()
            .map(|cloud| format!("no quota membership for {cloud}: its offers count against no limit"));
        missing.chain(ruleless).collect()
    }

    /// Rows and sets.
    pub(crate) fn finish(self) -> (Vec<QuotaRow>, Vec<Vec<u16>>) {
        (self.rows, self.sets)
    }
}

fn too_many() -> DataError {
    let got = "more than 65,535 quota rows".to_owned();
    DataError::too_large(Place::file("quotas"), got, "at most 65,535 rows and sets".to_owned())
}
