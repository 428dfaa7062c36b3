//! RP-Initiated Logout (§2).

use valetkey::protocol::logout::{LogoutState, url};

use crate::support::{secret, secure};

#[test]
fn sends_the_client_and_the_hint() {
    let sent = url(&secure("https://op.example/logout"), "my client", &secret("a.b.c+"), None);
    assert_eq!(sent, "https://op.example/logout?client_id=my%20client&id_token_hint=a.b.c%2B");
}

#[test]
fn sends_where_to_come_back_to_with_a_state() {
    let state = LogoutState::from_random("T", &[0; 32]);
    let sent = url(
        &secure("https://op.example/logout"),
        "client",
        &secret("a.b.c"),
        Some((&secure("https://app.example/bye?x=y"), &state)),
    );
    assert_eq!(
        sent,
        format!(
            "https://op.example/logout?client_id=client&id_token_hint=a.b.c&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye%3Fx%3Dy&state=vo_T{}",
            "A".repeat(43)
        )
    );
}

#[test]
fn keeps_the_query_of_the_endpoint() {
    let sent = |endpoint| url(&secure(endpoint), "c", &secret("t"), None);
    assert_eq!(sent("https://op.example/logout?p=x"), "https://op.example/logout?p=x&client_id=c&id_token_hint=t");
    assert_eq!(sent("https://op.example/logout?"), "https://op.example/logout?client_id=c&id_token_hint=t");
}

#[test]
fn recognises_a_state_of_its_own() {
    let state = LogoutState::from_random("Tag", &[9; 32]);
    assert_eq!(LogoutState::recognise("Tag", state.as_str()), Some(state));
}

#[test]
fn recognises_no_state_of_others() {
    let random = "A".repeat(43);
    for text in [
        String::new(),
        random.clone(),
        format!("vo_{random}"),
        format!("vk_Tag{random}"),
        format!("vo_tag{random}"),
        format!("vo_Tag{}", "A".repeat(42)),
        format!("vo_Tag{}", "A".repeat(44)),
        format!("VO_Tag{random}"),
        format!(" vo_Tag{random}"),
    ] {
        assert_eq!(LogoutState::recognise("Tag", &text), None, "{text}");
    }
}

/// As the state of a sign-in: it is looked up in the storage.
#[test]
fn recognises_no_state_with_other_characters() {
    for bad in ["=", "+", "/", " ", "\0", "."] {
        let text = format!("vo_Tag{}{bad}", "A".repeat(42));
        assert_eq!(LogoutState::recognise("Tag", &text), None, "{text:?}");
    }
}
