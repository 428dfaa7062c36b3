//! Access tokens for several resources out of one sign-in (RFC 8707).

use serde_json::{Value, json};
use valetkey::{
    error::Platform as PlatformError,
    platform::memory::MemoryAnswer,
    protocol::{
        http::{Document, Response},
        token::TokenType,
    },
    vault::{SignInOptions, SignOutOptions},
};

use crate::provider::{Client, Provider, call, callback_of, code_of, response};

const ORDERS: &str = "https://api.example.com/orders";
const STOCK: &str = "https://stock.example.com/";
const STOCK_RESOURCE: &str = "urn:example:stock";

/// Two APIs: that of the sign-in's own token, and one that has a token of its own.
fn options() -> Value {
    json!({ "resources": [ORDERS, { "url": STOCK, "resource": STOCK_RESOURCE, "scope": "stock:read" }] })
}

fn client() -> Client {
    let client = Client::of(&Provider::new(), options());
    client.sign_in();
    client
}

const MAIL: &str = "https://mail.example.com/";

fn with_two_of_their_own() -> Client {
    let mut options = options();
    options["resources"].as_array_mut().unwrap().push(json!({ "url": MAIL, "scope": "mail:read" }));
    let client = Client::of(&Provider::new(), options);
    client.sign_in();
    client
}

/// The access tokens of the calls so far.
fn tokens(client: &Client) -> Vec<String> {
    client.provider.world.calls().into_iter().map(|(_, _, token)| token.unwrap()).collect()
}

/// What the last token request said.
fn asked(client: &Client, name: &str) -> Option<String> {
    let form = client.provider.token_forms().pop().unwrap();
    form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
}

#[test]
fn each_target_is_asked_for_when_it_is_wanted_and_as_configured() {
    let client = client();
    client.call("GET", ORDERS).unwrap();
    assert_eq!(client.provider.count(Document::TokenResponse), 1);
    client.call("GET", STOCK).unwrap();
    client.call("GET", STOCK).unwrap();
    client.call("GET", ORDERS).unwrap();
    assert_eq!(client.provider.count(Document::TokenResponse), 2);
    assert_eq!(asked(&client, "resource").as_deref(), Some(STOCK_RESOURCE));
    assert_eq!(asked(&client, "scope").as_deref(), Some("stock:read"));
    assert_eq!(asked(&client, "audience"), None);
    let [first, second, third, fourth] = &tokens(&client)[..] else { panic!() };
    // RFC 8707 §3: the token for one is not shown to the other.
    assert_eq!((first, second), (fourth, third));
    assert_ne!(first, second);
}

/// What stands in the configuration twice is one token.
#[test]
fn resources_of_one_target_share_its_token() {
    let other = json!({ "url": "https://depot.example.com/", "resource": STOCK_RESOURCE, "scope": "stock:read" });
    let mut options = options();
    options["resources"].as_array_mut().unwrap().push(other);
    let client = Client::of(&Provider::new(), options);
    client.sign_in();
    client.call("GET", STOCK).unwrap();
    client.call("GET", "https://depot.example.com/1").unwrap();
    assert_eq!(client.provider.count(Document::TokenResponse), 2);
    assert_eq!(tokens(&client)[0], tokens(&client)[1]);
}

#[test]
fn resource_that_says_most_of_the_url_wins() {
    let provider = Provider::new();
    let client = Client::of(
        &provider,
        json!({ "resources": [
            { "url": "https://api.example.com/v1/admin", "audience": "admin" },
            { "url": "https://api.example.com/", "audience": "all" },
            { "url": "https://api.example.com/v1", "audience": "v1" },
        ]}),
    );
    client.sign_in();
    for (url, audience) in
        [("https://api.example.com/v1/administration", "v1"), ("https://api.example.com/v2/admin", "all")]
    {
        client.call("GET", url).unwrap();
        assert_eq!(asked(&client, "audience").as_deref(), Some(audience), "{url}");
    }
    client.call("GET", "https://api.example.com/v1/admin/users").unwrap();
    assert_eq!(tokens(&client)[2], "Bearer SECRET-access-1", "the first one's is the sign-in's own");
}

