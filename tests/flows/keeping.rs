//! A session that lasts: renewed ahead of its end, through blips, sleep and clocks that jump, and without a storm.

use serde_json::json;
use valetkey::{
    error::Platform as PlatformError,
    platform::Clock,
    protocol::{
        http::{Document, Response},
        url::decode_form,
    },
    vault::{SignOutOptions, message::Snapshot, trace::Step},
};

use crate::provider::{API, Client, NOW, call, response};

fn signed_in() -> Client {
    let client = Client::new();
    client.sign_in();
    client
}

fn renewals(client: &Client) -> usize {
    client.provider.count(Document::TokenResponse) - 1
}

/// Lets time pass second by second, as a timer sees it.
fn live(client: &Client, seconds: u64) {
    for _ in 0..seconds {
        client.provider.world.pass(1);
        client.provider.world.settle();
    }
}

fn postponed(client: &Client) -> Option<(&'static str, u64)> {
    match client.vault.snapshot() {
        Snapshot::SignedIn { postponed, .. } => postponed,
        Snapshot::SignedOut { .. } => panic!("signed out"),
    }
}

fn fail(client: &Client, reason: PlatformError) {
    client.provider.fail(Document::TokenResponse, reason);
}

#[test]
fn token_is_renewed_ahead_of_its_end_without_anybody_asking() {
    let client = signed_in();
    live(&client, 239);
    assert_eq!(renewals(&client), 0);
    live(&client, 1);
    assert_eq!(renewals(&client), 1);
    live(&client, 240 * 10);
    assert_eq!(renewals(&client), 11, "each renewed token in its turn");
    let Snapshot::SignedIn { access_token_expires_at, .. } = client.vault.snapshot() else { panic!("signed out") };
    assert_eq!(access_token_expires_at, Some((NOW + 240 * 11 + 300) * 1000));
}

#[test]
fn k_16_token_that_lives_for_a_second_is_no_reason_for_a_tight_loop() {
    let client = Client::new();
    client.provider.expires_in.set(1);
    client.sign_in();
    live(&client, 300);
    assert_eq!(renewals(&client), 10);
}

#[test]
fn l_07_token_that_lives_for_ever_is_not_renewed() {
    let client = Client::new();
    client.provider.expires_in.set(10_000_000_000);
    client.sign_in();
    live(&client, 1000);
    client.provider.world.pass(1 << 30);
    client.provider.world.settle();
    assert_eq!(renewals(&client), 0);
}

#[test]
fn nothing_is_renewed_ahead_without_a_refresh_token_or_a_lifetime() {
    for member in ["refresh_token", "expires_in"] {
        let client = Client::new();
        *client.provider.tokens.borrow_mut() = Box::new(move |tokens| tokens[member] = json!(null));
        client.sign_in();
        client.provider.world.pass(100_000);
        client.provider.world.settle();
        assert_eq!(renewals(&client), 0, "{member}");
        assert!(client.is_signed_in());
    }
}

#[test]
fn nothing_is_renewed_after_the_end_of_the_session() {
    let client = signed_in();
    client.run(client.vault.sign_out(SignOutOptions { local: true, ..SignOutOptions::default() })).unwrap();
    live(&client, 600);
    assert_eq!(renewals(&client), 0);
}

#[test]
fn k_09_renewal_that_fails_is_tried_again_less_and_less_often() {
    let client = signed_in();
    fail(&client, PlatformError::ProviderUnreachable);
    live(&client, 240);
    assert_eq!(renewals(&client), 1);
    let (code, until) = postponed(&client).unwrap();
    assert_eq!(code, "provider_unreachable");
    assert!(((NOW + 241) * 1000..(NOW + 242) * 1000).contains(&until), "{until}");
    live(&client, 60);
    assert!((4..=7).contains(&renewals(&client)), "in the first minute: {}", renewals(&client));
    live(&client, 3600);
    let before = renewals(&client);
    live(&client, 3600);
    assert!(
        (8..=12).contains(&(renewals(&client) - before)),
        "at most every five minutes: {}",
        renewals(&client) - before
    );
    assert!(client.is_signed_in(), "what the provider did not refuse goes on");
    client.provider.mend();
    live(&client, 460);
    assert_eq!(postponed(&client), None);
    assert!(client.vault.trace().iter().any(|entry| entry.step == Step::RenewalPostponed));
}

