//! A session that outlives its vault: `persist: "dpop"`.

use std::rc::Rc;

use serde_json::{Value, json};
use valetkey::{
    error::Platform as PlatformError,
    protocol::{http::Document, jose::base64url},
    vault::{Arrival, SignInOptions, SignOutOptions, message::Snapshot},
};

use crate::provider::{API, CALLBACK, Client, Provider, callback_of, response};

const PAGE: &str = "https://app.example.com/inbox";

fn provider() -> Rc<Provider> {
    let provider = Provider::new();
    provider.dpop.set(true);
    provider.open_apis();
    provider
}

fn client_of(provider: &Rc<Provider>) -> Client {
    Client::of(provider, json!({ "persist": "dpop" }))
}

/// The session of a vault that has ended, at a provider.
fn left() -> Rc<Provider> {
    let provider = provider();
    client_of(&provider).sign_in();
    assert_eq!(provider.world.kept_records().len(), 1);
    provider
}

/// A page loads, in a vault of its own.
fn restored(provider: &Rc<Provider>) -> (Client, Arrival) {
    let client = client_of(provider);
    let arrival = client.ready(PAGE);
    (client, arrival)
}

fn failure(arrival: &Arrival) -> &'static str {
    arrival.restore_failure.as_ref().map_or("none", valetkey::error::Error::code)
}

fn field(provider: &Provider, name: &str) -> String {
    let (_, record) = provider.world.kept_records().pop().unwrap();
    let fields = valetkey::protocol::url::decode_form(&record).unwrap();
    fields.iter().find(|(field, _)| field == name).unwrap().1.clone()
}

/// Changes one field of the record, as a script of the page could.
fn tamper(provider: &Provider, name: &str, change: impl Fn(&str) -> String) {
    provider.world.tamper_with_kept(|record| {
        let fields = valetkey::protocol::url::decode_form(record).unwrap();
        let changed = |(field, value): &(String, String)| {
            (field.clone(), if field == name { change(value) } else { value.clone() })
        };
        let fields: Vec<_> = fields.iter().map(changed).collect();
        valetkey::protocol::url::encode_form(fields.iter().map(|(field, value)| (field.as_str(), value.as_str())))
    });
}

#[test]
fn session_is_taken_up_with_the_same_key() {
    let provider = left();
    provider.world.pass(3600 * 24 * 30);
    let (client, arrival) = restored(&provider);
    assert!(arrival.restored && client.is_signed_in());
    assert_eq!((arrival.error, arrival.restore_failure), (None, None));
    assert_eq!(client.call("GET", API).unwrap().answer.status, 200);
    assert_eq!(provider.proofs.keys().len(), 1);
    assert_eq!(provider.resource_proofs.keys(), provider.proofs.keys());
    // Once; and a session that began otherwise is none that was kept.
    let before = provider.count(Document::TokenResponse);
    assert!(client.ready(PAGE).restored);
    assert_eq!(provider.count(Document::TokenResponse), before);
    client.sign_in();
    assert!(!client.ready(PAGE).restored);
}

#[test]
fn last_refresh_token_is_kept_after_each_rotation() {
    let provider = provider();
    let client = client_of(&provider);
    for number in 1..4 {
        if number == 1 {
            client.sign_in();
        } else {
            client.run(client.vault.renew()).unwrap();
        }
        assert_eq!(field(&provider, "refresh_token"), format!("SECRET-refresh-{number}"));
    }
    restored(&provider);
    assert_eq!(field(&provider, "refresh_token"), "SECRET-refresh-4");
    assert!(restored(&provider).1.restored);
}

#[test]
fn nothing_is_kept_without_a_key_a_refresh_token_or_the_wish() {
    let kept = |dpop: bool, refreshes: bool, options: Value| {
        let provider = provider();
        provider.dpop.set(dpop);
        if !refreshes {
            *provider.tokens.borrow_mut() = Box::new(|tokens| tokens["refresh_token"] = json!(null));
        }
        let client = Client::of(&provider, options);
        client.sign_in();
        let _ = client.run(client.vault.renew());
        provider.world.kept_records().len()
    };
    assert_eq!(kept(true, true, json!({ "persist": "dpop" })), 1);
    assert_eq!(kept(true, true, json!({ "persist": "memory" })), 0);
    assert_eq!(kept(true, true, json!({})), 0);
    assert_eq!(kept(false, true, json!({ "persist": "dpop" })), 0);
    assert_eq!(kept(true, true, json!({ "persist": "dpop", "dpop": "off" })), 0);
    assert_eq!(kept(true, false, json!({ "persist": "dpop" })), 0);
}

