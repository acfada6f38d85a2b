//! Bearer tokens on HTTP, by the rules of an OAuth 2.1 resource server (RFC 6750, RFC 8707, RFC 9728): only tokens that
//! were issued for this server, by the issuer it trusts, signed by a key it was given, and not over. What a token may
//! do are its scopes, one a role. Tokens are looked at and dropped: they go nowhere else, and into no log.

mod keys;
mod verifier;

pub use keys::{Keys, KeysError};

use std::collections::BTreeSet;

use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::layers::matrix;
use crate::provider::Caller;

/// What scopes begin with: `tradewind:scheduler` is the role `scheduler`.
const SCOPE: &str = "tradewind:";
/// Clocks differ by so much at the most.
const LEEWAY_S: u64 = 30;
/// Longest token that is looked at.
const MOST_TOKEN: usize = 16 << 10;

/// Which tokens are good here.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// Who issues them.
    pub issuer: String,
    /// Whom they must be for: the address of this server.
    pub audience: String,
    /// The issuer's public keys.
    pub keys: Keys,
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// It has no token.
    NoToken,
    /// It has one that is not good here.
    BadToken,
    /// Its token has no scope that is a role.
    NoScope,
}

/// The claims that are looked at.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    scope: String,
}

impl Bearer {
    /// Who calls, by the `Authorization` header.
    ///
    /// # Errors
    /// There is no good token in it.
    pub fn caller(&self, authorization: Option<&str>) -> Result<Caller, Challenge> {
        let token = authorization.ok_or(Challenge::NoToken)?.split_once(' ');
        let (scheme, token) = token.ok_or(Challenge::NoToken)?;
        if !scheme.eq_ignore_ascii_case("bearer") || token.len() > MOST_TOKEN {
            return Err(Challenge::NoToken);
        }
        let claims = self.claims(token.trim()).ok_or(Challenge::BadToken)?;
        let role = role(&claims.scope).ok_or(Challenge::NoScope)?;
        Ok(Caller { name: claims.sub, role, drives_time: false })
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        verifier::install();
        let header = decode_header(token).ok()?;
        // The algorithm is the key's, not the token's.
        let (key, algorithm) = self.keys.of(header.kid.as_deref(), header.alg)?;
        let mut wanted = Validation::new(algorithm);
        wanted.leeway = LEEWAY_S;
        wanted.validate_nbf = true;
        wanted.set_audience(&[&self.audience]);
        wanted.set_issuer(&[&self.issuer]);
        wanted.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let claims = decode::<Claims>(token, key, &wanted).ok()?.claims;
        let is_name = (1..=256).contains(&claims.sub.len()) && !claims.sub.chars().any(char::is_control);
        is_name.then_some(claims)
    }

    /// Where to get tokens for this server (RFC 9728).
    pub fn metadata(&self) -> Value {
        json!({
            "resource": self.audience,
            "authorization_servers": [self.issuer],
            "scopes_supported": scopes(),
            "bearer_methods_supported": ["header"],
        })
    }
}

impl Challenge {
    /// HTTP status.
    pub fn status(self) -> u16 {
        if self == Self::NoScope { 403 } else { 401 }
    }

    /// The `WWW-Authenticate` header; `metadata` is where [`Bearer::metadata`] is.
    pub fn header(self, metadata: &str) -> String {
        let error = match self {
            Self::NoToken => String::new(),
            Self::BadToken => ", error=\"invalid_token\"".to_owned(),
            Self::NoScope => format!(", error=\"insufficient_scope\", scope=\"{SCOPE}viewer\""),
        };
        format!("Bearer resource_metadata=\"{metadata}\"{error}")
    }
}

/// All scopes.
fn scopes() -> BTreeSet<String> {
    matrix().keys().map(|role| format!("{SCOPE}{role}")).collect()
}

/// The role of a token: of those that its scopes name, the one that may do most.
fn role(scopes: &str) -> Option<String> {
    let roles = scopes.split_ascii_whitespace().filter_map(|s| matrix().get_key_value(s.strip_prefix(SCOPE)?));
    roles.max_by_key(|(role, tools)| (tools.len(), *role)).map(|(role, _)| role.clone())
}

#[cfg(test)]
pub(super) mod tests;
