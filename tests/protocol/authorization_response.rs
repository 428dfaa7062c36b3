//! The authorization response (RFC 6749 §4.1.2, OpenID Connect Core §3.1.2.5, RFC 9207).

use valetkey::{
    error::{Error, Provider, Violation},
    protocol::authorization::{CallbackParameters, ENTROPY, State, process},
    secret::Secret,
};

use crate::support::{assert_refused, assert_refused_about, issuer};

fn respond_expecting(query: &str, issuer_expected: bool) -> Result<Secret<String>, Error> {
    process(&CallbackParameters::parse(query)?, &issuer(), issuer_expected)
}

fn respond(query: &str) -> Result<Secret<String>, Error> {
    respond_expecting(query, false)
}

const ISS: &str = "iss=https%3A%2F%2Fop.example";

#[test]
fn takes_the_code() {
    for query in ["code=c%2Fd+e&state=s", "state=s&code=c/d%20e&session_state=x&__proto__%5Bcode%5D=evil"] {
        assert_eq!(respond(query).unwrap().expose(), "c/d e");
    }
    assert_eq!(respond_expecting(&format!("code=c&{ISS}"), true).unwrap().expose(), "c");
    // not announced, but right.
    assert_eq!(respond(&format!("code=c&{ISS}")).unwrap().expose(), "c");
}

/// RFC 6749 §3.1: never the first or the last of two.
#[test]
fn refuses_repeated_parameters() {
    for name in ["code", "state", "iss", "error"] {
        let refused = respond(&format!("code=c&{name}=x&{name}=x"));
        assert_refused_about(refused, Violation::ParameterRepeated, name);
    }
    assert_refused_about(respond("code=c&code="), Violation::ParameterRepeated, "code");
    assert_refused_about(respond("code=a&c%6Fde=b"), Violation::ParameterRepeated, "code");
    let twice = respond("error=access_denied&error_description=a&error_description=b");
    assert_refused_about(twice, Violation::ParameterRepeated, "error_description");
    // Parameters of others do not matter.
    assert!(respond("code=c&x=1&x=2").is_ok());
}

/// RFC 9207 §2.4.
#[test]
fn refuses_a_response_without_the_issuer_that_was_announced() {
    assert_refused(respond_expecting("code=c", true), Violation::IssuerParameterMissing);
    assert_refused(respond_expecting("code=c&iss=", true), Violation::IssuerParameterMissing);
    assert_refused(respond_expecting("error=access_denied", true), Violation::IssuerParameterMissing);
}

#[test]
fn refuses_a_response_of_another_issuer() {
    for iss in [
        "https://evil.example",
        "https://op.example/",
        "https://OP.example",
        "https://op.example:443",
        "https%253A%252F%252Fop.example",
        "https://op.example%2F",
        "https://op.example/x",
        "http://op.example",
        "https://op.example.",
        "https://op.exampl",
        "https://op.example%00",
        "+https://op.example",
        "null",
    ] {
        for expected in [true, false] {
            assert_refused(
                respond_expecting(&format!("code=c&iss={iss}"), expected),
                Violation::IssuerParameterMismatch,
            );
        }
    }
}

/// RFC 9207 §2.4: an error of another issuer is no error of this one.
#[test]
fn does_not_believe_the_error_of_another_issuer() {
    assert_refused(respond("error=access_denied&iss=https://evil.example"), Violation::IssuerParameterMismatch);
    assert_refused(respond(&format!("error=access_denied&{ISS}")), Provider::AccessDenied);
}

#[test]
fn refuses_a_code_beside_an_error() {
    assert_refused(respond("code=c&error=access_denied"), Violation::CallbackMalformed);
}

/// RFC 6749 §3.1: a parameter without a value counts as omitted.
#[test]
fn refuses_neither_a_code_nor_an_error() {
    for query in ["", "state=s", "code=", "error=", "code=&error=", "Code=c", "iss="] {
        assert_refused(respond(query), Violation::CallbackMalformed);
    }
    assert_eq!(respond("code=c&error=").unwrap().expose(), "c");
}

/// RFC 9700 §2.1.2.
#[test]
fn refuses_tokens_from_the_front_channel() {
    for name in ["access_token", "id_token", "refresh_token"] {
        assert_refused(respond(&format!("code=c&{name}=x")), Violation::FrontChannelToken);
        assert_refused(respond(&format!("error=access_denied&{name}=")), Violation::FrontChannelToken);
    }
}

#[test]
fn refuses_a_query_of_more_than_64_kilobytes() {
    let of = |length: usize| format!("code=c&x={}", "y".repeat(length - 9));
    assert!(respond(&of(64 * 1024)).is_ok());
    assert_refused(CallbackParameters::parse(&of(64 * 1024 + 1)), Violation::CallbackTooLarge);
}

#[test]
fn refuses_a_value_of_more_than_16_kilobytes() {
    for name in ["code", "state", "iss", "error"] {
        let query = format!("{name}={}", "y".repeat(16 * 1024 + 1));
        assert_refused_about(respond(&query), Violation::CallbackTooLarge, name);
    }
    let query = format!("error=x&error_description={}", "y".repeat(16 * 1024 + 1));
    assert_refused_about(respond(&query), Violation::CallbackTooLarge, "error_description");
    assert!(respond(&format!("code={}", "y".repeat(16 * 1024))).is_ok());
}

#[test]
fn refuses_a_query_that_is_not_utf_8() {
    for query in ["code=%ff", "code=c&x=%C3", "%80=x&code=c"] {
        assert_refused(CallbackParameters::parse(query), Violation::CallbackMalformed);
    }
}

#[test]
fn the_provider_refuses_in_its_own_words() {
    let error = assert_refused(
        respond("error=login_required&error_description=Please+log%20in&error_uri=javascript:x"),
        Provider::LoginRequired,
    );
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.error.as_str(), refusal.description.as_deref()), ("login_required", Some("Please log in")));
    assert!(!format!("{error:?}{error}").contains("javascript"));
    let error = assert_refused(respond("error=x&error_description="), Provider::Other);
    assert_eq!(error.refusal().unwrap().description, None);
}

#[test]
fn finds_a_state_of_ours_among_others() {
    let ours = State::from_random("T", &[1; ENTROPY]);
    let state = |query: &str| CallbackParameters::parse(query).unwrap().state("T");
    assert_eq!(state(&format!("state=other&state={}", ours.as_str())), Some(ours.clone()));
    assert_eq!(state(&format!("st%61te={}", ours.as_str())), Some(ours.clone()));
    for query in [
        format!("State={}", ours.as_str()),
        format!("x={}", ours.as_str()),
        format!("state={}%20", ours.as_str()),
        "code=c".to_owned(),
        String::new(),
    ] {
        assert_eq!(state(&query), None, "{query}");
    }
    assert_eq!(CallbackParameters::parse(&format!("state={}", ours.as_str())).unwrap().state("U"), None);
}

#[test]
fn looks_parameters_up_by_their_exact_name() {
    let parameters = CallbackParameters::parse("a=1&a=2&b=%20").unwrap();
    assert_eq!((parameters.first("a"), parameters.first("b"), parameters.first("A")), (Some("1"), Some(" "), None));
    assert!(parameters.has_any(&["x", "b"]) && !parameters.has_any(&["x", "B"]) && !parameters.has_any(&[]));
}

#[test]
fn the_values_of_a_callback_are_not_shown() {
    let parameters = CallbackParameters::parse("code=canary").unwrap();
    assert!(!format!("{parameters:?}").contains("canary"));
}
