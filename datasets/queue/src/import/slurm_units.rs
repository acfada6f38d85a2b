//! Slurm's times, sizes and lists, as sbatch and sacct write them.

use tradewind_core::time::Millis;

/// A time limit or a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    None,
    At(Millis),
}

/// `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes` and
/// `days-hours:minutes:seconds`; zero, `UNLIMITED` and `INFINITE` are no limit. `None` where it is no time.
pub(crate) fn limit(text: &str) -> Option<Limit> {
    let text = text.trim();
    if ["unlimited", "infinite", "partition_limit"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Some(Limit::None);
    }
    let number = |part: &str| part.parse::<i64>().ok().filter(|n| (0..=1_000_000_000).contains(n));
    let (days, clock) = match text.split_once('-') {
        Some((days, clock)) => (Some(number(days)?), clock),
        None => (None, text),
    };
    let parts: Vec<i64> = clock.split(':').map(number).collect::<Option<_>>()?;
    let seconds = match (days, parts.as_slice()) {
        (None, [minutes]) => minutes * 60,
        (None, [minutes, seconds]) => minutes * 60 + seconds,
        (_, [hours, minutes, seconds]) => hours * 3600 + minutes * 60 + seconds,
        (Some(_), [hours]) => hours * 3600,
        (Some(_), [hours, minutes]) => hours * 3600 + minutes * 60,
        _ => return None,
    };
    let seconds = days.unwrap_or(0) * 86_400 + seconds;
    Some(if seconds == 0 { Limit::None } else { Limit::At(Millis::from_secs(seconds)) })
}

/// A size in bytes: MiB where there is no unit, powers of 1024 with K, M, G, T.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let text = text.strip_suffix(['B', 'b']).unwrap_or(text);
    let (number, scale) = match text.char_indices().last()? {
        (at, 'K' | 'k') => (&text[..at], 1024.0),
        (at, 'M' | 'm') => (&text[..at], 1_048_576.0),
        (at, 'G' | 'g') => (&text[..at], 1_073_741_824.0),
        (at, 'T' | 't') => (&text[..at], 1_099_511_627_776.0),
        _ => (text, 1_048_576.0),
    };
    let value = number.parse::<f64>().ok().filter(|v| v.is_finite() && (0.0..1e9).contains(v))? * scale;
    Some(value.ceil() as u64)
}

/// How many tasks an array has, and whether it limits how many run at once: `0-99%10`, `1,3,5-9:2`.
pub(crate) fn array(text: &str) -> Option<(u64, bool)> {
    let (indices, limit) = match text.split_once('%') {
        Some((indices, limit)) => (indices, Some(limit.parse::<u64>().ok()?)),
        None => (text, None),
    };
    let mut tasks = 0_u64;
    for part in indices.split(',') {
        let (range, step) = part.split_once(':').map_or((part, Some(1)), |(range, step)| (range, step.parse().ok()));
        let step = step.filter(|s: &u64| *s > 0)?;
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (first.trim().parse::<u64>().ok()?, last.trim().parse::<u64>().ok()?);
        tasks = tasks.checked_add(last.checked_sub(first)? / step)?.checked_add(1)?;
    }
    Some((tasks, limit.is_some()))
}

/// GPUs as `[type:]count`; a type alone is one of it.
pub(crate) fn gpus(text: &str) -> Option<(Option<&str>, u64)> {
    let (model, count) = match text.rsplit_once(':') {
        Some((model, count)) => (Some(model), count),
        None if text.parse::<u64>().is_ok() => (None, text),
        None => (Some(text), "1"),
    };
    count.parse().ok().map(|count| (model.filter(|m| !m.is_empty()), count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_time() {
        let seconds = |text| match limit(text) {
            Some(Limit::At(time)) => time.get() / 1000,
            Some(Limit::None) => 0,
            None => -1,
        };
        let forms = ["90", "90:30", "1:30:00", "2-12", "2-12:30", "2-12:30:15", "0", "UNLIMITED"].map(seconds);
        assert_eq!(forms, [5400, 5430, 5400, 216_000, 217_800, 217_815, 0, 0]);
        assert_eq!(["", "x", "1-", "-1", "1:2:3:4", "1h", "99999999999"].map(seconds), [-1; 7]);
    }

    #[test]
    fn sizes_arrays_gpus() {
        assert_eq!(
            ["4000", "16G", "1T", "512K", "1.5G", "x"].map(bytes),
            [Some(4000 << 20), Some(16 << 30), Some(1 << 40), Some(512 << 10), Some(3 << 29), None]
        );
        assert_eq!(
            ["0-99%10", "1,3,5-7", "0-15:4", "7", "9-1", "0-1:0", "0-18446744073709551615"].map(array),
            [Some((100, true)), Some((5, false)), Some((4, false)), Some((1, false)), None, None, None]
        );
        assert_eq!(
            ["a100:2", "2", "a100", "a100:x"].map(gpus),
            [Some((Some("a100"), 2)), Some((None, 2)), Some((Some("a100"), 1)), None]
        );
    }
}
