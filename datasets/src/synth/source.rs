//! Where arrivals, sizes and runtimes come from: `datasets/synth/sources.csv`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::chance::Chance;
use super::log::Log;
use super::marginals::{self, Marginals};
use super::request::SynthError;
use super::tables::Unit;
use super::weighted::{Weighted, closed, whole};
use crate::csv_table::{self, Row};
use crate::error::{DataError, Place};

const FILE: &str = "synth/sources.csv";
const BYTES: &[u8] = include_bytes!("../../synth/sources.csv");
const COLUMNS: [&str; 9] = ["source", "kind", "unit", "arrivals", "in_fitted", "title", "origin", "licence", "reason"];

/// What a source is and on what terms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct About {
    /// Its name on the command line.
    pub source: String,
    /// What it is, in a phrase.
    pub title: String,
    /// Where the figures come from.
    pub origin: String,
    /// On what terms.
    pub licence: String,
    /// How it is drawn from, and why so.
    pub reason: String,
    /// Largest distance of a fitted curve from its log, as a share of the log's jobs; `None` where the
    /// log's own rows are drawn.
    pub fit: Option<f64>,
}

/// What a log says of a job, before anything is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// What `size` counts.
    pub unit: Unit,
    /// Processors or GPUs.
    pub size: u32,
    /// Running time in seconds; may be zero.
    pub runtime_s: u64,
}

/// How a source is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Log,
    Marginals,
    Mix,
}

/// A row of the table.
#[derive(Debug, Clone)]
struct Listed {
    about: About,
    kind: Kind,
    /// None for a mix.
    unit: Option<Unit>,
    /// Whose gaps it has.
    arrivals: String,
    /// Weight in a mix, and the line.
    weight: Option<(u64, u64)>,
}

/// The names of the sources, in the order of the table.
///
/// # Errors
/// The embedded table is damaged.
pub fn sources() -> Result<Vec<String>, DataError> {
    Ok(listed(FILE, BYTES)?.into_iter().map(|l| l.about.source).collect())
}

/// A source to draw from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) about: About,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Log(Unit, Log),
    /// One log, or several in a mix, and whose gaps hold.
    Marginals {
        parts: Weighted<(Unit, Marginals)>,
        arrivals: Marginals,
    },
}

impl Source {
    /// The source of this name.
    pub(crate) fn open(name: &str) -> Result<Self, SynthError> {
        let all = listed(FILE, BYTES)?;
        let Some(own) = all.iter().find(|l| l.about.source == name) else {
            let known = all.into_iter().map(|l| l.about.source).collect();
            return Err(SynthError::Source { got: name.to_owned(), known });
        };
        let mut about = own.about.clone();
        let fitted = marginals::embedded()?;
        let body = match (own.kind, own.unit) {
            (Kind::Log, Some(unit)) => Body::Log(unit, Log::embedded()?),
            (Kind::Marginals, Some(unit)) => {
                let mut parts = Weighted::default();
                parts.push(1, 0, (unit, marginals_of(&fitted, name)?));
                Body::Marginals { parts, arrivals: marginals_of(&fitted, &own.arrivals)? }
            }
            _ => Body::Marginals { parts: mix(&all, &fitted)?, arrivals: marginals_of(&fitted, &own.arrivals)? },
        };
        if let Body::Marginals { parts, arrivals } = &body {
            about.fit = Some(parts.values().map(|(_, m)| m.worst_fit).fold(arrivals.worst_fit, f64::max));
        }
        Ok(Self { about, body })
    }

    /// Seconds from one arrival to the next.
    pub(crate) fn gap_s(&self, chance: Chance) -> u64 {
        match &self.body {
            Body::Log(_, log) => log.draw(chance).0,
            Body::Marginals { arrivals, .. } => arrivals.gaps.at(chance.uniform("synth gap")),
        }
    }

    /// Size and runtime; of a log they stand in the row that [`Source::gap_s`] draws.
    pub(crate) fn work(&self, chance: Chance) -> Work {
        let (unit, (size, runtime_s)) = match &self.body {
            Body::Log(unit, log) => {
                let (_, runtime, size) = log.draw(chance);
                (*unit, (size, runtime))
            }
            Body::Marginals { parts, .. } => {
                let part = parts.pick(chance.bits("synth part"));
                (part.0, part.1.work(chance))
            }
        };
        Work { unit, size, runtime_s }
    }
}

fn marginals_of(fitted: &BTreeMap<String, Marginals>, name: &str) -> Result<Marginals, DataError> {
    let missing = || {
        let place = Place::cell(FILE, 1, "arrivals");
        DataError::inconsistent(place, format!("{name:?}"), "a source of embedded/marginals.csv", "write it again")
    };
    fitted.get(name).cloned().ok_or_else(missing)
}

fn mix(all: &[Listed], fitted: &BTreeMap<String, Marginals>) -> Result<Weighted<(Unit, Marginals)>, DataError> {
    let mut parts = Weighted::default();
    for listed in all {
        if let (Some((weight, line)), Some(unit)) = (listed.weight, listed.unit) {
            parts.push(weight, line, (unit, marginals_of(fitted, &listed.about.source)?));
        }
    }
    if parts.values().next().is_none() {
        let place = Place::cell(FILE, 1, "in_fitted");
        return Err(DataError::inconsistent(place, "no weight".to_owned(), "a source in the mix", "give one a weight"));
    }
    Ok(parts)
}

fn listed(file: &str, bytes: &[u8]) -> Result<Vec<Listed>, DataError> {
    let mut all = Vec::new();
    let header = csv_table::for_each_row(file, bytes, &COLUMNS, |row| {
        all.push(one(row)?);
        Ok(())
    })?;
    closed(file, &header, &COLUMNS)?;
    Ok(all)
}

fn one(row: &Row<'_>) -> Result<Listed, DataError> {
    let words = [("log", Kind::Log), ("marginals", Kind::Marginals), ("mix", Kind::Mix)];
    let kind = row.word("kind", &words)?.ok_or_else(|| row.malformed("kind", "log, marginals or mix", "write one"))?;
    let unit = row.word("unit", &Unit::WORDS)?;
    if unit.is_none() != (kind == Kind::Mix) {
        return Err(row.malformed("unit", "cpu or gpu, and nothing for a mix", "a mix takes the units of its parts"));
    }
    let weight = match row.text("in_fitted") {
        "" => None,
        _ => Some((whole(row, "in_fitted", 1.0, 1e6)?, row.line)),
    };
    let text = |column| row.required(column).map(str::to_owned);
    let about = About {
        source: text("source")?,
        title: text("title")?,
        origin: text("origin")?,
        licence: text("licence")?,
        reason: text("reason")?,
        fit: None,
    };
    Ok(Listed { about, kind, unit, arrivals: text("arrivals")?, weight })
}
