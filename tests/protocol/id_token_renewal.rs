//! The ID token of a renewal (OpenID Connect Core §12.2).

use valetkey::error::Violation;

use crate::{
    id_token::{NOW, claims, renewal},
    support::assert_refused,
};

#[test]
fn accepts_a_renewed_id_token() {
    assert!(renewal(&claims(), None).is_ok());
    assert!(renewal(&claims().without("nonce"), None).is_ok());
    assert!(renewal(&claims().with("nonce", "null"), None).is_ok());
    assert!(renewal(&claims().with("aud", "[\"client\"]"), None).is_ok());
    assert!(renewal(&claims().with("acr", "\"0\""), None).is_ok());
}

#[test]
fn refuses_a_renewed_id_token_about_another_user() {
    for json in ["\"other\"", "\"User\"", "\"user \""] {
        assert_refused(renewal(&claims().with("sub", json), None), Violation::SubjectChanged);
    }
    assert_refused(renewal(&claims().without("sub"), None), Violation::SubjectInvalid);
}

#[test]
fn refuses_a_renewed_id_token_with_another_audience() {
    assert_refused(renewal(&claims().with("aud", "[\"client\",\"client\"]"), None), Violation::AudienceChanged);
    assert_refused(renewal(&claims().with("aud", "\"other\""), None), Violation::AudienceMismatch);
}

#[test]
fn refuses_a_renewed_id_token_with_another_nonce() {
    for json in ["\"nonce-2\"", "\"\"", "\"Nonce-1\""] {
        assert_refused(renewal(&claims().with("nonce", json), None), Violation::NonceChanged);
    }
    for json in ["1", "[\"nonce-1\"]", "{}"] {
        assert_refused(renewal(&claims().with("nonce", json), None), Violation::NonceMismatch);
    }
}

#[test]
fn refuses_a_renewed_id_token_with_another_authentication_time() {
    let with = |seconds: &str| claims().with("auth_time", seconds);
    for seconds in ["999", "1001", "0"] {
        assert_refused(renewal(&with(seconds), Some(1000)), Violation::AuthTimeChanged);
    }
    assert!(renewal(&with("1000"), Some(1000)).is_ok());
    assert!(renewal(&with("1000"), None).is_ok());
    assert!(renewal(&claims(), Some(1000)).is_ok());
}

#[test]
fn a_renewed_id_token_is_held_against_every_other_rule() {
    assert_refused(renewal(&claims().with("iss", "\"https://evil.example\""), None), Violation::IssuerMismatch);
    assert_refused(renewal(&claims().with("azp", "\"other\""), None), Violation::AuthorizedPartyMismatch);
    assert_refused(renewal(&claims().with("exp", &NOW.to_string()), None), Violation::IdTokenExpired);
    assert_refused(renewal(&claims().with("iat", &(NOW - 901).to_string()), None), Violation::IssuedTooLongAgo);
    assert_refused(renewal(&claims().with("events", "{}"), None), Violation::TokenTypeConfusion);
}
