use tradewind_core::plan::ZoneRule;

use super::*;

/// A launch at midnight, needed for an hour and a bit.
fn allocation(id: &str, region: &str, instance_type: &str, capacity_type: CapacityType, usd: &str) -> Allocation {
    let time = |text: &str| text.parse().expect("a time");
    Allocation {
        id: id.to_owned(),
        region: region.parse().expect("a region"),
        zone: ZoneRule::Any,
        instance_type: instance_type.to_owned(),
        capacity_type,
        commitment: None,
        count: 1,
        start: time("2024-03-31T00:00:00Z"),
        end: time("2024-03-31T01:00:00Z"),
        reserved_end: time("2024-03-31T01:59:30Z"),
        usd_per_hour: usd.parse().expect("a price"),
        expected_cost_usd: usd.parse().expect("an amount"),
    }
}

/// One launch is denied until it is asked for no longer than the rules allow, waits until somebody says yes, goes
/// through; sent once more it gives the same reply.
#[test]
fn the_story_is_told_as_it_happened() {
    let allocations = [
        allocation("a1", "gcp/europe-west4", "n2d-standard-32", CapacityType::Spot, "0.2"),
        allocation("a2", "aws/us-west-2", "p4d.24xlarge", CapacityType::OnDemand, "32.77"),
        allocation("a3", "aws/us-west-2", "m5.large", CapacityType::OnDemand, "0.096"),
        allocation("a4", "azure/westeurope", "Standard_D48as_v5", CapacityType::Spot, "0.2"),
    ];
    let folder = std::env::temp_dir().join(format!("tradewind-demo-launches-{}", std::process::id()));
    let told = told(&folder, &allocations).unwrap_or_else(|_| panic!("the calls are made"));
    let lines: Vec<String> = told.iter().map(|t| format!("{}; {}; {}", t.cloud, t.what, t.came)).collect();
    fs::remove_dir_all(&folder).expect("it was there");
    insta::assert_snapshot!(lines.join("\n"), @r"
    aws; 1 x p4d.24xlarge, on demand, for 7 days; refused: N001 to live 168 h; 24 h is the most
    aws; 1 x p4d.24xlarge, on demand, for 120 min; waits: N002 it may cost USD 66; up to 50 need nobody
    aws; tradewind mcp approve 9eeb9d29c2e2 --as ana; a second person says yes to this call, once
    aws; the same call again; launched n-6b86b273ff34fce19 at USD 32.7726 an hour
    azure; 1 x Standard_D48as_v5, spot, for 120 min; launched n-0d64acd0e895e8d06 at USD 0.2496 an hour
    gcp; 1 x n2d-standard-32, spot, for 120 min; launched n-8765426f9c2f47927 at USD 0.198528 an hour
    gcp; the same call once more; replayed, the same reply; gcp has 1 node
    ");
}
