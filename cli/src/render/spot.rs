//! What an interruption of spot capacity leaves, and what stands behind it, in words.

use tradewind_core::notice::OnInterruption;
use tradewind_core::plan::Fallback;

use super::count;
use super::plan_tables::to_seconds;

/// How much work is kept for how many tasks; nothing where none of them runs on spot.
pub fn kept(tasks: impl IntoIterator<Item = (Option<OnInterruption>, u32)>) -> Option<String> {
    let mut sums = [OnInterruption::AtNotice, OnInterruption::LastPeriodic, OnInterruption::Restart].map(|o| (o, 0));
    for (what, n) in tasks {
        sums.iter_mut().filter(|(o, _)| Some(*o) == what).for_each(|(_, sum)| *sum += u64::from(n));
    }
    let parts: Vec<String> = sums.into_iter().filter(|(_, n)| *n > 0).map(|(what, n)| part(what, n)).collect();
    (!parts.is_empty()).then(|| format!("Work kept when spot is interrupted: {}.", parts.join("; ")))
}

fn part(what: OnInterruption, tasks: u64) -> String {
    let of = count(tasks, "task");
    match what {
        OnInterruption::AtNotice => format!("all of it for {of}, as saving fits in the notice"),
        OnInterruption::LastPeriodic => {
            format!("only up to the last periodic checkpoint for {of}, as saving takes longer than the notice")
        }
        OnInterruption::Restart => format!("none for {of} without checkpoints"),
    }
}

/// That on-demand stands behind a task on spot, and when it moves.
pub fn behind(f: &Fallback) -> String {
    format!(
        "Spot, then on demand: with no work saved by {} it moves to {} ({} USD/h); probability {:.4} %, expected USD {:.4}.",
        to_seconds(f.switch_at),
        f.instance_type,
        f.usd_per_hour,
        f.probability * 100.0,
        f.expected_cost_usd
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_there_is_is_told() {
        let told = |tasks: &[(Option<OnInterruption>, u32)]| kept(tasks.iter().copied()).unwrap_or_default();
        let (notice, periodic) = (Some(OnInterruption::AtNotice), Some(OnInterruption::LastPeriodic));
        assert_eq!(told(&[(None, 7)]), "");
        insta::assert_snapshot!(told(&[(periodic, 10), (None, 7), (periodic, 2)]), @"Work kept when spot is interrupted: only up to the last periodic checkpoint for 12 tasks, as saving takes longer than the notice.");
        insta::assert_snapshot!(told(&[(Some(OnInterruption::Restart), 5), (notice, 1)]), @"Work kept when spot is interrupted: all of it for 1 task, as saving fits in the notice; none for 5 tasks without checkpoints.");
    }
}
