//! What the fuzz targets do with their bytes. No target asks only that nothing panics: each holds an answer that was
//! accepted against the rule that it had to keep, by means of other readers than ours, and a refusal against what it
//! must not show.
//!
//! An input is text in sections with [`SEPARATOR`] between them, so that a seed can be written by hand.

pub mod callback;
pub mod challenge;
pub mod dpop;
pub mod flow;
pub mod id_token;
pub mod jose;
pub mod json;
pub mod metadata;
mod provider;
pub mod signed_response;
pub mod token_response;
pub mod url;

use std::fmt::Debug;

use valetkey::{
    error::{Error, Reason},
    protocol::{
        http::{Aside, Response},
        issuer::Issuer,
        url::Transport,
    },
};

/// The ASCII record separator. No valid JSON text has it, nor any URL.
pub const SEPARATOR: u8 = 0x1e;

/// What stands for a secret, in a place of its own: it must not appear in anything that is shown.
pub const CANARY: &str = "CANARY";

/// The provider of all targets.
pub const ISSUER: &str = "https://op.example";

/// The origin of the application of all targets.
pub const APP: &str = "https://app.example";

/// Three weeks into September 2026.
pub const NOW: u64 = 1_790_000_000;

/// The sections of an input; those that are missing are empty.
#[must_use]
pub fn sections<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut parts = data.splitn(N, |byte| *byte == SEPARATOR);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// The configured issuer.
#[must_use]
pub fn issuer() -> Issuer {
    Issuer::parse(ISSUER, Transport::Secure).expect("an issuer")
}

/// An answer: its first section is the status and the content type, as in `200 application/json`.
#[must_use]
pub fn response(head: &[u8], body: &[u8]) -> Response {
    let head = String::from_utf8_lossy(head);
    let (status, content_type) = head.split_once(' ').unwrap_or((&head, ""));
    Response {
        status: status.parse().unwrap_or(200),
        content_type: (!content_type.is_empty()).then(|| content_type.to_owned()),
        retry_after: None,
        aside: Aside::default(),
        body: body.to_owned(),
    }
}

/// Another reader's opinion of a document that was accepted: it must be able to read it.
#[must_use]
pub fn read_again(body: &[u8]) -> serde_json::Value {
    serde_json::from_slice(body).unwrap_or_else(|error| {
        // A number that has no place in an f64 is one that nobody asked for.
        assert!(error.to_string().starts_with("number out of range"), "accepted, but: {error}");
        serde_json::Value::Null
    })
}

/// The member of a document that [`read_again`] read; `null` counts as absent.
#[must_use]
pub fn member<'a>(document: &'a serde_json::Value, name: &str) -> Option<&'a serde_json::Value> {
    document.get(name).filter(|value| !value.is_null())
}

/// Whether a content type says JSON, by another way to read it.
#[must_use]
pub fn is_json(content_type: Option<&str>) -> bool {
    let essence = content_type.unwrap_or_default().to_lowercase();
    let essence = essence.split(';').next().unwrap_or_default().trim_matches(' ');
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// What can be shown of an error is short, and none of the secrets.
pub fn check_error(error: &Error, secrets: &[&str]) {
    let (shown, printed) = (error.to_string(), format!("{error:?}"));
    assert!(!error.code().is_empty() && shown.len() < 4096, "{shown}");
    // The provider's own words are its own; whether they are bounded was asked before.
    if !matches!(error.reason(), Reason::Provider(_)) {
        // Short texts and words of ours are in names and sentences by chance, or because the fuzzer reads them there.
        let telling = |secret: &&&str| **secret == CANARY || (secret.len() >= 40 && !secret.contains(' '));
        for secret in secrets.iter().filter(telling) {
            assert!(!shown.contains(secret) && !printed.contains(secret), "{printed} shows {secret}");
        }
    }
    if let Some(refusal) = error.refusal() {
        for text in [Some(&refusal.error), refusal.description.as_ref()].into_iter().flatten() {
            let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
            assert!(text.len() <= 500 && text.bytes().all(plain), "{text:?}");
        }
    }
}

/// The same question is given the same answer.
pub fn check_same<T: Debug>(answer: impl Fn() -> T) -> T {
    let (first, second) = (answer(), answer());
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    first
}
