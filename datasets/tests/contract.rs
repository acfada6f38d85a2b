//! Discounts, commitments and transfer programmes on the embedded market.

use tradewind_core::contract::Contract;
use tradewind_core::market::{CapacityType, QuotaUnit};
use tradewind_core::money::UsdPerGb;
use tradewind_core::select::Selector;
use tradewind_core::tariff::TariffBasis;
use tradewind_core::terms::{Commitment, Discount, Terms};
use tradewind_datasets::{Egress, LoadedMarket, MarketRequest, egress_programmes, load};

fn listed() -> LoadedMarket {
    load(&MarketRequest::default()).unwrap()
}

fn under(contract: Contract) -> LoadedMarket {
    load(&MarketRequest { contract, ..MarketRequest::default() }).unwrap()
}

fn names(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|t| (*t).to_owned()).collect()
}

#[test]
fn a_discount_touches_exactly_what_it_names_and_keeps_the_list_price() {
    let before = listed();
    let on = Selector {
        clouds: names(&["aws"]),
        families: names(&["m6i*"]),
        capacity: Some(CapacityType::OnDemand),
        ..Selector::default()
    };
    let discount = Discount { name: "edp".to_owned(), percent: "12.5%".parse().unwrap() };
    let after = under(Contract { discounts: vec![(discount, on)], ..Contract::default() });
    assert_ne!(before.hash, after.hash);
    assert_eq!(before.quarantine.len(), after.quarantine.len(), "list prices are judged, not discounted ones");
    let mut touched = 0;
    for (old, new) in before.market.offers.iter().zip(&after.market.offers) {
        let kind = before.market.type_of(old);
        let named = kind.family.starts_with("m6i")
            && old.capacity_type == CapacityType::OnDemand
            && before.market.cloud_of(old).name == "aws";
        assert_eq!(new.list_price(), old.price, "the list price is kept");
        assert_eq!(named, new.terms.is_some(), "{}", kind.name);
        if named {
            touched += 1;
            assert_eq!(new.price.nanos(), (i128::from(old.price.nanos()) * 875 / 1000) as i64);
        } else {
            assert_eq!(new, old);
        }
    }
    assert!(touched > 100, "{touched} offers");
    let at = "aws/us-east-1".parse().unwrap();
    let offer = after.market.find_offer(&at, "m6i.2xlarge", CapacityType::OnDemand, None).unwrap();
    let offer = &after.market.offers[offer];
    assert_eq!((offer.list_price().to_string(), offer.price.to_string()), ("0.384".to_owned(), "0.336".to_owned()));
    assert!(after.assumptions.iter().any(|a| a.starts_with("discount edp: 12.5% off the list price of")));
}

#[test]
fn a_commitment_adds_an_offer_beside_each_that_it_names() {
    let before = listed();
    let commitment = Commitment {
        name: "sp".to_owned(),
        usd_per_hour: "1.5".parse().unwrap(),
        percent: "27%".parse().unwrap(),
        starts: None,
        ends: None,
        quota: 0,
    };
    let on = Selector { regions: names(&["aws/eu-*"]), ..Selector::default() };
    let nowhere = Selector { clouds: names(&["aw"]), ..Selector::default() };
    let idle = Commitment { name: "idle".to_owned(), ..commitment.clone() };
    let after = under(Contract { commitments: vec![(commitment, on), (idle, nowhere)], ..Contract::default() });
    let m = &after.market;
    let named = |o: &&tradewind_core::market::Offer| {
        o.capacity_type == CapacityType::OnDemand && before.market.region_of(o).name.to_string().starts_with("aws/eu-")
    };
    let covered: Vec<_> = m.offers.iter().filter(|o| o.commitment().is_some()).collect();
    assert_eq!(covered.len(), before.market.offers.iter().filter(named).count());
    assert_eq!(m.offers.len(), before.market.offers.len() + covered.len());
    let row = &m.quotas[usize::from(m.commitments[0].quota)];
    assert_eq!((row.unit, row.available), (QuotaUnit::MilliUsd, 1_500));
    let at = "aws/eu-west-1".parse().unwrap();
    let find = |commitment| m.find_offer(&at, "m5.large", CapacityType::OnDemand, commitment).map(|o| m.offers[o]);
    let (plain, offer) = (find(None).unwrap(), find(Some("sp")).unwrap());
    assert_eq!(find(Some("idle")), None);
    assert_eq!(offer.terms, Some(Terms::Commitment { index: 0, list: plain.price }));
    assert_eq!((offer.price.nanos(), m.hourly(&offer).nanos()), (0, plain.price.nanos() * 73 / 100));
    assert_eq!(m.taken_milli(QuotaUnit::MilliUsd, &offer), (plain.price.nanos() * 73).unsigned_abs().div_ceil(100_000));
    assert!(after.warnings.iter().any(|w| w.contains("\"idle\" covers no offer")), "{:?}", after.warnings);
}

/// Between clouds, out of a cloud that the programme has, both ends in its groups: those pairs have the
/// programme's price, and nothing else changes.
#[test]
fn a_programme_changes_exactly_its_pairs() {
    let before = listed();
    let cases = [
        ("eu-at-cost", Some("0.008"), vec!["aws", "azure"], vec!["EU"]),
        ("gcp-dte", None, vec!["gcp"], vec!["EU", "UK"]),
    ];
    for (name, rate, clouds, groups) in cases {
        let egress = Egress { programme: Some(name.to_owned()), usd_per_gb: rate.map(|r| r.parse().unwrap()) };
        let after = load(&MarketRequest { egress, ..MarketRequest::default() }).unwrap();
        let m = &after.market;
        let within = |r: u16| m.regions[usize::from(r)].residency.iter().any(|g| groups.contains(&g.as_str()));
        let cloud = |r: u16| m.regions[usize::from(r)].name.cloud();
        let price: UsdPerGb = rate.unwrap_or("0").parse().unwrap();
        let mut changed = 0;
        for (&from, row) in &m.transfers {
            for (&to, &(usd, basis)) in row {
                let meant = clouds.contains(&cloud(from)) && cloud(from) != cloud(to) && within(from) && within(to);
                changed += u64::from(meant);
                let expected =
                    if meant { (price, TariffBasis::Programme) } else { before.market.transfers[&from][&to] };
                assert_eq!((usd, basis), expected, "{name}: {} to {}", cloud(from), cloud(to));
            }
        }
        assert!(changed > 20, "{name}: {changed} pairs");
        let said = after.assumptions.iter().find(|a| a.contains(name)).expect("it is said");
        assert!(said.contains(&format!("{changed} pairs")), "{said}");
        assert!(after.sources.iter().any(|s| s.table == "egress_programmes") && before.hash != after.hash);
    }
}

#[test]
fn the_programmes_are_rows_of_data() {
    let all = egress_programmes().expect("the embedded table reads");
    let all: Vec<(&str, bool)> = all.iter().map(|p| (p.name.as_str(), p.rate_is_stated)).collect();
    assert_eq!(all, [("eu-at-cost", true), ("gcp-dte", false)]);
}
