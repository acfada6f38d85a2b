//! Azure sizes of which only some vCPUs are active.
//!
//! `Standard_E64-16as_v5` is `Standard_E64as_v5`, memory and price included, with 16 of its 64 vCPUs switched on; quota counts
//! all 64, and so do the lists of sizes that offers come from (learn.microsoft.com: "Constrained vCPU sizes for database
//! workloads" and `VirtualMachineSize.numberOfCores`, both read 2026-11-23).

use crate::offers::RawType;

/// Thousandths of a vCPU that tasks can use of a type, where its name says that they are fewer than are listed.
pub(crate) fn active_vcpu_milli(kind: &RawType) -> Option<u64> {
    let active = (kind.cloud == "azure").then(|| active_in(&kind.name)).flatten()?.checked_mul(1000)?;
    (0 < active && active < kind.vcpu_milli).then_some(active)
}

/// The second number of `Standard_<letters><all>-<active><letters>`.
fn active_in(name: &str) -> Option<u64> {
    let (size, rest) = name.strip_prefix("Standard_")?.split_once('-')?;
    let (letters, all) = size.split_at(size.find(|c: char| c.is_ascii_digit())?);
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let named = letters.chars().all(|c| c.is_ascii_alphabetic()) && all.chars().all(|c| c.is_ascii_digit());
    rest[..digits].parse().ok().filter(|_| named && !letters.is_empty())
}

#[cfg(test)]
mod tests {
    use super::active_in;

    #[test]
    fn the_name_says_how_many_are_active() {
        let of = |name: &str| active_in(&format!("Standard_{name}"));
        assert_eq!(of("E64-16as_v5"), Some(16));
        assert_eq!(of("HB120-16rs_v3"), Some(16));
        assert_eq!(of("DS14-4_v2"), Some(4));
        assert_eq!(of("M416-208ms_v2"), Some(208));
        assert_eq!(of("HX176-144rs"), Some(144));
        for other in ["E64as_v5", "D2-x", "64-16", "E6a4-16s", "B2ats_v2"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
