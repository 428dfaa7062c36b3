//! Renewal: one at a time, and only the provider's own refusal ends a session.

use futures::future::join_all;
use serde_json::json;
use valetkey::{
    error::{Error, Platform as PlatformError},
    platform::{Tasks, memory::MemoryAnswer},
    protocol::http::Document,
    vault::{SignOutOptions, message::Snapshot},
};

use crate::provider::{API, Client, NOW, call, callback_of, response};

fn fetch(client: &Client) -> Result<MemoryAnswer, Error> {
    client.run(client.vault.fetch(call("GET", API))).map(|answered| answered.answer)
}

fn renewals(client: &Client) -> usize {
    client.provider.count(Document::TokenResponse) - 1
}

/// A signed-in client whose access token has ended.
fn expired() -> Client {
    let client = Client::new();
    client.sign_in();
    client.provider.world.pass(300);
    client
}

#[test]
fn token_that_lives_is_used_as_it_is() {
    let client = Client::new();
    client.sign_in();
    client.provider.world.pass(239);
    fetch(&client).unwrap();
    assert_eq!(renewals(&client), 0);
    assert_eq!(client.provider.world.calls()[0].2.as_deref(), Some("Bearer SECRET-access-1"));
}

#[test]
fn token_is_renewed_shortly_before_its_end() {
    let client = Client::new();
    client.sign_in();
    client.provider.world.pass(295);
    fetch(&client).unwrap();
    assert_eq!(renewals(&client), 1);
    assert_eq!(client.provider.world.calls()[0].2.as_deref(), Some("Bearer SECRET-access-2"));
}

#[test]
fn token_is_renewed_when_the_application_says_so() {
    let client = Client::new();
    assert_eq!(client.run(client.vault.renew()).unwrap_err().code(), "not_signed_in");
    client.sign_in();
    client.run(client.vault.renew()).unwrap();
    assert_eq!(renewals(&client), 1);
    fetch(&client).unwrap();
    assert_eq!(client.provider.world.calls()[0].2.as_deref(), Some("Bearer SECRET-access-2"));
}

/// Whoever signs in after a sign-out is somebody new, whatever becomes of what was asked for before.
#[test]
fn renewal_of_a_session_that_was_signed_out_is_not_the_next_ones() {
    for (refused, outcome) in [(true, "invalid_grant"), (false, "superseded")] {
        let client = Client::new();
        client.sign_in();
        let world = client.provider.world.clone();
        world.hold_answers_to(Some("grant_type=refresh_token"));
        let (renewed, ()) = client.run(async {
            futures::join!(client.vault.renew(), async {
                world.settle();
                client.vault.sign_out(SignOutOptions { local: true, ..SignOutOptions::default() }).await.unwrap();
                assert_eq!(client.vault.ready(&callback_of(&client.start())).await.error, None);
                if !refused {
                    let late = || response(200, &json!({ "access_token": "late", "token_type": "Bearer" }));
                    client.provider.replace(Document::TokenResponse, late);
                }
                world.hold_answers_to(None);
            })
        });
        assert_eq!(renewed.unwrap_err().code(), outcome);
        assert!(client.is_signed_in());
        fetch(&client).unwrap();
        assert_eq!(world.calls()[0].2.as_deref(), Some("Bearer SECRET-access-2"), "its own, not what came late");
    }
}

#[test]
fn two_hundred_calls_at_once_make_one_renewal() {
    let client = expired();
    let calls = (0..200).map(|_| client.vault.fetch(call("GET", API)));
    for outcome in client.run(join_all(calls)) {
        outcome.unwrap();
    }
    assert_eq!(renewals(&client), 1);
}

#[test]
fn renewal_goes_on_when_whoever_asked_first_has_gone() {
    let client = expired();
    client.provider.world.hold_answers(true);
    let mut first = Box::pin(client.vault.fetch(call("GET", API)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    client.provider.world.settle();
    drop(first);
    client.provider.world.hold_answers(false);
    fetch(&client).unwrap();
    assert_eq!(renewals(&client), 1, "the refresh token is never used twice");
}

#[test]
fn rotated_refresh_token_replaces_the_old_one() {
    let client = expired();
    for _ in 0..5 {
        fetch(&client).unwrap();
        client.provider.world.pass(300);
    }
    assert_eq!(renewals(&client), 5);
    assert!(client.is_signed_in());
}

#[test]
fn refresh_token_that_does_not_rotate_is_kept() {
    let client = expired();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| {
        tokens.as_object_mut().unwrap().remove("refresh_token");
    });
    fetch(&client).unwrap();
    let Snapshot::SignedIn { renewable, .. } = client.vault.snapshot() else { panic!("signed out") };
    assert!(renewable);
}

#[test]
fn pages_are_told_of_the_new_expiry() {
    let client = expired();
    let before = client.session_events();
    fetch(&client).unwrap();
    assert_eq!(client.session_events(), before + 1);
    let Snapshot::SignedIn { access_token_expires_at, .. } = client.vault.snapshot() else { panic!("signed out") };
    assert_eq!(access_token_expires_at, Some((NOW + 600) * 1000));
}

#[test]
fn clock_that_is_set_back_does_not_prolong_the_token() {
    let client = Client::new();
    client.sign_in();
    client.provider.world.pass(300);
    client.provider.world.set_wall_clock(NOW - 3600);
    // The provider's clock is this world's: the renewed ID token is judged by the same clock.
    fetch(&client).unwrap();
    assert_eq!(renewals(&client), 1);
}

/// The monotonic clock stands still while the device sleeps; the token does not.
#[test]
fn token_that_ended_while_the_device_slept_is_renewed_once() {
    let client = Client::new();
    client.sign_in();
    client.provider.world.set_wall_clock(NOW + 8 * 3600);
    fetch(&client).unwrap();
    fetch(&client).unwrap();
    assert_eq!(renewals(&client), 1);
}

#[test]
fn token_without_a_lifetime_is_used_until_it_is_refused() {
    let client = Client::new();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| {
        tokens.as_object_mut().unwrap().remove("expires_in");
    });
    client.sign_in();
    client.provider.world.pass(1_000_000);
    fetch(&client).unwrap();
    assert_eq!(renewals(&client), 0);
}

