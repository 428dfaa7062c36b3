//! How the authorization response comes back: in the query or the fragment, as it is or signed (JARM).

use serde_json::{Value, json};
use valetkey::{
    protocol::{http::Document, jose::base64url},
    vault::{Arrival, SignInOptions},
};

use crate::provider::{CALLBACK, Client, ISSUER, NOW, Provider, callback_of, code_of};

fn client(mode: &str) -> Client {
    Client::of(&Provider::new(), json!({ "responseMode": mode }))
}

/// A response as the provider signs it.
fn claims(state: &str) -> Value {
    json!({ "iss": ISSUER, "aud": "spa", "exp": NOW + 60, "code": "SECRET-code", "state": state, "session_state": "s" })
}

fn signed(client: &Client, mark: char, claims: &Value) -> Arrival {
    client.ready(&format!("{CALLBACK}{mark}response={}", client.provider.sign(claims)))
}

#[test]
fn mode_is_asked_for_unless_it_is_the_default() {
    for (mode, expected) in [
        ("query", None),
        ("fragment", Some("fragment")),
        ("query.jwt", Some("query.jwt")),
        ("fragment.jwt", Some("fragment.jwt")),
    ] {
        let parameters = client(mode).parameters_of(SignInOptions::default());
        let asked = parameters.iter().find(|(name, _)| name == "response_mode").map(|(_, value)| value.as_str());
        assert_eq!(asked, expected);
    }
}

#[test]
fn answer_in_the_fragment_signs_in_and_leaves_the_address_bar() {
    let client = client("fragment");
    let state = client.start_with(SignInOptions { return_to: Some("/inbox".into()), ..SignInOptions::default() });
    let arrival = client.ready(&callback_of(&state).replace('?', "#"));
    assert_eq!((arrival.error, arrival.location.as_deref()), (None, Some("/inbox")));
    let arrival = client
        .ready(&format!("{CALLBACK}?page=1{}&route=2", callback_of(&state).replacen(&format!("{CALLBACK}?"), "#", 1)));
    assert_eq!((code_of(&arrival), arrival.location.as_deref()), ("callback_replayed", Some("/?page=1#route=2")));
}

#[test]
fn signed_answer_signs_in() {
    for (mode, mark) in [("query.jwt", '?'), ("fragment.jwt", '#')] {
        let client = client(mode);
        let state = client.start();
        let arrival = signed(&client, mark, &claims(&state));
        assert_eq!((arrival.error, arrival.location.as_deref()), (None, Some("/inbox?page=2#top")), "{mode}");
        assert!(client.is_signed_in());
        let form = client.provider.token_forms().pop().unwrap();
        assert!(form.contains(&("code".into(), "SECRET-code".into())));
        let again = signed(&client, mark, &claims(&state));
        assert_eq!(code_of(&again), "callback_replayed");
        assert_eq!(again.location.as_deref(), Some("/"), "what was signed leaves the address bar");
    }
}

/// JARM §2.4: one defect each, and the code goes nowhere.
#[test]
fn signed_answer_with_a_defect_is_refused() {
    type Defect = fn(&mut Value);
    let defects: [(Defect, &str); 15] = [
        (|claims| claims["iss"] = json!("https://evil.test"), "issuer_parameter_mismatch"),
        (|claims| claims["iss"] = json!(null), "member_missing"),
        (|claims| claims["aud"] = json!("other"), "audience_mismatch"),
        (|claims| claims["aud"] = json!(["spa", "other"]), "audience_mismatch"),
        (|claims| claims["aud"] = json!([]), "audience_mismatch"),
        (|claims| claims["aud"] = json!(null), "member_missing"),
        (|claims| claims["exp"] = json!(NOW - 300), "authorization_response_expired"),
        (|claims| claims["exp"] = json!(null), "member_missing"),
        (|claims| claims["exp"] = json!("1790000060"), "member_invalid"),
        (|claims| claims["code"] = json!(null), "callback_malformed"),
        (|claims| claims["code"] = json!(7), "callback_malformed"),
        (|claims| claims["error"] = json!("access_denied"), "callback_malformed"),
        (|claims| claims["id_token"] = json!("x.y.z"), "front_channel_token"),
        (|claims| claims["access_token"] = json!("x"), "front_channel_token"),
        (|claims| claims["code"] = json!("x".repeat(17_000)), "callback_too_large"),
    ];
    for (index, (defect, code)) in defects.into_iter().enumerate() {
        let client = client("query.jwt");
        let mut claims = claims(&client.start());
        defect(&mut claims);
        assert_eq!(code_of(&signed(&client, '?', &claims)), code, "{index}");
        assert_eq!(client.provider.count(Document::TokenResponse), 0, "{index}");
        assert!(!client.is_signed_in());
    }
}

