//! What follows when an API refuses a call (RFC 6750 §3.1, RFC 9470).

use std::{cell::Cell, rc::Rc};

use serde_json::json;
use valetkey::{
    error::Platform as PlatformError,
    platform::{
        ResourceRequest,
        memory::{MemoryAnswer, MemoryBody},
    },
    protocol::{
        challenge::Challenge,
        http::{Aside, Document},
    },
    vault::{SignInOptions, SignOutOptions},
};

use crate::provider::{API, Client, Provider, call, callback_of};

const INVALID: &str = "Bearer error=\"invalid_token\"";

fn client() -> Client {
    let client = Client::new();
    client.sign_in();
    client
}

/// The API takes no token but those after so many.
fn refuse_first(client: &Client, refused: usize, challenge: &'static str) {
    client.provider.world.apis_answer_with(move |call| {
        let token = call.authorization.as_ref().unwrap().expose();
        let number: usize = token.rsplit('-').next().unwrap().parse().unwrap();
        if number > refused { MemoryAnswer::new(200) } else { MemoryAnswer::challenging(401, challenge) }
    });
}

/// The access tokens of the calls so far.
fn tokens(client: &Client) -> Vec<String> {
    client.provider.world.calls().into_iter().map(|(_, _, token)| token.unwrap()).collect()
}

#[test]
fn token_that_is_refused_is_replaced_and_the_call_repeated() {
    let client = client();
    refuse_first(&client, 1, INVALID);
    let answered = client.call("POST", API).unwrap();
    assert_eq!(answered.answer.status, 200);
    assert_eq!(tokens(&client), ["Bearer SECRET-access-1", "Bearer SECRET-access-2"]);
    client.call("POST", API).unwrap();
    assert_eq!(tokens(&client).len(), 3);
}

/// RFC 9449 §7.1 has the scheme that the token was sent with.
#[test]
fn bound_token_that_is_refused_is_replaced_and_proved_anew() {
    let provider = Provider::new();
    provider.dpop.set(true);
    let client = Client::of(&provider, json!({}));
    client.sign_in();
    refuse_first(&client, 1, "Basic realm=\"x\", DPoP error=\"invalid_token\", algs=\"ES256\"");
    assert_eq!(client.call("POST", API).unwrap().answer.status, 200);
    let proofs: Vec<_> =
        provider.world.proofs().iter().map(|proof| crate::proofs::read(proof.as_ref().unwrap())).collect();
    assert_eq!(proofs.len(), 2);
    assert!(proofs[0].claims["jti"] != proofs[1].claims["jti"] && proofs[0].claims["ath"] != proofs[1].claims["ath"]);
}

#[test]
fn call_is_repeated_once() {
    let client = client();
    refuse_first(&client, 99, INVALID);
    assert_eq!(client.call("POST", API).unwrap().answer.status, 401);
    assert_eq!(tokens(&client), ["Bearer SECRET-access-1", "Bearer SECRET-access-2"]);
    assert_eq!(client.provider.count(Document::TokenResponse), 2);
}

/// What a stream has given it does not give again.
#[test]
fn call_with_a_stream_is_not_repeated() {
    let client = client();
    refuse_first(&client, 1, INVALID);
    let request = ResourceRequest { attachment: MemoryBody::Stream, ..call("POST", API) };
    assert_eq!(client.run(client.vault.fetch(request)).unwrap().answer.status, 401);
    assert_eq!(tokens(&client).len(), 1);
    assert_eq!(client.provider.count(Document::TokenResponse), 1);
}

#[test]
fn other_refusals_cost_no_renewal() {
    for (status, challenge) in [
        (401, None),
        (401, Some("Bearer")),
        (401, Some("Bearer realm=\"x\"")),
        (401, Some("Bearer error=\"invalid_request\"")),
        (401, Some("Bearer error=\"insufficient_user_authentication\"")),
        (401, Some("Basic error=\"invalid_token\"")),
        (401, Some("error=\"invalid_token\"")),
        (401, Some("Bearer error=\"invalid_token\", error=\"invalid_token\"")),
        (401, Some("Bearer error=\"invalid_token")),
        (401, Some("Bearer error=\"invalid_token \"")),
        (400, Some(INVALID)),
        (403, Some(INVALID)),
        (200, Some(INVALID)),
    ] {
        let client = client();
        let aside = Aside { challenge: challenge.map(ToOwned::to_owned), ..Aside::default() };
        client.provider.world.apis_answer_with(move |_| MemoryAnswer { status, aside: aside.clone() });
        assert_eq!(client.call("GET", API).unwrap().answer.status, status);
        assert_eq!((tokens(&client).len(), client.provider.count(Document::TokenResponse)), (1, 1), "{challenge:?}");
    }
}

