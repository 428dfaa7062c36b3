//! The claims of an ID token (OpenID Connect Core §2, §3.1.3.7), but for its times.

use valetkey::{
    error::{Error, Violation},
    protocol::{
        authorization::Nonce,
        id_token::{Expectation, IdToken, Occasion, validate},
        jose::{algorithm::Algorithm, header::Header, jws::VerifiedPayload},
        time::{ClockTolerance, Timestamp},
    },
};

use crate::support::{Members, assert_refused, assert_refused_about, issuer, secret};

pub(crate) const NOW: u64 = 1_700_000_000;

/// The access token of the example in OpenID Connect Core appendix A.3.
pub(crate) const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";

/// The claims of a token without peculiarities.
pub(crate) fn claims() -> Members {
    Members::new(&[
        ("iss", "\"https://op.example\""),
        ("sub", "\"user\""),
        ("aud", "\"client\""),
        ("exp", &(NOW + 3600).to_string()),
        ("iat", &NOW.to_string()),
        ("nonce", "\"nonce-1\""),
    ])
}

pub(crate) fn payload(claims: &str) -> VerifiedPayload {
    VerifiedPayload {
        header: Header { algorithm: Algorithm::Es256, key_id: None, token_type: None },
        payload: claims.as_bytes().to_owned(),
    }
}

fn expectation(
    occasion: Occasion<'_>,
    tolerance: u64,
    check: impl FnOnce(&Expectation<'_>) -> Result<IdToken, Error>,
) -> Result<IdToken, Error> {
    check(&Expectation {
        issuer: &issuer(),
        client_id: "client",
        now: Timestamp::from_seconds(NOW),
        tolerance: ClockTolerance::from_seconds(tolerance).unwrap(),
        access_token: &secret(ACCESS_TOKEN),
        occasion,
    })
}

/// A sign-in that started at this time, with what it asked for.
#[derive(Clone, Copy)]
pub(crate) struct SignIn {
    pub(crate) started: u64,
    pub(crate) tolerance: u64,
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Option<&'static str>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { started: NOW - 10, tolerance: 300, max_age: None, acr_values: None }
    }
}

impl SignIn {
    pub(crate) fn validate(&self, claims: &Members) -> Result<IdToken, Error> {
        self.validate_payload(&payload(&claims.json()))
    }

    pub(crate) fn validate_payload(&self, token: &VerifiedPayload) -> Result<IdToken, Error> {
        let (nonce, started) = (Nonce::restore("nonce-1".to_owned()), Timestamp::from_seconds(self.started));
        let occasion = Occasion::SignIn { nonce: &nonce, started, max_age: self.max_age, acr_values: self.acr_values };
        expectation(occasion, self.tolerance, |expectation| validate(token, expectation))
    }
}

/// At a sign-in without peculiarities.
fn sign_in(claims: &Members) -> Result<IdToken, Error> {
    SignIn::default().validate(claims)
}

pub(crate) fn renewal(claims: &Members, auth_time: Option<u64>) -> Result<IdToken, Error> {
    let (nonce, audience) = (Nonce::restore("nonce-1".to_owned()), ["client".to_owned()]);
    let auth_time = auth_time.map(Timestamp::from_seconds);
    let occasion = Occasion::Renewal { subject: "user", audience: &audience, nonce: &nonce, auth_time };
    expectation(occasion, 300, |expectation| validate(&payload(&claims.json()), expectation))
}

#[test]
fn accepts_an_id_token_of_this_sign_in() {
    let token = sign_in(&claims().with("name", "\"Ünal\"").with("auth_time", "1600000000")).unwrap();
    assert_eq!(token.claims.subject(), "user");
    assert!(token.claims.as_json().contains("\"name\":\"Ünal\""));
    assert_eq!(token.audience, ["client"]);
    assert_eq!(token.auth_time, Some(Timestamp::from_seconds(1_600_000_000)));
    assert_eq!(sign_in(&claims()).unwrap().auth_time, None);
}

