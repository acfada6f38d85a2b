//! One job and one offer.

use tradewind_optimizer::explain::WhyNot;

use super::{changes, verdict};
use crate::render::count;
use crate::render::report::Page;

/// The whole page.
pub fn page(answer: &WhyNot, note: &str) -> Page {
    let mut page = Page::default();
    page.title(format!("{} on {}", answer.job, answer.offer));
    if answer.there > 0 {
        page.line(format!("The plan does run {} of it there.", count(u64::from(answer.there), "task")));
    }
    let (d, c) = (answer.demand, answer.capacity);
    let gpu = if answer.gpu.is_empty() { String::new() } else { format!(" ({})", answer.gpu) };
    page.line(format!(
        "A node has {} vCPU, {} MiB usable and {} GPU{gpu} for USD {} an hour; a task takes {} vCPU, {} MiB and {} GPU.",
        c.vcpu_milli as f64 / 1e3,
        c.memory_mib,
        c.gpu_milli as f64 / 1e3,
        answer.usd_per_hour,
        d.vcpu_milli as f64 / 1e3,
        d.memory_mib,
        d.gpu_milli as f64 / 1e3,
    ));
    if !answer.holds {
        page.line("It does not hold the job: too small, or another GPU. Nothing else matters.");
        return page;
    }
    if let (Some(looks), Some(planned)) = (answer.looks_usd, answer.planned_usd) {
        page.line(format!("A task looks like USD {looks:.4} there; as planned it costs USD {planned:.4}."));
    }
    let obstacles: Vec<String> =
        answer.obstacles.iter().map(|o| format!("{}: {}", o.reason.sentence(), o.detail)).collect();
    page.points("In the way", &obstacles);
    let mut forcing = Vec::new();
    match &answer.forced {
        Some(f) => {
            if !f.changes.is_empty() {
                forcing.push(format!("it takes: {}", changes(&f.changes)));
            }
            forcing.push(format!(
                "then {} of {} there: it {}",
                f.tasks,
                count(u64::from(f.wanted), "task"),
                verdict(f)
            ));
            forcing.push("everything else stays where it is; the best plan with it costs no more than this".to_owned());
        }
        None => forcing.push("nothing you could change puts it there while the rest of the plan stays".to_owned()),
    }
    page.points("Forcing it", &forcing);
    page.line("");
    page.line(note.to_owned());
    page
}
