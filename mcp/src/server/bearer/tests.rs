use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;

/// An issuer with one key.
pub(in crate::server) struct Issuer {
    pair: Ed25519KeyPair,
}

impl Issuer {
    pub fn new() -> Self {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("randomness");
        Self { pair: Ed25519KeyPair::from_pkcs8(pair.as_ref()).expect("a key") }
    }

    /// What the server is given.
    pub fn set(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "k1", "x": x},
            {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}]})
        .to_string()
    }

    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(message.as_bytes()).as_ref());
        format!("{message}.{signature}")
    }

    pub fn bearer(&self) -> Bearer {
        let keys = Keys::read(&self.set()).expect("a set");
        Bearer { issuer: "https://issuer.example".to_owned(), audience: "http://127.0.0.1/mcp".to_owned(), keys }
    }
}

pub(in crate::server) fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "k1"})
}

/// Claims that are good until 2100.
pub(in crate::server) fn claims() -> Value {
    json!({"iss": "https://issuer.example", "aud": "http://127.0.0.1/mcp", "sub": "agent-7", "exp": 4_102_444_800_u64,
        "scope": "openid tradewind:viewer tradewind:scheduler"})
}

fn with(field: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[field] = value;
    claims
}

#[test]
fn a_good_token_says_who_calls_and_as_what() {
    let issuer = Issuer::new();
    let token = format!("Bearer {}", issuer.token(&header(), &claims()));
    let caller = issuer.bearer().caller(Some(&token)).expect("a caller");
    assert_eq!(caller, Caller { name: "agent-7".to_owned(), role: "scheduler".to_owned(), drives_time: false });
    let several = issuer.token(&header(), &with("aud", json!(["https://other", "http://127.0.0.1/mcp"])));
    assert!(issuer.bearer().caller(Some(&format!("bearer {several}"))).is_ok(), "one of several audiences");
}

#[test]
fn what_is_not_good_is_refused() {
    let (issuer, other) = (Issuer::new(), Issuer::new());
    let bearer = issuer.bearer();
    let asked = |token: String| bearer.caller(Some(&format!("Bearer {token}"))).expect_err("refused");
    let bad = [
        issuer.token(&header(), &with("aud", json!("https://other.example/mcp"))),
        issuer.token(&header(), &with("iss", json!("https://other.example"))),
        issuer.token(&header(), &with("exp", json!(1_700_000_000))),
        issuer.token(&header(), &with("exp", json!("never"))),
        issuer.token(&header(), &with("nbf", json!(4_102_444_000_u64))),
        issuer.token(&header(), &with("sub", json!(""))),
        issuer.token(&json!({"alg": "none"}), &claims()),
        issuer.token(&json!({"alg": "HS256", "kid": "shared"}), &claims()),
        issuer.token(&json!({"alg": "RS256", "kid": "k1"}), &claims()),
        issuer.token(&json!({"alg": "EdDSA", "kid": "another"}), &claims()),
        other.token(&header(), &claims()),
        "no.token.atall".to_owned(),
    ];
    for (n, token) in bad.into_iter().enumerate() {
        assert_eq!(asked(token), Challenge::BadToken, "{n}");
    }
    for field in ["exp", "aud", "iss", "sub"] {
        let mut less = claims();
        less.as_object_mut().expect("an object").remove(field);
        assert_eq!(asked(issuer.token(&header(), &less)), Challenge::BadToken, "without {field}");
    }
    let scopes = asked(issuer.token(&header(), &with("scope", json!("openid viewer"))));
    assert_eq!((scopes, scopes.status()), (Challenge::NoScope, 403));
    let sound = issuer.token(&header(), &claims());
    for (n, scheme) in [None, Some("Basic eDp5".to_owned()), Some(sound)].into_iter().enumerate() {
        assert_eq!(bearer.caller(scheme.as_deref()), Err(Challenge::NoToken), "{n}");
    }
}

#[test]
fn every_altered_token_is_refused() {
    let issuer = Issuer::new();
    let (bearer, token) = (issuer.bearer(), issuer.token(&header(), &claims()));
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        // Another character whose bits all count, wherever it stands.
        bytes[at] = if bytes[at] == b'g' { b'Q' } else { b'g' };
        let altered = String::from_utf8(bytes).expect("ASCII");
        assert!(bearer.caller(Some(&format!("Bearer {altered}"))).is_err(), "at {at}");
    }
}

#[test]
fn keys_that_cannot_be_used_are_an_error() {
    assert!(matches!(Keys::read("{}"), Err(KeysError::Set(_))));
    let secrets = r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#;
    assert_eq!(Keys::read(secrets).expect_err("a secret is no public key"), KeysError::None);
}