#[test]
fn refused_calls_side_by_side_share_one_renewal() {
    let client = client();
    refuse_first(&client, 1, INVALID);
    let world = client.provider.world.clone();
    world.hold_apis(true);
    let call = || client.vault.fetch(call("GET", API));
    let (first, second, third, ()) =
        client.run(async { futures::join!(call(), call(), call(), async { world.hold_apis(false) }) });
    for answered in [first, second, third] {
        assert_eq!(answered.unwrap().answer.status, 200);
    }
    assert_eq!(client.provider.count(Document::TokenResponse), 2);
}

/// An API that takes no token at all, called every second for a minute.
#[test]
fn resource_that_refuses_every_token_causes_no_storm() {
    let client = client();
    client.provider.expires_in.set(3600);
    client.sign_in();
    refuse_first(&client, 99, INVALID);
    let before = client.provider.count(Document::TokenResponse);
    for _ in 0..60 {
        assert_eq!(client.call("GET", API).unwrap().answer.status, 401);
        client.provider.world.pass(1);
    }
    assert_eq!(client.provider.count(Document::TokenResponse) - before, 6);
}

#[test]
fn renewal_that_fails_leaves_the_refusal_as_the_answer() {
    let client = client();
    refuse_first(&client, 1, INVALID);
    client.provider.fail(Document::TokenResponse, PlatformError::ProviderUnreachable);
    for _ in 0..3 {
        assert_eq!(client.call("GET", API).unwrap().answer.status, 401);
    }
    assert_eq!(client.provider.count(Document::TokenResponse), 2);
    assert!(client.is_signed_in());
}

#[test]
fn token_that_cannot_be_renewed_leaves_the_refusal_as_the_answer() {
    let client = Client::new();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["refresh_token"] = json!(null));
    client.sign_in();
    refuse_first(&client, 1, INVALID);
    assert_eq!(client.call("GET", API).unwrap().answer.status, 401);
    assert_eq!(tokens(&client).len(), 1);
}

/// The call was of the user who has gone.
#[test]
fn call_is_not_repeated_as_another_user() {
    for sign_out in [true, false] {
        let client = client();
        refuse_first(&client, 1, INVALID);
        let href = callback_of(&client.start());
        *client.provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
        let world = client.provider.world.clone();
        world.hold_apis(true);
        let (answered, ()) = client.run(async {
            futures::join!(client.vault.fetch(call("GET", API)), async {
                if sign_out {
                    let _ = client.vault.sign_out(SignOutOptions { local: true, ..SignOutOptions::default() }).await;
                } else {
                    assert_eq!(client.vault.ready(&href).await.error, None);
                }
                world.hold_apis(false);
            })
        });
        match answered {
            Ok(answered) => assert_eq!((sign_out, answered.answer.status), (true, 401)),
            Err(error) => assert_eq!(error.code(), "superseded"),
        }
        assert_eq!(tokens(&client), ["Bearer SECRET-access-1"]);
    }
}

/// One repetition for each reason, so three requests at most.
#[test]
fn nonce_and_a_new_token_may_both_be_wanted() {
    let provider = Provider::new();
    provider.dpop.set(true);
    let client = Client::of(&provider, json!({}));
    client.sign_in();
    let count = Rc::new(Cell::new(0));
    let counted = Rc::clone(&count);
    provider.world.apis_answer_with(move |_| {
        counted.set(counted.get() + 1);
        let error = if counted.get() % 2 == 1 { "use_dpop_nonce" } else { "invalid_token" };
        let aside = Aside { nonce: Some(format!("n{}", counted.get())), ..Aside::default() };
        MemoryAnswer { status: 401, aside: Aside { challenge: Some(format!("DPoP error={error}")), ..aside } }
    });
    assert_eq!(client.call("GET", API).unwrap().answer.status, 401);
    assert_eq!((count.get(), provider.count(Document::TokenResponse)), (3, 2));
}

