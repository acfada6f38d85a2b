//! Transfer prices of every ordered pair of regions: the published pair, else the median between the
//! two continents, else the source's internet price at its first paid tier, else none. Never 0 for
//! want of a row.

use std::collections::{BTreeMap, HashMap};

use tradewind_core::market::Region;
use tradewind_core::money::UsdPerGb;
use tradewind_core::place::RegionName;
use tradewind_core::tariff::TariffBasis;

use crate::columnar::{Column, Table, TableFile};
use crate::csv_table;
use crate::error::DataError;

/// Published transfer prices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tariffs {
    pairs: HashMap<RegionName, HashMap<RegionName, UsdPerGb>>,
    continents: BTreeMap<[String; 4], UsdPerGb>,
    internet: BTreeMap<RegionName, UsdPerGb>,
}

/// [`tradewind_core::market::Market::transfers`].
pub(crate) type Transfers = BTreeMap<u16, BTreeMap<u16, (UsdPerGb, TariffBasis)>>;

impl Tariffs {
    /// Adds `egress_pairs.csv`.
    pub(crate) fn read_pairs(&mut self, file: &str, bytes: &[u8]) -> Result<(), DataError> {
        let columns = ["src_cloud", "src_region", "dst_cloud", "dst_region", "usd_per_gb"];
        csv_table::for_each_row(file, bytes, &columns, |row| {
            let from = RegionName::new(row.required("src_cloud")?, row.required("src_region")?);
            let to = RegionName::new(row.required("dst_cloud")?, row.required("dst_region")?);
            let price = price(row, "usd_per_gb")?;
            match self.pairs.entry(from).or_default().insert(to, price) {
                Some(other) if other != price => {
                    Err(row.malformed("usd_per_gb", "one price per pair", "remove one of the two rows"))
                }
                _ => Ok(()),
            }
        })?;
        Ok(())
    }

    /// Adds `egress_continent_matrix.csv`.
    pub(crate) fn read_continents(&mut self, file: &str, bytes: &[u8]) -> Result<(), DataError> {
        let columns = ["src_cloud", "src_continent", "dst_cloud", "dst_continent", "median_usd_per_gb"];
        csv_table::for_each_row(file, bytes, &columns, |row| {
            let mut key: [String; 4] = Default::default();
            for (text, column) in key.iter_mut().zip(columns) {
                *text = row.required(column)?.to_owned();
            }
            self.continents.insert(key, price(row, "median_usd_per_gb")?);
            Ok(())
        })?;
        Ok(())
    }

    /// Adds `egress_internet_tiers.csv`: of each region the lowest tier that is not free, of the
    /// earliest date (the one nearest to the pairs').
    pub(crate) fn read_internet(&mut self, file: &str, bytes: &[u8]) -> Result<(), DataError> {
        let columns = ["cloud", "region", "start_gb", "usd_per_gb"];
        let mut first: BTreeMap<RegionName, (String, u64, UsdPerGb)> = BTreeMap::new();
        csv_table::for_each_row(file, bytes, &columns, |row| {
            let region = RegionName::new(row.required("cloud")?, row.required("region")?);
            let start = row.number("start_gb", 0.0, 1e12)?.unwrap_or(0.0) as u64;
            let price = price(row, "usd_per_gb")?;
            let tier = (row.text("as_of").to_owned(), start, price);
            if price > UsdPerGb::ZERO && first.get(&region).is_none_or(|known| tier < *known) {
                first.insert(region, tier);
            }
            Ok(())
        })?;
        self.internet.extend(first.into_iter().map(|(region, (_, _, price))| (region, price)));
        Ok(())
    }

    /// The same with `other`'s rows in place of ours.
    pub(crate) fn overridden_by(mut self, other: Self) -> Self {
        for (from, row) in other.pairs {
            self.pairs.entry(from).or_default().extend(row);
        }
        self.continents.extend(other.continents);
        self.internet.extend(other.internet);
        self
    }

    /// Number of rows of pairs, continents and internet prices.
    pub(crate) fn len(&self) -> (usize, usize, usize) {
        (self.pairs.values().map(HashMap::len).sum(), self.continents.len(), self.internet.len())
    }

    /// The price between two regions that are not the same.
    fn between(&self, from: &Region, to: &Region) -> Option<(UsdPerGb, TariffBasis)> {
        if let Some(&price) = self.pairs.get(&from.name).and_then(|row| row.get(&to.name)) {
            return Some((price, TariffBasis::Pair));
        }
        let key = [from.name.cloud(), &from.continent, to.name.cloud(), &to.continent].map(str::to_owned);
        if let Some(&price) = self.continents.get(&key) {
            return Some((price, TariffBasis::ContinentMedian));
        }
        self.internet.get(&from.name).map(|&price| (price, TariffBasis::Internet))
    }

