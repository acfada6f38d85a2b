//! SPIFFE IDs: who a workload is, `spiffe://trust-domain/path` (SPIFFE-ID standard, section 2, read 2026-11-23).

use std::fmt;
use std::str::FromStr;

/// Longest ID, bytes (SPIFFE-ID, 2.3).
const MOST_BYTES: usize = 2048;
/// Longest trust domain, bytes (SPIFFE-ID, 2.1).
const MOST_DOMAIN: usize = 255;

/// The ID of a workload: a trust domain, and a path in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpiffeId {
    trust_domain: String,
    path: String,
}

/// Why a text is no ID of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpiffeIdError {
    /// Another scheme, or none.
    #[error("it does not begin with spiffe://")]
    Scheme,
    /// Longer than an ID can be.
    #[error("it is longer than 2048 bytes")]
    Long,
    /// No name that a trust domain can have.
    #[error("its trust domain is not 1 to 255 lower-case letters, digits, '.', '-' and '_'")]
    TrustDomain,
    /// A trust domain alone is the ID of those who sign, not of who calls.
    #[error("it names a trust domain and no workload in it: there is no path")]
    NoPath,
    /// A path that nobody should have to interpret.
    #[error("its path has an empty segment, '.', '..' or something else than letters, digits, '.', '-' and '_'")]
    Path,
}

impl SpiffeId {
    /// Who vouches for it.
    pub fn trust_domain(&self) -> &str {
        &self.trust_domain
    }
}

impl FromStr for SpiffeId {
    type Err = SpiffeIdError;

    fn from_str(text: &str) -> Result<Self, SpiffeIdError> {
        if text.len() > MOST_BYTES {
            return Err(SpiffeIdError::Long);
        }
        let name = text.strip_prefix("spiffe://").ok_or(SpiffeIdError::Scheme)?;
        let (trust_domain, path) = name.split_once('/').map_or((name, None), |(domain, path)| (domain, Some(path)));
        let is_domain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b".-_".contains(&c);
        if !(1..=MOST_DOMAIN).contains(&trust_domain.len()) || !trust_domain.bytes().all(is_domain) {
            return Err(SpiffeIdError::TrustDomain);
        }
        let path = path.ok_or(SpiffeIdError::NoPath)?;
        let is_segment = |segment: &str| {
            let is_plain = segment.bytes().all(|c| c.is_ascii_alphanumeric() || b".-_".contains(&c));
            !segment.is_empty() && is_plain && segment != "." && segment != ".."
        };
        if !path.split('/').all(is_segment) {
            return Err(SpiffeIdError::Path);
        }
        Ok(Self { trust_domain: trust_domain.to_owned(), path: path.to_owned() })
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "spiffe://{}/{}", self.trust_domain, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_and_written_the_same() {
        for text in ["spiffe://prod.example/scheduler", "spiffe://a-b_c.1/ns/Batch/sa/run..er_1", "spiffe://10.0.0.1/x"]
        {
            let id: SpiffeId = text.parse().expect("an ID");
            assert_eq!(id.to_string(), text);
        }
        let id: SpiffeId = "spiffe://prod.example/ns/a".parse().expect("an ID");
        assert_eq!(id.trust_domain(), "prod.example");
    }

    #[test]
    fn what_could_be_read_two_ways_is_no_id() {
        let long = format!("spiffe://d/{}", "x".repeat(MOST_BYTES));
        let wide = format!("spiffe://{}/x", "d".repeat(MOST_DOMAIN + 1));
        let wrong = [
            ("https://prod.example/a", SpiffeIdError::Scheme),
            ("SPIFFE://prod.example/a", SpiffeIdError::Scheme),
            (long.as_str(), SpiffeIdError::Long),
            (wide.as_str(), SpiffeIdError::TrustDomain),
            ("spiffe:///a", SpiffeIdError::TrustDomain),
            ("spiffe://Prod.example/a", SpiffeIdError::TrustDomain),
            ("spiffe://prod.example:8443/a", SpiffeIdError::TrustDomain),
            ("spiffe://me@prod.example/a", SpiffeIdError::TrustDomain),
            ("spiffe://prod.example?/a", SpiffeIdError::TrustDomain),
            ("spiffe://prod.example", SpiffeIdError::NoPath),
            ("spiffe://prod.example/", SpiffeIdError::Path),
            ("spiffe://prod.example/a/", SpiffeIdError::Path),
            ("spiffe://prod.example//a", SpiffeIdError::Path),
            ("spiffe://prod.example/a/../b", SpiffeIdError::Path),
            ("spiffe://prod.example/./b", SpiffeIdError::Path),
            ("spiffe://prod.example/a%2Fb", SpiffeIdError::Path),
            ("spiffe://prod.example/a?b=c", SpiffeIdError::Path),
            ("spiffe://prod.example/a#b", SpiffeIdError::Path),
            ("spiffe://prod.example/\u{e9}", SpiffeIdError::Path),
        ];
        for (text, why) in wrong {
            assert_eq!(text.parse::<SpiffeId>(), Err(why), "{text}");
        }
    }
}