#[test]
fn nothing_is_taken_up_without_the_wish() {
    let provider = left();
    let client = Client::of(&provider, json!({}));
    assert!(!client.ready(PAGE).restored);
    assert!(!client.is_signed_in());
}

#[test]
fn record_of_another_client_or_version_is_refused_before_anything_is_sent() {
    for (name, value) in [
        ("version", "0"),
        ("version", ""),
        ("issuer", "https://evil.test"),
        ("client_id", "other"),
        ("id_token", "x"),
        ("id_token", ""),
    ] {
        let provider = left();
        tamper(&provider, name, |_| value.to_owned());
        let before = provider.count(Document::TokenResponse);
        let (client, arrival) = restored(&provider);
        assert_ne!(failure(&arrival), "none", "{name}={value}");
        assert!(!client.is_signed_in());
        assert_eq!(provider.count(Document::TokenResponse), before, "{name}={value}");
        assert!(provider.world.kept_records().is_empty(), "what is of no use is forgotten");
    }
    let provider = left();
    provider.world.tamper_with_kept(|_| "%ff".into());
    assert_eq!(failure(&restored(&provider).1), "member_invalid");
}

/// Whoever changes what is kept cannot make it the session of somebody else: the provider's signature says whose it is.
#[test]
fn id_token_that_was_changed_is_refused() {
    let eve = |token: &str| {
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
        let claims = String::from_utf8(base64url::decode(claims).unwrap()).unwrap().replace("\"ada\"", "\"eve\"");
        format!("{header}.{}.{signature}", base64url::encode(claims.as_bytes()))
    };
    for (renews, code) in [(true, "subject_changed"), (false, "signature_invalid")] {
        let provider = left();
        provider.renews_id_token.set(renews);
        tamper(&provider, "id_token", eve);
        let (client, arrival) = restored(&provider);
        assert_eq!(failure(&arrival), code);
        assert!(!client.is_signed_in() && provider.world.kept_records().is_empty());
    }
}

/// Well signed, and not for this client or not by this provider.
#[test]
fn id_token_for_somebody_else_is_refused() {
    for change in [
        |claims: &mut Value| claims["aud"] = json!("other"),
        |claims: &mut Value| claims["aud"] = json!(["spa", "other"]),
        |claims: &mut Value| claims["iss"] = json!("https://evil.test"),
    ] {
        let provider = left();
        provider.renews_id_token.set(false);
        let mut claims = provider.sign_in_claims();
        change(&mut claims);
        let token = provider.sign(&claims);
        tamper(&provider, "id_token", move |_| token.clone());
        let (client, arrival) = restored(&provider);
        assert_eq!(failure(&arrival), "member_invalid", "{claims}");
        assert!(!client.is_signed_in());
    }
}

#[test]
fn provider_that_answers_for_another_user_is_refused() {
    let provider = left();
    *provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
    let (client, arrival) = restored(&provider);
    assert_eq!(failure(&arrival), "subject_changed");
    assert!(!client.is_signed_in() && provider.world.kept_records().is_empty());
}

#[test]
fn claims_that_were_kept_are_verified_and_shown_where_the_renewal_brings_none() {
    let provider = left();
    provider.renews_id_token.set(false);
    provider.world.pass(3600 * 24);
    let (client, arrival) = restored(&provider);
    assert!(arrival.restored, "{}", failure(&arrival));
    let Snapshot::SignedIn { claims, scope, .. } = client.vault.snapshot() else { panic!() };
    assert!(claims.contains("\"ada\""));
    assert_eq!(scope, ["openid", "profile", "email"]);
}