    /// The prices of all ordered pairs, and the pairs that no source prices.
    pub(crate) fn transfers(&self, regions: &[Region]) -> (Transfers, Vec<(RegionName, RegionName)>) {
        let (mut transfers, mut unresolved) = (Transfers::new(), Vec::new());
        for (i, from) in regions.iter().enumerate() {
            let mut row = BTreeMap::new();
            for (j, to) in regions.iter().enumerate().filter(|(j, _)| *j != i) {
                match self.between(from, to) {
                    Some(rate) => drop(row.insert(j as u16, rate)),
                    None => unresolved.push((from.name.clone(), to.name.clone())),
                }
            }
            if !row.is_empty() {
                transfers.insert(i as u16, row);
            }
        }
        (transfers, unresolved)
    }

    /// As tables of a `.twd` file.
    pub(crate) fn to_tables(&self) -> Vec<Table> {
        let mut pairs: Vec<(&RegionName, &RegionName, UsdPerGb)> =
            self.pairs.iter().flat_map(|(from, row)| row.iter().map(move |(to, &p)| (from, to, p))).collect();
        pairs.sort();
        let texts = |at: usize| Column::text(self.continents.keys().map(move |k| k[at].as_str()));
        vec![
            Table::new(
                "pairs",
                vec![
                    ("src_cloud", Column::text(pairs.iter().map(|p| p.0.cloud()))),
                    ("src_region", Column::text(pairs.iter().map(|p| p.0.region()))),
                    ("dst_cloud", Column::text(pairs.iter().map(|p| p.1.cloud()))),
                    ("dst_region", Column::text(pairs.iter().map(|p| p.1.region()))),
                    ("nanos_per_gb", Column::int(pairs.iter().map(|p| p.2.nanos()))),
                ],
            ),
            Table::new(
                "continents",
                vec![
                    ("src_cloud", texts(0)),
                    ("src_continent", texts(1)),
                    ("dst_cloud", texts(2)),
                    ("dst_continent", texts(3)),
                    ("nanos_per_gb", Column::int(self.continents.values().map(|p| p.nanos()))),
                ],
            ),
            Table::new(
                "internet",
                vec![
                    ("cloud", Column::text(self.internet.keys().map(RegionName::cloud))),
                    ("region", Column::text(self.internet.keys().map(RegionName::region))),
                    ("nanos_per_gb", Column::int(self.internet.values().map(|p| p.nanos()))),
                ],
            ),
        ]
    }

    /// From tables of a `.twd` file.
    pub(crate) fn from_tables(file: &TableFile) -> Result<Self, DataError> {
        let mut tariffs = Self::default();
        for (from, to, price) in rows4(file, "pairs", ["src_cloud", "src_region", "dst_cloud", "dst_region"])?
            .map(|([a, b, c, d], price)| (RegionName::new(a, b), RegionName::new(c, d), price))
        {
            tariffs.pairs.entry(from).or_default().insert(to, price);
        }
        let continents = rows4(file, "continents", ["src_cloud", "src_continent", "dst_cloud", "dst_continent"])?;
        tariffs.continents = continents.map(|(key, price)| (key.map(str::to_owned), price)).collect();
        let internet = file.table("internet")?;
        let ((clouds, cloud), (regions, region)) = (internet.text("cloud")?, internet.text("region")?);
        let prices = internet.int("nanos_per_gb")?;
        tariffs.internet = (0..internet.rows())
            .filter_map(|i| {
                let name = RegionName::new(&clouds[cloud[i] as usize], &regions[region[i] as usize]);
                Some((name, UsdPerGb::from_nanos(prices[i]?)))
            })
            .collect();
        Ok(tariffs)
    }
}

/// Rows of four texts and a price.
fn rows4<'a>(
    file: &'a TableFile,
    table: &str,
    columns: [&str; 4],
) -> Result<impl Iterator<Item = ([&'a str; 4], UsdPerGb)>, DataError> {
    let table = file.table(table)?;
    let [a, b, c, d] = columns.map(|name| table.text(name));
    let texts = [a?, b?, c?, d?];
    let prices = table.int("nanos_per_gb")?;
    Ok((0..table.rows()).filter_map(move |i| {
        let key = texts.map(|(dictionary, codes)| dictionary[codes[i] as usize].as_str());
        Some((key, UsdPerGb::from_nanos(prices[i]?)))
    }))
}

fn price(row: &csv_table::Row<'_>, column: &str) -> Result<UsdPerGb, DataError> {
    let text = row.required(column)?;
    match text.parse::<UsdPerGb>() {
        Ok(price) if price >= UsdPerGb::ZERO => Ok(price),
        _ => Err(row.malformed(column, "dollars per GB such as 0.02, at most nine decimals", "correct the price")),
    }
}
