//! Instances side by side: clouds, quotas and jobs of their own, so that the optimum of the whole is the
//! sum of the optima of the parts.

use std::collections::BTreeMap;

use tradewind_core::job::{Job, Workload};
use tradewind_core::market::Market;
use tradewind_core::place::RegionName;

use super::Instance;

/// The parts in one market and one queue; all of them have the first one's rules.
pub fn merged(parts: &[&Instance]) -> Instance {
    let mut market = Market {
        clouds: Vec::new(),
        regions: Vec::new(),
        types: Vec::new(),
        hazards: Vec::new(),
        quotas: Vec::new(),
        quota_sets: vec![vec![]],
        offers: Vec::new(),
        transfers: BTreeMap::new(),
        ..parts[0].market.clone()
    };
    let mut jobs = Vec::new();
    for (n, part) in parts.iter().enumerate() {
        append(&mut market, &part.market, n);
        jobs.extend(part.workload.jobs().iter().map(|job| renamed_job(job, n)));
    }
    Instance {
        market: market.validated().expect("sound parts make a sound whole"),
        workload: Workload::new(jobs).expect("names of their own"),
        rules: parts[0].rules.clone(),
    }
}

/// The name of a part's job in the whole.
pub fn job_name(part: usize, id: &str) -> String {
    format!("p{part}-{id}")
}

fn append(market: &mut Market, part: &Market, n: usize) {
    let (clouds, regions) = (market.clouds.len() as u16, market.regions.len() as u16);
    let (types, hazards) = (market.types.len() as u32, market.hazards.len() as u16);
    let (quotas, sets) = (market.quotas.len() as u16, market.quota_sets.len() as u16 - 1);
    market.hazards.extend(part.hazards.iter().cloned());
    for cloud in &part.clouds {
        market.clouds.push(tradewind_core::market::CloudFacts { name: job_name(n, &cloud.name), ..cloud.clone() });
    }
    for region in &part.regions {
        let name = renamed_place(&region.name, n);
        market.regions.push(tradewind_core::market::Region { name, cloud: region.cloud + clouds, ..region.clone() });
    }
    for kind in &part.types {
        market.types.push(tradewind_core::market::InstanceType { cloud: kind.cloud + clouds, ..kind.clone() });
    }
    for row in &part.quotas {
        market.quotas.push(tradewind_core::market::QuotaRow { name: job_name(n, &row.name), ..row.clone() });
    }
    let shifted = |set: &Vec<u16>| set.iter().map(|q| q + quotas).collect();
    market.quota_sets.extend(part.quota_sets[1..].iter().map(shifted));
    for offer in &part.offers {
        let mut offer = *offer;
        offer.instance_type += types;
        offer.region += regions;
        offer.hazard = offer.hazard.map(|h| h + hazards);
        offer.quota_set = if offer.quota_set == 0 { 0 } else { offer.quota_set + sets };
        market.offers.push(offer);
    }
    for (from, row) in &part.transfers {
        let row = row.iter().map(|(to, price)| (to + regions, *price)).collect();
        market.transfers.insert(from + regions, row);
    }
}

fn renamed_place(place: &RegionName, n: usize) -> RegionName {
    RegionName::new(&job_name(n, place.cloud()), place.region())
}

/// The job in the clouds of its part, with data of its part.
fn renamed_job(job: &Job, n: usize) -> Job {
    let mut job = job.clone();
    job.id = job_name(n, &job.id);
    job.clouds = vec![job_name(n, "one"), job_name(n, "two")];
    for input in &mut job.inputs {
        input.location = renamed_place(&input.location, n);
        input.dataset = input.dataset.as_ref().map(|d| job_name(n, d));
    }
    for output in &mut job.outputs {
        output.location = renamed_place(&output.location, n);
    }
    job
}
