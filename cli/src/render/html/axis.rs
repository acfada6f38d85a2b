//! The time axis of the chart.

use maud::{Markup, html};
use tradewind_core::plan::Plan;
use tradewind_core::time::{Millis, Time};

/// Width of a track in drawing units; the browser stretches it.
pub const WIDTH: f64 = 1000.0;
/// Ticks at most.
const MAX_TICKS: i64 = 12;
/// Distances of ticks in minutes, of which the smallest that is large enough is taken.
const STEPS: [i64; 14] = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200];

/// The span that is drawn: from the start of the horizon to the last mean end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    start: Time,
    end: Time,
    step: Millis,
}

impl Axis {
    /// Of a plan; at least a minute long.
    pub fn of(plan: &Plan) -> Self {
        let start =
            plan.allocations.iter().map(|a| a.start).chain([plan.rules.horizon.start]).min().unwrap_or_default();
        let end = plan.allocations.iter().map(|a| a.end).max().unwrap_or(start);
        Self::between(start, end)
    }

    /// Between two instants; at least a minute long.
    pub fn between(start: Time, end: Time) -> Self {
        let end = end.max(start + Millis::from_secs(60));
        let minutes = ((end - start).get() / 60_000).max(1);
        let step = STEPS.into_iter().find(|s| minutes / s < MAX_TICKS).unwrap_or(minutes / MAX_TICKS + 1);
        Self { start, end, step: Millis::from_secs(60 * step) }
    }

    /// Where an instant is drawn.
    pub fn x(&self, time: Time) -> f64 {
        (time - self.start).get() as f64 / (self.end - self.start).get() as f64 * WIDTH
    }

    /// The instants that are marked: whole steps since the epoch, so that hours and days are whole.
    pub fn ticks(&self) -> Vec<Time> {
        let step = self.step.get();
        let first = self.start.ms().div_euclid(step) + i64::from(self.start.ms().rem_euclid(step) != 0);
        (first..).map(|n| Time::from_ms(n * step)).take_while(|t| *t <= self.end).collect()
    }

    /// The labels. Every second one is left out where there is little room.
    pub fn labels(&self) -> Markup {
        let mut day = String::new();
        let labels: Vec<(f64, String)> = self
            .ticks()
            .into_iter()
            .map(|t| {
                let text = t.to_string();
                let (date, clock) = (text.get(5..10).unwrap_or(""), text.get(11..16).unwrap_or(""));
                let label = match clock {
                    _ if date == day => clock.to_owned(),
                    "00:00" => date.to_owned(),
                    _ => format!("{date} {clock}"),
                };
                day = date.to_owned();
                (self.x(t) / WIDTH * 100.0, label)
            })
            .filter(|(x, _)| *x < 97.0)
            .collect();
        html! {
            div.row {
                div.what { "UTC" }
                div.axis {
                    @for (n, (x, label)) in labels.iter().enumerate() {
                        span class=[(n % 2 == 1).then_some("odd")] style=(format!("left:{x:.2}%")) { (label) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_and_on_whole_steps() {
        for hours in [0, 1, 7, 48, 24 * 40, 24 * 365 * 20] {
            let start = Time::from_ms(90_061_001);
            let axis = Axis::between(start, start + Millis::from_hours(hours));
            let ticks = axis.ticks();
            assert!(ticks.len() as i64 <= MAX_TICKS + 1, "{hours} h: {}", ticks.len());
            assert!(ticks.iter().all(|t| t.ms() % axis.step.get() == 0 && *t >= start));
            assert!((axis.x(start), axis.x(axis.end)) == (0.0, WIDTH));
        }
    }
}
