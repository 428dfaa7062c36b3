//! The JOSE header (RFC 7515 §4).

use valetkey::{
    error::{Error, Violation},
    protocol::jose::{algorithm::Algorithm, header::Header},
};

use crate::support::{assert_refused, assert_refused_about};

fn parse(json: &str) -> Result<Header, Error> {
    Header::parse(json.as_bytes())
}

#[test]
fn reads_what_is_used() {
    let header = parse(r#"{"alg":"ES256","kid":"k1","typ":"JWT","cty":"x"}"#).unwrap();
    assert_eq!(
        header,
        Header { algorithm: Algorithm::Es256, key_id: Some("k1".to_owned()), token_type: Some("JWT".to_owned()) }
    );
    let header = parse(r#"{"alg":"RS256"}"#).unwrap();
    assert_eq!(header, Header { algorithm: Algorithm::Rs256, key_id: None, token_type: None });
}

#[test]
fn refuses_a_header_without_an_algorithm() {
    for json in ["{}", r#"{"alg":null}"#, r#"{"ALG":"ES256"}"#] {
        assert_refused(parse(json), Violation::AlgorithmNotAllowed);
    }
}

#[test]
fn refuses_an_algorithm_of_the_wrong_type() {
    for json in [r#"{"alg":["ES256"]}"#, r#"{"alg":256}"#, r#"{"alg":{"ES256":1}}"#, r#"{"alg":true}"#] {
        assert_refused(parse(json), Violation::AlgorithmNotAllowed);
    }
}

#[test]
fn refuses_algorithms_that_are_not_on_the_list() {
    for name in [
        "none",
        "None",
        "nOnE",
        "NONE",
        "",
        "HS256",
        "HS384",
        "HS512",
        "es256",
        " ES256",
        "ES256\\u0000",
        "ES256K",
        "RSA1_5",
        "dir",
    ] {
        assert_refused(parse(&format!(r#"{{"alg":"{name}"}}"#)), Violation::AlgorithmNotAllowed);
    }
}

/// RFC 7515 §4.1.11, whatever it holds: nothing critical is understood, and an empty or mistyped list is a violation too.
#[test]
fn refuses_critical_extensions() {
    for crit in [r#"["exp"]"#, "[]", r#"["alg"]"#, r#"["b64"]"#, r#"["x","x"]"#, "\"exp\"", "1", "null", "{}", "false"]
    {
        assert_refused(parse(&format!(r#"{{"alg":"ES256","crit":{crit},"exp":1}}"#)), Violation::CriticalHeader);
    }
}

/// RFC 7797 §7: a JWT is always base64url-encoded.
#[test]
fn refuses_b64() {
    for b64 in ["false", "true", "null", "\"false\""] {
        assert_refused(parse(&format!(r#"{{"alg":"ES256","b64":{b64}}}"#)), Violation::CriticalHeader);
    }
    assert_refused(parse(r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#), Violation::CriticalHeader);
}

/// RFC 7515 §4, RFC 8725 §2.4: two readers must not see two algorithms.
#[test]
fn refuses_duplicate_members() {
    for json in [
        r#"{"alg":"ES256","alg":"none"}"#,
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","kid":"a","kid":"b"}"#,
        r#"{"alg":"ES256","\u0061lg":"none"}"#,
    ] {
        assert_refused_about(parse(json), Violation::JsonDuplicateMember, "token header");
    }
}

#[test]
fn refuses_a_header_that_is_no_object() {
    assert_refused(parse("[]"), Violation::JsonNotAnObject);
    assert_refused(parse("\"ES256\""), Violation::JsonNotAnObject);
    assert_refused(parse(""), Violation::JsonMalformed);
    assert_refused(parse(r#"{"alg":"ES256"}x"#), Violation::JsonMalformed);
    assert_refused(Header::parse(b"{\"alg\":\"ES256\",\"kid\":\"\xff\"}"), Violation::JsonMalformed);
}

#[test]
fn refuses_a_key_id_of_the_wrong_type() {
    for json in ["1", "{}", "[\"k1\"]", "true"] {
        assert_refused_about(parse(&format!(r#"{{"alg":"ES256","kid":{json}}}"#)), Violation::MemberInvalid, "kid");
    }
    assert_eq!(parse(r#"{"alg":"ES256","kid":null}"#).unwrap().key_id, None);
    assert_eq!(parse(r#"{"alg":"ES256","kid":""}"#).unwrap().key_id.as_deref(), Some(""));
}

#[test]
fn refuses_a_type_of_the_wrong_type() {
    for json in ["1", "{}", "[\"JWT\"]", "true"] {
        assert_refused_about(parse(&format!(r#"{{"alg":"ES256","typ":{json}}}"#)), Violation::MemberInvalid, "typ");
    }
}

/// RFC 8725 §3.10, CVE-2018-0114: a token never brings its key. The header has no place for one.
#[test]
fn takes_no_key_from_a_header() {
    let header = parse(
        r#"{"alg":"ES256","jwk":{"kty":"EC"},"jku":"https://evil.example/","x5u":"https://evil.example/","x5c":["AA=="],"x5t":"AA"}"#,
    );
    assert_eq!(header, Ok(Header { algorithm: Algorithm::Es256, key_id: None, token_type: None }));
}
