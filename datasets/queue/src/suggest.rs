//! "Did you mean".

/// The candidate closest to `got`, if it is close enough to be a slip of the fingers.
///
/// ```
/// use tradewind_queue::nearest;
/// assert_eq!(nearest("deadlne", ["deadline", "disk"]), Some("deadline"));
/// assert_eq!(nearest("colour", ["deadline", "disk"]), None);
/// ```
pub fn nearest<'a>(got: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const MAX_LENGTH: usize = 128;
    if got.len() > MAX_LENGTH {
        return None;
    }
    let folded = got.to_lowercase();
    let length = folded.chars().count();
    let allowed = 1 + length / 4;
    // The distance is at least the difference in length; it is dear to find out, lengths are not.
    let near_in_length = |c: &&str| c.len() <= MAX_LENGTH && c.chars().count().abs_diff(length) <= allowed;
    candidates
        .into_iter()
        .filter(near_in_length)
        .map(|c| (strsim::osa_distance(&folded, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, c)| c)
}

/// `did you mean "x"?`, or the fallback.
pub(crate) fn did_you_mean<'a>(
    got: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    nearest(got, candidates).map_or_else(otherwise, |c| format!("did you mean {c:?}?"))
}