/// RFC 8707 §2.1: all is consented to at once; the code is exchanged for the first one's token.
#[test]
fn sign_in_asks_for_every_target() {
    let client = Client::of(
        &Provider::new(),
        json!({ "scope": "openid", "resources": [
            { "url": ORDERS, "resource": "urn:example:orders", "scope": "orders:read orders:write" },
            { "url": STOCK, "resource": STOCK_RESOURCE, "scope": "orders:read stock:read" },
            { "url": "https://x.example.com/", "audience": "x", "resource": STOCK_RESOURCE },
        ]}),
    );
    let parameters = client.parameters_of(SignInOptions::default());
    let all = |name: &str| {
        parameters.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(all("scope"), ["openid orders:read orders:write stock:read"]);
    assert_eq!(all("resource"), ["urn:example:orders", STOCK_RESOURCE]);
    assert!(all("audience").is_empty(), "that is another target's");
    client.sign_in();
    assert_eq!(asked(&client, "resource").as_deref(), Some("urn:example:orders"));
    // The token of the sign-in stays for what it was asked for.
    client.run(client.vault.renew()).unwrap();
    assert_eq!(asked(&client, "resource").as_deref(), Some("urn:example:orders"));
    assert_eq!(asked(&client, "scope"), None);
}

/// RFC 6749 §3.1: no parameter twice.
#[test]
fn audience_is_sent_once() {
    let extra = |name: &str| SignInOptions {
        prompting: valetkey::protocol::authorization::Prompting {
            extra: vec![(name.into(), "y".into())],
            ..Default::default()
        },
        ..SignInOptions::default()
    };
    let client = Client::of(&Provider::new(), json!({ "resources": [{ "url": ORDERS, "audience": "x" }] }));
    let parameters = client.parameters_of(SignInOptions::default());
    assert_eq!(parameters.iter().filter(|(name, _)| name == "audience").count(), 1);
    let error = client.run(client.vault.sign_in(extra("Audience"))).unwrap_err();
    assert_eq!((error.code(), error.detail()), ("parameter_reserved", Some("Audience")));
    // Where none is configured, it is a parameter like any other.
    Client::new().parameters_of(extra("audience"));
}

#[test]
fn callers_side_by_side_share_one_request() {
    let client = client();
    let call = || client.vault.fetch(call("GET", STOCK));
    let (first, second, third) = client.run(async { futures::join!(call(), call(), call()) });
    for answered in [first, second, third] {
        assert_eq!(answered.unwrap().answer.status, 200);
    }
    assert_eq!(client.provider.count(Document::TokenResponse), 2);
}

/// RFC 9700 §4.14.2: the provider of these flows ends the session of whoever uses a refresh token twice.
#[test]
fn refresh_token_is_used_by_one_request_at_a_time() {
    let client = client();
    client.provider.world.pass(300);
    let world = client.provider.world.clone();
    world.hold_answers(true);
    let (main, other, renewed, ()) = client.run(async {
        futures::join!(
            client.vault.fetch(call("GET", ORDERS)),
            client.vault.fetch(call("GET", STOCK)),
            client.vault.renew(),
            async {
                world.settle();
                assert_eq!(client.provider.count(Document::TokenResponse), 2, "the others wait for their turn");
                world.hold_answers(false);
            }
        )
    });
    assert_eq!((main.unwrap().answer.status, other.unwrap().answer.status, renewed), (200, 200, Ok(())));
    let forms = client.provider.token_forms();
    let used: Vec<_> = forms
        .iter()
        .filter_map(|form| form.iter().find(|(name, _)| name == "refresh_token"))
        .map(|(_, token)| token)
        .collect();
    assert_eq!(used, ["SECRET-refresh-1", "SECRET-refresh-2"]);
}

/// A renewal whose ID token takes long to be verified must not put its refresh token in the place of a newer one.
#[test]
fn refresh_token_is_not_put_back_by_a_slower_request() {
    let client = client();
    client.provider.expires_in.set(3600);
    client.sign_in();
    client.provider.world.pass(601);
    let world = client.provider.world.clone();
    // The keys are stale by now, and the ID token of the first request waits for them.
    world.hold_answers_to(Some("/jwks"));
    let (renewed, other, ()) = client.run(async {
        futures::join!(client.vault.renew(), client.vault.fetch(call("GET", STOCK)), async {
            world.settle();
            assert_eq!(client.provider.count(Document::JwkSet), 2);
            world.hold_answers_to(None);
        })
    });
    assert_eq!((renewed, other.unwrap().answer.status), (Ok(()), 200));
    client.run(client.vault.renew()).unwrap();
    assert_eq!(asked(&client, "refresh_token").as_deref(), Some("SECRET-refresh-4"));
}

/// The turn is given up whatever becomes of the request.
#[test]
fn request_that_fails_does_not_keep_its_turn() {
    let client = client();
    client.provider.fail(Document::TokenResponse, PlatformError::TimedOut);
    assert_eq!(client.call("GET", STOCK).unwrap_err().code(), "timed_out");
    client.provider.mend();
    client.run(client.vault.renew()).unwrap();
}

#[test]
fn refusal_for_one_target_leaves_the_session_and_the_others() {
    for error in ["invalid_target", "invalid_scope", "unauthorized_client", "slow_down"] {
        let client = client();
        client.provider.replace(Document::TokenResponse, move || response(400, &json!({ "error": error })));
        for _ in 0..3 {
            client.call("GET", STOCK).unwrap_err();
        }
        assert_eq!(client.provider.count(Document::TokenResponse), 2, "many calls are no storm");
        assert!(client.is_signed_in());
        assert_eq!(client.call("GET", ORDERS).unwrap().answer.status, 200);
        client.provider.restore();
        client.provider.world.pass(1);
        assert_eq!(client.call("GET", STOCK).unwrap().answer.status, 200);
    }
}

/// RFC 6749 §5.2: the refresh token itself is of no use any more.
#[test]
fn refused_refresh_token_ends_the_session_for_all_targets() {
    let client = client();
    client.provider.replace(Document::TokenResponse, || response(400, &json!({ "error": "invalid_grant" })));
    assert_eq!(client.call("GET", STOCK).unwrap_err().code(), "invalid_grant");
    assert!(!client.is_signed_in());
}

#[test]
fn answer_that_breaks_a_rule_ends_the_session() {
    let client = client();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["token_type"] = json!("mac"));
    assert_eq!(client.call("GET", STOCK).unwrap_err().code(), "token_type_unsupported");
    assert!(!client.is_signed_in());
}

