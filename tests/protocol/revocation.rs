//! Token revocation (RFC 7009).

use valetkey::protocol::revocation::{TokenType, process, request};

use crate::support::{answer, answer_of_type, secret, secure};

#[test]
fn asks_with_the_token_its_kind_and_the_client() {
    let asked = request(&secure("https://op.example/revoke"), "my client", &secret("rt+1"), TokenType::RefreshToken);
    assert_eq!(asked.url, "https://op.example/revoke");
    assert_eq!(asked.form.unwrap().expose(), "token=rt%2B1&token_type_hint=refresh_token&client_id=my%20client");
    assert!(asked.authorization.is_none());
    let asked = request(&secure("https://op.example/revoke"), "c", &secret("at"), TokenType::AccessToken);
    assert!(asked.form.unwrap().expose().contains("token_type_hint=access_token"));
}

#[test]
fn done_whatever_the_body_says() {
    for body in ["", "{", "<html>", r#"{"error":"x"}"#] {
        process(&answer(200, body)).unwrap();
        process(&answer_of_type("text/html", body)).unwrap();
    }
}

#[test]
fn q_10_refusals_and_busy_servers_are_told_apart() {
    let code = |status, body| process(&answer(status, body)).unwrap_err().code();
    assert_eq!(code(503, ""), "server_unavailable");
    assert_eq!(code(429, ""), "server_unavailable");
    assert_eq!(code(400, r#"{"error":"invalid_client"}"#), "invalid_client");
    let unsupported = process(&answer(400, r#"{"error":"unsupported_token_type"}"#)).unwrap_err();
    assert_eq!(unsupported.refusal().unwrap().error, "unsupported_token_type");
    assert_eq!(code(404, "<html>"), "revocation_status");
    assert_eq!(code(400, "{}"), "revocation_status");
}
