//! A what-if as a table for spreadsheets and programs: a row for the base, each arm, each point of the frontier.

use serde_json::{Value, json};
use tradewind_core::money::Usd;
use tradewind_sim::whatif::{Difference, Figures};

use super::report::Report;
use crate::render::grid::{Grid, Side};

/// The columns. Money in dollars, shares as fractions of 1.
const NAMES: [&str; 25] = [
    "kind",
    "arm",
    "replanned",
    "allowed_miss_probability",
    "dominated",
    "placed",
    "unplaced",
    "planned_usd",
    "mean_usd",
    "half_width_usd",
    "p50_usd",
    "p95_usd",
    "cvar95_usd",
    "difference_usd",
    "difference_low_usd",
    "difference_high_usd",
    "variance_reduction",
    "any_miss",
    "late_tasks",
    "interruptions",
    "moved",
    "unfinished",
    "rework_hours",
    "idle_usd",
    "egress_usd",
];

/// What a row is before its figures.
struct Head<'a> {
    kind: &'a str,
    arm: String,
    replanned: bool,
    allowed: Option<f64>,
    dominated: Option<bool>,
}

/// As CSV.
pub fn csv(report: &Report) -> String {
    let mut grid = Grid::new(NAMES.map(|n| (n, Side::Left)));
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    rows(report).iter().for_each(|row| grid.row(row.iter().map(text)));
    grid.to_csv()
}

/// By column, for a typed table.
pub fn columns(report: &Report) -> Vec<(String, Vec<Option<Value>>)> {
    let rows = rows(report);
    let cell = |row: &[Value; NAMES.len()], c: usize| (!row[c].is_null()).then(|| row[c].clone());
    NAMES.iter().enumerate().map(|(c, name)| ((*name).to_owned(), rows.iter().map(|r| cell(r, c)).collect())).collect()
}

fn rows(report: &Report) -> Vec<[Value; NAMES.len()]> {
    let head = |kind, arm: String| Head { kind, arm, replanned: false, allowed: None, dominated: None };
    let mut rows = vec![row(&head("base", "base".to_owned()), Some(&report.base), None)];
    for arm in &report.arms {
        let head = Head { replanned: arm.replanned, ..head("arm", arm.label()) };
        rows.push(row(&head, arm.compared.as_ref().map(|c| &c.figures), arm.compared.as_ref().map(|c| &c.difference)));
    }
    for point in report.frontier.iter().filter(|p| p.allowed.is_some()) {
        let arm = point.allowed.map_or_else(String::new, |p| format!("miss probability at most {p}"));
        let head = Head { allowed: point.allowed, dominated: Some(point.dominated), ..head("frontier", arm) };
        rows.push(row(&Head { replanned: true, ..head }, point.figures.as_ref(), None));
    }
    rows
}

fn row(head: &Head<'_>, figures: Option<&Figures>, difference: Option<&Difference>) -> [Value; NAMES.len()] {
    let of = |value: &dyn Fn(&Figures) -> Value| figures.map_or(Value::Null, value);
    let money = |value: &dyn Fn(&Figures) -> Usd| of(&|f| json!(value(f).as_f64()));
    let end = |n: usize| difference.and_then(|d| d.interval_usd).map_or(Value::Null, |i| json!(i[n].as_f64()));
    [
        json!(head.kind),
        json!(head.arm),
        json!(head.replanned),
        json!(head.allowed),
        json!(head.dominated),
        figures.map_or(json!(0), |f| json!(f.placed)),
        of(&|f| json!(f.unplaced)),
        money(&|f| f.cost.planned_usd),
        money(&|f| f.cost.mean_usd),
        money(&|f| f.cost.half_width_usd),
        money(&|f| f.cost.p50_usd),
        money(&|f| f.cost.p95_usd),
        money(&|f| f.cost.cvar95_usd),
        difference.map_or(Value::Null, |d| json!(d.usd.as_f64())),
        end(0),
        end(1),
        json!(difference.and_then(|d| d.variance_reduction)),
        of(&|f| json!(f.any_miss.value)),
        of(&|f| json!(f.late_tasks)),
        of(&|f| json!(f.interruptions)),
        of(&|f| json!(f.moved)),
        of(&|f| json!(f.unfinished)),
        of(&|f| json!(f.rework_hours)),
        money(&|f| f.idle_usd),
        money(&|f| f.egress_usd),
    ]
}