#[test]
fn without_a_refresh_token_the_call_says_so_and_the_user_stays_known() {
    let client = Client::new();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["refresh_token"] = json!(null));
    client.sign_in();
    client.provider.world.pass(300);
    assert_eq!(fetch(&client).unwrap_err().code(), "access_token_expired");
    assert!(client.is_signed_in());
}

#[test]
fn network_that_is_down_does_not_end_the_session() {
    for reason in [
        PlatformError::ProviderUnreachable,
        PlatformError::Offline,
        PlatformError::TimedOut,
        PlatformError::CorsBlocked,
        PlatformError::RedirectRefused,
        PlatformError::ResponseTooLarge,
    ] {
        let client = expired();
        client.provider.fail(Document::TokenResponse, reason);
        assert!(fetch(&client).unwrap_err().is(reason));
        assert!(client.is_signed_in(), "{reason:?}");
        client.provider.mend();
        client.provider.world.pass(1);
        fetch(&client).unwrap();
    }
}

#[test]
fn server_that_is_busy_does_not_end_the_session() {
    for status in [429, 500, 503] {
        let client = expired();
        client.provider.token_status.set(status);
        assert_eq!(fetch(&client).unwrap_err().code(), "server_unavailable");
        assert!(client.is_signed_in());
    }
}

#[test]
fn failed_renewal_does_not_matter_while_the_token_lives() {
    let client = Client::new();
    client.sign_in();
    client.provider.world.pass(296);
    client.provider.fail(Document::TokenResponse, PlatformError::ProviderUnreachable);
    fetch(&client).unwrap();
    assert_eq!(client.provider.world.calls()[0].2.as_deref(), Some("Bearer SECRET-access-1"));
}

#[test]
fn providers_own_refusal_ends_the_session() {
    for error in ["invalid_grant", "unauthorized_client", "access_denied", "login_required"] {
        let client = expired();
        client.provider.token_status.set(400);
        *client.provider.tokens.borrow_mut() = Box::new(move |tokens| *tokens = json!({ "error": error }));
        assert_eq!(fetch(&client).unwrap_err().code(), error);
        assert!(!client.is_signed_in(), "{error}");
    }
}

#[test]
fn refusal_that_may_pass_does_not_end_the_session() {
    for error in ["temporarily_unavailable", "server_error", "slow_down"] {
        let client = expired();
        client.provider.token_status.set(400);
        *client.provider.tokens.borrow_mut() = Box::new(move |tokens| *tokens = json!({ "error": error }));
        fetch(&client).unwrap_err();
        assert!(client.is_signed_in(), "{error}");
    }
}

#[test]
fn answer_that_was_cut_off_does_not_end_the_session() {
    let client = expired();
    client.provider.world.answer_with(|_| {
        Ok(valetkey::protocol::http::Response {
            status: 200,
            content_type: Some("application/json".into()),
            retry_after: None,
            aside: Default::default(),
            body: b"{\"access_token\":".to_vec(),
        })
    });
    assert_eq!(fetch(&client).unwrap_err().code(), "json_malformed");
    assert!(client.is_signed_in());
}

#[test]
fn renewed_id_token_must_be_about_the_same_user_client_and_sign_in() {
    type Change = fn(&mut serde_json::Value);
    let changes: [(Change, &str); 6] = [
        (|claims| claims["sub"] = json!("eve"), "subject_changed"),
        (|claims| claims["iss"] = json!("https://evil.test"), "id_token_issuer_mismatch"),
        (|claims| claims["aud"] = json!("other"), "audience_mismatch"),
        (|claims| claims["aud"] = json!(["spa", "spa"]), "audience_changed"),
        (|claims| claims["nonce"] = json!("other"), "nonce_changed"),
        (|claims| claims["azp"] = json!("other"), "authorized_party_mismatch"),
    ];
    for (change, code) in changes {
        let client = expired();
        *client.provider.claims.borrow_mut() = Box::new(change);
        assert_eq!(fetch(&client).unwrap_err().code(), code);
        assert!(!client.is_signed_in(), "{code}");
        assert!(client.provider.world.calls().is_empty(), "nothing of the answer is used: {code}");
    }
}