#[test]
fn refresh_token_that_is_refused_is_forgotten() {
    let provider = left();
    provider.replace(Document::TokenResponse, || response(400, &json!({ "error": "invalid_grant" })));
    assert_eq!(failure(&restored(&provider).1), "invalid_grant");
    assert!(provider.world.kept_records().is_empty());
}

/// A bearer token in answer to a proof is no way to take up a session that was bound to a key.
#[test]
fn session_is_not_taken_up_without_its_key() {
    let provider = left();
    *provider.tokens.borrow_mut() = Box::new(|tokens| tokens["token_type"] = json!("Bearer"));
    assert_eq!(failure(&restored(&provider).1), "dpop_downgraded");
}

#[test]
fn provider_that_cannot_be_reached_leaves_what_is_kept() {
    for document in [Document::Metadata, Document::TokenResponse] {
        let provider = left();
        provider.fail(document, PlatformError::Offline);
        let (client, arrival) = restored(&provider);
        assert_eq!((failure(&arrival), client.is_signed_in()), ("offline", false));
        assert_eq!(provider.world.kept_records().len(), 1);
        provider.mend();
        let arrival = client.ready(PAGE);
        assert!(arrival.restored && arrival.restore_failure.is_none());
    }
}

/// RFC 9700 §4.14.2: what comes after the renewal may fail, and the former refresh token is used up.
#[test]
fn new_refresh_token_is_kept_before_anything_else_can_fail() {
    let provider = left();
    provider.fail(Document::JwkSet, PlatformError::ProviderUnreachable);
    let (_, arrival) = restored(&provider);
    assert_eq!(failure(&arrival), "provider_unreachable");
    assert_eq!(field(&provider, "refresh_token"), "SECRET-refresh-2");
    provider.mend();
    assert!(restored(&provider).1.restored);
}

#[test]
fn sign_out_forgets_what_is_kept() {
    let local = || SignOutOptions { local: true, ..SignOutOptions::default() };
    // With the session.
    let provider = provider();
    let client = client_of(&provider);
    client.sign_in();
    client.run(client.vault.sign_out(local())).unwrap();
    assert!(provider.world.kept_records().is_empty());
    assert!(!client.ready(PAGE).restored);

    // Where it could not be taken up.
    let provider = left();
    provider.fail(Document::TokenResponse, PlatformError::Offline);
    let (client, _) = restored(&provider);
    client.run(client.vault.sign_out(local())).unwrap();
    assert!(provider.world.kept_records().is_empty());

    // Told by another vault.
    let provider = left();
    // Which keeps nothing itself, and so forgets nothing.
    let (client, other) = (client_of(&provider), Client::of(&provider, json!({})));
    other.run(other.vault.sign_out(local())).unwrap();
    let tag = other.tags().pop().unwrap();
    client.vault.signed_out_elsewhere(&tag, false);
    provider.world.settle();
    assert!(provider.world.kept_records().is_empty());
}

#[test]
fn sign_out_ends_what_is_being_taken_up() {
    let provider = left();
    let client = client_of(&provider);
    let world = provider.world.clone();
    world.hold_answers_to(Some("grant_type=refresh_token"));
    let (arrival, ()) = client.run(async {
        futures::join!(client.vault.ready(PAGE), async {
            world.settle();
            client.vault.sign_out(SignOutOptions { local: true, ..SignOutOptions::default() }).await.unwrap();
            world.hold_answers_to(None);
        })
    });
    assert!(!arrival.restored && !client.is_signed_in());
    assert!(provider.world.kept_records().is_empty());
    let revoked = provider.revoked.borrow();
    assert!(revoked.contains(&("refresh_token".into(), "SECRET-refresh-2".into())), "{revoked:?}");
}

/// The storage may take its time, and the sign-out comes meanwhile.
#[test]
fn session_that_ended_before_it_was_written_is_not_kept() {
    let provider = provider();
    let client = Client::of(&provider, json!({ "persist": "dpop", "transactions": "memory" }));
    let state = client.start();
    let other = Client::of(&provider, json!({}));
    other.run(other.vault.sign_out(SignOutOptions::default())).unwrap();
    provider.world.hold_store(true);
    assert_eq!(client.come_back(&state).error, None);
    client.vault.signed_out_elsewhere(&other.tags().pop().unwrap(), false);
    provider.world.settle();
    provider.world.hold_store(false);
    provider.world.settle();
    assert!(!client.is_signed_in());
    assert!(provider.world.kept_records().is_empty());
}

