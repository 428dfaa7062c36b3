//! Calls with the access token.

use serde_json::json;
use valetkey::{
    error::Error,
    platform::{ResourceRequest, memory::MemoryAnswer},
    protocol::http::{Document, Response},
    vault::{SignOutOptions, trace::Step},
};

use crate::provider::{Client, ISSUER, Provider};

fn fetch(client: &Client, url: &str, headers: &[(&str, &str)]) -> Result<MemoryAnswer, Error> {
    client
        .run(client.vault.fetch(ResourceRequest {
            url: url.into(),
            method: "POST".into(),
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            authorization: None,
            proof: None,
            attachment: Default::default(),
        }))
        .map(|answered| answered.answer)
}

#[test]
fn token_goes_to_a_listed_resource() {
    let client = Client::new();
    client.sign_in();
    assert_eq!(fetch(&client, "https://api.example.com/orders?id=1", &[]), Ok(MemoryAnswer::new(200)));
    let expected = (
        "POST".to_owned(),
        "https://api.example.com/orders?id=1".to_owned(),
        Some("Bearer SECRET-access-1".to_owned()),
    );
    assert_eq!(client.provider.world.calls(), [expected]);
}

#[test]
fn token_goes_nowhere_else() {
    let client = Client::of(&Provider::new(), json!({ "resources": ["https://api.example.com/v1"] }));
    client.sign_in();
    for url in [
        "https://evil.test/",
        "https://api.example.com/",
        "https://api.example.com/v10",
        "https://api.example.com.evil.test/v1",
        "https://api.example.com:8443/v1",
        "https://app.example.com/v1",
        "https://id.example.com/v1",
    ] {
        assert_eq!(fetch(&client, url, &[]).unwrap_err().code(), "resource_not_listed", "{url}");
    }
    for url in [
        "http://api.example.com/v1",
        "https://api.example.com@evil.test/v1",
        "https://api.example.com/v1/../admin",
        "https://api.example.com/v1/%2e%2e/admin",
        "https://api.example.com\\@evil.test/v1",
        "/v1",
        "//api.example.com/v1",
        "wss://api.example.com/v1",
        "data:text/plain,x",
        "blob:https://api.example.com/v1",
        " https://api.example.com/v1",
    ] {
        let error = fetch(&client, url, &[]).unwrap_err();
        assert_eq!((error.code(), error.detail()), ("request_invalid", Some("url")), "{url}");
    }
    assert!(client.provider.world.calls().is_empty());
    fetch(&client, "https://API.example.com:443/v1/orders", &[]).unwrap();
}

/// A query may hold anything, so neither the trace nor an error repeats it.
#[test]
fn call_is_told_of_without_its_query() {
    let client = Client::new();
    client.sign_in();
    fetch(&client, "https://API.example.com/orders?key=1#x", &[]).unwrap();
    let told: Vec<_> = client.vault.trace().into_iter().rev().take(2).map(|entry| (entry.step, entry.detail)).collect();
    let expected = [
        (Step::ResourceAnswered, Some("200".to_owned())),
        (Step::ResourceRequested, Some("POST https://api.example.com/orders".to_owned())),
    ];
    assert_eq!(told, expected);
    let error = fetch(&client, "https://evil.test/orders?key=1", &[]).unwrap_err();
    assert_eq!(error.detail(), Some("https://evil.test/orders"));
}

#[test]
fn credential_headers_are_the_vaults_alone() {
    let client = Client::new();
    client.sign_in();
    for (name, header) in
        [("Authorization", "authorization"), ("authorization", "authorization"), ("DPoP", "dpop"), ("dpop", "dpop")]
    {
        let error = fetch(&client, "https://api.example.com/", &[(name, "x")]).unwrap_err();
        assert_eq!((error.code(), error.detail()), ("request_invalid", Some(header)));
    }
    fetch(&client, "https://api.example.com/", &[("Accept", "text/plain")]).unwrap();
}

#[test]
fn nobody_signed_in_calls_nothing() {
    let client = Client::new();
    assert_eq!(fetch(&client, "https://api.example.com/", &[]).unwrap_err().code(), "not_signed_in");
    assert!(client.provider.world.calls().is_empty());
}

#[test]
fn user_info_is_about_the_same_user() {
    let client = Client::new();
    client.sign_in();
    let claims = client.run(client.vault.user_info()).unwrap();
    assert_eq!(claims.as_json(), r#"{"name":"Ada","sub":"ada"}"#);
    let request = client.provider.world.requests().pop().unwrap();
    assert_eq!(request.document, Document::UserInfo);
    assert_eq!(request.authorization.unwrap().expose(), "Bearer SECRET-access-1");

    *client.provider.user_info.borrow_mut() = json!({ "sub": "eve" });
    assert_eq!(client.run(client.vault.user_info()).unwrap_err().code(), "user_info_subject_mismatch");
    assert!(client.is_signed_in());
}

#[test]
fn user_info_needs_a_session_and_an_endpoint() {
    let client = Client::new();
    assert_eq!(client.run(client.vault.user_info()).unwrap_err().code(), "not_signed_in");
    *client.provider.metadata.borrow_mut() = Box::new(|metadata| metadata["userinfo_endpoint"] = json!(null));
    client.provider.world.pass(3601);
    client.sign_in();
    assert_eq!(client.run(client.vault.user_info()).unwrap_err().code(), "user_info_endpoint_missing");
}

/// For a signed answer the keys may have to be fetched, and the user may have gone by the time they are there.
#[test]
fn signed_user_info_of_a_session_that_ended_meanwhile_is_not_told() {
    let client = Client::new();
    client.provider.expires_in.set(7200);
    client.sign_in();
    client.provider.world.pass(601);
    let world = client.provider.world.clone();
    let token = client.provider.sign(&json!({ "iss": ISSUER, "aud": "spa", "sub": "ada" }));
    let holding = world.clone();
    client.provider.replace(Document::UserInfo, move || {
        holding.hold_answers(true);
        Response {
            status: 200,
            content_type: Some("application/jwt".into()),
            retry_after: None,
            aside: Default::default(),
            body: token.clone().into_bytes(),
        }
    });
    let (outcome, ()) = client.run(async {
        futures::join!(client.vault.user_info(), async {
            world.settle();
            assert_eq!(client.provider.count(Document::JwkSet), 2);
            client
                .vault
                .sign_out(SignOutOptions { local: true, keep_tokens: true, ..SignOutOptions::default() })
                .await
                .unwrap();
            world.hold_answers(false);
        })
    });
    assert_eq!(outcome.unwrap_err().code(), "superseded");
    world.hold_answers(false);
    client.sign_in();
    client.provider.world.pass(601);
    let told = client
        .run(async {
            futures::join!(client.vault.user_info(), async {
                world.settle();
                world.hold_answers(false);
            })
        })
        .0;
    assert_eq!(told.unwrap().subject(), "ada");
}
