//! A line of the ledger: something that costs by the hour, from when it is asked for to its bill, and who pays for it.

use serde::{Deserialize, Serialize};
use tradewind_core::cost;
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::time::{Millis, Time};

/// What a payer bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Who.
    pub payer: u32,
    /// How much.
    pub rate: UsdPerHour,
}

/// Who pays from an instant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// From here.
    pub from: Time,
    /// At least one; together they are the price.
    pub parts: Vec<Part>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Who pays, one after the other; at least one.
    pub terms: Vec<Term>,
    /// So long it may be needed when it is asked for: what it costs until then is set aside.
    pub worst_until: Time,
    /// The least that is billed.
    pub least: Millis,
    /// When it ended.
    pub until: Option<Time>,
    /// Its bill.
    pub billed: Option<Usd>,
}

/// Parts of a price, in proportion to weights; they sum to it.
pub fn parts(price: UsdPerHour, weights: &[(u32, i128)]) -> Vec<Part> {
    let only: Vec<i128> = weights.iter().map(|(_, weight)| *weight).collect();
    let rates = cost::split(Usd::from_nanos(price.nanos()), &only);
    let part = |(&(payer, _), rate): (&(u32, i128), Usd)| Part { payer, rate: UsdPerHour::from_nanos(rate.nanos()) };
    weights.iter().zip(rates).map(part).collect()
}

impl Line {
    /// From an instant on.
    pub fn new(from: Time, parts: Vec<Part>, worst_until: Time, least: Millis) -> Self {
        Self { terms: vec![Term { from, parts }], worst_until, least, until: None, billed: None }
    }

    /// What it has run up at an instant for those who count, its least bill on top, since it could end any moment: in
    /// billionths of a dollar times the milliseconds of an hour, so that nothing is rounded.
    pub fn run_up(&self, at: Time, counts: impl Fn(u32) -> bool) -> i128 {
        let mut sum = 0;
        self.each_run_up(at, |payer, amount| sum += if counts(payer) { amount } else { 0 });
        sum
    }

    /// The same payer by payer; one may come several times.
    pub fn each_run_up(&self, at: Time, mut add: impl FnMut(u32, i128)) {
        let end = self.until.map_or(at, |until| until.min(at)) + self.least;
        for (term, ms) in self.spans(end) {
            term.parts.iter().for_each(|part| add(part.payer, i128::from(part.rate.nanos()) * ms));
        }
    }

    /// What it may cost at the most as far as that is known at an instant, in the unit of [`Line::run_up`].
    pub fn at_worst(&self, at: Time, counts: impl Fn(u32) -> bool) -> i128 {
        self.run_up(at.max(self.worst_until), counts)
    }

    /// How fast it runs up now, nano-dollars an hour.
    pub fn slope(&self, counts: impl Fn(u32) -> bool) -> i128 {
        let mut sum = 0;
        self.each_slope(|payer, rate| sum += if counts(payer) { rate } else { 0 });
        sum
    }

    /// The same payer by payer.
    pub fn each_slope(&self, mut add: impl FnMut(u32, i128)) {
        let parts = self.terms.last().filter(|_| self.until.is_none()).map_or(&[][..], |term| &term.parts);
        parts.iter().for_each(|part| add(part.payer, i128::from(part.rate.nanos())));
    }

    /// Who pays how much of its bill: in proportion to what each bore by the hour, for as long as he did.
    pub fn shares(&self) -> Vec<(u32, Usd)> {
        let end = self.until.unwrap_or(self.terms[0].from);
        let borne = self.spans(end).flat_map(|(term, ms)| term.parts.iter().map(move |p| (p, ms)));
        let weights: Vec<(u32, i128)> = borne.map(|(p, ms)| (p.payer, i128::from(p.rate.nanos()) * ms)).collect();
        let only: Vec<i128> = weights.iter().map(|(_, weight)| *weight).collect();
        let split = cost::split(self.billed.unwrap_or_default(), &only);
        weights.iter().zip(split).map(|(&(payer, _), usd)| (payer, usd)).collect()
    }

    /// The others take over from those who count, where there are others.
    pub fn hand_over(&mut self, at: Time, counts: impl Fn(u32) -> bool) {
        let Some(last) = self.terms.last() else { return };
        let others: Vec<(u32, i128)> =
            last.parts.iter().filter(|p| !counts(p.payer)).map(|p| (p.payer, i128::from(p.rate.nanos()))).collect();
        if others.is_empty() || others.len() == last.parts.len() || self.until.is_some() {
            return;
        }
        let price = last.parts.iter().fold(UsdPerHour::ZERO, |sum, p| sum.plus(p.rate));
        self.terms.push(Term { from: at, parts: parts(price, &others) });
    }

    /// It costs another price than was planned, from its beginning.
    pub fn reprice(&mut self, price: UsdPerHour) {
        for term in &mut self.terms {
            let weights: Vec<(u32, i128)> = term.parts.iter().map(|p| (p.payer, i128::from(p.rate.nanos()))).collect();
            term.parts = parts(price, &weights);
        }
    }

    /// Its terms with their lengths in milliseconds, the last one until `end`.
    fn spans(&self, end: Time) -> impl Iterator<Item = (&Term, i128)> {
        let ends = self.terms[1..].iter().map(|term| term.from).chain([end]);
        self.terms.iter().zip(ends).map(|(term, end)| (term, i128::from((end - term.from).get().max(0))))
    }
}
