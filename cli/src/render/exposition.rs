//! Figures in the text format that Prometheus's node exporter collects from files.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Lines of the format: a help and a type, then the samples.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// The file.
    pub fn text(self) -> String {
        self.0
    }

    fn head(&mut self, name: &str, help: &str) {
        // Writing to memory does not fail.
        let _ = writeln!(self.0, "# HELP tradewind_{name} {help}\n# TYPE tradewind_{name} gauge");
    }

    /// A figure.
    pub fn one(&mut self, name: &str, help: &str, value: f64) {
        self.head(name, help);
        let _ = writeln!(self.0, "tradewind_{name} {}", number(value));
    }

    /// Figures that a label tells apart; nothing where there are none.
    pub fn many<'s>(&mut self, name: &str, help: &str, label: &str, rows: impl IntoIterator<Item = (&'s str, f64)>) {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_some() {
            self.head(name, help);
        }
        for (value, figure) in rows {
            let _ = writeln!(self.0, "tradewind_{name}{{{label}=\"{}\"}} {}", escaped(value), number(figure));
        }
    }

    /// Figures that three labels tell apart; nothing where there are none.
    pub fn by_three(&mut self, name: &str, help: &str, labels: [&str; 3], rows: &BTreeMap<[String; 3], f64>) {
        if !rows.is_empty() {
            self.head(name, help);
        }
        for (values, figure) in rows {
            let pairs: Vec<String> =
                labels.iter().zip(values).map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
            let _ = writeln!(self.0, "tradewind_{name}{{{}}} {}", pairs.join(","), number(*figure));
        }
    }
}

fn number(value: f64) -> String {
    if value.is_nan() { "NaN".to_owned() } else { value.to_string() }
}

/// A label's value: backslash, quote and line end are escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_numbers_written_out() {
        let mut out = Exposition::default();
        out.many("x_usd", "An x.", "project", [("a\"b\\c\nd", 1.5), ("e", f64::NAN)]);
        out.many("none", "Nothing.", "l", []);
        insta::assert_snapshot!(out.0, @r#"
        # HELP tradewind_x_usd An x.
        # TYPE tradewind_x_usd gauge
        tradewind_x_usd{project="a\"b\\c\nd"} 1.5
        tradewind_x_usd{project="e"} NaN
        "#);
    }
}
