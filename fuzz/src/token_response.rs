//! The answers of the token endpoint and of the UserInfo endpoint, refusals among them.

use valetkey::{
    error::{Error, Provider, Reason, Violation},
    protocol::{
        claims::Claims,
        http::Response,
        pushed, token,
        url::{Transport, Url},
        user_info,
    },
    secret::Secret,
};

use crate::{CANARY, check_error, check_same, is_json, member, read_again, response, sections};

/// The subject whose claims are asked for.
const SUBJECT: &str = "ada";

/// `status and content type ␞ body`
pub fn run(data: &[u8]) {
    let [head, body] = sections(data);
    let response = response(head, body);
    let essence = response.essence();
    assert!(
        !essence.contains(';') && !essence.starts_with(' ') && !essence.bytes().any(|byte| byte.is_ascii_uppercase())
    );

    match check_same(|| token::process(&response, token::TokenType::Bearer)) {
        Ok(answer) => {
            assert_eq!(response.status, 200);
            assert!(is_json(response.content_type.as_deref()));
            assert!(answer.expires_in.is_none_or(|seconds| seconds <= 1 << 31));
            let theirs = read_again(body);
            let text = |name: &str| member(&theirs, name).and_then(|value| value.as_str());
            if theirs.is_object() {
                assert!(member(&theirs, "error").is_none());
                assert!(text("token_type").is_some_and(|kind| kind.to_lowercase() == "bearer"));
                assert_eq!(text("access_token"), Some(answer.access_token.expose().as_str()));
                assert_eq!(member(&theirs, "expires_in").is_some(), answer.expires_in.is_some());
                let scope = answer.scope.as_ref().map(|scopes| scopes.join(" "));
                let words = |list: &str| list.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
                assert_eq!(text("scope").map(words), scope);
            }
            for (name, token) in [
                ("access_token", Some(&answer.access_token)),
                ("refresh_token", answer.refresh_token.as_ref()),
                ("id_token", answer.id_token.as_ref()),
            ] {
                let Some(token) = token.map(Secret::expose) else {
                    continue;
                };
                assert!(token.bytes().all(|byte| byte.is_ascii_graphic()) && !token.is_empty() && token.len() <= 65536);
                assert!(theirs.is_null() || text(name) == Some(token));
            }
            // The scope alone is shown, and it is no secret.
            let shown = format!("{:?}", token::TokenResponse { scope: None, ..answer });
            assert!(!shown.contains(CANARY), "{shown}");
        }
        Err(error) => {
            check_error(&error, &[CANARY]);
            // A refusal is only ever what the provider itself said.
            if let Reason::Provider(reason) = error.reason() {
                let theirs = read_again(body);
                let said = theirs["error"].as_str();
                assert!(
                    theirs.is_null() || said.is_some_and(|said| reason == Provider::Other || said == reason.code())
                );
            }
        }
    }

    pushed_response(&response, body);
    bound(&response);

    match check_same(|| claims_of(&response, SUBJECT)) {
        Ok(claims) => {
            assert_eq!(claims.as_json().as_bytes(), body);
            assert_eq!(claims.subject(), SUBJECT);
            let theirs = read_again(body);
            assert!(theirs.is_null() || theirs["sub"] == SUBJECT);
            claims_of(&response, "eve").expect_err("claims about somebody else");
        }
        Err(error) => check_error(&error, &[CANARY]),
    }
}

/// The same answer to a pushed authorization request: a handle that can stand in a URL, or a refusal.
fn pushed_response(response: &Response, body: &[u8]) {
    match check_same(|| pushed::process(response)) {
        Ok(request_uri) => {
            assert_eq!(response.status, 201);
            assert!(is_json(response.content_type.as_deref()));
            assert!(request_uri.starts_with("urn:") && request_uri.len() <= 512);
            assert!(request_uri.bytes().all(|byte| byte.is_ascii_graphic()));
            let theirs = read_again(body);
            assert!(theirs.is_null() || theirs["request_uri"] == request_uri);
            assert!(theirs.is_null() || theirs["expires_in"].as_f64().is_some_and(|seconds| seconds >= 1.0));
            let endpoint = Url::parse("https://op.example/authorize?a=b", Transport::Secure).expect("a URL");
            let url = ::url::Url::parse(&pushed::url(&endpoint, "c d", &request_uri)).expect("a URL");
            let pairs: Vec<_> =
                url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
            let expected = [("a", "b"), ("client_id", "c d"), ("request_uri", &request_uri)];
            assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        Err(error) => check_error(&error, &[CANARY]),
    }
}

/// No answer is taken for a token of both types, and what was granted in detail is the same to another reader.
fn bound(response: &Response) {
    let outcome = token::process(response, token::TokenType::Dpop);
    match &outcome {
        Ok(_) => assert!(token::process(response, token::TokenType::Bearer).is_err()),
        Err(error) => check_error(error, &[CANARY]),
    }
    let details = outcome.or_else(|_| token::process(response, token::TokenType::Bearer)).ok();
    if let Some(details) = details.and_then(|answer| answer.authorization_details) {
        let (ours, theirs) = (read_again(details.as_bytes()), read_again(&response.body));
        assert!(ours.is_null() || theirs.is_null() || ours == theirs["authorization_details"], "{details}");
    }
}

/// The claims of a plain answer. A JWT, whose signature would have to be verified first, is the target `id_token`'s.
fn claims_of(response: &Response, subject: &str) -> Result<Claims, Error> {
    match user_info::read(response)? {
        user_info::Answer::Plain(object) => user_info::validate(&object, &response.body, subject),
        user_info::Answer::Signed(_) => Err(Violation::SignatureInvalid.into()),
    }
}
