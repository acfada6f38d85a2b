//! The document and the tests say the same.

use std::collections::BTreeMap;

use crate::common::root;

/// Where rows are tested. Another file joins by a line here.
const TESTS: [&str; 8] = [
    include_str!("config.rs"),
    include_str!("jobs_foreign.rs"),
    include_str!("jobs_text.rs"),
    include_str!("jobs_values.rs"),
    include_str!("jobs_market.rs"),
    include_str!("market.rs"),
    include_str!("mcp.rs"),
    include_str!("plan.rs"),
];

/// Rows of the catalogue: files and the command line, and from 57 on calls of servers.
const ROWS: usize = 75;

/// The state of each row, by the document's table: number, input, code, state.
fn documented() -> BTreeMap<usize, String> {
    let text = std::fs::read_to_string(root().join("docs/bad-inputs.md")).expect("the document");
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        Some((cells.first()?.parse().ok()?, (*cells.get(3)?).to_owned()))
    };
    text.lines().filter(|l| l.starts_with('|')).filter_map(row).collect()
}

#[test]
fn every_row_is_answered_or_says_when() {
    let rows = documented();
    assert!(rows.keys().copied().eq(1..=ROWS), "docs/bad-inputs.md has each row once");
    let tested = |row: usize| TESTS.iter().any(|text| text.contains(&format!("\nfn row_{row:02}_")));
    let answered = rows.iter().filter(|(_, state)| *state == "answered").count();
    for (row, state) in &rows {
        assert_eq!(tested(*row), state == "answered", "row {row} is {state:?} in docs/bad-inputs.md");
        let elsewhere = state.starts_with("see ") || state.starts_with("later: ");
        assert!(state == "answered" || elsewhere, "row {row}: {state:?} is neither answered, nor see, nor later");
    }
    println!("rows answered: {answered} of {ROWS}");
    assert!(answered >= 62, "{answered} rows are answered");
}
