//! Tokens that are bound to a key (RFC 9449).

use std::rc::Rc;

use serde_json::{Value, json};
use valetkey::{
    platform::memory::MemoryAnswer,
    protocol::{
        http::{Aside, Document},
        token::TokenType,
    },
    vault::{Mode, SignInOptions, message::Snapshot},
};

use crate::{
    proofs::read,
    provider::{API, CALLBACK_PAGE, Client, ISSUER, NOW, Provider, callback_of, code_of, response},
};

/// A provider that binds its tokens, and APIs that look at the proofs.
fn provider() -> Rc<Provider> {
    let provider = Provider::new();
    provider.dpop.set(true);
    provider.open_apis();
    provider
}

fn client() -> Client {
    Client::of(&provider(), json!({ "dpop": "required" }))
}

fn token_type(client: &Client) -> TokenType {
    match client.vault.snapshot() {
        Snapshot::SignedIn { token_type, .. } => token_type,
        Snapshot::SignedOut { .. } => panic!("nobody is signed in"),
    }
}

/// The proofs of the requests for a document, as they were sent.
fn sent(provider: &Provider, document: Document) -> Vec<Option<Value>> {
    let requests = provider.world.requests();
    let asked = requests.iter().filter(|request| request.document == document);
    asked.map(|request| request.proof.as_ref().map(|proof| read(proof).claims)).collect()
}

#[test]
fn sign_in_binds_the_tokens_to_a_key() {
    let client = client();
    client.sign_in();
    assert_eq!(token_type(&client), TokenType::Dpop);
    let claims = client.provider.proofs.taken.borrow()[0].claims.clone();
    // RFC 9449 §4.2: no `ath` where there is no access token, no `nonce` where none was given.
    let names: Vec<_> = claims.as_object().unwrap().keys().collect();
    assert_eq!(names, ["htm", "htu", "iat", "jti"]);
    assert_eq!(claims["htu"], json!(format!("{ISSUER}/token")));
    assert_eq!(claims["iat"], json!(NOW));
}

#[test]
fn call_has_a_proof_of_its_own_for_method_url_and_token() {
    let client = client();
    client.sign_in();
    for (method, url, htu) in [
        ("GET", "https://api.example.com/orders?id=1", "https://api.example.com/orders"),
        ("PATCH", "https://api.example.com/", API),
        ("patch", "https://API.example.com:443", API),
        ("GET", "https://api.example.com/a%7Eb?#x?y", "https://api.example.com/a%7Eb"),
    ] {
        // The checker of the first two compares with the URL as it was given; the proof has it as the browser writes it.
        if url.starts_with("https://api") {
            assert_eq!(client.call(method, url).unwrap().answer.status, 200, "{url}");
        } else {
            client.provider.world.apis_answer_with(|_| MemoryAnswer::new(200));
            client.call(method, url).unwrap();
            client.provider.open_apis();
        }
        let proof = read(client.provider.world.proofs().last().unwrap().as_ref().unwrap());
        assert_eq!((&proof.claims["htm"], &proof.claims["htu"]), (&json!(method), &json!(htu)), "{url}");
    }
    assert_eq!(client.provider.resource_proofs.keys(), client.provider.proofs.keys());
}

/// A method goes into the proof, which is JSON, as it is.
#[test]
fn method_that_is_no_token_is_refused() {
    let client = client();
    client.sign_in();
    for method in ["GE T", "GET\",\"iat\":\"0", "GET\\", "GÉT", "GET\n"] {
        let error = client.call(method, API).unwrap_err();
        assert_eq!((error.code(), error.detail()), ("request_invalid", Some("method")), "{method}");
    }
    assert!(client.provider.world.calls().is_empty());
    client.call("M-SEARCH", API).unwrap();
}

/// RFC 9449 §11.9.
#[test]
fn each_sign_in_has_a_key_of_its_own() {
    let client = client();
    client.sign_in();
    client.sign_in();
    client.call("GET", API).unwrap();
    assert_eq!(client.provider.proofs.keys().len(), 2);
    assert_eq!(
        client.provider.resource_proofs.taken.borrow()[0].thumbprint,
        client.provider.proofs.taken.borrow()[1].thumbprint
    );
}