/// R-176: the provider says when to come again.
#[test]
fn provider_that_is_busy_is_left_alone_for_as_long_as_it_says() {
    let client = client();
    client
        .provider
        .replace(Document::TokenResponse, || Response { retry_after: Some(30), ..response(429, &json!({})) });
    for _ in 0..29 {
        assert_eq!(client.call("GET", STOCK).unwrap_err().code(), "server_unavailable");
        client.provider.world.pass(1);
    }
    assert_eq!(client.provider.count(Document::TokenResponse), 2);
    client.provider.restore();
    client.provider.world.pass(1);
    client.call("GET", STOCK).unwrap();
}

#[test]
fn token_for_a_target_is_renewed_when_it_is_due() {
    let client = client();
    client.call("GET", STOCK).unwrap();
    client.provider.world.pass(294);
    client.call("GET", STOCK).unwrap();
    assert_eq!(tokens(&client)[0], tokens(&client)[1]);
    client.provider.world.pass(1);
    // What fails for now does not matter while the token still lives.
    client.provider.fail(Document::TokenResponse, PlatformError::ProviderUnreachable);
    client.call("GET", STOCK).unwrap();
    assert_eq!(tokens(&client)[0], tokens(&client)[2]);
    client.provider.world.pass(5);
    assert_eq!(client.call("GET", STOCK).unwrap_err().code(), "provider_unreachable");
    client.provider.mend();
    client.provider.world.pass(1);
    client.call("GET", STOCK).unwrap();
    assert_ne!(tokens(&client)[0], tokens(&client)[3]);
}

