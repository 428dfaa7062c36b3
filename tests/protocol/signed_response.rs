//! Authorization responses as JWTs (JARM).

use valetkey::{
    error::{Error, Violation},
    protocol::{
        authorization::{CallbackParameters, ENTROPY, State},
        jose::{
            header::Header,
            jws::{CompactJws, VerifiedPayload},
        },
        signed_response::{claimed_state, process},
        time::{ClockTolerance, Timestamp},
    },
};

use crate::support::{Members, assert_refused, assert_refused_about, issuer, sign, signing_key};

const NOW: u64 = 1_790_000_000;

fn members() -> Members {
    Members::new(&[
        ("iss", "\"https://op.example\""),
        ("aud", "\"client\""),
        ("exp", "1790000600"),
        ("code", "\"abc\""),
        ("state", "\"xyz\""),
    ])
}

fn read_as(header: &str, members: &Members) -> Result<CallbackParameters, Error> {
    let header = Header::parse(header.as_bytes()).unwrap();
    let token = VerifiedPayload { header, payload: members.json().into_bytes() };
    process(&token, &issuer(), "client", Timestamp::from_seconds(NOW), ClockTolerance::DEFAULT)
}

fn read(members: &Members) -> Result<CallbackParameters, Error> {
    read_as(r#"{"alg":"ES256"}"#, members)
}

#[test]
fn parameters_are_the_claims_that_are_strings() {
    let members = members().with("session_state", "\"s\"").with("n", "7").with("o", "{}").with("e", "\"\"");
    let parameters = read(&members).unwrap();
    for (name, value) in [
        ("code", Some("abc")),
        ("state", Some("xyz")),
        ("session_state", Some("s")),
        ("n", None),
        ("o", None),
        ("exp", None),
    ] {
        assert_eq!(parameters.first(name), value, "{name}");
    }
}

#[test]
fn refuses_another_issuer() {
    for iss in ["\"https://op.example/\"", "\"https://OP.example\"", "\"https://evil.test\""] {
        assert_refused(read(&members().with("iss", iss)), Violation::IssuerParameterMismatch);
    }
    assert_refused_about(read(&members().without("iss")), Violation::MemberMissing, "iss");
    for iss in ["\"\"", "7", "[\"https://op.example\"]"] {
        assert_refused_about(read(&members().with("iss", iss)), Violation::MemberInvalid, "iss");
    }
}

#[test]
fn refuses_another_audience() {
    assert!(read(&members().with("aud", "[\"client\"]")).is_ok());
    for aud in ["\"other\"", "[]", "[\"client\",\"other\"]", "[\"client\",\"client\"]", "\"CLIENT\""] {
        assert_refused(read(&members().with("aud", aud)), Violation::AudienceMismatch);
    }
    assert_refused_about(read(&members().without("aud")), Violation::MemberMissing, "aud");
    assert_refused_about(read(&members().with("aud", "7")), Violation::MemberInvalid, "aud");
}

#[test]
fn refuses_what_has_expired() {
    let expiring = |seconds: u64| read(&members().with("exp", &seconds.to_string()));
    assert!(expiring(NOW - 299).is_ok());
    for seconds in [0, NOW - 301, NOW - 300] {
        assert_refused(expiring(seconds), Violation::ResponseExpired);
    }
    assert_refused_about(read(&members().without("exp")), Violation::MemberMissing, "exp");
    for exp in ["\"1790000600\"", "-1", "true", "[1790000600]"] {
        assert_refused_about(read(&members().with("exp", exp)), Violation::MemberInvalid, "exp");
    }
}

/// RFC 8725 §3.11.
#[test]
fn refuses_a_token_of_another_type() {
    for kind in ["JWT", "jwt"] {
        assert!(read_as(&format!(r#"{{"alg":"ES256","typ":"{kind}"}}"#), &members()).is_ok());
    }
    for kind in ["at+jwt", "logout+jwt", "dpop+jwt", "application/jwt", ""] {
        let outcome = read_as(&format!(r#"{{"alg":"ES256","typ":"{kind}"}}"#), &members());
        assert_refused_about(outcome, Violation::TokenTypeConfusion, "authorization response");
    }
}

#[test]
fn refuses_what_is_no_object() {
    let header = Header::parse(br#"{"alg":"ES256"}"#).unwrap();
    for (payload, violation) in [
        ("[]", Violation::JsonNotAnObject),
        ("", Violation::JsonMalformed),
        (r#"{"iss":"a","iss":"b"}"#, Violation::JsonDuplicateMember),
    ] {
        let token = VerifiedPayload { header: header.clone(), payload: payload.into() };
        let outcome = process(&token, &issuer(), "client", Timestamp::from_seconds(NOW), ClockTolerance::DEFAULT);
        assert_refused_about(outcome, violation, "authorization response");
    }
}

/// It only names the sign-in, and only one of this client.
#[test]
fn state_that_is_claimed_is_one_of_ours_or_none() {
    let state = State::from_random("Tag", &[9; ENTROPY]);
    let claimed = |payload: &str| {
        let token = CompactJws::parse(&sign(&signing_key(), r#"{"alg":"ES256"}"#, payload)).unwrap();
        claimed_state(&token, "Tag")
    };
    assert_eq!(claimed(&format!(r#"{{"state":"{}"}}"#, state.as_str())), Some(state.clone()));
    for payload in ["{}", "[]", "x", r#"{"state":7}"#, r#"{"state":"xyz"}"#, r#"{"state":["vk_Tag"]}"#] {
        assert_eq!(claimed(payload), None, "{payload}");
    }
    let other = State::from_random("Oth", &[9; ENTROPY]);
    assert_eq!(claimed(&format!(r#"{{"state":"{}"}}"#, other.as_str())), None);
    let twice = format!(r#"{{"state":"{0}","state":"{0}"}}"#, state.as_str());
    assert_eq!(claimed(&twice), None);
}
