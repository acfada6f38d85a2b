//! A small table: text in 100 columns, Markdown, CSV.

/// Width of text output.
pub const WIDTH: usize = 100;
/// Between columns.
const GAP: usize = 2;
/// A column is never cut below this.
const LEAST: usize = 8;

/// Which side a column's text stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows under headers; all rows have one length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    headers: Vec<(&'static str, Side)>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// An empty table.
    pub fn new(headers: impl IntoIterator<Item = (&'static str, Side)>) -> Self {
        Self { headers: headers.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let row: Vec<String> = cells.into_iter().collect();
        debug_assert_eq!(row.len(), self.headers.len(), "a cell for each header");
        self.rows.push(row);
    }

    /// The first rows only.
    #[must_use]
    pub fn cut(mut self, most: usize) -> Self {
        self.rows.truncate(most);
        self
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The names of the columns and the sides they stand on.
    pub fn headers(&self) -> &[(&'static str, Side)] {
        &self.headers
    }

    /// The cells, row by row.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// At most [`WIDTH`] columns wide, indented by two: the widest column of words is wrapped.
    pub fn to_text(&self) -> String {
        let shown: Vec<Vec<String>> =
            self.rows.iter().map(|r| r.iter().map(|cell| printable(cell)).collect()).collect();
        let widths = self.widths(&shown);
        let header = self.headers.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>();
        let rule = widths.iter().map(|w| "-".repeat(*w)).collect::<Vec<_>>();
        let mut text = String::new();
        for row in [&header, &rule].into_iter().chain(&shown) {
            self.push_row(&mut text, row, &widths);
        }
        text
    }

    fn widths(&self, rows: &[Vec<String>]) -> Vec<usize> {
        let mut widths: Vec<usize> = self
            .headers
            .iter()
            .enumerate()
            .map(|(c, (name, _))| rows.iter().map(|r| width(&r[c])).chain([width(name)]).max().unwrap_or(0))
            .collect();
        let room = WIDTH - GAP - GAP * widths.len().saturating_sub(1);
        loop {
            let excess = widths.iter().sum::<usize>().saturating_sub(room);
            let words = widths.iter().enumerate().filter(|(c, w)| self.headers[*c].1 == Side::Left && **w > LEAST);
            match words.max_by_key(|(_, w)| **w).map(|(c, _)| c) {
                Some(c) if excess > 0 => widths[c] -= excess.min(widths[c] - LEAST).min(widths[c] / 4 + 1),
                _ => return widths,
            }
        }
    }

    fn push_row(&self, text: &mut String, row: &[String], widths: &[usize]) {
        let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, w)| wrap(cell, *w)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for h in 0..height {
            let mut line = String::new();
            for (c, w) in widths.iter().enumerate() {
                let cell = cells[c].get(h).map_or("", String::as_str);
                let pad = " ".repeat(w.saturating_sub(width(cell)));
                line.push_str(&" ".repeat(GAP));
                match self.headers[c].1 {
                    Side::Left => line.extend([cell, &pad]),
                    Side::Right => line.extend([&pad, cell]),
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }

    /// A Markdown table.
    pub fn to_markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = line(self.headers.iter().map(|(name, _)| (*name).to_owned()).collect());
        let rule = |(_, side): &(_, Side)| if *side == Side::Right { "---:" } else { "---" }.to_owned();
        text.push_str(&line(self.headers.iter().map(rule).collect()));
        for row in &self.rows {
            text.push_str(&line(row.iter().map(|c| markdown(c)).collect()));
        }
        text
    }

    /// CSV with a header. A cell that a spreadsheet would read as a formula gets a leading quote.
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header: Vec<String> = self.headers.iter().map(|(name, _)| (*name).to_owned()).collect();
        for row in [&header].into_iter().chain(&self.rows) {
            // Writing to memory does not fail.
            let written = writer.write_record(row.iter().map(|cell| unformula(cell)));
            debug_assert!(written.is_ok(), "{written:?}");
        }
        writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// Text without anything that would steer a terminal: control characters are spelled out.
pub fn printable(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// Text that Markdown shows as it is: marks, tags, links and cell borders are escaped.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // A tilde before a space strikes nothing out.
            '~' if rest.peek() == Some(&' ') => escaped.push(c),
            '\\' | '|' | '`' | '*' | '[' | ']' | '~' => escaped.extend(['\\', c]),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

fn unformula(cell: &str) -> String {
    // What people read as "nothing here" is an empty cell.
    if cell == "-" {
        return String::new();
    }
    let is_number = cell.parse::<f64>().is_ok();
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Breaks text at spaces where it can, within a long word after `/`, `_`, `-`, `,` or anywhere.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line_width = lines.last().map_or(0, |l| width(l));
        let needed = if line_width == 0 { width(word) } else { line_width + 1 + width(word) };
        if line_width > 0 && needed > room {
            lines.push(String::new());
        }
        let Some(line) = lines.last_mut() else { continue };
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        while lines.last().is_some_and(|l| width(l) > room) {
            let long = lines.pop().unwrap_or_default();
            let at = break_of(&long, room.max(1));
            lines.push(long.chars().take(at).collect());
            lines.push(long.chars().skip(at).collect());
        }
    }
    lines
}

/// How much of a word stands on its first line: up to a mark in its second half, if it has one.
fn break_of(word: &str, room: usize) -> usize {
    let marks = word.chars().take(room).enumerate().filter(|(_, c)| "/_-,".contains(*c));
    marks.map(|(i, _)| i + 1).filter(|i| 2 * i >= room).last().unwrap_or(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let mut grid = Grid::new([("job", Side::Left), ("USD", Side::Right), ("why", Side::Left)]);
        grid.row(["a".to_owned(), "1.50".to_owned(), "=1+1|x".to_owned()]);
        grid.row(["bb".to_owned(), "-10.25".to_owned(), "no quota ".repeat(15).trim().to_owned()]);
        grid
    }

    #[test]
    fn text_keeps_to_its_width() {
        insta::assert_snapshot!(grid().to_text(), @r"
        job     USD  why
        ---  ------  -------------------------------------------------------------------------------------
        a      1.50  =1+1|x
        bb   -10.25  no quota no quota no quota no quota no quota no quota no quota no quota no quota no
                     quota no quota no quota no quota no quota no quota
        ");
        assert!(grid().to_text().lines().all(|l| width(l) <= WIDTH));
    }

    #[test]
    fn markdown_and_csv_are_escaped() {
        let mut short = grid();
        short.rows.truncate(1);
        insta::assert_snapshot!(short.to_markdown(), @r"
        | job | USD | why |
        | --- | ---: | --- |
        | a | 1.50 | =1+1\|x |
        ");
        insta::assert_snapshot!(short.to_csv(), @r"
        job,USD,why
        a,1.50,'=1+1|x
        ");
        assert_eq!(["-10.25", "@x", "a"].map(unformula), ["-10.25", "'@x", "a"]);
    }

    #[test]
    fn ids_steer_neither_terminal_nor_markdown() {
        assert_eq!(printable("a\x1b[31mb\nc"), "a\\u{1b}[31mb\\nc");
        assert_eq!(markdown("<script>|a|`*[x](y)*`\n&"), "&lt;script>\\|a\\|\\`\\*\\[x\\](y)\\*\\` &amp;");
        assert_eq!(["\n=1", "-inf", "+1"].map(unformula), ["'\n=1", "-inf", "+1"]);
    }

    #[test]
    fn words_are_wrapped() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("azure/northeurope", 12), ["azure/", "northeurope"]);
    }
}
