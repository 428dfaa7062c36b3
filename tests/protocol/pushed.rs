//! Pushed authorization requests (RFC 9126).

use valetkey::{
    error::{Platform, Provider, Violation},
    protocol::{
        http::Document,
        pushed::{process, request, url},
    },
};

use crate::support::{Members, answer, answer_of_type, assert_refused, assert_refused_about, secure};

/// The example of §2.2.
fn members() -> Members {
    Members::new(&[
        ("request_uri", "\"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c\""),
        ("expires_in", "60"),
    ])
}

/// §2.1: the parameters as a form, in their order.
#[test]
fn hands_over_the_parameters_as_a_form() {
    let parameters = [("client_id", "my client".to_owned()), ("scope", "a&b=c".to_owned()), ("x", String::new())];
    let request = request(&secure("https://op.example/par?t=x"), &parameters);
    assert_eq!((request.document, request.url.as_str()), (Document::PushedRequest, "https://op.example/par?t=x"));
    assert_eq!(request.form.unwrap().expose(), "client_id=my%20client&scope=a%26b%3Dc&x=");
    assert!(request.authorization.is_none() && request.proof.is_none());
}

#[test]
fn takes_the_handle() {
    let handle = process(&answer(201, &members().json())).unwrap();
    assert_eq!(handle, "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c");
    let longest = format!("urn:{}", "x".repeat(508));
    assert_eq!(
        process(&answer(201, &members().with("request_uri", &format!("\"{longest}\"")).json())).unwrap(),
        longest
    );
    assert!(process(&answer(201, &members().with("expires_in", "1").with("x", "{}").json())).is_ok());
}

/// §2.2: 201, and no other.
#[test]
fn refuses_another_status() {
    for status in [200, 202, 204, 301, 400, 403, 404, 405, 413] {
        let outcome = process(&answer(status, &members().json()));
        assert_refused_about(outcome, Violation::PushedResponseInvalid, &status.to_string());
    }
}

#[test]
fn refuses_an_answer_that_is_no_json() {
    let json = members().json();
    let html = valetkey::protocol::http::Response { status: 201, ..answer_of_type("text/html", &json) };
    assert_refused(process(&html), Violation::ContentTypeMismatch);
    assert_refused(process(&answer(201, "[]")), Violation::JsonNotAnObject);
    assert_refused(process(&answer(201, "{")), Violation::JsonMalformed);
}

/// RFC 9101 §5.2, attack P-02: nothing that somebody fetches, and nothing that breaks out of a URL.
#[test]
fn refuses_a_handle_that_is_none() {
    let too_long = format!("\"urn:{}\"", "x".repeat(509));
    for handle in [
        "null",
        "7",
        "\"\"",
        "[\"urn:x\"]",
        "\"https://op.example/request\"",
        "\"http://evil.test/\"",
        "\"javascript:alert(1)\"",
        "\"data:,x\"",
        "\"//evil.test\"",
        "\"URN:x\"",
        "\" urn:x\"",
        "\"urn:x y\"",
        "\"urn:x\\n\"",
        "\"urn:ä\"",
        &too_long,
    ] {
        let outcome = process(&answer(201, &members().with("request_uri", handle).json()));
        assert_refused_about(outcome, Violation::PushedResponseInvalid, "request_uri");
    }
    let outcome = process(&answer(201, &members().without("request_uri").json()));
    assert_refused_about(outcome, Violation::PushedResponseInvalid, "request_uri");
}

/// §2.2: a positive integer.
#[test]
fn refuses_a_handle_that_does_not_live() {
    for expires_in in ["0", "-1", "0.5", "\"60\"", "null", "true", "1e99"] {
        let outcome = process(&answer(201, &members().with("expires_in", expires_in).json()));
        assert_refused_about(outcome, Violation::PushedResponseInvalid, "expires_in");
    }
    let outcome = process(&answer(201, &members().without("expires_in").json()));
    assert_refused_about(outcome, Violation::PushedResponseInvalid, "expires_in");
}

/// §2.3.
#[test]
fn passes_on_the_providers_refusal() {
    let error = process(&answer(400, r#"{"error":"invalid_request","error_description":"no"}"#)).unwrap_err();
    assert!(error.is(Provider::InvalidRequest));
    assert_eq!(error.refusal().unwrap().description.as_deref(), Some("no"));
    assert!(process(&answer(401, r#"{"error":"use_dpop_nonce"}"#)).unwrap_err().is(Provider::UseDpopNonce));
    for status in [429, 500, 503] {
        assert_refused(process(&answer(status, &members().json())), Platform::ServerUnavailable);
    }
}

/// §4: nothing beside the client and the handle.
#[test]
fn browser_is_sent_off_with_client_and_handle_alone() {
    let sent = |endpoint: &str| url(&secure(endpoint), "my client", "urn:a&b");
    assert_eq!(sent("https://op.example/a"), "https://op.example/a?client_id=my%20client&request_uri=urn%3Aa%26b");
    assert_eq!(
        sent("https://op.example/a?x=y"),
        "https://op.example/a?x=y&client_id=my%20client&request_uri=urn%3Aa%26b"
    );
    assert_eq!(sent("https://op.example/a?"), "https://op.example/a?client_id=my%20client&request_uri=urn%3Aa%26b");
}
