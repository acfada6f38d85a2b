//! A page of headings, lines and tables.

use maud::{Markup, html};

use super::{section, table};
use crate::render::report::{Block, Body, Page, Section};

/// The whole file. Its title is the page's own.
pub fn document(page: &Page) -> String {
    let title = page.blocks().iter().find_map(|b| if let Block::Title(t) = b { Some(t.as_str()) } else { None });
    let body = html! {
        @for block in page.blocks() {
            @match block {
                Block::Title(text) => h1 { (text) },
                Block::Line(text) => p.lead { (text) },
                Block::Section(s) => (of(s)),
            }
        }
    };
    super::document(title.unwrap_or("Tradewind"), &body)
}

/// A heading and what stands under it. Nothing is folded: a page has room, and paper cannot unfold.
pub fn of(s: &Section) -> Markup {
    section(&s.heading, "", &body(&s.body))
}

fn body(body: &Body) -> Markup {
    match body {
        Body::Table(grid) => table::of(grid),
        Body::Items(items) => html! { ul { @for item in items { li { (item) } } } },
    }
}
