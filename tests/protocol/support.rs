//! What the tests share.

use std::fmt::Debug;

use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use proptest::test_runner::Config;
use valetkey::{
    error::{Error, Reason},
    protocol::{
        discovery::{self, ProviderMetadata},
        http::Response,
        issuer::Issuer,
        jose::base64url,
        json::{Object, Value, parse},
        url::{Transport, Url},
    },
    secret::Secret,
};

pub(crate) const ISSUER: &str = "https://op.example";

/// So many random cases, or as many as `PROPTEST_CASES` says. Nothing is kept of a failure: its message names the input.
pub(crate) fn cases(cases: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// The outcome is this refusal; returns it, for a look at its detail.
#[track_caller]
pub(crate) fn assert_refused<T: Debug>(outcome: Result<T, Error>, reason: impl Into<Reason>) -> Error {
    let reason = reason.into();
    match outcome {
        Ok(value) => panic!("{reason:?} expected, but this was accepted: {value:?}"),
        Err(error) => {
            assert_eq!(error.reason(), reason, "{error}");
            error
        }
    }
}

/// As [`assert_refused`], and the detail names this member or document.
#[track_caller]
pub(crate) fn assert_refused_about<T: Debug>(outcome: Result<T, Error>, reason: impl Into<Reason>, detail: &str) {
    assert_eq!(assert_refused(outcome, reason).detail(), Some(detail));
}

pub(crate) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

pub(crate) fn issuer() -> Issuer {
    Issuer::parse(ISSUER, Transport::Secure).unwrap()
}

pub(crate) fn secure(text: &str) -> Url {
    Url::parse(text, Transport::Secure).unwrap()
}

pub(crate) fn object(json: &str) -> Object {
    Object::parse(json.as_bytes(), "test").unwrap()
}

pub(crate) fn value(json: &str) -> Value {
    parse(json.as_bytes()).unwrap()
}

/// An answer with this status and JSON body.
pub(crate) fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        content_type: Some("application/json".to_owned()),
        retry_after: None,
        aside: Default::default(),
        body: body.as_bytes().to_owned(),
    }
}

/// An answer 200 with this content type and body.
pub(crate) fn answer_of_type(content_type: &str, body: &str) -> Response {
    Response { content_type: Some(content_type.to_owned()), ..answer(200, body) }
}

/// The members of an object, some of which a test changes: `with("sub", "1")`, `without("sub")`.
#[derive(Clone, Debug)]
pub(crate) struct Members(Vec<(String, String)>);

impl Members {
    pub(crate) fn new(members: &[(&str, &str)]) -> Self {
        Self(members.iter().map(|(name, json)| ((*name).to_owned(), (*json).to_owned())).collect())
    }

    /// The member with this JSON text as its value, in place of the one of this name if there is one.
    pub(crate) fn with(&self, name: &str, json: &str) -> Self {
        let mut members = self.without(name);
        members.0.push((name.to_owned(), json.to_owned()));
        members
    }

    pub(crate) fn without(&self, name: &str) -> Self {
        Self(self.0.iter().filter(|(other, _)| other != name).cloned().collect())
    }

    pub(crate) fn json(&self) -> String {
        let members: Vec<_> = self.0.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// The metadata of a provider without peculiarities.
pub(crate) fn metadata_members() -> Members {
    Members::new(&[
        ("issuer", "\"https://op.example\""),
        ("authorization_endpoint", "\"https://op.example/authorize\""),
        ("token_endpoint", "\"https://op.example/token\""),
        ("jwks_uri", "\"https://op.example/jwks\""),
        ("userinfo_endpoint", "\"https://op.example/userinfo\""),
        ("end_session_endpoint", "\"https://op.example/logout\""),
        ("response_types_supported", "[\"code\"]"),
        ("id_token_signing_alg_values_supported", "[\"RS256\",\"ES256\"]"),
        ("code_challenge_methods_supported", "[\"S256\"]"),
    ])
}

pub(crate) fn metadata(members: &Members) -> Result<ProviderMetadata, Error> {
    discovery::from_object(&issuer(), &object(&members.json()), Transport::Secure)
}

/// RFC 7515 appendix A.3.1.
pub(crate) fn rfc_7515_token() -> &'static str {
    include_str!("vectors/rfc7515-a3.jwt").trim()
}

/// The key that the provider of these tests signs with.
pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_slice(&[0x42; 32]).unwrap()
}

/// Its public half, as a JWK with these further members.
pub(crate) fn public_jwk(key: &SigningKey, members: &str) -> String {
    let point = key.verifying_key().to_sec1_point(false);
    let [x, y] = [1..33, 33..65].map(|range| base64url::encode(&point.as_bytes()[range]));
    format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"{members}}}"#)
}

/// A compact JWS of these texts.
pub(crate) fn sign(key: &SigningKey, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()));
    let signature: Signature = key.sign(input.as_bytes());
    format!("{input}.{}", base64url::encode(&signature.to_bytes()))
}
