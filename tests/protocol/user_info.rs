//! The UserInfo endpoint (OpenID Connect Core §5.3).

use valetkey::{
    error::{Platform, Violation},
    protocol::{
        http::{Document, Response},
        user_info::{bearer, process, request},
    },
};

use crate::support::{answer, answer_of_type, assert_refused, assert_refused_about, secret, secure};

/// RFC 6750 §2.1: in the header, never in the URL (RFC 9700 §4.3.2).
#[test]
fn sends_the_access_token_in_the_header() {
    let request = request(&secure("https://op.example/userinfo?x=y"), &secret("at.1~+/="));
    assert_eq!((request.document, request.url.as_str()), (Document::UserInfo, "https://op.example/userinfo?x=y"));
    assert_eq!(request.authorization.unwrap().expose(), "Bearer at.1~+/=");
    assert!(request.form.is_none());
}

/// A string that grows leaves a copy of the token behind.
#[test]
fn writes_the_header_without_growing() {
    let token = secret(&"t".repeat(1000));
    let header = bearer(&token);
    assert_eq!(header.expose().capacity(), header.expose().len());
}

#[test]
fn accepts_claims_about_the_user() {
    let claims = process(&answer(200, r#"{"sub":"user","email":"u@example.com"}"#), "user").unwrap();
    assert_eq!((claims.subject(), claims.as_json()), ("user", r#"{"sub":"user","email":"u@example.com"}"#));
    assert!(process(&answer_of_type("application/json; charset=utf-8", r#"{"sub":"user"}"#), "user").is_ok());
}

/// §5.3.2.
#[test]
fn refuses_claims_about_another_user() {
    for json in ["\"other\"", "\"User\"", "\"user \"", "\"\"", "\"use\"", "\"userr\""] {
        assert_refused(
            process(&answer(200, &format!(r#"{{"sub":{json}}}"#)), "user"),
            Violation::UserInfoSubjectMismatch,
        );
    }
}

#[test]
fn refuses_claims_without_a_subject() {
    for body in ["{}", r#"{"sub":null}"#, r#"{"sub":1}"#, r#"{"sub":["user"]}"#, r#"{"Sub":"user"}"#] {
        assert_refused(process(&answer(200, body), "user"), Violation::UserInfoSubjectMismatch);
    }
}

#[test]
fn refuses_two_subjects() {
    assert_refused_about(
        process(&answer(200, r#"{"sub":"user","sub":"other"}"#), "user"),
        Violation::JsonDuplicateMember,
        "UserInfo response",
    );
}

#[test]
fn refuses_another_status_than_200() {
    for status in [201, 204, 302, 400, 401, 403, 404] {
        assert_refused_about(
            process(&answer(status, r#"{"sub":"user"}"#), "user"),
            Violation::UserInfoStatus,
            &status.to_string(),
        );
    }
}

#[test]
fn a_server_that_is_down_is_not_a_violation() {
    for status in [429, 500, 503] {
        assert_refused_about(
            process(&answer(status, r#"{"sub":"user"}"#), "user"),
            Platform::ServerUnavailable,
            &status.to_string(),
        );
    }
}

#[test]
fn refuses_signed_claims_by_name() {
    for content_type in ["application/jwt", "Application/JWT; charset=utf-8"] {
        assert_refused(process(&answer_of_type(content_type, "a.b.c"), "user"), Violation::UserInfoSigned);
    }
}

#[test]
fn refuses_claims_of_another_content_type() {
    for content_type in ["text/html", "text/plain", ""] {
        assert_refused_about(
            process(&answer_of_type(content_type, r#"{"sub":"user"}"#), "user"),
            Violation::ContentTypeMismatch,
            "UserInfo response",
        );
    }
    let untyped = Response { content_type: None, ..answer(200, r#"{"sub":"user"}"#) };
    assert_refused(process(&untyped, "user"), Violation::ContentTypeMismatch);
}

#[test]
fn refuses_claims_that_are_no_object() {
    assert_refused(process(&answer(200, r#"[{"sub":"user"}]"#), "user"), Violation::JsonNotAnObject);
    assert_refused(process(&answer(200, "<html>"), "user"), Violation::JsonMalformed);
}
