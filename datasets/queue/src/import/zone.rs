//! Times without an offset: the user says where their clock stands.

use std::str::FromStr;

use tradewind_core::time::Time;

use crate::node::Node;

/// Hours and minutes from UTC: `Z`, `+01:00`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offset(String);

impl FromStr for Offset {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match format!("2000-01-01T00:00:00{text}").parse::<Time>() {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err("write Z for UTC or an offset such as +01:00".to_owned()),
        }
    }
}

/// The instant as our reader takes it: `text` itself, or with the user's offset where it has none.
pub(crate) fn instant(text: &str, offset: Option<&Offset>) -> Node {
    let text = text.trim();
    let date_and_time = text.find(['T', ' ']).map_or("", |at| &text[at..]);
    let has_offset = date_and_time.ends_with(['Z', 'z']) || date_and_time.contains(['+', '-']);
    match offset {
        Some(Offset(offset)) if !has_offset => Node::Text(format!("{text}{offset}")),
        _ => Node::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_added_where_none_is() {
        let offset: Offset = "+01:00".parse().expect("an offset");
        let with = |text| instant(text, Some(&offset));
        assert_eq!(with("2026-01-02T03:04:05"), Node::Text("2026-01-02T03:04:05+01:00".to_owned()));
        assert_eq!(with("2026-01-02T03:04:05Z"), Node::Text("2026-01-02T03:04:05Z".to_owned()));
        assert_eq!(with("2026-01-02T03:04:05-08:00"), Node::Text("2026-01-02T03:04:05-08:00".to_owned()));
        assert!("CET".parse::<Offset>().is_err());
    }
}