#[test]
fn stream_learns_the_nonce_for_the_next_call() {
    let provider = Provider::new();
    provider.dpop.set(true);
    provider.open_apis();
    let client = Client::of(&provider, json!({}));
    client.sign_in();
    provider.resource_proofs.want_nonce("fresh");
    let stream = || ResourceRequest { attachment: MemoryBody::Stream, ..call("POST", API) };
    assert_eq!(client.run(client.vault.fetch(stream())).unwrap().answer.status, 401);
    assert_eq!(client.run(client.vault.fetch(stream())).unwrap().answer.status, 200);
}

/// RFC 9470 §3, RFC 6750 §3.1.
#[test]
fn what_an_api_wants_of_the_user_is_told() {
    let demand = |status: u16, challenge: &'static str| {
        let client = client();
        client.provider.world.apis_answer_with(move |_| MemoryAnswer::challenging(status, challenge));
        client.call("GET", API).unwrap().demand
    };
    let stronger = demand(401, "Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\", max_age=\"5\"");
    let expected = Challenge {
        error: Some("insufficient_user_authentication".into()),
        acr_values: Some("gold".into()),
        max_age: Some(5),
        scope: None,
    };
    assert_eq!(stronger, Some(expected));
    let wider = demand(403, "Bearer error=insufficient_scope, scope=\"orders:write\"").unwrap();
    assert_eq!(wider.scope.as_deref(), Some("orders:write"));
    assert_eq!(demand(403, "Bearer error=\"invalid_token\""), None);
    assert_eq!(demand(401, "Bearer acr_values=\"gold\""), None);
    assert_eq!(demand(200, "Bearer error=insufficient_scope"), None);
    assert_eq!(demand(500, "Bearer error=insufficient_scope"), None);
    assert_eq!(demand(401, "Basic error=insufficient_scope"), None);
}

/// The step up is for the user who is there: whoever else comes back is refused, and the session stays (attack P-12).
#[test]
fn stronger_sign_in_as_another_user_is_refused() {
    let client = client();
    let same_user = || SignInOptions { same_user: true, ..SignInOptions::default() };
    client.sign_in_with(same_user());
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
    let state = client.start_with(same_user());
    assert_eq!(client.come_back(&state).error.unwrap().code(), "user_changed");
    assert!(client.is_signed_in());
    assert_eq!(client.provider.revoked.borrow().len(), 2);
    // Without that wish another user is welcome.
    client.sign_in();
}

/// The vault has ended while the user was at the provider, and nobody is signed in.
#[test]
fn same_user_is_remembered_where_the_vault_was_lost() {
    for (subject, code) in [("eve", "user_changed"), ("ada", "none")] {
        let client = client();
        let state = client.start_with(SignInOptions { same_user: true, ..SignInOptions::default() });
        *client.provider.claims.borrow_mut() = Box::new(move |claims| claims["sub"] = json!(subject));
        let second = Client::of(&client.provider, json!({}));
        assert_eq!(crate::provider::code_of(&second.come_back(&state)), code);
        assert_eq!(second.is_signed_in(), code == "none");
    }
}

/// What the user has granted is not lost by it.
#[test]
fn stronger_sign_in_asks_for_what_the_session_has() {
    let client = client();
    let scope = |options| {
        let parameters = client.parameters_of(options);
        parameters.into_iter().find(|(name, _)| name == "scope").map(|(_, value)| value).unwrap()
    };
    client.sign_in_with(SignInOptions { scope: Some("openid orders:write".into()), ..SignInOptions::default() });
    let configured = scope(SignInOptions::default());
    assert!(!configured.contains("orders:write"), "{configured}");
    let better = scope(SignInOptions { same_user: true, ..SignInOptions::default() });
    assert!(better.starts_with(&configured) && better.ends_with(" orders:write"), "{better}");
}

#[test]
fn hint_is_the_id_token_of_the_user_who_is_signed_in() {
    let client = client();
    let hinting = || SignInOptions { id_token_hint: true, ..SignInOptions::default() };
    let parameters = client.parameters_of(hinting());
    let hint = parameters.iter().find(|(name, _)| name == "id_token_hint").unwrap();
    assert_eq!(hint.1.split('.').count(), 3);
    assert!(client.parameters_of(SignInOptions::default()).iter().all(|(name, _)| name != "id_token_hint"));

    let nobody = Client::new();
    assert_eq!(nobody.run(nobody.vault.sign_in(hinting())).unwrap_err().code(), "not_signed_in");
}