/// RFC 8725 §3.11.
#[test]
fn refuses_a_token_of_another_type() {
    let of_type = |kind: &str| {
        let mut token = payload(&claims().json());
        token.header.token_type = Some(kind.to_owned());
        SignIn::default().validate_payload(&token)
    };
    for kind in [
        "at+jwt",
        "application/at+jwt",
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "userinfo+jwt",
        "",
        "JWT ",
        "JOSE",
        "JWT+x",
        "JW",
    ] {
        assert_refused_about(of_type(kind), Violation::TokenTypeConfusion, "typ");
    }
    for kind in ["JWT", "jwt", "Jwt"] {
        assert!(of_type(kind).is_ok(), "{kind}");
    }
}

/// A logout token or a security event (RFC 8417 §2.2) from the same issuer.
#[test]
fn refuses_a_token_about_events() {
    for json in ["{}", r#"{"http://schemas.openid.net/event/backchannel-logout":{}}"#, "[]", "1", "\"x\"", "false"] {
        assert_refused_about(sign_in(&claims().with("events", json)), Violation::TokenTypeConfusion, "events");
    }
    assert!(sign_in(&claims().with("events", "null")).is_ok());
}

#[test]
fn refuses_claims_that_are_no_strict_object() {
    let of = |json: &str| SignIn::default().validate_payload(&payload(json));
    assert_refused_about(of("[]"), Violation::JsonNotAnObject, "ID token");
    assert_refused_about(of(""), Violation::JsonMalformed, "ID token");
    assert_refused(of(&format!("{}x", claims().json())), Violation::JsonMalformed);
    assert_refused(of(&format!("\u{feff}{}", claims().json())), Violation::JsonMalformed);
    // Escaped duplicates too (RFC 7519 §4).
    assert_refused(of(&claims().with("\\u0073ub", "\"other\"").json()), Violation::JsonDuplicateMember);
}

#[test]
fn refuses_an_id_token_of_another_issuer() {
    for iss in [
        "https://op.example/",
        "https://OP.example",
        "https://op.example:443",
        "http://op.example",
        "https://op.example.evil.example",
        "https://evil.example",
        "https://op.exampl",
        "op.example",
        "https://op.example ",
        "https://op.example\\u0000",
    ] {
        assert_refused(sign_in(&claims().with("iss", &format!("\"{iss}\""))), Violation::IssuerMismatch);
    }
}

#[test]
fn refuses_an_id_token_without_an_issuer() {
    assert_refused_about(sign_in(&claims().without("iss")), Violation::MemberMissing, "iss");
    assert_refused_about(sign_in(&claims().with("iss", "null")), Violation::MemberMissing, "iss");
    for json in ["[\"https://op.example\"]", "1", "{}", "\"\"", "true"] {
        assert_refused_about(sign_in(&claims().with("iss", json)), Violation::MemberInvalid, "iss");
    }
}

#[test]
fn refuses_an_id_token_for_another_audience() {
    for json in [
        "\"other\"",
        "\"Client\"",
        "\"clien\"",
        "\"client2\"",
        "\"client \"",
        "\"\"",
        "[]",
        "[\"other\"]",
        "[\"client2\",\"other\"]",
        "\"other client\"",
    ] {
        assert_refused(sign_in(&claims().with("aud", json)), Violation::AudienceMismatch);
    }
}

#[test]
fn refuses_an_id_token_that_is_also_for_somebody_else() {
    for json in [
        "[\"client\",\"other\"]",
        "[\"other\",\"client\"]",
        "[\"client\",\"client\",\"x\"]",
        "[\"client\",\"\"]",
        "[\"client\",\"Client\"]",
    ] {
        assert_refused(sign_in(&claims().with("aud", json).with("azp", "\"client\"")), Violation::AudienceUntrusted);
    }
}

