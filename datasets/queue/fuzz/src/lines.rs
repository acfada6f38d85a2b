//! Lines of a queue made from bytes: mostly plausible values, some that no job may have.

use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};

/// Some lines of JSON.
#[derive(Debug)]
pub struct Lines(pub String);

/// A field and what it may be: sound values first, then unsound ones.
struct Field {
    name: &'static str,
    sound: &'static [&'static str],
    unsound: &'static [&'static str],
}

/// One line of the table below.
const fn field(name: &'static str, sound: &'static [&'static str], unsound: &'static [&'static str]) -> Field {
    Field { name, sound, unsound }
}

/// What every job has.
const REQUIRED: [Field; 3] = [
    field("vcpus", &["2", "0.5", "448", "1e2", "100000"], &["0", "-1", "1e308", "1e999", "\"4\"", "0.0001", "null"]),
    field("memory", &[r#""4GiB""#, r#""512MB""#, r#""1.5TiB""#], &["16", r#""16G""#, r#""""#, r#""-1GiB""#, "[]"]),
    field(
        "runtime",
        &[r#""1h""#, r#""1h30m""#, r#"{"p50":"3h","p95":"4h"}"#, r#""1ms""#, r#""36500d""#],
        &[r#""0s""#, r#""1""#, r#"{"p50":"4h","p95":"3h"}"#, r#""NaNh""#, r#""99999999999d""#, "7"],
    ),
];

/// What a job may have.
const OPTIONAL: [Field; 26] = [
    field("project", &[r#""vision""#], &[r#""=1+1""#, r#""../x""#, "1"]),
    field("count", &["1", "7", "300000"], &["0", "1000001", "1e30", "-1", "1.5"]),
    field("nodes", &["1", "2", "10000"], &["0", "10001"]),
    field(
        "gpu",
        &[r#"{"model":"A100"}"#, r#"{"model":"L4","count":8,"alternatives":{"A100":2.5}}"#],
        &[r#"{"count":1}"#, r#"{"model":"A100","count":0.5}"#, r#"{"model":"A","alternatives":{"A":1}}"#, "1"],
    ),
    field("disk", &[r#""100GiB""#, r#""0B""#], &["100", r#""1YB""#]),
    field("arch", &[r#"["x86_64"]"#, r#"["arm64","x86_64","arm64"]"#], &["[]", r#"["riscv"]"#, r#""x86_64""#]),
    field("burstable", &["true", "false"], &["1", "null"]),
    field("submit", &[r#""2026-11-22T00:00:00Z""#, r#""2026-11-22T01:00:00+01:00""#], &[r#""2026-11-22""#]),
    field("earliest_start", &[r#""2026-11-22T18:00:00Z""#], &[r#""2026-11-22 18:00""#, r#""2026-02-30T00:00:00Z""#]),
    field(
        "deadline",
        &[r#""2026-11-23T06:00:00Z""#, r#""9999-12-30T00:00:00Z""#, r#""1926-11-23T06:00:00Z""#],
        &[r#""2026-11-23T06:00:00""#],
    ),
    field("max_miss_probability", &["0.01", "0.5", "1e-300"], &["0", "0.6", "-0"]),
    field(
        "inputs",
        &["[]", r#"[{"dataset":"d","location":"aws/us-east-1","size":"1GiB"}]"#],
        &[r#"[{"location":"aws"}]"#, r#"[{"dataset":"d"},{"dataset":"d"}]"#, r#"[[[[]]]]"#],
    ),
    field("outputs", &[r#"[{"location":"gcp/us-central1","size":"2GiB"}]"#], &[r#"[{"size":"1GiB"}]"#]),
    field("residency", &[r#"["EU"]"#, "[]"], &[r#"["\u0000"]"#]),
    field("clouds", &[r#"["aws","gcp"]"#], &[r#"["aws",1]"#]),
    field("regions", &[r#"["aws/us-east-1"]"#], &[r#"["us-east-1"]"#, r#"["/"]"#]),
    field("interruptible", &["true", "false"], &[r#""yes""#]),
    field(
        "checkpoint",
        &[
            r#"{"save":"60s","restore":"90s","size":"40GiB"}"#,
            r#"{"interval":"5m","save":"0s","restore":"0s","size":"0B"}"#,
        ],
        &[r#"{"interval":"1s","save":"1s","restore":"1s","size":"1B"}"#, r#"{"save":"1s"}"#],
    ),
    field("priority", &["0", "100"], &["101", "-1"]),
    field("budget_usd", &[r#""20.00""#, r#""0.000000001""#], &["20", r#""20 EUR""#, r#""1e400""#]),
    field("max_price_usd_per_hour", &[r#""3.00""#], &[r#""0""#, r#""99999999999999999999""#]),
    field("depends_on", &["[]", "[BEFORE]"], &[r#"["nobody"]"#, r#"["2","1"]"#]),
    field("max_attempts", &["1", "1000"], &["0", "1001"]),
    field("labels", &[r#"{"team":"cv"}"#, "{}"], &[r#"{"a":1}"#, r#"{"a":"b","a":"c"}"#]),
    field("image", &[r#""registry/train:1""#, r#""""#], &["[]"]),
    field("command", &[r#"["python","train.py"]"#, "[]"], &["{}"]),
];

impl<'a> Arbitrary<'a> for Lines {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut writer = Writer { unsound: checksum_is_odd(u), text: String::new(), bytes: u };
        for id in 0..writer.bytes.int_in_range(1..=4)? {
            writer.line(id)?;
        }
        Ok(Self(writer.text))
    }
}

/// Half of all queues have sound values only, whatever the fuzzer prefers: any change of a byte may
/// turn this over.
fn checksum_is_odd(u: &Unstructured<'_>) -> bool {
    u.peek_bytes(u.len()).is_some_and(|bytes| bytes.iter().fold(0_u8, |sum, b| sum.wrapping_mul(31) ^ b) % 2 == 1)
}

/// Writes lines as the bytes say.
struct Writer<'u, 'a> {
    bytes: &'u mut Unstructured<'a>,
    /// Whether unsound values may come.
    unsound: bool,
    text: String,
}

impl Writer<'_, '_> {
    /// One job. Its id is its number, but for a twin now and then.
    fn line(&mut self, number: u32) -> Result<()> {
        let id = if self.rarely()? { 0 } else { number };
        self.text.push_str(&format!(r#"{{"id":"{id}""#));
        for field in &REQUIRED {
            if !self.rarely()? {
                self.field(field, number)?;
            }
        }
        let mut used = [false; OPTIONAL.len()];
        for _ in 0..self.bytes.int_in_range(0..=4)? {
            let at = self.bytes.choose_index(OPTIONAL.len())?;
            if !used[at] || self.rarely()? {
                self.field(&OPTIONAL[at], number)?;
            }
            used[at] = true;
        }
        let unknown_field = self.rarely()?;
        self.text.push_str(if unknown_field { ",\"deadlne\":1}\n" } else { "}\n" });
        Ok(())
    }

    /// A field with a value: sound, unsound, or any text. `BEFORE` is the job before this one.
    fn field(&mut self, field: &Field, number: u32) -> Result<()> {
        let value = match self.bytes.arbitrary::<u8>()? {
            200..=239 if self.unsound => (*self.bytes.choose(field.unsound)?).to_owned(),
            240.. if self.unsound => format!("{:?}", self.bytes.arbitrary::<&str>()?),
            _ => (*self.bytes.choose(field.sound)?).to_owned(),
        };
        let before = number.checked_sub(1).map_or(String::new(), |before| format!("\"{before}\""));
        self.text.push_str(&format!(",\"{}\":{}", field.name, value.replace("BEFORE", &before)));
        Ok(())
    }

    /// Now and then, in queues that may be unsound.
    fn rarely(&mut self) -> Result<bool> {
        Ok(self.unsound && self.bytes.arbitrary::<u8>()? >= 240)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_queue::{Format, Options, read};

    /// A job with one field besides the required ones, or in place of one of them.
    fn is_read(name: &str, value: &str) -> bool {
        let mut text = format!(r#"{{"id":"1","{name}":{}"#, value.replace("BEFORE", ""));
        for field in REQUIRED.iter().filter(|f| f.name != name) {
            text.push_str(&format!(",\"{}\":{}", field.name, field.sound[0]));
        }
        text.push('}');
        read("test", text.as_bytes(), Format::JsonLines, &Options::default()).is_ok()
    }

    #[test]
    fn sound_values_are_read_and_unsound_ones_are_not() {
        for field in REQUIRED.iter().chain(&OPTIONAL) {
            for value in field.sound {
                assert!(is_read(field.name, value), "{} {value}", field.name);
            }
            for value in field.unsound.iter() {
                assert!(!is_read(field.name, value), "{} {value}", field.name);
            }
        }
    }
}
