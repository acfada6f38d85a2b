//! Configurations with a few words and bytes changed: read or refused with a place, never a panic.

use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use tradewind_datasets::queue::MAX_SHOWN;

use super::Config;

/// Cases: some tenths of a second.
const CASES: usize = 20_000;

const WHOLE: &str = r#"quotas = "quotas.csv"
[budgets]
vision = "250.00"
[settings]
memory = "nominal"
hazard = "none"
boot = false
[speed]
m7i = 1.2
[risk]
max_miss_probability = 0.05
concentration = "40%"
[horizon]
length = "72h"
window = "30m"
[limits]
spot_age = "12h"
"#;

/// What takes the place of a word, or stands before it.
const WORDS: [&str; 20] = [
    "",
    "=",
    "[",
    "]",
    "[[",
    "{",
    "\"",
    "\"\"\"",
    "#",
    "\n",
    "0",
    "-1",
    "1e999",
    "nan",
    "0x_",
    "9223372036854775808",
    "2024-02-30T00:00:00Z",
    "\"-1h\"",
    "true",
    "\u{0}",
];

fn changed(rng: &mut StdRng) -> String {
    let mut words: Vec<&str> = WHOLE.split_inclusive([' ', '\n']).collect();
    for _ in 0..rng.random_range(1..=3) {
        let at = rng.random_range(0..words.len());
        match rng.random_range(0..4) {
            0 => words[at] = WORDS.choose(rng).expect("a word"),
            1 => words.insert(at, WORDS.choose(rng).expect("a word")),
            2 => drop(words.remove(at)),
            _ => words.insert(at, words[rng.random_range(0..words.len())]),
        }
    }
    words.concat()
}

#[test]
fn changed_configurations() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut passed = 0;
    for _ in 0..CASES {
        let text = changed(&mut rng);
        match Config::parse("c.toml", &text, Path::new("")) {
            Ok(_) => passed += 1,
            Err(problems) => {
                assert!((1..=MAX_SHOWN).contains(&problems.shown.len()), "{text}");
                assert!(problems.shown.iter().all(|p| p.line.is_some()), "{text}");
            }
        }
    }
    println!("{passed} of {CASES} read");
    assert!((CASES / 100..CASES).contains(&passed), "{passed} of {CASES} were read");
}