#[test]
fn accepts_the_audience_as_a_list() {
    assert_eq!(sign_in(&claims().with("aud", "[\"client\"]")).unwrap().audience, ["client"]);
    assert_eq!(sign_in(&claims().with("aud", "[\"client\",\"client\"]")).unwrap().audience, ["client", "client"]);
}

#[test]
fn refuses_an_audience_of_the_wrong_type() {
    for json in ["1", "{}", "true", "[1]", "[[\"client\"]]", "[\"client\",null]", "{\"client\":1}"] {
        assert_refused_about(sign_in(&claims().with("aud", json)), Violation::MemberInvalid, "aud");
    }
    assert_refused_about(sign_in(&claims().without("aud")), Violation::MemberMissing, "aud");
    assert_refused_about(sign_in(&claims().with("aud", "null")), Violation::MemberMissing, "aud");
}

#[test]
fn refuses_an_id_token_issued_to_another_party() {
    for json in ["\"other\"", "\"Client\"", "\"\"", "\"client \""] {
        assert_refused(sign_in(&claims().with("azp", json)), Violation::AuthorizedPartyMismatch);
    }
    for json in ["1", "[\"client\"]", "{}"] {
        assert_refused_about(sign_in(&claims().with("azp", json)), Violation::MemberInvalid, "azp");
    }
    assert!(sign_in(&claims().with("azp", "\"client\"")).is_ok());
    assert!(sign_in(&claims().with("azp", "null")).is_ok());
}

/// §2: 1 to 255 ASCII characters.
#[test]
fn refuses_an_id_token_without_a_valid_subject() {
    let long = format!("\"{}\"", "x".repeat(256));
    for json in ["null", "\"\"", "1", "[\"user\"]", "{}", "true", "\"usér\"", "\"\\u00e9\"", &long] {
        assert_refused(sign_in(&claims().with("sub", json)), Violation::SubjectInvalid);
    }
    assert_refused(sign_in(&claims().without("sub")), Violation::SubjectInvalid);
    for subject in ["x".repeat(255), "x".to_owned(), "a b|c/d".to_owned()] {
        let token = sign_in(&claims().with("sub", &format!("\"{subject}\""))).unwrap();
        assert_eq!(token.claims.subject(), subject);
    }
}

/// §3.1.3.7 11., RFC 9700 §4.5.3.2. A missing nonce never skips the check.
#[test]
fn refuses_an_id_token_of_another_sign_in() {
    for json in [
        "\"nonce-2\"",
        "\"Nonce-1\"",
        "\"nonce-1 \"",
        "\"nonce-\"",
        "\"nonce-11\"",
        "\"\"",
        "null",
        "1",
        "[\"nonce-1\"]",
        "{}",
        "true",
    ] {
        assert_refused(sign_in(&claims().with("nonce", json)), Violation::NonceMismatch);
    }
    assert_refused(sign_in(&claims().without("nonce")), Violation::NonceMismatch);
    assert!(sign_in(&claims().with("nonce", "\"\\u006eonce-1\"")).is_ok());
}

#[test]
fn refuses_an_authentication_that_is_weaker_than_asked_for() {
    let asked =
        |acr_values, claims: &Members| SignIn { acr_values: Some(acr_values), ..SignIn::default() }.validate(claims);
    for json in ["\"1\"", "\"\"", "\"2 3\"", "\"GOLD\"", "\"gol\"", "null"] {
        assert_refused(asked("gold 2 3", &claims().with("acr", json)), Violation::AcrNotMet);
    }
    assert_refused(asked("gold", &claims()), Violation::AcrNotMet);
    for json in ["1", "[\"gold\"]", "{}"] {
        assert_refused_about(asked("gold", &claims().with("acr", json)), Violation::MemberInvalid, "acr");
    }
    for acr in ["gold", "2", "3"] {
        assert!(asked("gold 2 3", &claims().with("acr", &format!("\"{acr}\""))).is_ok(), "{acr}");
    }
    assert!(sign_in(&claims().with("acr", "\"0\"")).is_ok());
}
