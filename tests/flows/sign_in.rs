//! Sign-in from the first click to the session.

use serde_json::json;
use valetkey::{
    error::Platform as PlatformError,
    protocol::{
        authorization::Prompting,
        http::Document,
        url::{Transport, Url, decode_form},
    },
    vault::{SignInOptions, message::Snapshot},
};

use crate::provider::{API, Client, ISSUER, NOW, Provider, call, code_of};

#[test]
fn signs_in_and_returns_to_where_the_user_was() {
    let client = Client::new();
    let arrival = client.sign_in();
    assert_eq!(arrival.location.as_deref(), Some("/inbox?page=2#top"));
    let Snapshot::SignedIn { claims, scope, access_token_expires_at, renewable, .. } = arrival.snapshot else {
        panic!("not signed in");
    };
    assert_eq!(serde_json::from_str::<serde_json::Value>(&claims).unwrap()["sub"], "ada");
    assert_eq!(scope, ["openid", "profile", "email"]);
    assert_eq!(access_token_expires_at, Some((NOW + 300) * 1000));
    assert!(renewable);
}

#[test]
fn way_back_needs_the_token_request_alone() {
    let client = Client::new();
    let state = client.start();
    assert_eq!(client.provider.count(Document::Metadata), 1);
    assert_eq!(client.provider.count(Document::JwkSet), 1, "the keys are fetched while the user is at the provider");
    let before = client.provider.world.requests().len();
    client.come_back(&state);
    let after: Vec<_> =
        client.provider.world.requests().into_iter().skip(before).map(|request| request.document).collect();
    assert_eq!(after, [Document::TokenResponse]);
}

#[test]
fn metadata_is_fetched_before_anybody_asks_and_only_once() {
    let client = Client::new();
    assert_eq!(client.provider.count(Document::Metadata), 1);
    client.start();
    client.start();
    assert_eq!(client.provider.count(Document::Metadata), 1);
}

#[test]
fn metadata_is_fetched_again_after_an_hour() {
    let client = Client::new();
    client.provider.world.pass(3599);
    client.start();
    assert_eq!(client.provider.count(Document::Metadata), 1);
    client.provider.world.pass(1);
    client.start();
    assert_eq!(client.provider.count(Document::Metadata), 2);
}

#[test]
fn metadata_that_is_given_is_not_fetched() {
    let provider = Provider::new();
    let client = Client::of(
        &provider,
        json!({ "metadata": {
            "issuer": "https://id.example.com",
            "authorization_endpoint": "https://id.example.com/authorize",
            "token_endpoint": "https://id.example.com/token",
            "jwks_uri": "https://id.example.com/jwks",
        }}),
    );
    client.sign_in();
    assert_eq!(provider.count(Document::Metadata), 0);
}

#[test]
fn each_sign_in_has_secrets_of_its_own() {
    let client = Client::new();
    let urls = [(); 2].map(|()| client.run(client.vault.sign_in(SignInOptions::default())).unwrap());
    let parameters = urls
        .map(|departure| decode_form(Url::parse(&departure.url, Transport::Secure).unwrap().query().unwrap()).unwrap());
    for name in ["state", "nonce", "code_challenge"] {
        let values: Vec<_> =
            parameters.iter().map(|all| all.iter().find(|(other, _)| other == name).unwrap()).collect();
        assert_ne!(values[0], values[1], "{name}");
    }
}

#[test]
fn two_sign_ins_at_once_both_succeed() {
    let client = Client::new();
    let first = client.start();
    assert_eq!(client.come_back(&first).error, None);
    let second = client.start();
    let third = client.start();
    // The third is the one whose nonce the provider knows.
    assert_eq!(client.come_back(&third).error, None);
    assert_eq!(code_of(&client.come_back(&second)), "nonce_mismatch", "matched with its own record, never another's");
}

#[test]
fn provider_that_cannot_be_reached_is_an_error_and_may_be_tried_again() {
    let provider = Provider::new();
    provider.fail(Document::Metadata, PlatformError::ProviderUnreachable);
    let client = Client::of(&provider, json!({}));
    let error = client.run(client.vault.sign_in(SignInOptions::default())).unwrap_err();
    assert!(error.is(PlatformError::ProviderUnreachable));
    provider.mend();
    client.sign_in();
}

#[test]
fn refuses_to_start_without_random_numbers() {
    let client = Client::new();
    client.provider.world.break_random(true);
    let error = client.run(client.vault.sign_in(SignInOptions::default())).unwrap_err();
    assert_eq!(error.code(), "random_unavailable");
}

#[test]
fn refuses_to_start_with_random_numbers_that_repeat() {
    let client = Client::new();
    client.provider.world.repeat_random(true);
    let error = client.run(client.vault.sign_in(SignInOptions::default())).unwrap_err();
    assert_eq!(error.code(), "random_unavailable");
    client.provider.world.repeat_random(false);
    client.sign_in();
}

#[test]
fn refuses_to_start_when_the_transaction_cannot_be_stored() {
    let client = Client::new();
    client.provider.world.break_store(true);
    let error = client.run(client.vault.sign_in(SignInOptions::default())).unwrap_err();
    assert_eq!(error.code(), "storage_unavailable");
}

#[test]
fn needs_no_storage_with_transactions_in_memory() {
    let client = Client::of(&Provider::new(), json!({ "transactions": "memory" }));
    client.provider.world.break_store(true);
    client.sign_in();
}

