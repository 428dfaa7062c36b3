//! The UserInfo endpoint (OpenID Connect Core §5.3).

use valetkey::{
    error::{Error, Platform, Violation},
    protocol::{
        claims::Claims,
        http::{Document, Response},
        jose::base64url,
        token::TokenType,
        user_info::{Answer, read, request, validate, validate_signed},
    },
};

use crate::{
    id_token::payload,
    support::{answer, answer_of_type, assert_refused, assert_refused_about, issuer, secret, secure},
};

/// A plain answer, read and checked.
pub(crate) fn process(response: &Response, subject: &str) -> Result<Claims, Error> {
    match read(response)? {
        Answer::Plain(object) => validate(&object, &response.body, subject),
        Answer::Signed(_) => panic!("it is not signed"),
    }
}

/// RFC 6750 §2.1: in the header, never in the URL (RFC 9700 §4.3.2).
#[test]
fn sends_the_access_token_in_the_header() {
    let request = request(&secure("https://op.example/userinfo?x=y"), &secret("at.1~+/="), TokenType::Bearer);
    assert_eq!((request.document, request.url.as_str()), (Document::UserInfo, "https://op.example/userinfo?x=y"));
    assert_eq!(request.authorization.unwrap().expose(), "Bearer at.1~+/=");
    assert!(request.form.is_none());
}

/// A string that grows leaves a copy of the token behind.
#[test]
fn writes_the_header_without_growing() {
    let token = secret(&"t".repeat(1000));
    let header = TokenType::Bearer.authorization(&token);
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

/// §5.3.2: a JWT is told by its content type, and is not believed before its signature was verified.
#[test]
fn reads_signed_claims_as_a_token_to_verify() {
    let token = format!("{}.{}.AAAA", base64url::encode(br#"{"alg":"RS256"}"#), base64url::encode(b"{}"));
    for content_type in ["application/jwt", "Application/JWT; charset=utf-8"] {
        assert!(matches!(read(&answer_of_type(content_type, &token)), Ok(Answer::Signed(_))));
        assert_refused(read(&answer_of_type(content_type, "a.b")), Violation::JwsMalformed);
        assert_refused(read(&answer_of_type(content_type, r#"{"sub":"user"}"#)), Violation::JwsMalformed);
    }
    let binary = Response { body: vec![0xff], ..answer_of_type("application/jwt", "") };
    assert_refused(read(&binary), Violation::JwsMalformed);
}

#[test]
fn signed_claims_are_from_the_issuer_for_this_client_about_the_user() {
    let validated = |claims: &str| validate_signed(&payload(claims), &issuer(), "client", "user");
    let good = r#"{"iss":"https://op.example","aud":["other","client"],"sub":"user","name":"Ada"}"#;
    assert_eq!(validated(good).unwrap().as_json(), good);
    for (from, to, reason) in [
        ("https://op.example", "https://op.example/", Violation::IssuerMismatch),
        (r#""iss":"https://op.example","#, "", Violation::MemberMissing),
        (r#""client""#, r#""client2""#, Violation::AudienceMismatch),
        (r#""aud":["other","client"],"#, "", Violation::MemberMissing),
        (r#""user""#, r#""eve""#, Violation::UserInfoSubjectMismatch),
        (r#""name""#, r#""sub""#, Violation::JsonDuplicateMember),
    ] {
        assert_refused(validated(&good.replace(from, to)), reason);
    }
    assert_refused(validated(&format!("[{good}]")), Violation::JsonNotAnObject);
}

/// RFC 8725 §3.11.
#[test]
fn signed_claims_are_no_other_kind_of_token() {
    let mut token = payload(r#"{"iss":"https://op.example","aud":"client","sub":"user"}"#);
    for (kind, good) in [("JWT", true), ("jwt", true), ("at+jwt", false), ("logout+jwt", false), ("", false)] {
        token.header.token_type = Some(kind.to_owned());
        let outcome = validate_signed(&token, &issuer(), "client", "user");
        if good {
            outcome.unwrap();
        } else {
            assert_refused_about(outcome, Violation::TokenTypeConfusion, "typ");
        }
    }
}