#[test]
fn refused_token_of_a_target_is_replaced_and_no_other() {
    let client = client();
    client.call("GET", STOCK).unwrap();
    client.provider.world.apis_answer_with(|call| {
        let stale = call.authorization.as_ref().unwrap().expose() == "Bearer SECRET-access-2";
        if stale { MemoryAnswer::challenging(401, "Bearer error=\"invalid_token\"") } else { MemoryAnswer::new(200) }
    });
    assert_eq!(client.call("GET", STOCK).unwrap().answer.status, 200);
    assert_eq!(asked(&client, "resource").as_deref(), Some(STOCK_RESOURCE));
    client.call("GET", ORDERS).unwrap();
    let expected = ["SECRET-access-2", "SECRET-access-2", "SECRET-access-3", "SECRET-access-1"];
    assert_eq!(tokens(&client), expected.map(|token| format!("Bearer {token}")));
}

/// Two that fail at once: each is left alone for its own pause.
#[test]
fn refusals_of_several_targets_are_remembered_side_by_side() {
    let client = with_two_of_their_own();
    client.provider.replace(Document::TokenResponse, || response(400, &json!({ "error": "invalid_scope" })));
    for url in [STOCK, MAIL, STOCK, MAIL, STOCK] {
        assert_eq!(client.call("GET", url).unwrap_err().code(), "invalid_scope");
    }
    assert_eq!(client.provider.count(Document::TokenResponse), 3);
}

#[test]
fn resources_that_refuse_every_token_have_one_replaced_each_and_no_more() {
    let client = with_two_of_their_own();
    client.provider.world.apis_answer_with(|_| MemoryAnswer::challenging(401, "Bearer error=\"invalid_token\""));
    for url in [STOCK, MAIL, ORDERS, STOCK, MAIL, ORDERS] {
        assert_eq!(client.call("GET", url).unwrap().answer.status, 401);
    }
    // That of the sign-in, two that are first wanted, and three that are replaced.
    assert_eq!(client.provider.count(Document::TokenResponse), 6);
}

#[test]
fn target_of_its_own_needs_a_refresh_token() {
    let client = Client::of(&Provider::new(), options());
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["refresh_token"] = json!(null));
    client.sign_in();
    assert_eq!(client.call("GET", STOCK).unwrap_err().code(), "access_token_expired");
    client.call("GET", ORDERS).unwrap();
}

/// Somebody else signs in while the token for a target is on its way.
#[test]
fn token_for_a_former_user_is_nobody_elses() {
    let client = client();
    let href = callback_of(&client.start());
    let world = client.provider.world.clone();
    world.hold_answers_to(Some("resource="));
    let (old, new) = client.run(async {
        futures::join!(client.vault.fetch(call("GET", STOCK)), async {
            world.settle();
            assert_eq!(client.vault.ready(&href).await.error, None);
            // It waits for what is under way first, and then has its own.
            futures::join!(client.vault.fetch(call("GET", STOCK)), async {
                world.settle();
                world.hold_answers_to(None);
            })
            .0
        })
    });
    assert_eq!(old.unwrap_err().code(), "superseded");
    assert_eq!(new.unwrap().answer.status, 200);
    assert_eq!(client.provider.world.calls().len(), 1);
}

#[test]
fn sign_out_revokes_the_tokens_of_all_targets() {
    let client = client();
    client.call("GET", STOCK).unwrap();
    client.run(client.vault.sign_out(SignOutOptions { local: true, ..SignOutOptions::default() })).unwrap();
    let expected = [("refresh_token", "refresh-2"), ("access_token", "access-1"), ("access_token", "access-2")];
    let expected = expected.map(|(kind, token)| (kind.to_owned(), format!("SECRET-{token}")));
    assert_eq!(*client.provider.revoked.borrow(), expected);
}

/// RFC 8707 §2: a token for one resource is for that one alone, and UserInfo is at the provider.
#[test]
fn user_info_is_asked_for_with_a_token_for_no_resource() {
    let provider = Provider::new();
    let client = Client::of(&provider, json!({ "resources": [{ "url": STOCK, "resource": STOCK_RESOURCE }] }));
    client.sign_in();
    client.run(client.vault.user_info()).unwrap();
    assert_eq!((asked(&client, "resource"), asked(&client, "grant_type").as_deref()), (None, Some("refresh_token")));
    let request = provider.world.requests().pop().unwrap();
    assert_eq!(request.authorization.unwrap().expose(), "Bearer SECRET-access-2");
    client.call("GET", STOCK).unwrap();
    assert_eq!(tokens(&client), ["Bearer SECRET-access-1"]);
}