/// RFC 9449 §10.
#[test]
fn code_is_bound_to_the_key_where_the_key_will_be_there() {
    let bound = |options: Value, sign_in: SignInOptions| {
        let client = Client::of(&provider(), options);
        let parameters = client.parameters_of(sign_in);
        parameters.iter().find(|(name, _)| name == "dpop_jkt").map(|(_, value)| value.clone())
    };
    let mode = |mode| SignInOptions { mode, ..SignInOptions::default() };
    let page = || json!({ "callbackUri": CALLBACK_PAGE });
    assert_eq!(bound(json!({}), SignInOptions::default()), None);
    assert!(bound(json!({}), SignInOptions { lasting: true, ..SignInOptions::default() }).is_some());
    assert!(bound(json!({ "transactions": "memory" }), SignInOptions::default()).is_some());
    assert!(bound(page(), mode(Mode::Popup)).is_some());
    assert!(bound(page(), mode(Mode::Silent)).is_some());
    assert_eq!(bound(json!({ "dpop": "off" }), SignInOptions { lasting: true, ..SignInOptions::default() }), None);
}

#[test]
fn thumbprint_in_the_request_is_that_of_the_key_that_redeems_the_code() {
    let client = client();
    let state = client.start_with(SignInOptions { lasting: true, ..SignInOptions::default() });
    let announced = client.provider.code_key.borrow().clone().unwrap();
    assert_eq!(client.come_back(&state).error, None);
    assert!(client.provider.proofs.keys().contains(&announced));
}

/// A code that is bound to a key is not sent with another one.
#[test]
fn key_that_was_lost_ends_the_sign_in() {
    let provider = provider();
    let first = Client::of(&provider, json!({}));
    let state = first.start_with(SignInOptions { lasting: true, ..SignInOptions::default() });
    let second = Client::of(&provider, json!({}));
    assert_eq!(code_of(&second.come_back(&state)), "dpop_key_lost");
    assert_eq!(provider.count(Document::TokenResponse), 0);
}

#[test]
fn code_that_is_bound_to_no_key_is_redeemed_with_a_new_one() {
    let provider = provider();
    let state = Client::of(&provider, json!({})).start();
    let second = Client::of(&provider, json!({}));
    assert_eq!(second.come_back(&state).error, None);
    assert_eq!(token_type(&second), TokenType::Dpop);
    assert_eq!(provider.proofs.keys().len(), 1);
}

#[test]
fn key_is_not_stored_with_a_sign_in() {
    let client = client();
    client.start_with(SignInOptions { lasting: true, ..SignInOptions::default() });
    let (_, record) = client.provider.world.stored().pop().unwrap();
    let announced = client.provider.code_key.borrow().clone().unwrap();
    assert!(record.contains("bound=1") && !record.contains(&announced) && !record.contains("kty"), "{record}");
}

/// RFC 9449 §8.
#[test]
fn nonce_is_learned_from_the_refusal_and_used_from_then_on() {
    let client = client();
    client.provider.proofs.want_nonce("first");
    client.sign_in();
    assert_eq!(client.provider.count(Document::TokenResponse), 2);
    assert_eq!(client.provider.proofs.claims("nonce"), ["first"]);
    client.run(client.vault.renew()).unwrap();
    assert_eq!(client.provider.count(Document::TokenResponse), 3);
}

/// RFC 9449 §8.2: also with an answer that refuses nothing.
#[test]
fn new_nonce_of_a_success_is_used_at_once() {
    let client = client();
    client.provider.proofs.renews_nonce.set(true);
    client.sign_in();
    for _ in 0..3 {
        client.run(client.vault.renew()).unwrap();
    }
    assert_eq!(client.provider.count(Document::TokenResponse), 4);
    assert_eq!(
        client.provider.proofs.claims("nonce"),
        [json!(null), json!("nonce-1"), json!("nonce-2"), json!("nonce-3")]
    );
}

