//! HTTP as data: content types and statuses.

use valetkey::{
    error::{Platform, Violation},
    protocol::http::{Document, MAX_BODY, Request, Response},
};

use crate::support::{answer, answer_of_type, assert_refused_about};

#[test]
fn takes_json_of_any_json_content_type() {
    for content_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        " application/json ",
        "application/jwk-set+json",
        "application/problem+JSON;x=y",
    ] {
        assert!(answer_of_type(content_type, "{}").json(Document::JwkSet).is_ok(), "{content_type}");
    }
}

/// Discovery §4.2, RFC 6749 §5.1, Core §5.3.2.
#[test]
fn refuses_json_of_another_content_type() {
    for content_type in [
        "",
        "text/html",
        "text/json",
        "text/html; x=application/json",
        "application/javascript",
        "application/jsonx",
        "application/jwt",
        "xapplication/json",
        "text/plain+json",
        "application/x-json",
        "json",
        "application/",
        "application/octet-stream",
        "application/json, text/html",
        "+json",
        "image/svg+json",
        "application/json+xml",
    ] {
        assert_refused_about(
            answer_of_type(content_type, "{}").json(Document::Metadata),
            Violation::ContentTypeMismatch,
            "provider metadata",
        );
    }
    let untyped = Response { content_type: None, ..answer(200, "{}") };
    assert_refused_about(untyped.json(Document::UserInfo), Violation::ContentTypeMismatch, "UserInfo response");
}

#[test]
fn refuses_a_json_body_that_is_no_object() {
    assert_refused_about(answer(200, "[]").json(Document::TokenResponse), Violation::JsonNotAnObject, "token response");
    assert_refused_about(answer(200, "").json(Document::JwkSet), Violation::JsonMalformed, "JWK Set");
}

#[test]
fn a_status_of_the_servers_own_fault_is_unavailable() {
    for status in [429, 500, 502, 503, 599] {
        let error = answer(status, "{}").unavailable().unwrap();
        assert!(error.is(Platform::ServerUnavailable));
        assert_eq!(error.detail(), Some(status.to_string().as_str()));
    }
    for status in [0, 200, 204, 301, 400, 401, 404, 428, 430, 499] {
        assert_eq!(answer(status, "{}").unavailable(), None, "{status}");
    }
}

#[test]
fn a_body_is_bounded() {
    // The reader of the stream holds to it (browser::fetch).
    assert_eq!(MAX_BODY, 512 * 1024);
}

#[test]
fn a_request_carries_a_form_or_nothing() {
    let get = Request::get(Document::Metadata, "https://op.example/".to_owned());
    assert!(get.form.is_none() && get.authorization.is_none());
    let post = Request::post(Document::TokenResponse, "https://op.example/".to_owned(), "a=b".to_owned());
    assert_eq!(post.form.unwrap().expose(), "a=b");
    assert!(post.authorization.is_none());
}

#[test]
fn a_secret_of_a_request_is_not_shown() {
    let post = Request::post(Document::TokenResponse, "https://op.example/".to_owned(), "code=canary".to_owned());
    assert!(!format!("{post:?}").contains("canary"));
}
