//! Pushed authorization requests (RFC 9126).

use std::rc::Rc;

use serde_json::json;
use valetkey::{
    error::Platform as PlatformError,
    protocol::{
        authorization::Prompting,
        http::{Aside, Document, Response},
    },
    vault::{SignInOptions, SignOutOptions},
};

use crate::provider::{Client, ISSUER, Provider, response};

fn provider() -> Rc<Provider> {
    let provider = Provider::new();
    provider.pushes.set(true);
    provider
}

fn client() -> Client {
    Client::of(&provider(), json!({ "par": "required" }))
}

fn refused(client: &Client) -> (&'static str, Option<String>) {
    let error = client.run(client.vault.sign_in(SignInOptions::default())).unwrap_err();
    (error.code(), error.detail().map(ToOwned::to_owned))
}

/// §2.1, §4: the form is what the URL would have been, and the URL has the client and the handle alone.
#[test]
fn pushed_form_is_the_authorization_request() {
    let client = client();
    let prompting = Prompting {
        login_hint: Some("ada & eve".into()),
        extra: vec![("tenant".into(), "x".into())],
        ..Prompting::default()
    };
    let options = SignInOptions { prompting, ..SignInOptions::default() };
    let pushed = client.parameters_of(options.clone());
    let plain = Client::new().parameters_of(options);
    let fixed = |parameters: Vec<(String, String)>| {
        let varies = ["state", "nonce", "code_challenge"];
        parameters.into_iter().filter(move |(name, _)| !varies.contains(&name.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(pushed.len(), plain.len());
    assert_eq!(fixed(pushed), fixed(plain));
    let request =
        client.provider.world.requests().into_iter().find(|request| request.document == Document::PushedRequest);
    assert_eq!(request.unwrap().url, format!("{ISSUER}/par"));
    client.sign_in();
}

/// §5: where the provider requires it, nobody has to configure it; where it leaves it open, nobody is made to wait for it.
#[test]
fn requests_are_pushed_where_the_provider_or_the_configuration_requires_it() {
    let pushes = |required: bool, par: &str| {
        let provider = provider();
        *provider.metadata.borrow_mut() =
            Box::new(move |metadata| metadata["require_pushed_authorization_requests"] = json!(required));
        Client::of(&provider, json!({ "par": par })).sign_in();
        provider.count(Document::PushedRequest)
    };
    assert_eq!(pushes(false, "auto"), 0);
    assert_eq!(pushes(false, "required"), 1);
    assert_eq!(pushes(true, "auto"), 1);
    assert_eq!(pushes(true, "required"), 1);
}

/// §5, attack P-01: there is no way back to plain parameters.
#[test]
fn request_that_must_be_pushed_is_never_sent_otherwise() {
    let client = Client::of(&Provider::new(), json!({ "par": "required" }));
    assert_eq!(refused(&client).0, "par_unsupported");

    let provider = Provider::new();
    *provider.metadata.borrow_mut() =
        Box::new(|metadata| metadata["require_pushed_authorization_requests"] = json!(true));
    let client = Client::of(&provider, json!({}));
    assert_eq!(refused(&client), ("member_missing", Some("pushed_authorization_request_endpoint".into())));

    let client = self::client();
    for (status, body, code) in [
        (400, json!({ "error": "invalid_request" }), "invalid_request"),
        (401, json!({ "error": "invalid_client" }), "invalid_client"),
        (405, json!({}), "par_response_invalid"),
        (413, json!({}), "par_response_invalid"),
        (429, json!({}), "server_unavailable"),
        (500, json!({}), "server_unavailable"),
        (200, json!({ "request_uri": "urn:x", "expires_in": 60 }), "par_response_invalid"),
        (201, json!({ "request_uri": "https://evil.test/", "expires_in": 60 }), "par_response_invalid"),
    ] {
        client.provider.replace(Document::PushedRequest, move || response(status, &body));
        assert_eq!(refused(&client).0, code, "{status}");
    }
    client.provider.restore();
    client.provider.fail(Document::PushedRequest, PlatformError::RedirectRefused);
    assert_eq!(refused(&client).0, "redirect_refused");
    // Nothing is remembered of what did not start.
    assert!(client.provider.world.stored().is_empty());
    client.provider.mend();
    client.sign_in();
}

/// §4, attacks P-03 and P-04.
#[test]
fn each_sign_in_is_pushed_anew() {
    let client = client();
    client.start();
    client.start();
    let pushed = client.provider.pushed.borrow();
    assert_eq!(pushed.len(), 2);
    let state = |index: usize| pushed[index].1.iter().find(|(name, _)| name == "state").unwrap().1.clone();
    assert_ne!(state(0), state(1));
}

/// RFC 9449 §10.1: the provider of these flows compares `dpop_jkt` with the proof.
#[test]
fn pushed_request_is_proved_where_the_code_is_bound() {
    let provider = provider();
    provider.dpop.set(true);
    let client = Client::of(&provider, json!({ "par": "required", "dpop": "required" }));
    let proofs = || {
        let requests = provider.world.requests();
        let pushed = requests.into_iter().filter(|request| request.document == Document::PushedRequest);
        pushed.map(|request| request.proof.is_some()).collect::<Vec<_>>()
    };
    client.sign_in_with(SignInOptions { lasting: true, ..SignInOptions::default() });
    assert_eq!(proofs(), [true]);
    assert_eq!(provider.proofs.keys().len(), 1);
    client.sign_in();
    assert_eq!(proofs(), [true, false]);
}

/// RFC 9449 §8: the nonce is the server's, whichever of its endpoints gave it.
#[test]
fn nonce_for_the_pushed_request_is_learned_and_used_for_the_token_request() {
    let provider = provider();
    provider.dpop.set(true);
    provider.proofs.want_nonce("fresh");
    let client = Client::of(&provider, json!({ "par": "required" }));
    client.sign_in_with(SignInOptions { lasting: true, ..SignInOptions::default() });
    assert_eq!((provider.count(Document::PushedRequest), provider.count(Document::TokenResponse)), (2, 1));
    provider.replace(Document::PushedRequest, || {
        let aside = Aside { nonce: Some("another".into()), ..Aside::default() };
        Response { aside, ..response(400, &json!({ "error": "use_dpop_nonce" })) }
    });
    let options = SignInOptions { lasting: true, ..SignInOptions::default() };
    assert_eq!(client.run(client.vault.sign_in(options)).unwrap_err().code(), "use_dpop_nonce");
    assert_eq!(provider.count(Document::PushedRequest), 4);
}

#[test]
fn sign_out_ends_a_sign_in_that_is_being_pushed() {
    let client = client();
    let world = client.provider.world.clone();
    world.hold_answers_to(Some("code_challenge"));
    let (outcome, ()) = client.run(async {
        futures::join!(client.vault.sign_in(SignInOptions::default()), async {
            client.vault.sign_out(SignOutOptions::default()).await.unwrap();
            world.hold_answers_to(None);
        })
    });
    assert_eq!(outcome.unwrap_err().code(), "superseded");
    assert!(world.stored().is_empty());
}

/// What an endpoint's own query has stays (RFC 6749 §3.1).
#[test]
fn handle_is_added_to_the_query_of_the_endpoint() {
    let provider = provider();
    *provider.metadata.borrow_mut() =
        Box::new(|metadata| metadata["authorization_endpoint"] = json!(format!("{ISSUER}/authorize?tenant=x")));
    let client = Client::of(&provider, json!({ "par": "required" }));
    let url = client.run(client.vault.sign_in(SignInOptions::default())).unwrap().url;
    let handle = "urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A0";
    assert_eq!(url, format!("{ISSUER}/authorize?tenant=x&client_id=spa&request_uri={handle}"));
}

/// RFC 9101 §5.2.2, attack P-05: a page cannot name a request of its own.
#[test]
fn handle_and_request_objects_are_the_vaults_alone() {
    for name in
        ["request_uri", "request", "REQUEST_URI", "dpop_jkt", "response_mode", "claims", "authorization_details"]
    {
        let prompting = Prompting { extra: vec![(name.into(), "urn:evil".into())], ..Prompting::default() };
        let client = client();
        let options = SignInOptions { prompting, ..SignInOptions::default() };
        let error = client.run(client.vault.sign_in(options)).unwrap_err();
        assert_eq!((error.code(), error.detail()), ("parameter_reserved", Some(name)));
        assert_eq!(client.provider.count(Document::PushedRequest), 0);
    }
}

/// OpenID Connect Core §5.5, RFC 9396 §2.
#[test]
fn claims_and_authorization_details_are_json_of_their_kind() {
    let starts = |claims: Option<&str>, details: Option<&str>| {
        let prompting = Prompting {
            claims: claims.map(ToOwned::to_owned),
            authorization_details: details.map(ToOwned::to_owned),
            ..Prompting::default()
        };
        let client = Client::new();
        let url = client.run(client.vault.sign_in(SignInOptions { prompting, ..SignInOptions::default() }));
        url.map(drop).map_err(|error| (error.code(), error.detail().unwrap_or_default().to_owned()))
    };
    let invalid = |name: &str| Err(("option_invalid", name.to_owned()));
    assert_eq!(starts(Some(r#"{"id_token":{"acr":null}}"#), Some(r#"[{"type":"payment"},{"type":"x"}]"#)), Ok(()));
    for claims in ["", "[]", "null", "\"x\"", "{", r#"{"a":1,"a":2}"#, "{}{}"] {
        assert_eq!(starts(Some(claims), None), invalid("claims"), "{claims}");
    }
    for details in
        ["", "[]", "{}", "null", "[1]", "[{}]", r#"[{"type":7}]"#, r#"[{"type":"x"},{}]"#, r#"[{"type":"x"}"#]
    {
        assert_eq!(starts(None, Some(details)), invalid("authorizationDetails"), "{details}");
    }
}