#[test]
fn nonces_without_end_end_after_one_repetition() {
    let client = client();
    let state = client.start();
    let count = std::cell::Cell::new(0);
    client.provider.replace(Document::TokenResponse, move || {
        count.set(count.get() + 1);
        let aside = Aside { nonce: Some(format!("nonce-{}", count.get())), ..Aside::default() };
        valetkey::protocol::http::Response { aside, ..response(400, &json!({ "error": "use_dpop_nonce" })) }
    });
    assert_eq!(code_of(&client.come_back(&state)), "use_dpop_nonce");
    assert_eq!(client.provider.count(Document::TokenResponse), 2);
}

/// The page may not be allowed to read the header (CORS), or it holds what is no nonce (RFC 9449 §8.1).
#[test]
fn refusal_without_a_nonce_that_can_be_used_is_not_repeated() {
    for nonce in
        [None, Some(""), Some("a b"), Some("a, b"), Some("a\"b"), Some("a\\b"), Some("ä"), Some(&*"x".repeat(513))]
    {
        let client = client();
        let state = client.start();
        let aside = Aside { nonce: nonce.map(ToOwned::to_owned), ..Aside::default() };
        client.provider.replace(Document::TokenResponse, move || valetkey::protocol::http::Response {
            aside: aside.clone(),
            ..response(400, &json!({ "error": "use_dpop_nonce" }))
        });
        assert_eq!(code_of(&client.come_back(&state)), "use_dpop_nonce", "{nonce:?}");
        assert_eq!(client.provider.count(Document::TokenResponse), 1, "{nonce:?}");
    }
}

#[test]
fn refusal_for_another_reason_is_not_repeated() {
    let client = client();
    let state = client.start();
    client.provider.replace(Document::TokenResponse, || {
        let aside = Aside { nonce: Some("fresh".into()), ..Aside::default() };
        valetkey::protocol::http::Response { aside, ..response(400, &json!({ "error": "invalid_grant" })) }
    });
    assert_eq!(code_of(&client.come_back(&state)), "invalid_grant");
    assert_eq!(client.provider.count(Document::TokenResponse), 1);
}

/// RFC 9449 §9: the nonce of one is nobody else's, and the server that gives tokens is another than the one that takes them.
#[test]
fn nonces_are_told_to_the_server_alone_that_gave_them() {
    let provider = provider();
    let client =
        Client::of(&provider, json!({ "resources": [API, "https://other.example.com/", "https://id.example.com/"] }));
    provider.proofs.want_nonce("of-the-token-endpoint");
    provider.resource_proofs.want_nonce("of-resources");
    client.sign_in();
    // The checker refuses whoever brings a nonce that it has not given.
    client.run(client.vault.user_info()).unwrap();
    assert_eq!(sent(&provider, Document::UserInfo).len(), 2);
    assert_eq!(sent(&provider, Document::UserInfo)[0].as_ref().unwrap().get("nonce"), None);
    // The UserInfo endpoint is on the origin of the third resource, whose nonce is known by now.
    for (url, tries) in [(API, 2), (API, 1), ("https://other.example.com/", 2), ("https://id.example.com/", 1)] {
        let before = provider.world.calls().len();
        assert_eq!(client.call("GET", url).unwrap().answer.status, 200);
        assert_eq!(provider.world.calls().len() - before, tries, "{url}");
    }
    client.run(client.vault.renew()).unwrap();
    assert_eq!(provider.proofs.claims("nonce"), ["of-the-token-endpoint", "of-the-token-endpoint"]);
}

/// All of them lack the nonce, and the first answer is not only the first call's.
#[test]
fn calls_side_by_side_are_all_repeated_with_the_nonce() {
    let client = client();
    client.sign_in();
    client.provider.resource_proofs.want_nonce("fresh");
    let world = client.provider.world.clone();
    world.hold_apis(true);
    let call = || client.vault.fetch(crate::provider::call("GET", API));
    let (first, second, third, ()) = client.run(async {
        futures::join!(call(), call(), call(), async {
            assert_eq!(world.calls().len(), 3);
            world.hold_apis(false);
        })
    });
    for answered in [first, second, third] {
        assert_eq!(answered.unwrap().answer.status, 200);
    }
    assert_eq!(world.calls().len(), 6);
}

