//! Nothing secret leaves the vault.

use serde_json::json;
use valetkey::vault::{SignOutOptions, message::Event};

use crate::provider::{API, Client, Provider, SECRETS, call};

fn assert_clean(what: &str, text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} shows {secret}: {text}");
    }
}

/// Everything a page is told in the life of a session, with renewal, failure and sign-out.
#[test]
fn no_event_snapshot_trace_or_error_holds_a_secret() {
    let client = Client::new();
    let state = client.start();
    let arrival = client.come_back(&state);
    assert_clean("the arrival", &format!("{arrival:?}"));
    client.provider.world.pass(300);
    let url = format!("{API}?key=SECRET-code");
    let call = || call("GET", &url);
    client.run(client.vault.fetch(call())).unwrap();
    client.run(client.vault.user_info()).unwrap();
    client.provider.world.pass(300);
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
    let error = client.run(client.vault.fetch(call())).unwrap_err();
    assert_clean("the error", &format!("{error:?} {error}"));
    client.run(client.vault.sign_out(SignOutOptions::default())).unwrap();
    for event in &*client.events.borrow() {
        assert_clean("an event", &format!("{event:?}"));
    }
    assert_clean("the trace", &format!("{:?}", client.vault.trace()));
    assert!(client.events.borrow().iter().any(|event| matches!(event, Event::Trace(_))), "events were heard");
}

#[test]
fn store_never_holds_a_token_or_a_code() {
    let client = Client::new();
    client.start();
    client.sign_in();
    assert_clean("the store", &format!("{:?}", client.provider.world.stored()));
}

#[test]
fn requests_are_redacted_when_they_are_printed() {
    let client = Client::new();
    client.sign_in();
    assert_clean("a request", &format!("{:?}", client.provider.world.requests()));
}

#[test]
fn vault_shows_nothing_of_itself() {
    let client = Client::new();
    client.sign_in();
    assert_eq!(format!("{:?}", client.vault), "Vault");
}

#[test]
fn trace_is_bounded() {
    let client = Client::of(&Provider::new(), json!({}));
    for _ in 0..200 {
        client.start();
    }
    assert_eq!(client.vault.trace().len(), 100);
}