#[test]
fn signed_answer_may_be_as_old_as_the_clocks_may_be_apart() {
    let client = client("query.jwt");
    let mut claims = claims(&client.start());
    claims["exp"] = json!(NOW - 299);
    assert_eq!(signed(&client, '?', &claims).error, None);
}

#[test]
fn refusal_can_be_signed() {
    let client = client("query.jwt");
    let state = client.start();
    let refusal = json!({ "iss": ISSUER, "aud": "spa", "exp": NOW + 60, "error": "access_denied", "state": state });
    let arrival = signed(&client, '?', &refusal);
    assert_eq!(code_of(&arrival), "access_denied");
}

/// Whoever does not have the provider's key, or has changed what was signed.
#[test]
fn answer_whose_signature_does_not_verify_is_refused() {
    let client = client("query.jwt");
    let token = client.provider.sign(&claims(&client.start()));
    let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let part = |value: &Value| base64url::encode(value.to_string().as_bytes());
    let mut other = claims(&client.start());
    other["code"] = json!("of-somebody-else");
    let forged = format!("{header}.{}.{signature}", part(&other));
    assert_eq!(code_of(&client.ready(&format!("{CALLBACK}?response={forged}"))), "signature_invalid");

    let stranger = Provider::new();
    stranger.rotate_keys(9);
    let state = client.start();
    let arrival = client.ready(&format!("{CALLBACK}?response={}", stranger.sign(&claims(&state))));
    assert_eq!(code_of(&arrival), "key_not_found");
    assert_eq!(client.provider.count(Document::TokenResponse), 0);
}

/// RFC 8725 §3.11.
#[test]
fn token_of_another_type_is_no_answer() {
    for (kind, code) in [("at+jwt", "token_type_confusion"), ("logout+jwt", "token_type_confusion"), ("JWT", "none")] {
        let client = client("query.jwt");
        let state = client.start();
        let token = client.provider.sign_as(kind, &claims(&state));
        assert_eq!(code_of(&client.ready(&format!("{CALLBACK}?response={token}"))), code, "{kind}");
    }
}

/// An unsigned one does not stand in for a signed one, nor the other way round.
#[test]
fn answer_in_another_mode_is_refused() {
    for (mode, plain, mark, code) in [
        ("query", true, '#', "front_channel_token"),
        ("query", false, '?', "response_mode_mismatch"),
        ("query", false, '#', "front_channel_token"),
        ("fragment", true, '?', "front_channel_token"),
        ("fragment", false, '#', "response_mode_mismatch"),
        ("fragment", false, '?', "front_channel_token"),
        ("query.jwt", true, '?', "response_mode_mismatch"),
        ("query.jwt", true, '#', "front_channel_token"),
        ("query.jwt", false, '#', "front_channel_token"),
        ("fragment.jwt", true, '#', "response_mode_mismatch"),
        ("fragment.jwt", true, '?', "front_channel_token"),
        ("fragment.jwt", false, '?', "front_channel_token"),
    ] {
        let client = client(mode);
        let state = client.start();
        let arrival = if plain {
            client.ready(&callback_of(&state).replace('?', &mark.to_string()))
        } else {
            signed(&client, mark, &claims(&state))
        };
        assert_eq!(code_of(&arrival), code, "{mode} {plain} {mark}");
        assert_eq!(arrival.location.as_deref(), Some("/"), "{mode} {plain} {mark}");
        assert_eq!(client.provider.count(Document::TokenResponse), 0);
    }
}