#[test]
fn call_whose_nonces_never_end_is_answered_with_the_refusal() {
    let client = client();
    client.sign_in();
    let count = std::cell::Cell::new(0);
    client.provider.world.apis_answer_with(move |_| {
        count.set(count.get() + 1);
        let answer = MemoryAnswer::challenging(401, "dPoP error=\"use_dpop_nonce\"");
        MemoryAnswer { aside: Aside { nonce: Some(format!("n{}", count.get())), ..answer.aside }, ..answer }
    });
    assert_eq!(client.call("GET", API).unwrap().answer.status, 401);
    assert_eq!(client.provider.world.calls().len(), 2);
}

/// RFC 9449 §11.1: a device's clock may be a day wrong.
#[test]
fn clock_that_is_wrong_is_corrected_by_the_servers() {
    for ahead in [86_400, -86_400] {
        let client = client();
        client.provider.proofs.ahead.set(ahead);
        client.provider.proofs.tells_time.set(true);
        client.sign_in();
        assert_eq!(client.provider.count(Document::TokenResponse), 2);
        let issued = client.provider.proofs.claims("iat")[0].as_u64().unwrap();
        assert_eq!(issued, NOW.saturating_add_signed(ahead));
        // From then on at once, and as time goes by.
        client.provider.world.pass(100);
        client.run(client.vault.renew()).unwrap();
        assert_eq!(client.provider.count(Document::TokenResponse), 3);
        assert_eq!(client.provider.proofs.claims("iat")[1].as_u64().unwrap(), issued + 100);
    }
}

#[test]
fn clock_that_is_wrong_and_not_told_of_is_an_error_and_no_loop() {
    let client = client();
    client.provider.proofs.ahead.set(86_400);
    let state = client.start();
    assert_eq!(code_of(&client.come_back(&state)), "invalid_dpop_proof");
    assert_eq!(client.provider.count(Document::TokenResponse), 1);
}

/// What time it is says nothing where nobody has refused anything, and nothing if it is the same.
#[test]
fn clock_of_a_server_that_is_content_is_not_taken_over() {
    let client = client();
    client.provider.proofs.ahead.set(50);
    client.provider.proofs.tells_time.set(true);
    client.sign_in();
    client.run(client.vault.renew()).unwrap();
    assert_eq!(client.provider.proofs.claims("iat"), [NOW, NOW]);
}

#[test]
fn refusal_by_a_server_whose_clock_is_right_is_not_repeated() {
    let client = client();
    let state = client.start();
    client.provider.replace(Document::TokenResponse, || {
        let aside = Aside { date: Some(NOW + 5), ..Aside::default() };
        valetkey::protocol::http::Response { aside, ..response(400, &json!({ "error": "invalid_dpop_proof" })) }
    });
    assert_eq!(code_of(&client.come_back(&state)), "invalid_dpop_proof");
    assert_eq!(client.provider.count(Document::TokenResponse), 1);
}

/// the server's nonce makes the clock a matter of no importance.
#[test]
fn wrong_clock_and_a_nonce_work() {
    let client = client();
    client.provider.proofs.ahead.set(86_400);
    client.provider.proofs.want_nonce("fresh");
    client.sign_in();
}

/// RFC 9449 §5: the refresh token of a public client is bound to its key.
#[test]
fn renewal_is_proved_with_the_key_of_the_sign_in() {
    let client = client();
    client.sign_in();
    for _ in 0..2 {
        client.provider.world.pass(300);
        assert_eq!(client.call("GET", API).unwrap().answer.status, 200);
    }
    assert_eq!(client.provider.proofs.taken.borrow().len(), 3);
    assert_eq!(client.provider.proofs.keys().len(), 1);
}

/// Nothing was said of the refresh token.
#[test]
fn proof_that_is_refused_does_not_end_the_session() {
    let client = client();
    client.sign_in();
    for error in ["use_dpop_nonce", "invalid_dpop_proof"] {
        client.provider.replace(Document::TokenResponse, move || response(400, &json!({ "error": error })));
        assert_eq!(client.run(client.vault.renew()).unwrap_err().code(), error);
        assert!(client.is_signed_in());
    }
    client.provider.restore();
    client.run(client.vault.renew()).unwrap();
}