#[test]
fn targets_are_proved_with_the_key_of_the_session() {
    let provider = Provider::new();
    provider.dpop.set(true);
    provider.open_apis();
    let client = Client::of(&provider, options());
    client.sign_in();
    client.call("GET", STOCK).unwrap();
    client.call("GET", ORDERS).unwrap();
    assert_eq!(provider.proofs.keys().len(), 1);
    assert_eq!(provider.proofs.keys(), provider.resource_proofs.keys());
    assert_eq!(provider.resource_proofs.claims("htu"), [json!(STOCK), json!(ORDERS)]);
}

/// R-180: what was granted is told, and not judged.
#[test]
fn granted_authorization_details_are_told() {
    let client = Client::new();
    let details = |client: &Client| match client.vault.snapshot() {
        valetkey::vault::message::Snapshot::SignedIn { authorization_details, .. } => authorization_details,
        valetkey::vault::message::Snapshot::SignedOut { .. } => panic!(),
    };
    client.sign_in();
    assert_eq!(details(&client), None);
    *client.provider.tokens.borrow_mut() =
        Box::new(|tokens| tokens["authorization_details"] = json!([{ "type": "payment", "amount": 1.50 }]));
    client.sign_in();
    assert_eq!(details(&client).as_deref(), Some(r#"[{"amount":1.5,"type":"payment"}]"#));
    // A renewal that says nothing changes nothing (RFC 9396 §7); one that says something counts.
    *client.provider.tokens.borrow_mut() = Box::new(|_| {});
    client.run(client.vault.renew()).unwrap();
    assert!(details(&client).is_some());
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["authorization_details"] = json!([]));
    client.run(client.vault.renew()).unwrap();
    assert_eq!(details(&client).as_deref(), Some("[]"));
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["authorization_details"] = json!({}));
    let state = client.start();
    assert_eq!(code_of(&client.come_back(&state)), "member_invalid");
}

#[test]
fn access_token_is_exposed_only_where_that_is_configured() {
    let exposed = |options: Value, resource: Option<&str>| {
        let client = Client::of(&Provider::new(), options);
        client.sign_in();
        let exposed = client.run(client.vault.exposed_access_token(resource));
        exposed.map(|exposed| (exposed.access_token.expose().clone(), exposed.token_type)).map_err(|error| error.code())
    };
    let allowed = || {
        let mut options = options();
        options["exposeAccessToken"] = json!(true);
        options
    };
    assert_eq!(exposed(options(), None), Err("access_token_not_exposed"));
    assert_eq!(exposed(options(), Some(STOCK)), Err("access_token_not_exposed"));
    assert_eq!(exposed(allowed(), None), Ok(("SECRET-access-1".into(), TokenType::Bearer)));
    assert_eq!(exposed(allowed(), Some(ORDERS)), Ok(("SECRET-access-1".into(), TokenType::Bearer)));
    assert_eq!(exposed(allowed(), Some(STOCK)), Ok(("SECRET-access-2".into(), TokenType::Bearer)));
    assert_eq!(exposed(allowed(), Some("https://evil.test/")), Err("resource_not_listed"));
    assert_eq!(exposed(allowed(), Some("/orders")), Err("request_invalid"));
    let nobody = Client::of(&Provider::new(), allowed());
    assert_eq!(nobody.run(nobody.vault.exposed_access_token(None)).unwrap_err().code(), "not_signed_in");
}

/// The monotonic clock stands still while the device sleeps, and so does a request.
#[test]
fn token_for_a_target_that_ended_while_the_device_slept_is_asked_for_anew() {
    let client = client();
    let world = client.provider.world.clone();
    world.hold_answers_to(Some("resource="));
    let (answered, ()) = client.run(async {
        futures::join!(client.vault.fetch(call("GET", STOCK)), async {
            world.settle();
            world.set_wall_clock(crate::provider::NOW + 400);
            world.hold_answers_to(None);
        })
    });
    assert_eq!(answered.unwrap().answer.status, 200);
    assert_eq!(client.provider.count(Document::TokenResponse), 3);
    assert_eq!(tokens(&client), ["Bearer SECRET-access-3"]);
}
