//! Pages for a browser: one file, no request, no script, the same bytes for the same input. Every text
//! that comes from a user goes through `maud`, which escapes it.

mod axis;
mod baselines;
mod cost;
mod footer;
mod gantt;
mod headline;
mod lanes;
mod meter;
mod palette;
mod placements;
pub mod plan;
mod quotas;
pub mod report;
mod scale;
mod table;
pub mod whatif;

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");

/// Nothing may be fetched, run, framed or sent; only the page's own style applies.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The whole file around a body.
fn document(title: &str, body: &Markup) -> String {
    document_with(title, "", body)
}

/// The same with rules of style of its own.
fn document_with(title: &str, style: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "tradewind " (env!("CARGO_PKG_VERSION")) };
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(style)) }
            }
            body { main { (body) } }
        }
    };
    page.into_string() + "\n"
}

/// A part of a page with its heading.
fn section(heading: &str, note: &str, body: &Markup) -> Markup {
    html! {
        section {
            h2 { (heading) }
            @if !note.is_empty() { p.note { (note) } }
            (body)
        }
    }
}
