//! The issuer's public keys: a JSON Web Key Set (RFC 7517) from a file.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

/// Keys that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Not a set of keys.
    #[error("no JSON Web Key Set: {0}")]
    Set(String),
    /// No key in it is one that can be used: RSA, EC P-256, or Ed25519, for signatures.
    #[error("no key that can be used: RSA, EC P-256 or Ed25519, for signatures")]
    None,
}

/// A key, and what it is good for.
#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    algorithms: &'static [Algorithm],
    key: DecodingKey,
}

/// Public keys.
#[derive(Debug, Clone)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads a set. Keys that cannot be used here are left out: an issuer may have some for others. Secrets that sign
    /// and check alike are never used.
    ///
    /// # Errors
    /// It is no set, or holds no key that can be used.
    pub fn read(text: &str) -> Result<Self, KeysError> {
        let set: JwkSet = serde_json::from_str(text).map_err(|e| KeysError::Set(e.to_string()))?;
        let for_signatures = |usage: &Option<PublicKeyUse>| matches!(usage, None | Some(PublicKeyUse::Signature));
        let usable = set.keys.iter().filter(|k| for_signatures(&k.common.public_key_use)).filter_map(|k| {
            let algorithms = algorithms(&k.algorithm, k.common.key_algorithm)?;
            Some(Key { id: k.common.key_id.clone(), algorithms, key: DecodingKey::from_jwk(k).ok()? })
        });
        let keys: Vec<Key> = usable.collect();
        if keys.is_empty() { Err(KeysError::None) } else { Ok(Self(keys)) }
    }

    /// The key of a token: by its id where it names one, else the first that fits; and the algorithm if the key is
    /// for it.
    pub(super) fn of(&self, id: Option<&str>, algorithm: Algorithm) -> Option<(&DecodingKey, Algorithm)> {
        let named = |key: &&Key| id.is_none_or(|id| key.id.as_deref() == Some(id));
        let key = self.0.iter().filter(named).find(|key| key.algorithms.contains(&algorithm))?;
        Some((&key.key, algorithm))
    }
}

/// What a key is good for; nothing where it is not good here.
fn algorithms(kind: &AlgorithmParameters, only: Option<KeyAlgorithm>) -> Option<&'static [Algorithm]> {
    match (kind, only) {
        (AlgorithmParameters::RSA(_), None) => Some(&[Algorithm::RS256, Algorithm::PS256]),
        (AlgorithmParameters::RSA(_), Some(KeyAlgorithm::RS256)) => Some(&[Algorithm::RS256]),
        (AlgorithmParameters::RSA(_), Some(KeyAlgorithm::PS256)) => Some(&[Algorithm::PS256]),
        (AlgorithmParameters::EllipticCurve(ec), None | Some(KeyAlgorithm::ES256))
            if ec.curve == EllipticCurve::P256 =>
        {
            Some(&[Algorithm::ES256])
        }
        (AlgorithmParameters::OctetKeyPair(pair), None | Some(KeyAlgorithm::EdDSA))
            if pair.curve == EllipticCurve::Ed25519 =>
        {
            Some(&[Algorithm::EdDSA])
        }
        _ => None,
    }
}
