//! A table.

use maud::{Markup, html};

use crate::render::grid::{Grid, Side};

/// A grid as it is.
pub fn of(grid: &Grid) -> Markup {
    with(grid, |_, _| html! {})
}

/// A grid with something drawn at the beginning of a cell, by row and column.
pub fn with(grid: &Grid, mark: impl Fn(usize, usize) -> Markup) -> Markup {
    let class = |c: usize| (grid.headers()[c].1 == Side::Right).then_some("right");
    html! {
        div.scroll {
            table {
                thead {
                    tr { @for (c, (name, _)) in grid.headers().iter().enumerate() { th class=[class(c)] scope="col" { (name) } } }
                }
                tbody {
                    @for (r, row) in grid.rows().iter().enumerate() {
                        tr { @for (c, cell) in row.iter().enumerate() { td class=[class(c)] { (mark(r, c)) (cell) } } }
                    }
                }
            }
        }
    }
}
