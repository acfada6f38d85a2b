//! What was measured beside what is to be reached.

/// A measure: what is to be reached, what is aimed for, and what came out.
pub struct Row {
    pub measure: String,
    pub reach: f64,
    pub aim: f64,
    /// None where it could not be measured here.
    pub found: Option<f64>,
    /// Whether more is better.
    pub more: bool,
}

impl Row {
    /// Of a measure of which more is better.
    pub fn more(measure: impl Into<String>, [reach, aim]: [f64; 2], found: Option<f64>) -> Self {
        Self { measure: measure.into(), reach, aim, found, more: true }
    }

    /// Of one of which less is better.
    pub fn less(measure: impl Into<String>, [reach, aim]: [f64; 2], found: Option<f64>) -> Self {
        Self { more: false, ..Self::more(measure, [reach, aim], found) }
    }

    fn verdict(&self) -> &'static str {
        let good = |bar: f64| self.found.is_some_and(|found| if self.more { found >= bar } else { found <= bar });
        match (self.found, good(self.reach), good(self.aim)) {
            (None, ..) => "NOT MEASURED",
            (_, false, _) => "NOT REACHED",
            (_, _, false) => "reached",
            _ => "aim reached",
        }
    }
}

/// Measures of the simulator that other commands print, and which.
const ELSEWHERE: [(&str, &str); 4] = [
    ("closed forms inside the 99 % interval at half-width 0.5 %; 0.1 %", "tradewind bench validate --until-ci 0.1%"),
    ("plan-cost 95 % interval on 2,000 scenarios; width against an oracle's", "tradewind bench validate"),
    ("NSDI'24 and NSDI'27 policies on their golden tables; our policy", "tradewind bench spot"),
    ("the whole NSDI'24 table in a second", "cargo bench -p tradewind-benches --bench spot"),
];

/// Prints all rows, and where the others are measured.
pub fn print(rows: &[Row]) {
    eprintln!("\n{:<68} {:>10} {:>10} {:>10}", "measure", "reach", "aim", "found");
    for row in rows {
        let found = row.found.map_or("-".to_owned(), figure);
        let (reach, aim) = (figure(row.reach), figure(row.aim));
        eprintln!("{:<68} {reach:>10} {aim:>10} {found:>10}  {}", row.measure, row.verdict());
    }
    for (measure, command) in ELSEWHERE {
        eprintln!("{measure}: {command}");
    }
}

/// Three digits or so.
fn figure(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}
