//! A page of headings, lines and tables, as text or Markdown; `html::report` has it as HTML.

use super::grid::{Grid, WIDTH, markdown, printable, wrap};
use crate::output::Style;

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The first line.
    Title(String),
    /// A line of text.
    Line(String),
    /// Something under a heading.
    Section(Section),
}

/// A heading and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// What stands under it.
    pub body: Body,
    /// Whether it is folded away where the format can.
    pub folded: bool,
}

/// What stands under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Sentences.
    Items(Vec<String>),
    /// A table.
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
            self.section(heading, Body::Table(grid), false);
        }
    }

    /// A table of detail: [`Page::table`], folded where the format can.
    pub fn detail(&mut self, heading: impl Into<String>, grid: Grid) {
        if !grid.is_empty() {
            self.section(heading, Body::Table(grid), true);
        }
    }

    /// A heading and its sentences, folded where the format can; nothing where there are none.
    pub fn items(&mut self, heading: impl Into<String>, items: &[String]) {
        if !items.is_empty() {
            self.section(heading, Body::Items(items.to_vec()), true);
        }
    }

    /// A heading and its sentences, never folded.
    pub fn points(&mut self, heading: impl Into<String>, items: &[String]) {
        if !items.is_empty() {
            self.section(heading, Body::Items(items.to_vec()), false);
        }
    }

    fn section(&mut self, heading: impl Into<String>, body: Body, folded: bool) {
        self.blocks.push(Block::Section(Section { heading: heading.into(), body, folded }));
    }

    /// The pieces.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// For a terminal.
    pub fn to_text(&self, style: Style) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            match block {
                Block::Title(t) => {
                    wrap(&printable(t), WIDTH).iter().for_each(|l| text.push_str(&format!("{}\n", style.strong(l))));
                }
                Block::Line(t) => {
                    wrap(&printable(t), WIDTH).iter().for_each(|l| text.push_str(&format!("{l}\n")));
                }
                Block::Section(s) => {
                    text.push_str(&format!("\n{}\n", style.strong(&printable(&s.heading))));
                    push_body(&mut text, &s.body);
                }
            }
        }
        text
    }

    /// For a pull request or a chat. Lines become a list, since line ends mean nothing there.
    pub fn to_markdown(&self) -> String {
        let lines = self.blocks.iter().filter(|b| matches!(b, Block::Line(_))).count();
        let bullet = if lines > 1 { "- " } else { "" };
        let mut text = String::new();
        let mut after_line = false;
        for block in &self.blocks {
            match block {
                Block::Title(t) => text.push_str(&format!("## {}\n\n", markdown(t))),
                Block::Line(t) => {
                    let gap = if after_line || text.is_empty() || text.ends_with("\n\n") { "" } else { "\n" };
                    text.push_str(&format!("{gap}{bullet}{}\n", markdown(t)));
                }
                Block::Section(s) => text.push_str(&markdown_section(s)),
            }
            after_line = matches!(block, Block::Line(_));
        }
        text
    }
}

fn push_body(text: &mut String, body: &Body) {
    match body {
        Body::Table(grid) => text.push_str(&grid.to_text()),
        Body::Items(items) => {
            for item in items {
                for (i, line) in wrap(&printable(item), WIDTH - 4).iter().enumerate() {
                    text.push_str(&format!("  {} {line}\n", if i == 0 { "-" } else { " " }));
                }
            }
        }
    }
}

fn markdown_section(s: &Section) -> String {
    let (heading, n, body) = match &s.body {
        Body::Table(grid) => (markdown(&s.heading), grid.len(), grid.to_markdown()),
        Body::Items(items) => {
            let lines = items.iter().map(|i| format!("- {}\n", markdown(i))).collect();
            (markdown(&s.heading), items.len(), lines)
        }
    };
    if s.folded {
        // The empty lines make GitHub read what is between the tags as Markdown.
        format!("\n<details><summary>{heading} ({n})</summary>\n\n{body}\n</details>\n")
    } else {
        format!("\n### {heading}\n\n{body}")
    }
}
