//! JWK Sets (RFC 7517 §5), and the choice of a key (OpenID Connect Core §10.1).

use valetkey::{
    error::{Platform, Violation},
    protocol::{
        http::{Document, Response},
        jose::{
            algorithm::Algorithm,
            header::Header,
            jwk::{Jwk, PublicKey},
            jwks::JwkSet,
        },
    },
};

use crate::support::{answer, answer_of_type, assert_refused, assert_refused_about, metadata, metadata_members};

/// A key that may verify ES256; no point of the curve, but no signature is looked at here.
fn p256(members: &str) -> String {
    let octets = "A".repeat(43);
    format!(r#"{{"kty":"EC","crv":"P-256","x":"{octets}","y":"{octets}"{members}}}"#)
}

fn set(keys: &[String]) -> JwkSet {
    JwkSet::process(&answer(200, &format!(r#"{{"keys":[{}]}}"#, keys.join(",")))).unwrap()
}

fn header(algorithm: Algorithm, key_id: Option<&str>) -> Header {
    Header { algorithm, key_id: key_id.map(ToOwned::to_owned), token_type: None }
}

fn names(keys: &[&Jwk]) -> Vec<String> {
    keys.iter().map(|key| key.key_id.clone().unwrap_or_default()).collect()
}

#[test]
fn asks_for_the_keys_of_the_metadata() {
    let request = JwkSet::request(&metadata(&metadata_members()).unwrap());
    assert_eq!((request.document, request.url.as_str()), (Document::JwkSet, "https://op.example/jwks"));
    assert!(request.form.is_none() && request.authorization.is_none());
}

/// RFC 7517 appendix A.1: the first key is for encryption, the second one is taken.
#[test]
fn reads_the_set_of_the_rfc() {
    let set =
        JwkSet::process(&answer_of_type("application/jwk-set+json", include_str!("vectors/rfc7517-a1.json"))).unwrap();
    assert!(set.candidates(&header(Algorithm::Es256, Some("1"))).is_empty());
    assert!(set.candidates(&header(Algorithm::Ps256, None)).is_empty());
    let keys = set.candidates(&header(Algorithm::Rs256, Some("2011-04-29")));
    let [Jwk { key: PublicKey::Rsa { modulus, exponent }, .. }] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!((modulus.len(), modulus[0], exponent.as_slice()), (256, 0xd2, &[1, 0, 1][..]));
}

#[test]
fn refuses_keys_that_cannot_be_fetched() {
    for status in [204, 301, 302, 400, 401, 403, 404, 201, 206] {
        assert_refused_about(
            JwkSet::process(&answer(status, r#"{"keys":[]}"#)),
            Violation::JwkSetUnavailable,
            &status.to_string(),
        );
    }
}

#[test]
fn a_server_that_is_down_is_not_a_violation() {
    assert_refused_about(JwkSet::process(&answer(503, "")), Platform::ServerUnavailable, "503");
}

#[test]
fn refuses_a_set_of_the_wrong_content_type() {
    assert_refused(JwkSet::process(&answer_of_type("text/html", r#"{"keys":[]}"#)), Violation::ContentTypeMismatch);
    assert_refused(
        JwkSet::process(&Response { content_type: None, ..answer(200, r#"{"keys":[]}"#) }),
        Violation::ContentTypeMismatch,
    );
}

#[test]
fn refuses_a_set_without_keys() {
    for body in ["{}", r#"{"keys":null}"#, r#"{"Keys":[]}"#] {
        assert_refused_about(JwkSet::process(&answer(200, body)), Violation::MemberMissing, "keys");
    }
}

#[test]
fn refuses_a_set_whose_keys_are_no_list() {
    for json in ["{}", "\"x\"", "1", "true", r#"{"0":{}}"#] {
        assert_refused_about(
            JwkSet::process(&answer(200, &format!(r#"{{"keys":{json}}}"#))),
            Violation::MemberInvalid,
            "keys",
        );
    }
    assert_refused(JwkSet::process(&answer(200, "[]")), Violation::JsonNotAnObject);
}

#[test]
fn refuses_a_set_with_duplicate_members() {
    assert_refused(JwkSet::process(&answer(200, r#"{"keys":[],"keys":[]}"#)), Violation::JsonDuplicateMember);
    let twice = format!(r#"{{"keys":[{}]}}"#, p256(r#","kid":"a","kid":"b""#));
    assert_refused(JwkSet::process(&answer(200, &twice)), Violation::JsonDuplicateMember);
}

/// RFC 7517 §5: the rest of a set is used.
#[test]
fn passes_over_keys_that_it_cannot_use() {
    let unusable = [
        "1",
        "null",
        "[]",
        "\"x\"",
        "{}",
        r#"{"kty":"oct","k":"AA"}"#,
        r#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#,
        r#"{"kty":"OKP","crv":"X25519","x":"AA"}"#,
    ];
    let mut keys: Vec<_> = unusable.into_iter().map(ToOwned::to_owned).collect();
    keys.push(p256(r#","kid":"good""#));
    keys.push(p256(r#","kid":"encrypts","use":"enc""#));
    assert_eq!(names(&set(&keys).candidates(&header(Algorithm::Es256, None))), ["good"]);
}

#[test]
fn with_a_key_id_takes_keys_of_that_id_alone() {
    let set =
        set(&[p256(r#","kid":"a""#), p256(r#","kid":"b""#), p256(""), p256(r#","kid":"b""#), p256(r#","kid":"B""#)]);
    let candidates = |key_id: &str| names(&set.candidates(&header(Algorithm::Es256, Some(key_id))));
    assert_eq!(candidates("a"), ["a"]);
    assert_eq!(candidates("b"), ["b", "b"]);
    for unknown in ["", "A", "a ", "c", "__proto__", "../a", "ab"] {
        assert!(candidates(unknown).is_empty(), "{unknown}");
    }
}

#[test]
fn without_a_key_id_takes_every_key_that_fits() {
    let set = set(&[
        p256(r#","kid":"a""#),
        p256(""),
        p256(r#","kid":"c","alg":"ES256""#),
        p256(r#","kid":"d","alg":"ES384""#),
    ]);
    assert_eq!(names(&set.candidates(&header(Algorithm::Es256, None))), ["a", "", "c"]);
}

#[test]
fn takes_no_key_that_does_not_fit_the_algorithm() {
    let set = set(&[p256(r#","kid":"a""#)]);
    for algorithm in Algorithm::ALL {
        let expected = usize::from(*algorithm == Algorithm::Es256);
        assert_eq!(set.candidates(&header(*algorithm, None)).len(), expected, "{algorithm:?}");
        assert_eq!(set.candidates(&header(*algorithm, Some("a"))).len(), expected, "{algorithm:?}");
    }
}

#[test]
fn tries_at_most_eight_keys() {
    let of = |count: usize| set(&vec![p256(r#","kid":"a""#); count]).candidates(&header(Algorithm::Es256, None)).len();
    assert_eq!((of(7), of(8), of(9), of(50)), (7, 8, 8, 8));
    // Keys that do not fit do not count.
    let mut keys = vec![p256(r#","kid":"b""#); 50];
    keys.push(p256(r#","kid":"a""#));
    assert_eq!(set(&keys).candidates(&header(Algorithm::Es256, Some("a"))).len(), 1);
}

#[test]
fn looks_at_a_hundred_keys_at_most() {
    let last = |before: usize| {
        let mut keys = vec!["{}".to_owned(); before];
        keys.push(p256(r#","kid":"last""#));
        set(&keys).candidates(&header(Algorithm::Es256, Some("last"))).len()
    };
    assert_eq!((last(98), last(99), last(100), last(1000)), (1, 1, 0, 0));
}