#[test]
fn session_that_is_not_kept_takes_the_place_of_one_that_was() {
    let provider = provider();
    let client = client_of(&provider);
    client.sign_in();
    // The next one is bound to no key, since WebCrypto has gone.
    provider.world.break_crypto(true);
    *provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
    client.sign_in();
    assert!(provider.world.kept_records().is_empty());
}

#[test]
fn renewal_that_is_refused_forgets_what_is_kept() {
    let provider = provider();
    let client = client_of(&provider);
    client.sign_in();
    provider.replace(Document::TokenResponse, || response(400, &json!({ "error": "invalid_grant" })));
    client.run(client.vault.renew()).unwrap_err();
    assert!(provider.world.kept_records().is_empty());
}

/// A sign-in that is finished while an older session is being taken up is the one that counts, in memory and storage.
#[test]
fn sign_in_goes_before_what_is_kept() {
    for refused in [false, true] {
        let provider = left();
        let client = client_of(&provider);
        let href = callback_of(&client.start());
        let world = provider.world.clone();
        world.hold_answers_to(Some("grant_type=refresh_token"));
        let (arrival, ()) = client.run(async {
            futures::join!(client.vault.ready(PAGE), async {
                world.settle();
                assert_eq!(client.vault.ready(&href).await.error, None);
                if refused {
                    provider.replace(Document::TokenResponse, || response(400, &json!({ "error": "invalid_grant" })));
                }
                world.hold_answers_to(None);
            })
        });
        provider.restore();
        assert!(!arrival.restored && client.is_signed_in());
        assert_eq!(field(&provider, "refresh_token"), "SECRET-refresh-2");
    }
}

/// The renewal of the older session succeeds, and comes too late.
#[test]
fn session_that_is_taken_up_too_late_is_revoked_and_not_kept() {
    let provider = left();
    let client = client_of(&provider);
    let href = callback_of(&client.start());
    let world = provider.world.clone();
    world.hold_answers_to(Some("grant_type=refresh_token"));
    let (arrival, ()) = client.run(async {
        futures::join!(client.vault.ready(PAGE), async {
            world.settle();
            assert_eq!(client.vault.ready(&href).await.error, None);
            provider.replace(Document::TokenResponse, || {
                response(200, &json!({ "access_token": "late-access", "refresh_token": "late", "token_type": "DPoP" }))
            });
            // What the sign-in keeps is written by now.
            world.settle();
            world.hold_answers_to(None);
        })
    });
    provider.restore();
    assert!(!arrival.restored && client.is_signed_in());
    assert_eq!(field(&provider, "refresh_token"), "SECRET-refresh-2");
    assert!(provider.revoked.borrow().contains(&("refresh_token".into(), "late".into())));
}

#[test]
fn storage_that_fails_is_told_and_nothing_else() {
    let provider = left();
    provider.world.break_store(true);
    let (_, arrival) = restored(&provider);
    assert_eq!((failure(&arrival), arrival.error), ("storage_unavailable", None));
    provider.world.break_store(false);
    assert!(restored(&provider).1.restored);

    // A session that cannot be kept goes on.
    let client = Client::of(&provider, json!({ "persist": "dpop", "transactions": "memory" }));
    provider.world.break_store(true);
    client.sign_in();
    client.call("GET", API).unwrap();
}

/// A page that brings a callback wants that sign-in, and nothing that was kept.
#[test]
fn callback_takes_nothing_up() {
    let provider = left();
    let client = client_of(&provider);
    let state = client.start_with(SignInOptions::default());
    let before = provider.count(Document::TokenResponse);
    let arrival =
        client.ready(&format!("{CALLBACK}?error=access_denied&state={state}&iss=https%3A%2F%2Fid.example.com"));
    assert_eq!(arrival.error.unwrap().code(), "access_denied");
    assert_eq!(provider.count(Document::TokenResponse), before);
    assert!(!client.is_signed_in());
}