/// Not all clients of a provider that was down come back at the same moment.
#[test]
fn pauses_are_spread_between_the_whole_and_half_as_much_again() {
    let client = signed_in();
    fail(&client, PlatformError::ProviderUnreachable);
    live(&client, 3600);
    let mut pauses = Vec::new();
    while pauses.len() < 12 {
        let before = renewals(&client);
        while renewals(&client) == before {
            live(&client, 1);
        }
        let (_, until) = postponed(&client).unwrap();
        pauses.push(until - client.provider.world.unix_millis());
    }
    assert!(pauses.iter().all(|pause| (300_000..450_000).contains(pause)), "{pauses:?}");
    pauses.sort_unstable();
    assert!(pauses[0] < 350_000 && pauses[11] > 400_000, "{pauses:?}");
}

#[test]
fn k_09_calls_while_renewal_fails_are_no_storm() {
    let client = signed_in();
    client.provider.world.pass(300);
    fail(&client, PlatformError::TimedOut);
    for _ in 0..200 {
        let error = client.run(client.vault.fetch(call("GET", API))).unwrap_err();
        assert_eq!(error.code(), "timed_out");
    }
    assert_eq!(renewals(&client), 1);
    client.provider.mend();
    client.provider.world.pass(1);
    client.run(client.vault.fetch(call("GET", API))).unwrap();
    assert_eq!(postponed(&client), None);
}

#[test]
fn k_09_server_that_says_when_is_not_asked_before() {
    let client = signed_in();
    client
        .provider
        .replace(Document::TokenResponse, || Response { retry_after: Some(90), ..response(429, &json!({})) });
    live(&client, 240);
    assert_eq!(renewals(&client), 1);
    assert_eq!(postponed(&client), Some(("server_unavailable", (NOW + 330) * 1000)));
    live(&client, 60);
    assert_eq!(client.run(client.vault.fetch(call("GET", API))).unwrap_err().code(), "server_unavailable");
    client.run(client.vault.wake());
    live(&client, 29);
    assert_eq!(renewals(&client), 1, "neither by itself, nor for a call, nor for a page that is shown");
    live(&client, 1);
    assert_eq!(renewals(&client), 2);
}

/// The monotonic clock and the timers stand still while the device sleeps.
#[test]
fn l_03_what_was_slept_through_is_made_up_for_once_when_a_page_is_shown() {
    let client = signed_in();
    client.provider.world.set_wall_clock(NOW + 8 * 3600);
    client.provider.world.settle();
    assert_eq!(renewals(&client), 0);
    for _ in 0..5 {
        client.run(client.vault.wake());
    }
    assert_eq!(renewals(&client), 1);
}

#[test]
fn l_02_clock_that_jumps_neither_prolongs_nor_ends_a_session() {
    for jump in [NOW - 10 * 86_400, NOW + 10 * 86_400] {
        let client = signed_in();
        client.provider.world.set_wall_clock(jump);
        client.run(client.vault.wake());
        live(&client, 300);
        assert!((1..=2).contains(&renewals(&client)), "{jump}: {}", renewals(&client));
        assert!(client.is_signed_in());
    }
}

/// The provider's clock is right all the time.
#[test]
fn clock_that_is_wrong_at_a_renewal_does_not_end_the_session() {
    for (now, code) in [(NOW - 10 * 86_400, "issued_in_future"), (NOW + 10 * 86_400, "issued_too_long_ago")] {
        let client = signed_in();
        *client.provider.claims.borrow_mut() = Box::new(|claims| {
            claims["iat"] = json!(NOW);
            claims["exp"] = json!(NOW + 3600);
        });
        client.provider.world.set_wall_clock(now);
        assert_eq!(client.run(client.vault.renew()).unwrap_err().code(), code);
        assert_eq!(postponed(&client).unwrap().0, code);
        client.provider.world.set_wall_clock(NOW);
        client.run(client.vault.renew()).unwrap();
        assert_eq!(postponed(&client), None);
    }
}

#[test]
fn refresh_token_that_has_arrived_is_kept_when_the_id_token_cannot_be_verified_now() {
    let client = signed_in();
    // By then the keys are to be fetched again.
    client.provider.world.pass(600);
    client.provider.fail(Document::JwkSet, PlatformError::ProviderUnreachable);
    let error = client.run(client.vault.fetch(call("GET", API))).unwrap_err();
    assert_eq!(error.code(), "provider_unreachable");
    assert!(client.provider.world.calls().is_empty(), "what was not verified is not used");
    client.provider.mend();
    client.provider.world.pass(1);
    client.run(client.vault.fetch(call("GET", API))).unwrap();
    assert_eq!(renewals(&client), 2, "with the successor: the provider would have refused the token that was used up");
}