/// RFC 9449 §5: a token that anybody could use is not what was asked for.
#[test]
fn bearer_token_in_answer_to_a_proof_is_refused() {
    let client = client();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["token_type"] = json!("bearer"));
    let state = client.start();
    assert_eq!(code_of(&client.come_back(&state)), "dpop_downgraded");
    assert!(!client.is_signed_in());

    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["token_type"] = json!("dpop"));
    client.sign_in();
    *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["token_type"] = json!("Bearer"));
    assert_eq!(client.run(client.vault.renew()).unwrap_err().code(), "dpop_downgraded");
    assert!(!client.is_signed_in());
    assert_eq!(client.call("GET", API).unwrap_err().code(), "not_signed_in");
}

#[test]
fn tokens_are_bound_where_the_provider_announces_it_unless_that_is_off() {
    let signed_in = |announced: bool, dpop: &str| {
        let provider = provider();
        provider.dpop.set(announced);
        let client = Client::of(&provider, json!({ "dpop": dpop }));
        client.sign_in();
        assert_eq!(client.call("GET", API).unwrap().answer.status, 200);
        token_type(&client)
    };
    assert_eq!(signed_in(true, "auto"), TokenType::Dpop);
    assert_eq!(signed_in(true, "required"), TokenType::Dpop);
    assert_eq!(signed_in(true, "off"), TokenType::Bearer);
    assert_eq!(signed_in(false, "auto"), TokenType::Bearer);
    assert_eq!(signed_in(false, "off"), TokenType::Bearer);
}

/// RFC 9449 §5.1: none of the algorithms is one that a page can sign with.
#[test]
fn provider_without_a_common_algorithm_is_refused_where_keys_are_required() {
    for names in [json!(null), json!([]), json!(["none"]), json!(["HS256", "RS256"])] {
        let given = names.clone();
        let provider = provider();
        *provider.metadata.borrow_mut() =
            Box::new(move |metadata| metadata["dpop_signing_alg_values_supported"] = given.clone());
        let client = Client::of(&provider, json!({ "dpop": "required" }));
        let error = client.run(client.vault.sign_in(SignInOptions::default())).unwrap_err();
        assert_eq!(error.code(), "dpop_unsupported", "{names}");
        let client = Client::of(&provider, json!({}));
        client.sign_in();
        assert_eq!(token_type(&client), TokenType::Bearer);
    }
}

#[test]
fn page_without_webcrypto_is_signed_in_unless_it_insists_on_a_key() {
    let provider = provider();
    provider.world.break_crypto(true);
    let client = Client::of(&provider, json!({}));
    client.sign_in();
    assert_eq!(token_type(&client), TokenType::Bearer);
    let client = Client::of(&provider, json!({ "dpop": "required" }));
    let error = client.run(client.vault.sign_in(SignInOptions::default())).unwrap_err();
    assert_eq!(error.code(), "crypto_unavailable");
}

#[test]
fn user_info_is_asked_for_with_a_proof_of_the_access_token() {
    let client = client();
    client.sign_in();
    client.provider.resource_proofs.want_nonce("fresh");
    client.run(client.vault.user_info()).unwrap();
    let claims = client.provider.resource_proofs.taken.borrow()[0].claims.clone();
    assert_eq!((&claims["htm"], &claims["htu"]), (&json!("GET"), &json!(format!("{ISSUER}/userinfo"))));
    assert!(claims["ath"].is_string());
    assert_eq!(client.provider.count(Document::UserInfo), 2);
}

/// Without a key nobody wants to hear of nonces.
#[test]
fn bearer_call_is_not_repeated_for_a_nonce() {
    let client = Client::new();
    client.sign_in();
    client.provider.world.apis_answer_with(|_| {
        let answer = MemoryAnswer::challenging(401, "Bearer error=\"use_dpop_nonce\"");
        MemoryAnswer { aside: Aside { nonce: Some("fresh".into()), ..answer.aside }, ..answer }
    });
    assert_eq!(client.call("GET", API).unwrap().answer.status, 401);
    assert_eq!(client.provider.world.calls().len(), 1);
    assert_eq!(client.provider.world.proofs(), [None]);
}

