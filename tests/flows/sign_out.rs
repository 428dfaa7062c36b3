//! Sign-out: here first, then at the provider.

use serde_json::json;
use valetkey::{
    error::Platform as PlatformError,
    platform::{Clock, Store},
    protocol::{
        http::Document,
        url::{Transport, Url, decode_form},
    },
    secret::Secret,
    vault::SignOutOptions,
};

use crate::provider::{Client, Provider};

fn sign_out(client: &Client, options: SignOutOptions) -> Option<String> {
    client.run(client.vault.sign_out(options)).unwrap()
}

fn parameters(url: &str) -> Vec<(String, String)> {
    decode_form(Url::parse(url, Transport::Secure).unwrap().query().unwrap()).unwrap()
}

fn with_landing() -> Client {
    Client::of(&Provider::new(), json!({ "postLogoutRedirectUri": "https://app.example.com/bye" }))
}

#[test]
fn ends_the_session_and_tells_the_provider_whose_it_was() {
    let client = with_landing();
    client.sign_in();
    let url = sign_out(&client, SignOutOptions::default()).unwrap();
    assert!(!client.is_signed_in());
    assert!(url.starts_with("https://id.example.com/logout?"));
    let parameters = parameters(&url);
    let parameter = |name: &str| parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
    assert_eq!(parameter("client_id"), Some("spa"));
    assert_eq!(parameter("post_logout_redirect_uri"), Some("https://app.example.com/bye"));
    assert!(parameter("id_token_hint").unwrap().starts_with("eyJ"));
    assert!(parameter("state").unwrap().starts_with("vo_"));
}

#[test]
fn local_sign_out_leaves_the_provider_alone() {
    let client = with_landing();
    client.sign_in();
    assert_eq!(sign_out(&client, SignOutOptions { local: true, ..SignOutOptions::default() }), None);
    assert!(!client.is_signed_in());
}

#[test]
fn signing_out_twice_is_no_error() {
    let client = with_landing();
    client.sign_in();
    let before = client.session_events();
    sign_out(&client, SignOutOptions::default());
    assert_eq!(sign_out(&client, SignOutOptions::default()), None);
    assert_eq!(client.session_events(), before + 1);
}

#[test]
fn provider_that_cannot_be_reached_does_not_prevent_the_sign_out() {
    let client = with_landing();
    client.sign_in();
    client.provider.world.pass(3601);
    client.provider.fail(Document::Metadata, PlatformError::ProviderUnreachable);
    assert_eq!(sign_out(&client, SignOutOptions::default()), None);
    assert!(!client.is_signed_in());
}

#[test]
fn provider_without_the_endpoint_is_left_alone() {
    let client = with_landing();
    *client.provider.metadata.borrow_mut() = Box::new(|metadata| metadata["end_session_endpoint"] = json!(null));
    client.provider.world.pass(3601);
    client.sign_in();
    assert_eq!(sign_out(&client, SignOutOptions::default()), None);
}

#[test]
fn return_from_the_provider_is_scrubbed_and_leads_where_it_was_to() {
    let client = with_landing();
    client.sign_in();
    let url =
        sign_out(&client, SignOutOptions { return_to: Some("/goodbye".into()), ..SignOutOptions::default() }).unwrap();
    let state = parameters(&url).into_iter().find(|(name, _)| name == "state").unwrap().1;
    let landing = format!("https://app.example.com/bye?state={state}");
    assert_eq!(client.ready(&landing).location.as_deref(), Some("/goodbye"));
    assert_eq!(client.ready(&landing).location.as_deref(), Some("/bye"), "once");
}

/// What is in storage may have been put there by a script of the page.
#[test]
fn return_to_a_vault_without_storage_leads_where_the_provider_sent_the_user() {
    let options = json!({ "postLogoutRedirectUri": "https://app.example.com/bye", "transactions": "memory" });
    let client = Client::of(&Provider::new(), options);
    client.sign_in();
    let url =
        sign_out(&client, SignOutOptions { return_to: Some("/goodbye".into()), ..SignOutOptions::default() }).unwrap();
    let world = &client.provider.world;
    assert!(world.stored().is_empty());
    let state = parameters(&url).into_iter().find(|(name, _)| name == "state").unwrap().1;
    client.run(world.put(&state, &Secret::new("/theirs".to_owned()), world.now().plus(60))).unwrap();
    assert_eq!(client.ready(&format!("https://app.example.com/bye?state={state}")).location.as_deref(), Some("/bye"));
    assert_eq!(world.stored().len(), 1);
}

#[test]
fn forged_return_triggers_nothing() {
    let client = with_landing();
    client.sign_in();
    let state = {
        let other = with_landing();
        other.sign_in();
        let url = sign_out(&other, SignOutOptions::default()).unwrap();
        parameters(&url).into_iter().find(|(name, _)| name == "state").unwrap().1
    };
    let arrival = client.ready(&format!("https://app.example.com/bye?state={state}&x=1"));
    assert_eq!((arrival.location.as_deref(), arrival.error), (Some("/bye?x=1"), None));
    assert!(client.is_signed_in());
}

#[test]
fn stored_sign_ins_of_this_client_are_forgotten_and_others_are_not() {
    let provider = Provider::new();
    let (one, other) = (Client::of(&provider, json!({})), Client::of(&provider, json!({ "clientId": "other" })));
    one.sign_in();
    one.start();
    other.start();
    assert_eq!(provider.world.stored().len(), 2);
    sign_out(&one, SignOutOptions { local: true, ..SignOutOptions::default() });
    let left = provider.world.stored();
    assert_eq!(left.len(), 1);
    assert!(left[0].1.contains("client_id=other"));
}
