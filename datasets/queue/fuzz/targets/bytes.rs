//! Any bytes, read as a queue in every format: refused with problems or read, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewind_queue::{Format, MAX_SHOWN, Options, read};

fuzz_target!(|data: &[u8]| {
    let mut past = false;
    for format in Format::ALL {
        match read("fuzz", data, format, &Options::default()) {
            Ok(_) => past = true,
            Err(problems) => {
                assert!(!problems.shown.is_empty() && problems.shown.len() <= MAX_SHOWN);
                assert!(problems.total >= problems.shown.len() as u64);
                assert!(problems.shown.iter().all(|p| p.got.len() < 1000), "bounded excerpts");
            }
        }
    }
    tradewind_fuzz::count(past);
});
