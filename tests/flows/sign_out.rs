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
    vault::{SignOutOptions, SignedOut, message::Snapshot},
};

use crate::provider::{Client, Provider};

fn sign_out(client: &Client, options: SignOutOptions) -> Option<String> {
    client.run(client.vault.sign_out(options)).unwrap().url
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

fn local() -> SignOutOptions {
    SignOutOptions { local: true, ..SignOutOptions::default() }
}

fn hints(client: &Client) -> Vec<String> {
    client.provider.revoked.borrow().iter().map(|(hint, _)| hint.clone()).collect()
}

#[test]
fn tokens_are_revoked_the_refresh_token_first() {
    let client = with_landing();
    client.sign_in();
    let outcome = client.run(client.vault.sign_out(local())).unwrap();
    assert_eq!(outcome, SignedOut { url: None, revoked: true });
    assert_eq!(hints(&client), ["refresh_token", "access_token"]);
    client.sign_in();
    client.run(client.vault.sign_out(SignOutOptions { keep_tokens: true, ..local() })).unwrap();
    assert_eq!(hints(&client).len(), 2);
}

#[test]
fn tokens_are_revoked_on_the_way_to_the_provider_too() {
    let client = with_landing();
    client.sign_in();
    assert!(sign_out(&client, SignOutOptions::default()).is_some());
    assert_eq!(hints(&client), ["refresh_token", "access_token"]);
}

#[test]
fn without_a_revocation_endpoint_nothing_is_said_to_be_revoked() {
    let client = with_landing();
    *client.provider.metadata.borrow_mut() = Box::new(|metadata| metadata["revocation_endpoint"] = json!(null));
    client.provider.world.pass(3601);
    client.sign_in();
    assert!(!client.run(client.vault.sign_out(local())).unwrap().revoked);
}

#[test]
fn q_10_revocation_that_fails_or_never_ends_does_not_hold_the_sign_out_up() {
    let client = with_landing();
    client.sign_in();
    client.provider.fail(Document::Revocation, PlatformError::CorsBlocked);
    assert!(!client.run(client.vault.sign_out(local())).unwrap().revoked);

    client.provider.mend();
    client.sign_in();
    let world = client.provider.world.clone();
    world.hold_answers(true);
    let (outcome, ()) = client.run(async {
        futures::join!(client.vault.sign_out(local()), async {
            world.settle();
            assert!(!client.is_signed_in(), "first of all");
            world.pass(3);
        })
    });
    assert!(!outcome.unwrap().revoked);
}

#[test]
fn q_09_when_nobody_is_signed_in_there_is_nothing_to_revoke() {
    let client = with_landing();
    assert_eq!(client.run(client.vault.sign_out(local())).unwrap(), SignedOut { url: None, revoked: true });
    assert!(hints(&client).is_empty());
}

#[test]
fn other_vaults_of_the_client_sign_out_too() {
    let provider = Provider::new();
    let (one, two) = (Client::of(&provider, json!({})), Client::of(&provider, json!({ "resources": [] })));
    let other = Client::of(&provider, json!({ "clientId": "other" }));
    one.sign_in();
    two.sign_in();
    *provider.claims.borrow_mut() = Box::new(|claims| claims["aud"] = json!("other"));
    other.sign_in();
    let state = two.start();
    one.run(one.vault.sign_out(local())).unwrap();
    let tag = one.tags().pop().unwrap();
    two.vault.signed_out_elsewhere(&tag, false);
    other.vault.signed_out_elsewhere(&tag, false);
    assert!(!two.is_signed_in() && other.is_signed_in());
    assert!(two.tags().is_empty(), "it is not passed on");
    two.provider.world.settle();
    assert_eq!(hints(&two), ["refresh_token", "access_token", "refresh_token", "access_token"], "the tokens of both");
    // what is in flight elsewhere ends as well.
    assert_eq!(crate::provider::code_of(&two.come_back(&state)), "state_unknown");
}

#[test]
fn stored_copies_that_a_sign_out_is_still_erasing_are_not_used() {
    let provider = Provider::new();
    let (one, two) = (Client::of(&provider, json!({})), Client::of(&provider, json!({ "resources": [] })));
    one.run(one.vault.sign_out(local())).unwrap();
    let tag = one.tags().pop().unwrap();
    let states = [one.start(), two.start()];
    // Two is told by and by, and erases what has come into the store since one has looked.
    provider.world.hold_store(true);
    two.vault.signed_out_elsewhere(&tag, false);
    for state in &states {
        assert_eq!(crate::provider::code_of(&two.come_back(state)), "state_unknown");
    }
    assert_eq!(provider.world.stored().len(), 2);
    provider.world.hold_store(false);
    provider.world.settle();
    assert!(provider.world.stored().is_empty());
    let state = one.start();
    assert_eq!(two.come_back(&state).error, None, "what is begun later counts again");
}

#[test]
fn q_02_q_03_provider_signs_out_the_session_that_it_names_and_no_other() {
    let client = with_landing();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["sid"] = json!("s-1"));
    client.sign_in();
    for (issuer, session_id) in
        [("https://id.example.com/", "s-1"), ("https://evil.test", "s-1"), ("https://id.example.com", "s-2"), ("", "")]
    {
        client.run(client.vault.provider_signed_out(issuer, session_id));
        assert!(client.is_signed_in(), "{issuer} {session_id}");
    }
    client.run(client.vault.provider_signed_out("https://id.example.com", "s-1"));
    let Snapshot::SignedOut { ended } = client.vault.snapshot() else { panic!("signed in") };
    assert_eq!(ended.unwrap().name(), "provider_signed_out");
    assert_eq!(client.tags().len(), 1, "in every tab");
    client.run(client.vault.provider_signed_out("https://id.example.com", "s-1"));
}

#[test]
fn page_that_watches_the_providers_session_is_the_one_of_its_metadata() {
    let client = Client::new();
    assert_eq!(client.run(client.vault.check_session_iframe()).unwrap(), None);
    *client.provider.metadata.borrow_mut() =
        Box::new(|metadata| metadata["check_session_iframe"] = json!("https://id.example.com/session"));
    let watching = Client::of(&client.provider, json!({}));
    let iframe = watching.run(watching.vault.check_session_iframe()).unwrap();
    assert_eq!(iframe.as_deref(), Some("https://id.example.com/session"));
}

#[test]
fn session_without_an_id_is_not_signed_out_by_the_provider() {
    let client = with_landing();
    client.sign_in();
    for session_id in ["", "undefined", "null"] {
        client.run(client.vault.provider_signed_out("https://id.example.com", session_id));
        assert!(client.is_signed_in());
    }
}
