//! The provider's keys: cached, rotated, fetched again with restraint.

use serde_json::json;
use valetkey::{error::Platform as PlatformError, protocol::http::Document, vault::SignInOptions};

use crate::provider::{Client, callback_of, code_of, response};

fn keys_requested(client: &Client) -> usize {
    client.provider.count(Document::JwkSet)
}

#[test]
fn keys_rotated_just_before_signing_are_fetched_again() {
    let client = Client::new();
    let state = client.start();
    client.provider.rotate_keys(9);
    assert_eq!(client.come_back(&state).error, None);
    assert_eq!(keys_requested(&client), 2);
}

#[test]
fn keys_that_did_not_come_are_asked_for_again_and_end_no_session() {
    let client = Client::new();
    client.sign_in();
    client.provider.rotate_keys(9);
    client.provider.fail(Document::JwkSet, PlatformError::ProviderUnreachable);
    assert_eq!(client.run(client.vault.renew()).unwrap_err().code(), "provider_unreachable");
    client.provider.mend();
    client.run(client.vault.renew()).unwrap();
}

#[test]
fn key_that_is_published_late_ends_no_session() {
    let client = Client::new();
    client.sign_in();
    client.provider.key_id.replace("key-9".into());
    let stale = json!({ "keys": [] });
    client.provider.replace(Document::JwkSet, move || response(200, &stale));
    assert_eq!(client.run(client.vault.renew()).unwrap_err().code(), "key_not_found");
    client.provider.rotate_keys(9);
    client.provider.restore();
    client.provider.world.pass(15);
    client.run(client.vault.renew()).unwrap();
}

#[test]
fn keys_on_their_way_are_waited_for_by_every_token() {
    let client = Client::new();
    client.sign_in();
    let callbacks = [client.start(), client.start()].map(|state| callback_of(&state));
    // Both are answered by the nonce of the latter; it is the keys that count.
    client.provider.rotate_keys(9);
    let (first, second) =
        client.run(async { futures::join!(client.vault.ready(&callbacks[0]), client.vault.ready(&callbacks[1])) });
    assert_eq!([code_of(&first), code_of(&second)], ["nonce_mismatch", "none"]);
    assert_eq!(keys_requested(&client), 2);
}

#[test]
fn key_replaced_under_its_own_id_is_fetched_again() {
    let client = Client::new();
    let state = client.start();
    client.provider.rotate_keys(9);
    *client.provider.key_id.borrow_mut() = "key-7".into();
    assert_eq!(client.come_back(&state).error, None);
    assert_eq!(keys_requested(&client), 2);
}

#[test]
fn unknown_key_is_refused_after_one_more_fetch() {
    let client = Client::new();
    let state = client.start();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| {
        // Signed by nobody the provider knows of.
        tokens["id_token"] = json!("eyJhbGciOiJFUzI1NiIsImtpZCI6InN0cmFuZ2VyIn0.e30.AAAA");
    });
    assert_eq!(code_of(&client.come_back(&state)), "key_not_found");
    assert_eq!(keys_requested(&client), 2);
}

#[test]
fn forged_tokens_cause_no_storm_of_requests() {
    let client = Client::new();
    *client.provider.tokens.borrow_mut() =
        Box::new(|tokens| tokens["id_token"] = json!("eyJhbGciOiJFUzI1NiIsImtpZCI6InN0cmFuZ2VyIn0.e30.AAAA"));
    // Each clicked for: without, the row itself would end (`rows`).
    let start = || client.start_with(SignInOptions { attended: true, ..SignInOptions::default() });
    for _ in 0..10 {
        let state = start();
        assert_eq!(code_of(&client.come_back(&state)), "key_not_found");
    }
    assert_eq!(keys_requested(&client), 2, "one fetch ahead, one because a token did not fit");
    for (seconds, requested) in [(14, 2), (1, 3)] {
        client.provider.world.pass(seconds);
        let state = start();
        client.come_back(&state);
        assert_eq!(keys_requested(&client), requested, "and another after the cool-down of 15 seconds");
    }
}

#[test]
fn wrong_signature_is_refused() {
    let client = Client::new();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| {
        let token = tokens["id_token"].as_str().unwrap();
        let (input, _) = token.rsplit_once('.').unwrap();
        // A well-formed signature: r = s = 1.
        let mut signature = [0; 64];
        (signature[31], signature[63]) = (1, 1);
        tokens["id_token"] = json!(format!("{input}.{}", valetkey::protocol::jose::base64url::encode(&signature)));
    });
    let state = client.start();
    assert_eq!(code_of(&client.come_back(&state)), "signature_invalid");
}

#[test]
fn withdrawn_key_stops_working() {
    let client = Client::new();
    client.start();
    client.provider.world.pass(599);
    client.start();
    assert_eq!(keys_requested(&client), 1);
    client.provider.world.pass(1);
    let state = client.start();
    assert_eq!(keys_requested(&client), 2, "fetched again with the next sign-in");
    assert_eq!(client.come_back(&state).error, None);
}

#[test]
fn algorithm_that_the_provider_does_not_announce_is_refused() {
    let client = Client::new();
    *client.provider.tokens.borrow_mut() =
        Box::new(|tokens| tokens["id_token"] = json!("eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS03In0.e30.AAAA"));
    let state = client.start();
    assert_eq!(code_of(&client.come_back(&state)), "algorithm_not_allowed");
}

#[test]
fn keys_that_cannot_be_fetched_are_an_error_and_sign_nobody_in() {
    let client = Client::new();
    client.provider.fail(Document::JwkSet, PlatformError::CorsBlocked);
    let state = client.start();
    assert_eq!(code_of(&client.come_back(&state)), "cors_blocked");
    assert!(!client.is_signed_in());
}

#[test]
fn other_algorithms_are_left_to_the_platform() {
    for (verdict, code) in [(Some(true), "none"), (Some(false), "signature_invalid"), (None, "crypto_unavailable")] {
        let client = Client::new();
        client.provider.world.set_verdict(verdict);
        *client.provider.metadata.borrow_mut() =
            Box::new(|metadata| metadata["id_token_signing_alg_values_supported"] = json!(["RS256"]));
        client.provider.world.pass(3601);
        let state = client.start();
        let answering = std::rc::Rc::clone(&client.provider);
        client.provider.world.answer_with(move |request| {
            use valetkey::protocol::jose::base64url::encode;
            let part = |value: serde_json::Value| encode(value.to_string().as_bytes());
            match request.document {
                Document::JwkSet => Ok(response(200, &json!({ "keys": [rsa_key()] }))),
                Document::TokenResponse => {
                    let claims = answering.sign_in_claims();
                    let token = format!("{}.{}.{}", part(json!({ "alg": "RS256" })), part(claims), encode(&[1; 256]));
                    Ok(response(
                        200,
                        &json!({ "access_token": "SECRET-access", "token_type": "bearer", "id_token": token }),
                    ))
                }
                _ => Err(PlatformError::ProviderUnreachable.into()),
            }
        });
        client.provider.world.pass(601);
        assert_eq!(code_of(&client.come_back(&state)), code);
    }
}

fn rsa_key() -> serde_json::Value {
    use valetkey::protocol::jose::base64url::encode;
    json!({ "kty": "RSA", "n": encode(&[0xff; 256]), "e": "AQAB" })
}
