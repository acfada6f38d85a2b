//! GPU models by the names that schedulers and clouds give them.

/// Names of one model, lower case, without the vendor's; the first is how price lists write it.
const NAMES: &[&[&str]] = &[
    &["A10G"],
    &["A10", "a10"],
    &["A100-80GB", "a100-80gb", "a100_80gb", "a100-sxm4-80gb", "a100-pcie-80gb", "a100-sxm-80gb"],
    &["A100", "a100-40gb", "a100-sxm4-40gb", "a100-pcie-40gb"],
    &["H100", "h100-80gb", "h100-80gb-hbm3", "h100-mega-80gb", "h100-sxm5-80gb"],
    &["L4"],
    &["L40S"],
    &["T4"],
    &["T4G"],
    &["V100-32GB", "v100-sxm2-32gb", "v100-sxm3-32gb"],
    &["H100-NVL"],
    &["V100", "v100-sxm2-16gb", "v100-sxm2"],
    &["P100", "p100-pcie-16gb"],
    &["P4"],
    &["K80"],
    &["M60"],
];

/// The model of a foreign name: itself where we do not know it, so that the market judges it.
pub(crate) fn model(name: &str) -> String {
    let lower = name.trim().to_ascii_lowercase();
    let bare = lower.trim_start_matches("nvidia-").trim_start_matches("nvidia_").trim_start_matches("tesla-");
    let known = NAMES.iter().find(|names| names[0].eq_ignore_ascii_case(bare) || names.contains(&bare));
    known.map_or_else(|| name.trim().to_owned(), |names| names[0].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_schedulers_and_clouds() {
        let names = ["a100", "nvidia-tesla-a100", "nvidia-a100-80gb", "NVIDIA-A100-SXM4-40GB", "nvidia-l4", "tpu-v5"];
        assert_eq!(names.map(model), ["A100", "A100", "A100-80GB", "A100", "L4", "tpu-v5"]);
    }
}
