//! Sign-ins in a row: an application and a provider that send the browser to and fro.

use serde_json::{Value, json};
use valetkey::{
    error::Error,
    vault::{SignInOptions, SignOutOptions},
};

use crate::provider::{CALLBACK, Client, Provider, code_of};

fn options(attended: bool) -> SignInOptions {
    SignInOptions { attended, ..SignInOptions::default() }
}

fn try_start(client: &Client, attended: bool) -> Result<String, Error> {
    client.run(client.vault.sign_in(options(attended))).map(|departure| departure.url)
}

/// A sign-in that the provider refuses at once.
fn bounce(client: &Client) {
    let state = client.start_with(options(false));
    let href = format!("{CALLBACK}?error=login_required&state={state}&iss=https%3A%2F%2Fid.example.com");
    assert_eq!(code_of(&client.ready(&href)), "login_required");
}

fn bounced(times: usize) -> Client {
    let client = Client::new();
    (0..times).for_each(|_| bounce(&client));
    client
}

/// The end of a row.
pub fn refused() -> Error {
    try_start(&bounced(5), false).unwrap_err()
}

#[test]
fn sixth_in_a_row_is_refused_with_the_reason_of_the_last() {
    let error = refused();
    assert_eq!((error.code(), error.detail()), ("sign_in_loop", Some("login_required")));
}

#[test]
fn fifth_in_a_row_is_started() {
    try_start(&bounced(4), false).unwrap();
}

#[test]
fn click_begins_a_new_row() {
    let client = bounced(5);
    try_start(&client, true).unwrap();
    client.sign_in_with(options(true));
}

#[test]
fn later_on_a_new_row_begins() {
    let client = bounced(5);
    client.provider.world.pass(4);
    assert!(try_start(&client, false).is_err());
    client.provider.world.pass(1);
    try_start(&client, false).unwrap();
}

#[test]
fn refusals_that_took_a_person_longer_are_no_row() {
    let client = Client::new();
    for _ in 0..10 {
        let state = client.start_with(options(false));
        client.provider.world.pass(61);
        client.ready(&format!("{CALLBACK}?error=access_denied&state={state}&iss=https%3A%2F%2Fid.example.com"));
    }
    try_start(&client, false).unwrap();
}

#[test]
fn success_ends_the_row() {
    let client = bounced(4);
    client.sign_in_with(options(false));
    client.run(client.vault.sign_out(SignOutOptions::default())).unwrap();
    bounce(&client);
    try_start(&client, false).unwrap();
}

#[test]
fn sign_ins_in_spite_of_a_session_are_a_row_too() {
    let client = Client::new();
    (0..19).for_each(|_| drop(client.sign_in_with(options(false))));
    drop(try_start(&client, false).unwrap());
    client.sign_in_with(options(false));
    let error = try_start(&client, false).unwrap_err();
    assert_eq!((error.code(), error.detail()), ("sign_in_loop", None));
}

#[test]
fn many_tabs_side_by_side_are_no_row() {
    let client = Client::new();
    let states: Vec<_> = (0..12).map(|_| client.start_with(options(false))).collect();
    for state in states {
        client.ready(&format!("{CALLBACK}?error=login_required&state={state}&iss=https%3A%2F%2Fid.example.com"));
    }
    try_start(&client, false).unwrap();
}

#[test]
fn row_is_counted_where_no_vault_outlives_the_trip() {
    let provider = Provider::new();
    let fresh = || Client::of(&provider, Value::Object(serde_json::Map::new()));
    let mut client = fresh();
    for _ in 0..5 {
        let state = client.start_with(options(false));
        client = fresh();
        let href = format!("{CALLBACK}?error=login_required&state={state}&iss=https%3A%2F%2Fid.example.com");
        assert_eq!(code_of(&client.ready(&href)), "login_required");
    }
    assert_eq!(try_start(&client, false).unwrap_err().code(), "sign_in_loop");
}

#[test]
fn provider_that_drops_the_state_is_a_row_too() {
    let client = Client::of(&Provider::new(), json!({}));
    for _ in 0..5 {
        client.start_with(options(false));
        assert_eq!(code_of(&client.ready(&format!("{CALLBACK}?code=x"))), "state_missing");
    }
    let error = try_start(&client, false).unwrap_err();
    assert_eq!((error.code(), error.detail()), ("sign_in_loop", Some("state_missing")));
}

#[test]
fn forged_callbacks_make_no_row() {
    let client = Client::new();
    client.start_with(options(false));
    for _ in 0..20 {
        client.ready(&format!("{CALLBACK}?error=login_required"));
    }
    try_start(&client, false).unwrap();
}