/// More servers than a page has APIs: those that were not heard of for the longest are forgotten.
#[test]
fn servers_that_are_remembered_are_not_without_number() {
    let provider = provider();
    let hosts: Vec<_> = (0..17).map(|number| format!("https://api{number}.example.com/")).collect();
    let client = Client::of(&provider, json!({ "resources": hosts }));
    client.sign_in();
    provider.resource_proofs.want_nonce("fresh");
    for host in &hosts {
        client.call("GET", host).unwrap();
    }
    let before = provider.world.calls().len();
    client.call("GET", &hosts[16]).unwrap();
    assert_eq!(provider.world.calls().len() - before, 1, "the last one is remembered");
    client.call("GET", &hosts[0]).unwrap();
    assert_eq!(provider.world.calls().len() - before, 3, "the first one is not");
}

/// The thumbprint that the code is bound to is checked by the provider, not only sent (attack O-17).
#[test]
fn code_that_is_bound_to_another_key_is_refused() {
    let client = client();
    let state = client.start_with(SignInOptions { lasting: true, ..SignInOptions::default() });
    *client.provider.code_key.borrow_mut() = Some("of-somebody-else".into());
    assert_eq!(code_of(&client.ready(&callback_of(&state))), "invalid_grant");
}

/// The refresh token is being revoked by then.
#[test]
fn token_of_a_session_that_has_ended_is_not_sent_again_for_a_nonce() {
    for renewing in [true, false] {
        let client = client();
        client.sign_in();
        client.provider.proofs.want_nonce("fresh");
        client.provider.resource_proofs.want_nonce("fresh");
        let world = client.provider.world.clone();
        let (document, part) =
            if renewing { (Document::TokenResponse, "refresh_token=") } else { (Document::UserInfo, "/userinfo") };
        let before = client.provider.count(document);
        world.hold_answers_to(Some(part));
        let (code, ()) = client.run(async {
            let asking = async {
                if renewing {
                    client.vault.renew().await.unwrap_err().code()
                } else {
                    client.vault.user_info().await.unwrap_err().code()
                }
            };
            futures::join!(asking, async {
                world.settle();
                client.vault.sign_out(valetkey::vault::SignOutOptions::default()).await.unwrap();
                world.hold_answers_to(None);
            })
        });
        assert_eq!(client.provider.count(document) - before, 1, "{code}");
    }
}

/// A page may be allowed to read the nonce and not the challenge (CORS).
#[test]
fn nonce_is_enough_where_the_challenge_cannot_be_read() {
    let client = client();
    client.sign_in();
    let provider = Rc::clone(&client.provider);
    provider.resource_proofs.want_nonce("fresh");
    let answering = Rc::clone(&provider);
    provider.world.apis_answer_with(move |call| {
        let authorization = call.authorization.as_ref().map(|value| value.expose().as_str());
        match answering.admits(&call.method, &call.url, authorization, call.proof.as_deref()) {
            Ok(aside) => MemoryAnswer { status: 200, aside },
            Err((status, aside)) => MemoryAnswer { status, aside: Aside { challenge: None, ..aside } },
        }
    });
    assert_eq!(client.call("GET", API).unwrap().answer.status, 200);
    assert_eq!(client.provider.world.calls().len(), 2);
}

/// RFC 9449 §8 has 400, §9 has 401.
#[test]
fn refusal_with_another_status_is_not_repeated() {
    for (status, code) in [(403, "use_dpop_nonce"), (200, "use_dpop_nonce"), (503, "server_unavailable")] {
        let client = client();
        let state = client.start();
        client.provider.replace(Document::TokenResponse, move || {
            let aside = Aside { nonce: Some("fresh".into()), ..Aside::default() };
            valetkey::protocol::http::Response { aside, ..response(status, &json!({ "error": "use_dpop_nonce" })) }
        });
        assert_eq!(code_of(&client.come_back(&state)), code);
        assert_eq!(client.provider.count(Document::TokenResponse), 1, "{status}");
    }
}