/// A signed answer with a state that is not ours is somebody else's.
#[test]
fn signed_answer_for_another_client_is_left_alone() {
    let client = client("query.jwt");
    for state in ["abc", "vk_AAAAAAAAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"] {
        let arrival = signed(&client, '?', &claims(state));
        assert_eq!((arrival.error, arrival.location), (None, None));
    }
}

/// Encrypted, or not signed at all: whose it is cannot be told, but a sign-in is in flight.
#[test]
fn answer_that_cannot_be_read_is_refused_while_somebody_waits() {
    let client = client("query.jwt");
    let part = |text: &str| base64url::encode(text.as_bytes());
    let unsigned = format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&claims("x").to_string()));
    for response in ["a.b.c.d.e", "", "x", &unsigned] {
        let href = format!("{CALLBACK}?response={response}");
        assert_eq!(client.ready(&href).error, None, "nobody waits");
    }
    client.start();
    let codes = [("a.b.c.d.e", "jws_malformed"), ("x", "jws_malformed"), (&unsigned, "algorithm_not_allowed")];
    for (response, code) in codes {
        let arrival = client.ready(&format!("{CALLBACK}?response={response}"));
        assert_eq!((code_of(&arrival), arrival.location.as_deref()), (code, Some("/")), "{response}");
    }
    assert_eq!(client.ready(&format!("{CALLBACK}inbox?response=x")).error, None);
}

#[test]
fn fragment_without_a_state_or_with_a_changed_one_is_refused() {
    let client = client("fragment");
    let state = client.start();
    assert_eq!(code_of(&client.ready(&format!("{CALLBACK}#code=x"))), "state_missing");
    assert_eq!(code_of(&client.ready(&format!("{CALLBACK}#error=x"))), "state_missing");
    assert_eq!(code_of(&client.ready(&format!("{CALLBACK}#code=x&state={state}x"))), "state_unknown");
    assert_eq!(client.ready(&format!("{CALLBACK}#/route?code=x")).error, None);
    assert_eq!(client.ready(&format!("{CALLBACK}#top")).error, None);
}

#[test]
fn answer_at_another_url_than_the_redirect_uri_is_refused() {
    let client = client("query.jwt");
    let state = client.start();
    let href = format!("{CALLBACK}inbox?response={}", client.provider.sign(&claims(&state)));
    assert_eq!(code_of(&client.ready(&href)), "redirect_uri_mismatch");
}

/// The vault was lost while the user was at the provider: the keys are fetched for the answer.
#[test]
fn signed_answer_is_verified_by_a_vault_that_did_not_start_the_sign_in() {
    let provider = Provider::new();
    let mode = json!({ "responseMode": "query.jwt" });
    let state = Client::of(&provider, mode.clone()).start();
    let second = Client::of(&provider, mode);
    assert_eq!(signed(&second, '?', &claims(&state)).error, None);
    assert!(second.is_signed_in());
}

/// The return from a sign-out is in the query, whatever the mode.
#[test]
fn return_from_a_sign_out_is_known_in_every_mode() {
    for mode in ["query", "fragment", "query.jwt", "fragment.jwt"] {
        let provider = Provider::new();
        let client = Client::of(&provider, json!({ "responseMode": mode, "postLogoutRedirectUri": CALLBACK }));
        let state = client.start();
        let arrival = match mode {
            "query" => client.come_back(&state),
            "fragment" => client.ready(&callback_of(&state).replace('?', "#")),
            "query.jwt" => signed(&client, '?', &claims(&state)),
            _ => signed(&client, '#', &claims(&state)),
        };
        assert_eq!(arrival.error, None);
        let options = valetkey::vault::SignOutOptions { return_to: Some("/bye".into()), ..Default::default() };
        let url = client.run(client.vault.sign_out(options)).unwrap().url.unwrap();
        let state = url.split("state=").nth(1).unwrap();
        let arrival = client.ready(&format!("{CALLBACK}?state={state}"));
        assert_eq!(arrival.location.as_deref(), Some("/bye"), "{mode}");
    }
}