#[test]
fn renewal_that_a_page_asked_for_is_tried_again_when_the_page_was_told() {
    for lifetime in [json!(300), json!(null)] {
        let client = Client::new();
        let given = lifetime.clone();
        *client.provider.tokens.borrow_mut() = Box::new(move |tokens| tokens["expires_in"] = given.clone());
        client.sign_in();
        fail(&client, PlatformError::ProviderUnreachable);
        client.run(client.vault.renew()).unwrap_err();
        client.provider.mend();
        live(&client, 2);
        assert_eq!((renewals(&client), postponed(&client)), (2, None), "{lifetime}");
        // Timers stand still while the device sleeps.
        fail(&client, PlatformError::ProviderUnreachable);
        client.run(client.vault.renew()).unwrap_err();
        client.provider.mend();
        client.provider.world.set_wall_clock(NOW + 20);
        client.run(client.vault.wake());
        assert_eq!((renewals(&client), postponed(&client)), (4, None), "{lifetime}");
    }
}

#[test]
fn lifetime_that_a_page_has_renewed_is_the_one_that_counts() {
    let client = Client::new();
    client.provider.expires_in.set(36_000);
    client.sign_in();
    client.provider.expires_in.set(300);
    client.run(client.vault.renew()).unwrap();
    live(&client, 240);
    assert_eq!(renewals(&client), 2);
}

#[test]
fn waking_is_no_reason_to_renew_what_lives() {
    let client = signed_in();
    for _ in 0..100 {
        client.run(client.vault.wake());
        client.provider.world.pass(1);
    }
    assert_eq!(renewals(&client), 0);
    client.run(Client::new().vault.wake());
}

#[test]
fn back_online_it_is_tried_at_once() {
    let client = signed_in();
    fail(&client, PlatformError::Offline);
    live(&client, 1000);
    let before = renewals(&client);
    client.provider.mend();
    live(&client, 1);
    client.run(client.vault.wake());
    assert_eq!(renewals(&client), before + 1);
    assert_eq!(postponed(&client), None);
}

#[test]
fn k_07_refusal_ends_the_session_once_and_says_so() {
    let client = signed_in();
    let before = client.session_events();
    client.provider.token_status.set(400);
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| *tokens = json!({ "error": "invalid_grant" }));
    live(&client, 600);
    assert_eq!(renewals(&client), 1);
    assert_eq!(client.session_events(), before + 1);
    let Snapshot::SignedOut { ended } = client.vault.snapshot() else { panic!("signed in") };
    assert_eq!(ended.unwrap().name(), "renewal_refused");
}

#[test]
fn k_08_answer_that_is_lost_is_asked_for_once_more_and_then_the_provider_decides() {
    let client = signed_in();
    // The provider rotates, and the answer never arrives: with reuse detection the old token is no good any more.
    client.run(client.vault.renew()).unwrap();
    let world = client.provider.world.clone();
    world.hold_answers(true);
    live(&client, 240);
    let provider = std::rc::Rc::clone(&client.provider);
    provider.lose_answer.set(true);
    world.hold_answers(false);
    live(&client, 1);
    assert!(client.is_signed_in());
    assert_eq!(postponed(&client).unwrap().0, "timed_out");
    live(&client, 2);
    assert!(!client.is_signed_in(), "reuse detection: the user signs in again");
    assert_eq!(renewals(&client), 3);
}

