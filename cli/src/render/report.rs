//! A page of headings, lines and tables, as text or Markdown.

use super::grid::{Grid, WIDTH, wrap};
use crate::output::Style;

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    Title(String),
    Heading(String),
    Line(String),
    Items(Vec<String>),
    Table(Grid),
}

/// The pieces in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    blocks: Vec<Block>,
}

impl Page {
    /// The first line.
    pub fn title(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Title(text.into()));
    }

    /// A line of text.
    pub fn line(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Line(text.into()));
    }

    /// A heading and its table; nothing where the table is empty.
    pub fn table(&mut self, heading: impl Into<String>, grid: Grid) {
        if !grid.is_empty() {
            self.blocks.extend([Block::Heading(heading.into()), Block::Table(grid)]);
        }
    }

    /// A heading and its sentences; nothing where there are none.
    pub fn items(&mut self, heading: impl Into<String>, items: &[String]) {
        if !items.is_empty() {
            self.blocks.extend([Block::Heading(heading.into()), Block::Items(items.to_vec())]);
        }
    }

    /// For a terminal.
    pub fn to_text(&self, style: Style) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            match block {
                Block::Title(t) => wrap(t, WIDTH).iter().for_each(|l| text.push_str(&format!("{}\n", style.strong(l)))),
                Block::Heading(t) => text.push_str(&format!("\n{}\n", style.strong(t))),
                Block::Line(t) => wrap(t, WIDTH).iter().for_each(|l| text.push_str(&format!("{l}\n"))),
                Block::Items(items) => {
                    for item in items {
                        for (i, line) in wrap(item, WIDTH - 4).iter().enumerate() {
                            text.push_str(&format!("  {} {line}\n", if i == 0 { "-" } else { " " }));
                        }
                    }
                }
                Block::Table(grid) => text.push_str(&grid.to_text()),
            }
        }
        text
    }

    /// The tables, one after the other, for a spreadsheet.
    pub fn to_csv(&self) -> String {
        let tables = self.blocks.iter().filter_map(|b| match b {
            Block::Table(grid) => Some(grid.to_csv()),
            _ => None,
        });
        tables.collect::<Vec<_>>().join("\n")
    }

    /// For a pull request or a chat.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            match block {
                Block::Title(t) => text.push_str(&format!("## {t}\n\n")),
                Block::Heading(t) => text.push_str(&format!("\n### {t}\n\n")),
                Block::Line(t) => text.push_str(&format!("{t}  \n")),
                Block::Items(items) => items.iter().for_each(|i| text.push_str(&format!("- {i}\n"))),
                Block::Table(grid) => text.push_str(&grid.to_markdown()),
            }
        }
        text
    }
}