#[test]
fn refuses_prompt_none_beside_another_value() {
    let client = Client::new();
    for prompt in ["none login", "login none", "none none"] {
        let prompting = Prompting { prompt: Some(prompt.into()), ..Prompting::default() };
        let options = SignInOptions { prompting, ..SignInOptions::default() };
        assert_eq!(client.run(client.vault.sign_in(options)).unwrap_err().code(), "prompt_invalid", "{prompt}");
    }
}

#[test]
fn prompt_none_stands_alone_and_other_values_stand_together() {
    for prompt in ["none", "login", "login consent", "nonesuch login"] {
        let client = Client::new();
        let prompting = Prompting { prompt: Some(prompt.into()), ..Prompting::default() };
        let outcome = client.run(client.vault.sign_in(SignInOptions { prompting, ..SignInOptions::default() }));
        assert!(outcome.is_ok(), "{prompt}: {outcome:?}");
    }
}

#[test]
fn refuses_extra_parameters_of_ours() {
    let client = Client::new();
    let prompting = Prompting { extra: vec![("State".into(), "x".into())], ..Prompting::default() };
    let options = SignInOptions { prompting, ..SignInOptions::default() };
    assert_eq!(client.run(client.vault.sign_in(options)).unwrap_err().code(), "parameter_reserved");
}

#[test]
fn refuses_an_extra_parameter_that_the_endpoint_has_in_its_query() {
    let provider = Provider::new();
    *provider.metadata.borrow_mut() =
        Box::new(|metadata| metadata["authorization_endpoint"] = json!(format!("{ISSUER}/authorize?tenant=a")));
    let client = Client::of(&provider, json!({}));
    for (name, code) in [("tenant", "parameter_reserved"), ("Tenant", "parameter_reserved"), ("tenants", "none")] {
        let prompting = Prompting { extra: vec![(name.into(), "b".into())], ..Prompting::default() };
        let outcome = client.run(client.vault.sign_in(SignInOptions { prompting, ..SignInOptions::default() }));
        assert_eq!(outcome.err().map_or("none", |error| error.code()), code, "{name}");
    }
}

#[test]
fn refuses_a_scope_without_openid() {
    let client = Client::new();
    let options = SignInOptions { scope: Some("profile".into()), ..SignInOptions::default() };
    assert_eq!(client.run(client.vault.sign_in(options)).unwrap_err().code(), "scope_invalid");
}

#[test]
fn max_age_of_zero_is_sent_and_enforced() {
    let client = Client::new();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["auth_time"] = json!(NOW - 3600));
    let prompting = Prompting { max_age: Some(0), ..Prompting::default() };
    let state = client.start_with(SignInOptions { prompting, ..SignInOptions::default() });
    assert_eq!(code_of(&client.come_back(&state)), "auth_time_too_old");
}

#[test]
fn acr_that_was_asked_for_is_enforced() {
    let client = Client::new();
    let prompting = Prompting { acr_values: Some("gold".into()), ..Prompting::default() };
    let state = client.start_with(SignInOptions { prompting, ..SignInOptions::default() });
    assert_eq!(code_of(&client.come_back(&state)), "acr_not_met");
}

#[test]
fn granted_scopes_are_the_providers_word() {
    let client = Client::new();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["scope"] = json!("openid"));
    let Snapshot::SignedIn { scope, .. } = client.sign_in().snapshot else { panic!("not signed in") };
    assert_eq!(scope, ["openid"]);
}

#[test]
fn hostile_return_to_is_replaced() {
    for hostile in [
        "//evil.test",
        "https://evil.test/",
        "javascript:alert(1)",
        "/\\evil.test",
        "/a/../..//evil.test",
        "",
        &format!("/{}", "x".repeat(65_536)),
    ] {
        let client = Client::new();
        let state = client.start_with(SignInOptions { return_to: Some(hostile.into()), ..SignInOptions::default() });
        assert_eq!(client.come_back(&state).location.as_deref(), Some("/"), "{hostile}");
    }
}

#[test]
fn return_to_may_be_as_long_as_a_url() {
    let client = Client::new();
    let long = format!("/{}", "x".repeat(65_535));
    let state = client.start_with(SignInOptions { return_to: Some(long.clone()), ..SignInOptions::default() });
    assert_eq!(client.come_back(&state).location, Some(long));
}

#[test]
fn token_response_without_an_id_token_signs_nobody_in() {
    let client = Client::new();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["id_token"] = json!(null));
    let state = client.start();
    assert_eq!(code_of(&client.come_back(&state)), "id_token_missing");
    assert!(!client.is_signed_in());
}

#[test]
fn id_token_that_fails_a_check_signs_nobody_in_and_nothing_of_the_response_is_used() {
    let client = Client::new();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["aud"] = json!("another"));
    let state = client.start();
    assert_eq!(code_of(&client.come_back(&state)), "audience_mismatch");
    assert!(!client.is_signed_in());
    assert_eq!(client.run(client.vault.fetch(call("GET", API))).unwrap_err().code(), "not_signed_in");
    assert!(client.provider.world.calls().is_empty());
}

#[test]
fn failed_sign_in_leaves_the_session_there_is() {
    let client = Client::new();
    client.sign_in();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["nonce"] = json!("another"));
    let state = client.start();
    assert_eq!(code_of(&client.come_back(&state)), "nonce_mismatch");
    assert!(client.is_signed_in());
}
