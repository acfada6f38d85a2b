//! How the page was made, and its data for programs.

use maud::{Markup, PreEscaped, html};

use crate::render::whatif::{Report, made};

/// The run in words and as the JSON of `--format json`, which no browser runs.
pub fn of(report: &Report) -> Markup {
    html! {
        footer {
            p { "Runs with one number share their luck in every arm. The data of this page stands in it as JSON: the element " code { "tradewind-whatif" } "." }
            dl { @for (name, value) in made(report) { dt { (name) } dd { (value) } } }
        }
        script type="application/json" id="tradewind-whatif" { (PreEscaped(island(report))) }
    }
}

/// JSON that no text in it can end: `<` is written as its escape.
fn island(report: &Report) -> String {
    // String keys and finite numbers.
    serde_json::to_string(report).unwrap_or_default().replace('<', "\\u003c")
}
