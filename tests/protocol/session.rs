//! What a signed-in client holds, and when it must be renewed.

use valetkey::protocol::{
    authorization::Nonce,
    session::{Access, Lifetime, Session},
    time::Instant,
    token::TokenResponse,
};

use crate::support::{answer, secret};

fn at(seconds: u64) -> Instant {
    Instant::from_millis(seconds * 1000)
}

fn session(lifetime: Option<Lifetime>) -> Session {
    Session {
        claims: crate::user_info::process(&answer(200, r#"{"sub":"user"}"#), "user").unwrap(),
        nonce: Nonce::restore("nonce-canary".to_owned()),
        audience: vec!["client".to_owned()],
        auth_time: None,
        scope: vec!["openid".to_owned()],
        id_token: secret("it-canary"),
        access_token: secret("at-canary"),
        lifetime,
        others: vec![],
        authorization_details: None,
        refresh_token: Some(secret("rt-canary")),
        session_state: None,
    }
}

fn response(refresh_token: Option<&str>, scope: Option<&str>, expires_in: Option<u64>) -> TokenResponse {
    TokenResponse {
        access_token: secret("at-2"),
        expires_in,
        refresh_token: refresh_token.map(secret),
        id_token: Some(secret("it-2")),
        scope: scope.map(|scope| vec![scope.to_owned()]),
        authorization_details: None,
    }
}

/// Five seconds before its end, or half of its life when that is shorter.
#[test]
fn a_token_is_due_shortly_before_its_end() {
    for (seconds, due) in [(3600, 3595), (11, 6), (10, 5), (9, 5), (2, 1), (1, 1), (0, 0)] {
        let lifetime = Lifetime::starting(at(100), seconds);
        assert_eq!((lifetime.due, lifetime.ends), (at(100 + due), at(100 + seconds)), "{seconds}");
    }
}

/// A minute before its end, or a quarter of its life when that is shorter; never in a tight loop.
#[test]
fn k_16_a_token_is_renewed_ahead_of_its_end() {
    for (seconds, ahead) in [(3600, 3540), (300, 240), (100, 75), (40, 30), (30, 30), (1, 30), (0, 30)] {
        assert_eq!(Lifetime::starting(at(100), seconds).ahead, at(100 + ahead), "{seconds}");
    }
    let lifetime = Some(Lifetime::starting(at(100), 300));
    assert_eq!(session(lifetime).ahead(), Some(at(340)));
    assert_eq!(Session { refresh_token: None, ..session(lifetime) }.ahead(), None);
    assert_eq!(session(None).ahead(), None);
}

#[test]
fn the_longest_lifetime_does_not_wrap() {
    let lifetime = Lifetime::starting(at(100), u64::MAX);
    assert!(!lifetime.due.has_come(at(100)) && !lifetime.ends.has_come(at(1 << 40)));
}

#[test]
fn is_due_and_dead_from_the_moment_on() {
    let session = session(Some(Lifetime { ahead: at(40), due: at(50), ends: at(60), is_brief: false }));
    assert!(!session.is_due(Instant::from_millis(49_999)) && session.is_due(at(50)) && session.is_due(at(70)));
    assert!(session.is_live(Instant::from_millis(59_999)) && !session.is_live(at(60)) && !session.is_live(at(61)));
}

/// One that was to live for seconds only has ended by the time its answer is there, again and again.
#[test]
fn a_token_that_was_to_live_for_a_while_can_have_ended_early() {
    for (seconds, early) in [(3600, true), (30, true), (29, false), (1, false)] {
        let session = session(Some(Lifetime::starting(at(100), seconds)));
        assert_eq!(session.has_ended_early(at(100 + seconds)), early, "{seconds}");
        assert!(!session.has_ended_early(at(99 + seconds)), "{seconds}");
    }
    assert!(!session(None).has_ended_early(at(1_000_000)));
}

/// RFC 6749 §5.1: `expires_in` is only recommended.
#[test]
fn without_a_lifetime_a_token_is_used_until_it_is_refused() {
    let session = session(None);
    assert!(!session.is_due(at(1_000_000)) && session.is_live(at(1_000_000)));
}

#[test]
fn a_renewal_replaces_the_tokens() {
    let mut session = session(None);
    session.renew(response(Some("rt-2"), Some("email"), Some(100)), at(7));
    assert_eq!(session.access_token.expose(), "at-2");
    assert_eq!(session.refresh_token.as_ref().unwrap().expose(), "rt-2");
    assert_eq!(session.scope, ["email"]);
    assert_eq!(session.lifetime, Some(Lifetime::starting(at(7), 100)));
    // Only once it is verified, by whoever verifies it.
    assert_eq!(session.id_token.expose(), "it-canary");
}

/// RFC 6749 §6, §5.1.
#[test]
fn what_a_renewal_leaves_out_stays() {
    let mut session = session(Some(Lifetime::starting(at(0), 100)));
    session.renew(response(None, None, None), at(7));
    assert_eq!(session.refresh_token.as_ref().unwrap().expose(), "rt-canary");
    assert_eq!(session.scope, ["openid"]);
    // The old token's lifetime says nothing of the new one.
    assert_eq!(session.lifetime, None);
}

#[test]
fn the_secrets_of_a_session_are_not_shown() {
    assert!(!format!("{:?}", session(None)).contains("canary"));
}

#[test]
fn a_token_for_another_target_is_used_until_it_is_due() {
    let mut session = session(None);
    let access = |token: &str, lifetime| Access { token: secret(token), lifetime };
    session.set_other(1, access("one", Some(Lifetime::starting(at(0), 300))));
    session.set_other(2, access("two", None));
    let other =
        |session: &Session, target, seconds| session.other(target, at(seconds)).map(|token| token.expose().clone());
    assert_eq!(other(&session, 1, 294).as_deref(), Some("one"));
    assert_eq!(other(&session, 1, 295), None);
    assert_eq!(other(&session, 2, 1_000_000).as_deref(), Some("two"));
    assert_eq!(other(&session, 3, 0), None);
    session.set_other(1, access("new", None));
    assert_eq!(other(&session, 1, 295).as_deref(), Some("new"));
    assert_eq!(session.others.len(), 2);
}

/// RFC 7009 §2: all that were issued.
#[test]
fn every_token_of_a_session_is_to_be_revoked() {
    let mut session = session(None);
    session.set_other(1, Access { token: secret("one"), lifetime: None });
    let (refresh_token, access_tokens) = session.into_tokens();
    assert_eq!(refresh_token.unwrap().expose(), "rt-canary");
    let tokens: Vec<_> = access_tokens.iter().map(|token| token.expose().as_str()).collect();
    assert_eq!(tokens, ["at-canary", "one"]);
}

/// RFC 9396 §7: a renewal that says nothing of it changes nothing.
#[test]
fn what_was_granted_in_detail_stays_until_a_renewal_says_otherwise() {
    let mut session = session(None);
    let granting =
        |json: &str| TokenResponse { authorization_details: Some(json.to_owned()), ..response(None, None, None) };
    session.renew(granting("[1]"), at(0));
    session.renew(response(None, None, None), at(0));
    assert_eq!(session.authorization_details.as_deref(), Some("[1]"));
    session.renew(granting("[]"), at(0));
    assert_eq!(session.authorization_details.as_deref(), Some("[]"));
}

#[test]
fn a_new_refresh_token_takes_the_place_of_the_old_one() {
    let mut session = session(None);
    session.rotate(None);
    assert_eq!(session.refresh_token.as_ref().unwrap().expose(), "rt-canary");
    session.rotate(Some(secret("next")));
    assert_eq!(session.refresh_token.as_ref().unwrap().expose(), "next");
}
