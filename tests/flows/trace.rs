//! The trace: what the vault did, step by step.

use serde_json::json;
use valetkey::{
    error::Platform as PlatformError,
    protocol::http::Document,
    vault::{
        SignOutOptions,
        message::Event,
        trace::{Entry, Step},
    },
};

use crate::provider::{API, CALLBACK, Client, NOW, call};

fn fetch(client: &Client) {
    let _ = client.run(client.vault.fetch(call("GET", API)));
}

fn steps(trace: &[Entry]) -> Vec<(Step, Option<&str>)> {
    trace.iter().map(|entry| (entry.step, entry.detail.as_deref())).collect()
}

#[test]
fn session_is_told_of_step_by_step() {
    let client = Client::new();
    client.sign_in();
    fetch(&client);
    client.run(client.vault.user_info()).unwrap();
    client.provider.world.pass(300);
    fetch(&client);
    client.run(client.vault.sign_out(SignOutOptions { local: true, ..SignOutOptions::default() })).unwrap();
    let trace = client.vault.trace();
    assert_eq!(
        steps(&trace),
        [
            (Step::VaultStarted, None),
            (Step::MetadataRequested, Some("https://id.example.com/.well-known/openid-configuration")),
            (Step::MetadataReceived, None),
            (Step::SignInStarted, Some("redirect")),
            (Step::JwkSetRequested, Some("https://id.example.com/jwks")),
            (Step::JwkSetReceived, None),
            (Step::CallbackReceived, None),
            (Step::TokenRequested, None),
            (Step::TokenReceived, None),
            (Step::IdTokenVerified, None),
            (Step::SessionStarted, None),
            (Step::ResourceRequested, Some("GET https://api.example.com/")),
            (Step::ResourceAnswered, Some("200")),
            (Step::UserInfoRequested, None),
            (Step::UserInfoReceived, None),
            (Step::RenewalStarted, None),
            (Step::IdTokenVerified, None),
            (Step::Renewed, None),
            (Step::ResourceRequested, Some("GET https://api.example.com/")),
            (Step::ResourceAnswered, Some("200")),
            (Step::SignOutStarted, None),
            (Step::SessionEnded, Some("signed_out")),
            (Step::RevocationRequested, None),
            (Step::Revoked, None),
            (Step::RevocationRequested, None),
            (Step::Revoked, None),
        ]
    );
    assert_eq!((trace[0].at, trace[20].at), (NOW * 1000, (NOW + 300) * 1000));
    let told: Vec<_> = client.events.borrow().iter().filter_map(heard).collect();
    assert_eq!(told, trace, "pages hear of each step");
}

fn heard(event: &Event) -> Option<Entry> {
    match event {
        Event::Trace(entry) => Some(entry.clone()),
        Event::Session(_) | Event::SignedOut { .. } => None,
    }
}

#[test]
fn failures_are_told_of_by_their_codes() {
    let client = Client::new();
    let state = client.start();
    client.ready(&format!("{CALLBACK}?error=access_denied&state={state}&iss=https://id.example.com"));
    let trace = client.vault.trace();
    assert_eq!(
        steps(&trace[trace.len() - 2..]),
        [(Step::CallbackReceived, None), (Step::CallbackRefused, Some("access_denied"))]
    );

    client.sign_in();
    client.provider.world.pass(300);
    client.provider.fail(Document::TokenResponse, PlatformError::TimedOut);
    fetch(&client);
    let trace = client.vault.trace();
    assert_eq!(
        steps(&trace[trace.len() - 2..]),
        [(Step::RenewalStarted, None), (Step::RenewalPostponed, Some("timed_out"))]
    );

    client.provider.mend();
    client.provider.world.pass(1);
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
    fetch(&client);
    let trace = client.vault.trace();
    assert_eq!(
        steps(&trace[trace.len() - 2..]),
        [(Step::RenewalFailed, Some("subject_changed")), (Step::SessionEnded, Some("renewal_refused"))]
    );
}
