//! `--vary KEY=V1,V2`: a key and the values it takes.

use std::str::FromStr;

/// A key and its values, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// A path into a schema, e.g. `scenario.hazard_factor`.
    pub key: String,
    /// At least one.
    pub values: Vec<String>,
}

impl FromStr for Axis {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let accepted = "write KEY=V1,V2, e.g. scenario.hazard_factor=0.5,2";
        let (key, values) = text.split_once('=').ok_or(accepted)?;
        let values: Vec<String> = parts(values).into_iter().map(|v| v.trim().to_owned()).collect();
        if key.trim().is_empty() || values.iter().any(String::is_empty) {
            return Err(accepted.to_owned());
        }
        match (1..values.len()).find(|i| values[..*i].contains(&values[*i])) {
            Some(i) => Err(format!("{} is there twice", values[i])),
            None => Ok(Self { key: key.trim().to_owned(), values }),
        }
    }
}

/// Splits at commas that stand outside brackets, braces and quotes: a value may be JSON.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut escaped, mut start) = (0_usize, false, false, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_between_commas() {
        let values = |text: &str| text.parse::<Axis>().map(|a| a.values);
        assert_eq!(values("a.b=1, 2,x"), Ok(vec!["1".to_owned(), "2".to_owned(), "x".to_owned()]));
        let outage = r#"[{"place":"aws,\"x","start":"a"}]"#;
        assert_eq!(values(&format!("s={outage},[]")), Ok(vec![outage.to_owned(), "[]".to_owned()]));
        for wrong in ["", "a", "=1", "a=", "a=1,,2", "a=1,1"] {
            assert!(values(wrong).is_err(), "{wrong}");
        }
    }
}
