//! Refusals of the provider (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6).

use valetkey::{
    error::{Provider, Violation},
    protocol::token_error::{from_object, refusal},
};

use crate::support::{assert_refused_about, object};

#[test]
fn every_reason_is_found_by_its_code() {
    for reason in Provider::ALL {
        let error = refusal(reason.code(), None);
        assert!(error.is(*reason), "{reason:?}");
        assert_eq!(error.refusal().unwrap().error, reason.code());
    }
}

/// The codes of the specifications, to the letter.
#[test]
fn knows_the_codes_of_the_specifications() {
    for (code, reason) in [
        ("access_denied", Provider::AccessDenied),
        ("login_required", Provider::LoginRequired),
        ("interaction_required", Provider::InteractionRequired),
        ("consent_required", Provider::ConsentRequired),
        ("account_selection_required", Provider::AccountSelectionRequired),
        ("invalid_request", Provider::InvalidRequest),
        ("invalid_client", Provider::InvalidClient),
        ("invalid_grant", Provider::InvalidGrant),
        ("unauthorized_client", Provider::UnauthorizedClient),
        ("unsupported_grant_type", Provider::UnsupportedGrantType),
        ("unsupported_response_type", Provider::UnsupportedResponseType),
        ("invalid_scope", Provider::InvalidScope),
        ("invalid_target", Provider::InvalidTarget),
        ("unmet_authentication_requirements", Provider::UnmetAuthenticationRequirements),
        ("server_error", Provider::ServerError),
        ("temporarily_unavailable", Provider::TemporarilyUnavailable),
    ] {
        assert!(refusal(code, None).is(reason), "{code}");
    }
}

#[test]
fn any_other_code_is_of_the_providers_own() {
    for code in ["", "x", "Access_Denied", "access_denied ", "provider_error", "state_unknown", "__proto__"] {
        assert!(refusal(code, None).is(Provider::Other), "{code}");
    }
}

/// RFC 6749 §4.1.2.1: `%x20-21 / %x23-5B / %x5D-7E`.
#[test]
fn replaces_characters_that_the_grammar_does_not_allow() {
    let error = refusal("a\"b\\c", Some("<b>é\n\r\t\0\u{7f}\u{202e}\"\\~ !"));
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.error, "a?b?c");
    assert_eq!(refusal.description.as_deref(), Some("<b>?????????~ !"));
}

#[test]
fn cuts_long_words() {
    let error = refusal(&"e".repeat(501), Some(&"é".repeat(1_000_000)));
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.error.len(), 500);
    assert_eq!(refusal.description.as_deref().map(str::len), Some(500));
}

#[test]
fn shows_the_words_of_the_provider() {
    let text = refusal("access_denied", Some("No.")).to_string();
    assert!(text.ends_with("(access_denied: No.)"), "{text}");
    assert!(refusal("x", None).to_string().ends_with("(x)"));
}

#[test]
fn reads_a_refusal_from_an_object() {
    let error = from_object(&object(
        r#"{"error":"invalid_scope","error_description":"x","error_uri":"https://evil.example/"}"#,
    ))
    .unwrap();
    assert!(error.is(Provider::InvalidScope));
    assert_eq!(error.refusal().unwrap().description.as_deref(), Some("x"));
    assert!(!format!("{error:?}").contains("evil"));
    // A description that is none does not hide the error.
    let error = from_object(&object(r#"{"error":"invalid_scope","error_description":[1]}"#)).unwrap();
    assert!(error.is(Provider::InvalidScope));
    assert_eq!(error.refusal().unwrap().description, None);
}

#[test]
fn an_object_without_an_error_is_no_refusal() {
    assert_refused_about(from_object(&object("{}")), Violation::MemberMissing, "error");
    assert_refused_about(from_object(&object(r#"{"error":null}"#)), Violation::MemberMissing, "error");
    assert_refused_about(from_object(&object(r#"{"error":""}"#)), Violation::MemberInvalid, "error");
    assert_refused_about(from_object(&object(r#"{"error":{"code":1}}"#)), Violation::MemberInvalid, "error");
}
