//! Ready-made scenarios: worlds that differ from a plan's figures, by name. `datasets/scenarios/README.md` says where
//! their figures are from.

/// A scenario that ships with Tradewind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What happens in it, in a few words.
    pub about: &'static str,
    /// `docs/schema/scenario.schema.json`.
    pub json: &'static str,
}

macro_rules! scenario {
    ($name:literal, $about:literal) => {
        Scenario { name: $name, about: $about, json: include_str!(concat!("../scenarios/", $name, ".json")) }
    };
}

/// All of them, by name.
pub const SCENARIOS: [Scenario; 12] = [
    scenario!("aws-per-launch", "AWS interruption bands read as a share of launches that live a day"),
    scenario!("azure-per-hour", "Azure eviction rates read as an hour's chance"),
    scenario!("capacity-drought", "tight spells by region and by pool, as heavy-tailed as those of V100 spot"),
    scenario!("flaky-jobs", "5 % of all attempts fail by themselves"),
    scenario!("launch-limits", "1,000 launches at once in a region, then 2 a second"),
    scenario!("price-drift", "spot prices change daily as those of eight V100 zones did"),
    scenario!("price-shock", "spot costs twice as much from the third hour on"),
    scenario!("quota-cut", "from the third hour on, for a day, 256 vCPUs a region"),
    scenario!("region-outage", "the region that the plan spends most in is out for its first six hours"),
    scenario!("replayed-v100", "spot comes and goes as it did for V100 in one zone in 2023"),
    scenario!("slow-start", "boots take 5 times as long, copies 3 times"),
    scenario!("spot-storm", "half of all spot is lost in the third hour, and three hours are hard"),
];

/// The scenario of a name.
pub fn find(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|s| s.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_found() {
        assert!(SCENARIOS.windows(2).all(|w| w[0].name < w[1].name));
        assert!(SCENARIOS.iter().all(|s| find(s.name) == Some(s)));
        assert_eq!(find("calm"), None);
    }
}