#[test]
fn k_10_answer_without_a_refresh_token_keeps_the_old_one_and_a_malformed_one_is_refused() {
    let sent = |client: &Client| {
        let requests = client.provider.world.requests();
        let last = requests.iter().rfind(|request| request.document == Document::TokenResponse).unwrap();
        let form = decode_form(last.form.as_ref().unwrap().expose()).unwrap();
        form.into_iter().find(|(name, _)| name == "refresh_token").unwrap().1
    };
    for given in [None, Some(json!(null)), Some(json!("SECRET-refresh-1"))] {
        let client = signed_in();
        *client.provider.tokens.borrow_mut() = Box::new(move |tokens| {
            let members = tokens.as_object_mut().unwrap();
            members.remove("refresh_token");
            members.extend(given.clone().map(|given| ("refresh_token".to_owned(), given)));
        });
        client.run(client.vault.renew()).unwrap();
        // This provider has rotated; what counts is what it is asked with.
        let _ = client.run(client.vault.renew());
        assert_eq!((renewals(&client), sent(&client).as_str()), (2, "SECRET-refresh-1"));
    }
    for given in [json!(""), json!(7), json!(["SECRET-refresh-2"]), json!("two words"), json!("a\nb"), json!(false)] {
        let client = signed_in();
        let shown = given.to_string();
        *client.provider.tokens.borrow_mut() = Box::new(move |tokens| tokens["refresh_token"] = given.clone());
        let error = client.run(client.vault.renew()).unwrap_err();
        assert_eq!(error.code(), "member_invalid", "{shown}");
        assert!(!client.is_signed_in(), "nothing of it is used: {shown}");
        assert_eq!(client.run(client.vault.fetch(call("GET", API))).unwrap_err().code(), "not_signed_in");
        assert!(client.provider.world.calls().is_empty());
    }
}

#[test]
fn k_11_scope_of_a_renewal_is_shown_as_it_was_granted_and_never_asked_for() {
    for (given, shown) in [
        (Some("openid"), vec!["openid"]),
        (Some("openid profile email admin"), vec!["openid", "profile", "email", "admin"]),
        (Some(""), vec![]),
        (None, vec!["openid", "profile", "email"]),
    ] {
        let client = signed_in();
        *client.provider.tokens.borrow_mut() = Box::new(move |tokens| tokens["scope"] = json!(given));
        client.run(client.vault.renew()).unwrap();
        let Snapshot::SignedIn { scope, .. } = client.vault.snapshot() else { panic!("signed out") };
        assert_eq!(scope, shown, "{given:?}");
        let requests = client.provider.world.requests();
        let renewal = requests.iter().rfind(|request| request.document == Document::TokenResponse).unwrap();
        assert!(!renewal.form.as_ref().unwrap().expose().contains("scope="));
    }
}

#[test]
fn k_12_tokens_that_arrive_after_the_sign_out_are_revoked() {
    let client = signed_in();
    let world = client.provider.world.clone();
    world.hold_answers(true);
    live(&client, 240);
    world.hold_answers(false);
    client.run(client.vault.sign_out(SignOutOptions { local: true, ..SignOutOptions::default() })).unwrap();
    world.settle();
    assert!(!client.is_signed_in());
    let revoked = client.provider.revoked.borrow().clone();
    for token in ["SECRET-refresh-1", "SECRET-access-1", "SECRET-refresh-2", "SECRET-access-2"] {
        assert!(revoked.iter().any(|(_, other)| other == token), "{token}: {revoked:?}");
    }
}

#[test]
fn k_13_renewal_of_a_user_who_was_replaced_does_not_overwrite_the_new_one() {
    let client = signed_in();
    client.provider.renews_id_token.set(false);
    let state = client.start();
    let world = client.provider.world.clone();
    world.hold_answers(true);
    live(&client, 240);
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
    let href = crate::provider::callback_of(&state);
    let (arrival, ()) = client.run(async {
        futures::join!(client.vault.ready(&href), async {
            world.settle();
            world.hold_answers(false);
        })
    });
    assert!(arrival.error.is_none(), "{arrival:?}");
    world.settle();
    let Snapshot::SignedIn { claims, .. } = client.vault.snapshot() else { panic!("signed out") };
    assert!(claims.contains("eve"), "{claims}");
    assert!(client.vault.trace().iter().any(|entry| entry.step == Step::UserChanged));
}

/// What was asked for before the device slept, and arrives afterwards, has ended on the way.
#[test]
fn token_that_ended_on_its_way_is_renewed_once_more() {
    let client = signed_in();
    let world = client.provider.world.clone();
    world.hold_answers(true);
    world.pass(300);
    let (outcome, ()) = client.run(async {
        futures::join!(client.vault.fetch(call("GET", API)), async {
            world.settle();
            world.set_wall_clock(NOW + 300 + 8 * 3600);
            world.hold_answers(false);
        })
    });
    outcome.unwrap();
    assert_eq!(renewals(&client), 2);
    assert_eq!(world.calls()[0].2.as_deref(), Some("Bearer SECRET-access-3"));
}

#[test]
fn token_that_never_lives_is_tried_all_the_same() {
    let client = Client::new();
    client.provider.expires_in.set(0);
    client.sign_in();
    client.run(client.vault.fetch(call("GET", API))).unwrap();
    assert_eq!(renewals(&client), 1);
}
