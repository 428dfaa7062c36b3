//! The token endpoint (RFC 6749 §4.1.3, §5 and §6, OpenID Connect Core §3.1.3).

use valetkey::{
    error::{Error, Platform, Provider, Violation},
    protocol::{
        http::{Document, Response},
        pkce::CodeVerifier,
        token::{Target, TokenResponse, TokenType, code_request, process, refresh_request, scopes},
    },
};

use crate::support::{
    Members, answer, answer_of_type, assert_refused, assert_refused_about, metadata, metadata_members, secret,
};

fn members() -> Members {
    Members::new(&[("access_token", "\"at\""), ("token_type", "\"Bearer\""), ("id_token", "\"a.b.c\"")])
}

fn respond(members: &Members) -> Result<TokenResponse, Error> {
    process(&answer(200, &members.json()), TokenType::Bearer)
}

/// The redirect URI too: OpenID Connect Core §3.1.3.2 asks for it, though OAuth 2.1 does not.
#[test]
fn exchanges_a_code() {
    let verifier = CodeVerifier::restore("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()).unwrap();
    let metadata = metadata(&metadata_members().with("token_endpoint", "\"https://op.example/token?t=x\"")).unwrap();
    let request = code_request(
        &metadata,
        "my client",
        "https://app.example/?a=b",
        &secret("c/d+e&f"),
        &verifier,
        &Target::default(),
    );
    assert_eq!((request.document, request.url.as_str()), (Document::TokenResponse, "https://op.example/token?t=x"));
    assert_eq!(
        request.form.unwrap().expose(),
        "grant_type=authorization_code&client_id=my%20client&code=c%2Fd%2Be%26f&redirect_uri=https%3A%2F%2Fapp.example%2F%3Fa%3Db\
         &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    assert!(request.authorization.is_none());
}

#[test]
fn exchanges_a_refresh_token() {
    let request =
        refresh_request(&metadata(&metadata_members()).unwrap(), "client", &secret("r=t"), &Target::default());
    assert_eq!((request.document, request.url.as_str()), (Document::TokenResponse, "https://op.example/token"));
    assert_eq!(request.form.unwrap().expose(), "grant_type=refresh_token&client_id=client&refresh_token=r%3Dt");
    assert!(request.authorization.is_none());
}

#[test]
fn reads_a_response() {
    let response = respond(
        &members().with("expires_in", "3600").with("refresh_token", "\"rt\"").with("scope", "\"openid  email \""),
    )
    .unwrap();
    assert_eq!(response.access_token.expose(), "at");
    assert_eq!(response.id_token.unwrap().expose(), "a.b.c");
    assert_eq!(response.refresh_token.unwrap().expose(), "rt");
    assert_eq!(response.expires_in, Some(3600));
    assert_eq!(response.scope, Some(vec!["openid".to_owned(), "email".to_owned()]));
}

#[test]
fn optional_members_may_be_missing() {
    let response =
        respond(&members().without("id_token").with("unknown", "{}").with("__proto__", "{\"access_token\":\"x\"}"))
            .unwrap();
    assert!(
        response.id_token.is_none()
            && response.refresh_token.is_none()
            && response.expires_in.is_none()
            && response.scope.is_none()
    );
    assert_eq!(response.access_token.expose(), "at");
}

#[test]
fn secrets_of_a_response_are_not_shown() {
    let response = respond(
        &members()
            .with("access_token", "\"canary\"")
            .with("refresh_token", "\"canary\"")
            .with("id_token", "\"canary\""),
    )
    .unwrap();
    assert!(!format!("{response:?}").contains("canary"));
}

#[test]
fn refuses_a_response_without_an_access_token() {
    assert_refused_about(respond(&members().without("access_token")), Violation::MemberMissing, "access_token");
    assert_refused_about(respond(&members().with("access_token", "null")), Violation::MemberMissing, "access_token");
    for json in ["1", "[\"at\"]", "{}", "true"] {
        assert_refused_about(respond(&members().with("access_token", json)), Violation::MemberInvalid, "access_token");
    }
}

/// RFC 6749 appendix A.12: visible ASCII, so that it cannot break out of a header.
#[test]
fn refuses_an_access_token_that_fits_into_no_header() {
    for text in ["", " ", "a b", "a\\nb", "a\\r\\nX: y", "a\\u0000", "a\\u007f", "é", " at", "at\\t"] {
        assert_refused(
            respond(&members().with("access_token", &format!("\"{text}\""))),
            Violation::AccessTokenMalformed,
        );
    }
    let of = |length: usize| respond(&members().with("access_token", &format!("\"{}\"", "a".repeat(length))));
    assert!(of(64 * 1024).is_ok());
    assert_refused(of(64 * 1024 + 1), Violation::AccessTokenMalformed);
    assert!(respond(&members().with("access_token", "\"!~.-_+/=|{}\"")).is_ok());
}

#[test]
fn refuses_other_tokens_that_are_malformed() {
    for name in ["refresh_token", "id_token"] {
        let long = format!("\"{}\"", "a".repeat(64 * 1024 + 1));
        for json in ["\"\"", "\"a b\"", "\"a\\n\"", "\"é\"", "1", "[]", "{}", "true", &long] {
            assert_refused_about(respond(&members().with(name, json)), Violation::MemberInvalid, name);
        }
        assert!(respond(&members().with(name, "null")).is_ok());
    }
}

/// RFC 6749 §7.1: a type that is not understood is not used; §5.1: the case does not count.
#[test]
fn refuses_a_token_of_another_type() {
    for json in ["\"mac\"", "\"DPoP\"", "\"Bearer \"", "\"N_A\"", "\"Bearerx\"", "\"Beare\""] {
        assert_refused(respond(&members().with("token_type", json)), Violation::TokenTypeUnsupported);
    }
    for json in ["\"Bearer\"", "\"bearer\"", "\"BEARER\""] {
        assert!(respond(&members().with("token_type", json)).is_ok(), "{json}");
    }
    assert_refused_about(respond(&members().without("token_type")), Violation::MemberMissing, "token_type");
    for json in ["1", "[\"Bearer\"]", "\"\""] {
        assert_refused_about(respond(&members().with("token_type", json)), Violation::MemberInvalid, "token_type");
    }
}

#[test]
fn reads_a_lifetime_in_every_form_that_is_seen() {
    const MAX: u64 = 1 << 31;
    for (json, seconds) in [
        ("0", Some(0)),
        ("1", Some(1)),
        ("3600", Some(3600)),
        ("3600.9", Some(3600)),
        ("3.6e3", Some(3600)),
        ("\"3600\"", Some(3600)),
        ("\"0\"", Some(0)),
        ("\"007\"", Some(7)),
        ("2147483648", Some(MAX)),
        ("2147483649", Some(MAX)),
        ("1e15", Some(MAX)),
        ("\"99999999999\"", Some(MAX)),
        ("\"99999999999999999999999999\"", Some(MAX)),
        ("null", None),
    ] {
        assert_eq!(respond(&members().with("expires_in", json)).unwrap().expires_in, seconds, "{json}");
    }
}

/// A lifetime that was not understood never turns into an unlimited one.
#[test]
fn refuses_a_lifetime_that_is_none() {
    for json in [
        "-1",
        "-0",
        "1e16",
        "1e308",
        "1e400",
        "\"\"",
        "\"-1\"",
        "\"3600s\"",
        "\" 3600\"",
        "\"3.5\"",
        "\"1e3\"",
        "\"٣\"",
        "true",
        "[]",
        "{}",
        "[3600]",
    ] {
        assert_refused_about(respond(&members().with("expires_in", json)), Violation::MemberInvalid, "expires_in");
    }
}

#[test]
fn refuses_a_scope_of_the_wrong_type() {
    for json in ["1", "[\"openid\"]", "{}", "true"] {
        assert_refused_about(respond(&members().with("scope", json)), Violation::MemberInvalid, "scope");
    }
    assert_eq!(respond(&members().with("scope", "\"\"")).unwrap().scope, Some(Vec::new()));
}

/// RFC 6749 §3.3: separated by spaces, by nothing else.
#[test]
fn splits_scopes_at_spaces() {
    assert_eq!(scopes(" a  b,c\td "), ["a", "b,c\td"]);
    assert!(scopes("").is_empty());
}

#[test]
fn refuses_duplicate_members() {
    let twice = members().with("\\u0061ccess_token", "\"other\"");
    assert_refused_about(respond(&twice), Violation::JsonDuplicateMember, "token response");
}

/// RFC 6749 §5.2.
#[test]
fn the_provider_refuses_with_an_error() {
    let body = r#"{"error":"invalid_grant","error_description":"Code was used"}"#;
    for status in [400, 401, 403, 404] {
        let error = assert_refused(process(&answer(status, body), TokenType::Bearer), Provider::InvalidGrant);
        let refusal = error.refusal().unwrap();
        assert_eq!((refusal.error.as_str(), refusal.description.as_deref()), ("invalid_grant", Some("Code was used")));
    }
    // Also beside tokens, and with the wrong status.
    assert_refused(respond(&members().with("error", "\"invalid_client\"")), Provider::InvalidClient);
}

#[test]
fn an_error_of_the_wrong_type_is_an_error_all_the_same() {
    for json in ["1", "{}", "[]", "\"\"", "false"] {
        assert_refused_about(respond(&members().with("error", json)), Violation::MemberInvalid, "error");
    }
    assert!(respond(&members().with("error", "null")).is_ok());
}

#[test]
fn refuses_another_status_than_200() {
    for status in [201, 204, 206, 302, 400, 401, 404] {
        for body in [members().json(), String::new(), "<html>".to_owned(), "[]".to_owned(), r#"{"error":1}"#.to_owned()]
        {
            assert_refused_about(
                process(&answer(status, &body), TokenType::Bearer),
                Violation::TokenResponseStatus,
                &status.to_string(),
            );
        }
    }
    let html = Response { status: 400, ..answer_of_type("text/html", r#"{"error":"invalid_grant"}"#) };
    assert_refused_about(process(&html, TokenType::Bearer), Violation::TokenResponseStatus, "400");
}

#[test]
fn a_server_that_is_down_has_not_refused() {
    for status in [429, 500, 503] {
        assert_refused_about(
            process(&answer(status, r#"{"error":"invalid_grant"}"#), TokenType::Bearer),
            Platform::ServerUnavailable,
            &status.to_string(),
        );
    }
}

#[test]
fn refuses_a_response_of_another_content_type() {
    for content_type in ["text/html", "text/plain", "application/x-www-form-urlencoded", ""] {
        assert_refused_about(
            process(&answer_of_type(content_type, &members().json()), TokenType::Bearer),
            Violation::ContentTypeMismatch,
            "token response",
        );
    }
}

#[test]
fn refuses_a_response_that_is_no_object() {
    assert_refused(process(&answer(200, "[]"), TokenType::Bearer), Violation::JsonNotAnObject);
    assert_refused(process(&answer(200, "\"at\""), TokenType::Bearer), Violation::JsonNotAnObject);
    assert_refused(process(&answer(200, &members().json()[..20]), TokenType::Bearer), Violation::JsonMalformed);
}

/// RFC 8707 §2.1 and §2.2: the scope was asked for in the authorization request, and a refresh may ask for less.
#[test]
fn asks_for_a_token_to_a_target() {
    let target = Target {
        scope: Some("a b".to_owned()),
        resource: Some("https://api.example/?x=y".to_owned()),
        audience: Some("x".to_owned()),
    };
    let metadata = metadata(&metadata_members()).unwrap();
    let request = refresh_request(&metadata, "client", &secret("rt"), &target);
    let expected = "grant_type=refresh_token&client_id=client&refresh_token=rt\
        &scope=a%20b&resource=https%3A%2F%2Fapi.example%2F%3Fx%3Dy&audience=x";
    assert_eq!(request.form.unwrap().expose(), expected);
    let only = |target| refresh_request(&metadata, "client", &secret("rt"), &target).form.unwrap().expose().clone();
    assert!(
        only(Target { audience: Some("x".to_owned()), ..Target::default() }).ends_with("&refresh_token=rt&audience=x")
    );

    let verifier = CodeVerifier::restore("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()).unwrap();
    let request = code_request(&metadata, "client", "https://app.example/", &secret("c"), &verifier, &target);
    let form = request.form.unwrap().expose().clone();
    assert!(form.ends_with("1p1r_wW1gFWFOEjXk&resource=https%3A%2F%2Fapi.example%2F%3Fx%3Dy"), "{form}");
}

/// RFC 9449 §5: `DPoP`, without case, where a key was shown, and nothing else.
#[test]
fn token_is_of_the_type_that_was_asked_for() {
    let typed = |json: &str, expected| process(&answer(200, &members().with("token_type", json).json()), expected);
    for json in ["\"DPoP\"", "\"dpop\"", "\"DPOP\""] {
        assert!(typed(json, TokenType::Dpop).is_ok(), "{json}");
        assert_refused(typed(json, TokenType::Bearer), Violation::TokenTypeUnsupported);
    }
    for json in ["\"Bearer\"", "\"bearer\""] {
        assert!(typed(json, TokenType::Bearer).is_ok(), "{json}");
        assert_refused(typed(json, TokenType::Dpop), Violation::DpopDowngraded);
    }
    for json in ["\"mac\"", "\"N_A\"", "\"DPoP \""] {
        assert_refused(typed(json, TokenType::Dpop), Violation::TokenTypeUnsupported);
    }
    assert_refused_about(
        process(&answer(200, &members().without("token_type").json()), TokenType::Dpop),
        Violation::MemberMissing,
        "token_type",
    );
}

/// RFC 9449 §7.1.
#[test]
fn token_is_sent_with_the_scheme_of_its_type() {
    assert_eq!(TokenType::Dpop.authorization(&secret("at")).expose(), "DPoP at");
    assert_eq!(TokenType::Bearer.authorization(&secret("at")).expose(), "Bearer at");
    assert_eq!((TokenType::Dpop.name(), TokenType::Bearer.name()), ("DPoP", "Bearer"));
}

/// RFC 9396 §7: an array, passed on as it is.
#[test]
fn reads_what_was_granted_in_detail() {
    let details = |json: &str| {
        respond(&members().with("authorization_details", json)).map(|response| response.authorization_details)
    };
    let json = r#"[{"type":"payment","amount":{"value":"1.50","n":1.50e0}},{"type":"ä\"\u0000"}]"#;
    assert_eq!(details(json).unwrap().as_deref(), Some(json));
    assert_eq!(details(" [ ] ").unwrap().as_deref(), Some("[]"));
    assert_eq!(details("null").unwrap(), None);
    assert_eq!(respond(&members()).unwrap().authorization_details, None);
    for json in ["{}", "\"x\"", "1", "true"] {
        assert_refused_about(details(json), Violation::MemberInvalid, "authorization_details");
    }
}
