//! Kubernetes quantities, and the seconds of the clouds' batch services.

use crate::node::Node;

/// `500m`, `2`, `0.5` as thousandths, rounded up; `None` where it is no quantity.
pub(crate) fn milli(text: &str) -> Option<u64> {
    scaled(text, 1e3)
}

/// `64Mi`, `1G`, `128974848` as bytes, rounded up.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    scaled(text, 1.0)
}

fn scaled(text: &str, unit: f64) -> Option<u64> {
    let text = text.trim();
    // An exponent is a part of the number, `E` at the end is a suffix.
    let digits = text.rfind(|c: char| c.is_ascii_digit() || c == '.').map(|at| at + 1)?;
    let (number, suffix) = text.split_at(digits);
    let scale = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        _ => return None,
    };
    let value = number.parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0)? * scale * unit;
    // Thousandths of 0.1 are not 100 in binary: what is a hair above a whole number is that number.
    let whole = (value - 1e-6).ceil().max(0.0);
    (whole < 1e18).then_some(whole as u64)
}

/// Thousandths as a number of units.
pub(crate) fn units(milli: u64) -> Node {
    Node::Number(milli as f64 / 1000.0)
}

/// Bytes as our reader takes them.
pub(crate) fn size(bytes: u64) -> Node {
    Node::Text(format!("{bytes}B"))
}

/// `3600s`, `3600` as our reader takes it.
pub(crate) fn seconds(text: &str) -> Node {
    let number = text.trim().trim_end_matches('s');
    let is_number = number.parse::<f64>().is_ok_and(|n| n.is_finite());
    Node::Text(if is_number { format!("{number}s") } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        let cases = ["500m", "2", "0.1", "1.5", "x", "-1", "", "1e3"].map(milli);
        assert_eq!(cases, [Some(500), Some(2000), Some(100), Some(1500), None, None, None, Some(1_000_000)]);
        let cases = ["64Mi", "1G", "128974848", "1Gib", "0.5Gi", "1e2Ki"].map(bytes);
        assert_eq!(cases, [Some(64 << 20), Some(1_000_000_000), Some(128_974_848), None, Some(1 << 29), Some(102_400)]);
        assert_eq!(seconds("3600s"), Node::Text("3600s".to_owned()));
        assert_eq!(seconds("60"), Node::Text("60s".to_owned()));
    }
}
