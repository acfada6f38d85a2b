//! `[egress]`: the transfer programme.

use toml::de::DeTable;
use tradewind_datasets::{Egress, egress_programmes};

use super::source::Source;

/// The name for the published prices.
const NONE: &str = "none";

pub(super) fn read(source: &mut Source<'_>, root: &DeTable<'_>) -> Egress {
    let mut egress = Egress::default();
    source.section(root, "", "egress", "egress", |source, table, at| {
        // The embedded table reads: `datasets/tests` holds it.
        let programmes = egress_programmes().unwrap_or_default();
        let mut words: Vec<(&str, Option<usize>)> = vec![(NONE, None)];
        words.extend(programmes.iter().enumerate().map(|(i, p)| (p.name.as_str(), Some(i))));
        let chosen = source.field(table, at, "programme", |s, v, at| s.word(v, at, &words)).flatten();
        let chosen = chosen.map(|i| &programmes[i]);
        egress.usd_per_gb = source.field(table, at, "usd_per_gb", Source::usd_per_gb);
        let Some(place) = table.get("programme").or(table.get("usd_per_gb")).map(toml::Spanned::span) else { return };
        let stated = table.get("usd_per_gb").is_some();
        match chosen {
            Some(p) if p.rate_is_stated && !stated => {
                let accepted = "usd_per_gb = \"...\", the rate that your cloud has granted you";
                source.refuse(&place, at, "a key is missing", "no usd_per_gb", accepted).help =
                    format!("the rate of {} is not published: Tradewind does not guess it", p.name);
            }
            Some(p) if !p.rate_is_stated && stated => {
                let got = format!("usd_per_gb with programme {}", p.name);
                source.refuse(&place, at, "a rate that is not used", &got, "no usd_per_gb: its rate is published");
            }
            None if stated && table.get("programme").is_none() => {
                source.refuse(&place, at, "a rate without a programme", "usd_per_gb", "programme = \"...\" as well");
            }
            _ => {}
        }
        egress.programme = chosen.map(|p| p.name.clone());
    });
    egress
}