/// It may be this device's clock that is wrong.
#[test]
fn renewed_id_token_that_is_out_of_time_is_not_used_and_ends_nothing() {
    type Change = fn(&mut serde_json::Value);
    let changes: [(Change, &str); 4] = [
        (|claims| claims["exp"] = json!(1), "id_token_expired"),
        (|claims| claims["iat"] = json!(NOW + 86_400), "issued_in_future"),
        (|claims| claims["iat"] = json!(NOW - 86_400), "issued_too_long_ago"),
        (|claims| claims["nbf"] = json!(NOW + 86_400), "not_yet_valid"),
    ];
    for (change, code) in changes {
        let client = expired();
        *client.provider.claims.borrow_mut() = Box::new(change);
        assert_eq!(fetch(&client).unwrap_err().code(), code);
        assert!(client.is_signed_in(), "{code}");
        assert!(client.provider.world.calls().is_empty(), "nothing of the answer is used: {code}");
    }
}

#[test]
fn refresh_token_is_not_sent_after_the_sign_out() {
    let client = expired();
    let world = client.provider.world.clone();
    // The metadata is to be fetched again, and takes its time.
    world.pass(3600);
    world.hold_answers(true);
    let (outcome, ()) = client.run(async {
        let local = SignOutOptions { local: true, ..SignOutOptions::default() };
        futures::join!(client.vault.renew(), async {
            world.settle();
            let signing_out = client.vault.sign_out(local);
            let released = world.clone();
            world.spawn(Box::pin(async move { released.hold_answers(false) }));
            signing_out.await.unwrap();
        })
    });
    assert_eq!(outcome.unwrap_err().code(), "superseded");
    assert_eq!(renewals(&client), 0);
}

#[test]
fn renewed_id_token_replaces_the_claims_and_the_hint_for_sign_out() {
    let client = expired();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["name"] = json!("Ada King"));
    fetch(&client).unwrap();
    let Snapshot::SignedIn { claims, .. } = client.vault.snapshot() else { panic!("signed out") };
    assert!(claims.contains("Ada King"), "{claims}");
    let mut renewed = client.provider.sign_in_claims();
    renewed["name"] = json!("Ada King");
    let url = client.run(client.vault.sign_out(SignOutOptions::default())).unwrap().url.unwrap();
    assert!(url.contains(&format!("id_token_hint={}", client.provider.sign(&renewed))));
}

#[test]
fn authentication_time_may_not_change() {
    let client = Client::new();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["auth_time"] = json!(1_789_999_000));
    client.sign_in();
    client.provider.world.pass(300);
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["auth_time"] = json!(1_789_999_001));
    assert_eq!(fetch(&client).unwrap_err().code(), "auth_time_changed");
}

#[test]
fn renewed_id_token_without_a_nonce_and_renewal_without_an_id_token_are_fine() {
    let client = expired();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["nonce"] = json!(null));
    fetch(&client).unwrap();
    client.provider.renews_id_token.set(false);
    client.provider.world.pass(300);
    fetch(&client).unwrap();
    assert!(client.is_signed_in());
}

#[test]
fn renewal_of_a_session_that_was_replaced_leaves_the_new_one_alone() {
    let client = Client::new();
    client.sign_in();
    let state = client.start();
    let href = callback_of(&state);
    let world = client.provider.world.clone();
    world.hold_answers(true);
    world.pass(300);
    let (arrival, outcome, ()) = client.run(async {
        // The sign-in is answered first; by then the refresh token of the renewal is no longer good.
        futures::join!(client.vault.ready(&href), client.vault.fetch(call("GET", API)), async {
            world.settle();
            world.hold_answers(false);
        })
    });
    assert_eq!(arrival.error, None);
    assert_eq!(outcome.unwrap_err().code(), "invalid_grant");
    assert!(client.is_signed_in());
    fetch(&client).unwrap();
    assert_eq!(client.provider.world.calls()[0].2.as_deref(), Some("Bearer SECRET-access-2"));
}

#[test]
fn sign_out_during_a_renewal_wins() {
    let client = expired();
    let world = client.provider.world.clone();
    world.hold_answers(true);
    let (outcome, ()) = client.run(async {
        futures::join!(client.vault.fetch(call("GET", API)), async {
            world.settle();
            let local = SignOutOptions { local: true, keep_tokens: true, ..SignOutOptions::default() };
            client.vault.sign_out(local).await.unwrap();
            world.hold_answers(false);
        })
    });
    assert_eq!(outcome.unwrap_err().code(), "superseded");
    assert!(!client.is_signed_in());
    assert!(client.provider.world.calls().is_empty());
}
