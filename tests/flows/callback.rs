//! Callbacks: ours, forged, replayed, foreign.

use serde_json::json;
use valetkey::{
    error::Platform as PlatformError,
    platform::{Clock, MAX_STORED, Store},
    protocol::{authorization::Prompting, http::Document},
    secret::Secret,
    vault::{SignInOptions, SignOutOptions},
};

use crate::provider::{CALLBACK, Client, NOW, Provider, callback_of, code_of};

fn tokens_requested(client: &Client) -> usize {
    client.provider.count(Document::TokenResponse)
}

/// The callback with one character of the state changed: a state of this client's form that nobody made.
fn forged(state: &str) -> String {
    let mut forged = state.to_owned();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    forged
}

#[test]
fn page_without_a_callback_is_left_alone() {
    let client = Client::new();
    let arrival = client.ready("https://app.example.com/orders?page=2");
    assert_eq!((arrival.location, arrival.error), (None, None));
}

#[test]
fn forged_callback_is_refused_without_any_request() {
    let client = Client::new();
    let state = client.start();
    let before = client.provider.world.requests().len();
    let arrival = client.come_back(&forged(&state));
    assert_eq!(code_of(&arrival), "state_unknown");
    assert_eq!(arrival.location.as_deref(), Some("/"));
    assert_eq!(client.provider.world.requests().len(), before);
    // The sign-in that was really started is not disturbed.
    assert_eq!(client.come_back(&state).error, None);
}

#[test]
fn forged_callback_does_not_end_a_session() {
    let client = Client::new();
    client.sign_in();
    let state = client.start();
    for query in [
        format!("code=x&state={}", forged(&state)),
        format!("error=login_required&state={}", forged(&state)),
        format!("access_token=x&state={}", forged(&state)),
    ] {
        let arrival = client.ready(&format!("{CALLBACK}?{query}"));
        assert_eq!(code_of(&arrival), "state_unknown", "{query}");
        assert!(client.is_signed_in());
    }
}

#[test]
fn replayed_callback_is_refused_and_the_code_is_sent_once() {
    let client = Client::new();
    let state = client.start();
    client.come_back(&state);
    assert_eq!(code_of(&client.come_back(&state)), "callback_replayed");
    assert_eq!(tokens_requested(&client), 1);
    assert!(client.is_signed_in());
}

#[test]
fn callback_brought_by_two_pages_at_once_is_processed_once() {
    let client = Client::new();
    let state = client.start();
    let href = callback_of(&state);
    let (first, second) = client.run(async { futures::join!(client.vault.ready(&href), client.vault.ready(&href)) });
    assert_eq!(first, second);
    assert_eq!(first.error, None);
    assert_eq!(tokens_requested(&client), 1);
}

#[test]
fn callback_of_another_library_is_left_alone() {
    let client = Client::new();
    client.start();
    let arrival = client.ready(&format!("{CALLBACK}?code=x&state=theirs"));
    assert_eq!((arrival.location, arrival.error), (None, None));
}

#[test]
fn state_of_ours_that_was_changed_on_its_way_is_refused() {
    let client = Client::new();
    let state = client.start();
    for changed in [format!("{state}1"), format!("{state}%20"), state[..state.len() - 1].to_owned()] {
        assert_eq!(code_of(&client.ready(&callback_of(&changed))), "state_unknown", "{changed}");
    }
    let elsewhere = callback_of(&format!("{state}1")).replace("com/", "com/elsewhere");
    assert_eq!(client.ready(&elsewhere).error, None);
    assert_eq!(tokens_requested(&client), 0);
    assert_eq!(client.come_back(&state).error, None);
}

#[test]
fn callback_of_another_client_of_this_library_is_left_alone() {
    let provider = Provider::new();
    let (one, other) = (Client::of(&provider, json!({})), Client::of(&provider, json!({ "clientId": "other" })));
    let state = one.start();
    let arrival = other.ready(&callback_of(&state));
    assert_eq!((arrival.location, arrival.error), (None, None));
    assert_eq!(one.come_back(&state).error, None);
}

#[test]
fn callback_without_state_is_refused_while_a_sign_in_waits() {
    let client = Client::new();
    client.start();
    for query in ["code=x", "error=access_denied"] {
        assert_eq!(code_of(&client.ready(&format!("{CALLBACK}?{query}"))), "state_missing", "{query}");
    }
    assert_eq!(tokens_requested(&client), 0);
}

#[test]
fn sign_in_waits_in_memory_as_it_does_in_storage() {
    let remembering = Client::of(&Provider::new(), json!({ "transactions": "memory" }));
    remembering.start();
    let provider = Provider::new();
    Client::of(&provider, json!({})).start();
    let fresh = Client::of(&provider, json!({}));
    for client in [remembering, fresh] {
        assert_eq!(code_of(&client.ready(&format!("{CALLBACK}?code=x"))), "state_missing");
    }
}

#[test]
fn code_without_state_is_left_alone_when_no_sign_in_waits() {
    let client = Client::new();
    let arrival = client.ready(&format!("{CALLBACK}?code=SUMMER"));
    assert_eq!((arrival.location, arrival.error), (None, None));
}

#[test]
fn callback_at_another_url_is_refused_and_its_sign_in_stays() {
    let client = Client::new();
    let state = client.start();
    let arrival = client.ready(&format!("https://app.example.com/elsewhere?code=x&state={state}&tab=1"));
    assert_eq!(code_of(&arrival), "redirect_uri_mismatch");
    assert_eq!(arrival.location.as_deref(), Some("/elsewhere?tab=1"));
    assert_eq!(client.come_back(&state).error, None);
}

#[test]
fn redirect_uri_with_a_query_of_its_own_is_recognised() {
    let client = Client::of(&Provider::new(), json!({ "redirectUri": format!("{CALLBACK}?tenant=a&lang=de") }));
    let state = client.start();
    let with = |own: &str| format!("{CALLBACK}?{own}code=SECRET-code&state={state}&iss=https%3A%2F%2Fid.example.com");
    for other in ["", "tenant=a&", "lang=de&", "tenant=b&lang=de&"] {
        assert_eq!(code_of(&client.ready(&with(other))), "redirect_uri_mismatch", "{other}");
    }
    assert_eq!(client.ready(&with("lang=de&tenant=a&")).error, None);
}

#[test]
fn response_in_the_fragment_is_refused_and_scrubbed() {
    let client = Client::new();
    let state = client.start();
    let arrival = client.ready(&format!("{CALLBACK}#access_token=x&state={state}"));
    assert_eq!(code_of(&arrival), "front_channel_token");
    assert_eq!(arrival.location.as_deref(), Some("/"));
    assert_eq!(tokens_requested(&client), 0);
}

#[test]
fn refused_callback_leaves_the_rest_of_the_url() {
    let client = Client::new();
    let state = client.start();
    let href = format!(
        "{CALLBACK}?lang=de&error=access_denied&error_description=no&state={state}&iss=https://id.example.com#top"
    );
    let arrival = client.ready(&href);
    assert_eq!(code_of(&arrival), "access_denied");
    assert_eq!(arrival.location.as_deref(), Some("/?lang=de#top"));
}

/// Of any response type: everything else is the application's.
#[test]
fn every_parameter_of_a_response_leaves_the_url() {
    let client = Client::new();
    let state = client.start();
    let own = "a=1&b=%20&code_=2&c";
    let response: String = [
        "access_token",
        "error",
        "error_description",
        "error_uri",
        "expires_in",
        "id_token",
        "iss",
        "response",
        "scope",
        "session_state",
        "token_type",
        "c%6Fde",
    ]
    .map(|name| format!("&{name}=x"))
    .concat();
    let arrival = client.ready(&format!("{CALLBACK}elsewhere?{own}&state={state}{response}#{own}{response}"));
    assert_eq!(code_of(&arrival), "redirect_uri_mismatch");
    assert_eq!(arrival.location.as_deref(), Some(format!("/elsewhere?{own}#{own}").as_str()));
}

/// `//evil.test` is a path to a URL, and another origin to an address bar.
#[test]
fn refused_callback_never_leads_to_another_origin() {
    let client = Client::new();
    let state = client.start();
    for path in ["//evil.test", "//evil.test/x"] {
        let arrival = client.ready(&format!("https://app.example.com{path}?code=x&state={state}"));
        assert_eq!(code_of(&arrival), "redirect_uri_mismatch");
        assert_eq!(arrival.location.as_deref(), Some("/"), "{path}");
    }
}

#[test]
fn issuer_parameter_is_held_against_the_issuer() {
    for (iss, code) in [
        ("", "issuer_parameter_missing"),
        ("&iss=https%3A%2F%2Fevil.test", "issuer_parameter_mismatch"),
        ("&iss=https%3A%2F%2Fid.example.com%2F", "issuer_parameter_mismatch"),
    ] {
        let client = Client::new();
        let state = client.start();
        let arrival = client.ready(&format!("{CALLBACK}?code=x&state={state}{iss}"));
        assert_eq!(code_of(&arrival), code);
        assert_eq!(tokens_requested(&client), 0, "no code goes to a provider that may not be the right one");
    }
}

#[test]
fn sign_in_older_than_an_hour_is_refused() {
    let client = Client::new();
    let state = client.start();
    client.provider.world.pass(3600);
    assert_eq!(code_of(&client.come_back(&state)), "transaction_expired");
    assert_eq!(tokens_requested(&client), 0);
}

#[test]
fn callback_larger_than_any_providers_is_refused() {
    let client = Client::new();
    let state = client.start();
    let arrival = client.ready(&format!("{CALLBACK}?code={}&state={state}", "x".repeat(100_000)));
    assert_eq!(code_of(&arrival), "callback_too_large");
}

#[test]
fn query_that_is_no_text_or_too_large_is_the_applications_own() {
    let client = Client::new();
    client.start();
    for query in ["q=%E9t%E9".to_owned(), format!("q={}", "x".repeat(100_000)), "state=theirs&q=%FF".to_owned()] {
        let arrival = client.ready(&format!("{CALLBACK}?{query}"));
        assert_eq!((arrival.location, arrival.error), (None, None), "{query}");
    }
}

#[test]
fn callback_that_is_no_text_is_refused() {
    let client = Client::new();
    let state = client.start();
    assert_eq!(code_of(&client.ready(&format!("{CALLBACK}?code=%FF&state={state}"))), "callback_malformed");
}

#[test]
fn lost_vault_finishes_the_sign_in_from_the_stored_copy() {
    let provider = Provider::new();
    let state = Client::of(&provider, json!({})).start();
    let fresh = Client::of(&provider, json!({}));
    let arrival = fresh.come_back(&state);
    assert_eq!(arrival.error, None);
    assert_eq!(arrival.location.as_deref(), Some("/inbox?page=2#top"));
    assert!(provider.world.stored().is_empty(), "single use");
}

#[test]
fn stored_copy_is_erased_when_the_vault_itself_remembered() {
    let client = Client::new();
    let state = client.start();
    assert_eq!(client.provider.world.stored().len(), 1);
    client.come_back(&state);
    assert!(client.provider.world.stored().is_empty());
}

#[test]
fn sign_in_in_memory_stores_nothing_and_ends_with_the_vault() {
    let provider = Provider::new();
    let options = json!({ "transactions": "memory" });
    let state = Client::of(&provider, options.clone()).start();
    assert!(provider.world.stored().is_empty());
    assert_eq!(code_of(&Client::of(&provider, options).come_back(&state)), "state_unknown");
}

/// What is in storage may have been put there by a script of the page.
#[test]
fn sign_in_in_memory_leaves_the_storage_alone() {
    let provider = Provider::new();
    let stored = Client::of(&provider, json!({})).start();
    let records = provider.world.stored();
    let client = Client::of(&provider, json!({ "transactions": "memory" }));
    assert_eq!(code_of(&client.come_back(&stored)), "state_unknown");
    let state = client.start();
    let record = Secret::new("theirs".to_owned());
    client.run(provider.world.put(&state, &record, provider.world.now().plus(60))).unwrap();
    assert_eq!(client.come_back(&state).error, None);
    client.run(client.vault.sign_out(SignOutOptions { local: true, ..SignOutOptions::default() })).unwrap();
    provider.world.settle();
    assert_eq!(provider.world.stored().len(), records.len() + 1);
}

#[test]
fn stored_copy_remembers_what_was_asked_for() {
    for (prompting, code) in [
        (Prompting { max_age: Some(60), ..Prompting::default() }, "auth_time_too_old"),
        (Prompting { acr_values: Some("gold".into()), ..Prompting::default() }, "acr_not_met"),
        (Prompting { max_age: Some(7200), acr_values: Some("tin bronze".into()), ..Prompting::default() }, "none"),
        (Prompting::default(), "none"),
    ] {
        let provider = Provider::new();
        *provider.claims.borrow_mut() = Box::new(|claims| {
            claims["auth_time"] = json!(NOW - 3600);
            claims["acr"] = json!("bronze");
        });
        let options = SignInOptions { prompting: prompting.clone(), ..SignInOptions::default() };
        let state = Client::of(&provider, json!({})).start_with(options);
        assert_eq!(code_of(&Client::of(&provider, json!({})).come_back(&state)), code, "{prompting:?}");
    }
}

/// RFC 9207 §2.4: what counts is what the provider announced when the request was made, and what it announces now.
#[test]
fn stored_copy_remembers_whether_the_issuer_parameter_was_announced() {
    for (then, now, code) in [
        (true, true, "issuer_parameter_missing"),
        (true, false, "issuer_parameter_missing"),
        (false, true, "issuer_parameter_missing"),
        (false, false, "none"),
    ] {
        let provider = Provider::new();
        let announce = |announced: bool| {
            *provider.metadata.borrow_mut() = Box::new(move |metadata| {
                metadata["authorization_response_iss_parameter_supported"] = json!(announced);
            });
        };
        announce(then);
        let state = Client::of(&provider, json!({})).start();
        announce(now);
        let fresh = Client::of(&provider, json!({}));
        let arrival = fresh.ready(&format!("{CALLBACK}?code=SECRET-code&state={state}"));
        assert_eq!(code_of(&arrival), code, "{then} {now}");
    }
}

#[test]
fn keys_are_fetched_beside_the_tokens_when_a_fresh_vault_finishes_the_sign_in() {
    let provider = Provider::new();
    let state = Client::of(&provider, json!({})).start();
    let fresh = Client::of(&provider, json!({}));
    let before = provider.count(Document::JwkSet);
    let href = callback_of(&state);
    provider.world.hold_answers(true);
    fresh.run(async {
        futures::join!(fresh.vault.ready(&href), async {
            provider.world.settle();
            assert_eq!(provider.count(Document::TokenResponse), 1);
            assert_eq!(provider.count(Document::JwkSet), before + 1, "no token was answered yet");
            provider.world.hold_answers(false);
        })
    });
    assert_eq!(provider.count(Document::JwkSet), before + 1);
}

#[test]
fn stored_copy_of_another_client_is_not_used() {
    for (ours, theirs) in [
        ("client_id=spa", "client_id=other"),
        ("issuer=https%3A%2F%2Fid", "issuer=https%3A%2F%2Fevil"),
        ("version=", "version=9"),
    ] {
        let provider = Provider::new();
        let state = Client::of(&provider, json!({})).start();
        provider.world.tamper_with_store(|record| record.replace(ours, theirs));
        assert_eq!(code_of(&Client::of(&provider, json!({})).come_back(&state)), "state_unknown", "{theirs}");
    }
}

#[test]
fn stored_copy_that_is_not_whole_is_not_used() {
    for name in ["version", "issuer", "client_id", "nonce", "verifier", "return_to", "scope", "started"] {
        let provider = Provider::new();
        let state = Client::of(&provider, json!({})).start();
        provider.world.tamper_with_store(|record| {
            let fields = record.split('&').filter(|field| !field.starts_with(&format!("{name}=")));
            fields.collect::<Vec<_>>().join("&")
        });
        assert_eq!(code_of(&Client::of(&provider, json!({})).come_back(&state)), "state_unknown", "{name}");
    }
}

#[test]
fn tampered_return_to_of_the_stored_copy_is_replaced() {
    let provider = Provider::new();
    let state = Client::of(&provider, json!({})).start();
    provider.world.tamper_with_store(|record| record.replace("%2Finbox", "%2F%2Fevil.test"));
    let arrival = Client::of(&provider, json!({})).come_back(&state);
    assert_eq!(arrival.location.as_deref(), Some("/"));
}

/// ATTACKS M-13: another version of the library left it behind.
#[test]
fn stored_copy_of_another_version_counts_as_absent() {
    for (version, other) in [("version=3", "version=2"), ("version=3&", "")] {
        let provider = Provider::new();
        let state = Client::of(&provider, json!({})).start();
        provider.world.tamper_with_store(|record| record.replace(version, other));
        let fresh = Client::of(&provider, json!({}));
        assert_eq!(code_of(&fresh.come_back(&state)), "state_unknown");
        assert_eq!(tokens_requested(&fresh), 0);
    }
}

#[test]
fn tampered_nonce_of_the_stored_copy_is_refused() {
    let provider = Provider::new();
    let state = Client::of(&provider, json!({})).start();
    provider.world.tamper_with_store(|record| record.replace("nonce=", "nonce=x"));
    assert_eq!(code_of(&Client::of(&provider, json!({})).come_back(&state)), "nonce_mismatch");
}

#[test]
fn stored_copy_that_forgot_the_issuer_parameter_does_not_help() {
    let provider = Provider::new();
    let state = Client::of(&provider, json!({})).start();
    provider.world.tamper_with_store(|record| record.replace("iss=1", "iss="));
    let fresh = Client::of(&provider, json!({}));
    let arrival = fresh.ready(&format!("{CALLBACK}?code=x&state={state}"));
    assert_eq!(code_of(&arrival), "issuer_parameter_missing");
    assert_eq!(tokens_requested(&fresh), 0);
}

#[test]
fn code_goes_where_the_metadata_of_the_request_said() {
    let client = Client::new();
    let state = client.start();
    *client.provider.metadata.borrow_mut() =
        Box::new(|metadata| metadata["token_endpoint"] = json!("https://evil.test/token"));
    client.provider.world.pass(3599);
    client.come_back(&state);
    let request =
        client.provider.world.requests().into_iter().find(|request| request.document == Document::TokenResponse);
    assert_eq!(request.unwrap().url, "https://id.example.com/token");
}

#[test]
fn code_is_not_sent_to_an_endpoint_that_changed_while_no_vault_was_alive() {
    let provider = Provider::new();
    let state = Client::of(&provider, json!({})).start();
    *provider.metadata.borrow_mut() =
        Box::new(|metadata| metadata["token_endpoint"] = json!("https://evil.test/token"));
    let fresh = Client::of(&provider, json!({}));
    assert_eq!(code_of(&fresh.come_back(&state)), "token_endpoint_changed");
    assert_eq!(tokens_requested(&fresh), 0);
}

#[test]
fn token_endpoint_of_the_stored_copy_does_not_say_where_the_code_goes() {
    let provider = Provider::new();
    let state = Client::of(&provider, json!({})).start();
    provider.world.tamper_with_store(|record| record.replace("id.example.com%2Ftoken", "evil.test%2Ftoken"));
    let fresh = Client::of(&provider, json!({}));
    assert_eq!(code_of(&fresh.come_back(&state)), "token_endpoint_changed");
    assert_eq!(tokens_requested(&fresh), 0);
}

#[test]
fn provider_that_stops_at_the_callback_is_an_error_and_signs_nobody_in() {
    let client = Client::new();
    let state = client.start();
    client.provider.fail(Document::TokenResponse, PlatformError::ProviderUnreachable);
    assert_eq!(code_of(&client.come_back(&state)), "provider_unreachable");
    assert!(!client.is_signed_in());
    client.provider.mend();
    assert_eq!(code_of(&client.come_back(&state)), "callback_replayed", "the code may have been sent: never again");
    client.sign_in();
}

#[test]
fn sign_out_cancels_a_sign_in_in_flight() {
    let client = Client::new();
    let state = client.start();
    client.run(client.vault.sign_out(SignOutOptions::default())).unwrap();
    assert_eq!(code_of(&client.come_back(&state)), "state_unknown");
    assert!(!client.is_signed_in());
}

#[test]
fn sign_out_cancels_a_callback_under_way() {
    let client = Client::new();
    let state = client.start();
    let href = callback_of(&state);
    let world = client.provider.world.clone();
    world.hold_answers(true);
    let (arrival, ()) = client.run(async {
        futures::join!(client.vault.ready(&href), async {
            world.settle();
            client.vault.sign_out(SignOutOptions::default()).await.unwrap();
            world.hold_answers(false);
        })
    });
    assert_eq!(code_of(&arrival), "superseded");
    assert!(!client.is_signed_in());
}

#[test]
fn stored_sign_ins_are_bounded_and_the_latest_is_among_them() {
    let provider = Provider::new();
    let mut latest = String::new();
    for _ in 0..100 {
        // A vault of its own each time, as where it does not outlive the page.
        latest = Client::of(&provider, json!({})).start();
    }
    assert_eq!(provider.world.stored().len(), MAX_STORED);
    assert_eq!(Client::of(&provider, json!({})).come_back(&latest).error, None);
}

#[test]
fn sign_out_cancels_a_sign_in_that_waits_for_the_metadata() {
    let provider = Provider::new();
    provider.world.hold_answers(true);
    let client = Client::of(&provider, json!({}));
    let (outcome, ()) = client.run(async {
        futures::join!(client.vault.sign_in(SignInOptions::default()), async {
            provider.world.settle();
            client.vault.sign_out(SignOutOptions::default()).await.unwrap();
            provider.world.hold_answers(false);
        })
    });
    assert_eq!(outcome.unwrap_err().code(), "superseded");
    assert!(provider.world.stored().is_empty());
}

#[test]
fn many_sign_ins_at_once_are_bounded() {
    for (further, code) in [(15, "none"), (16, "state_unknown")] {
        let client = Client::of(&Provider::new(), json!({ "transactions": "memory" }));
        let first = client.start();
        for _ in 0..further {
            client.run(client.vault.sign_in(SignInOptions::default())).unwrap();
        }
        assert_eq!(code_of(&client.come_back(&first)), code);
        client.sign_in();
    }
}

#[test]
fn callbacks_that_are_remembered_are_bounded() {
    let client = Client::new();
    let first = client.start();
    client.come_back(&first);
    for _ in 0..15 {
        client.sign_in();
    }
    assert_eq!(code_of(&client.come_back(&first)), "callback_replayed");
    client.sign_in();
    assert_eq!(code_of(&client.come_back(&first)), "state_unknown", "used all the same");
    assert_eq!(tokens_requested(&client), 17);
}

/// So that the callback of one client of a page is never taken for another's.
#[test]
fn state_begins_with_a_tag_of_provider_and_client() {
    let tag = |issuer: &str, client_id: &str| {
        let provider = Provider::new();
        let named = issuer.to_owned();
        *provider.metadata.borrow_mut() = Box::new(move |metadata| metadata["issuer"] = json!(named));
        let state = Client::of(&provider, json!({ "issuer": issuer, "clientId": client_id })).start();
        let (tag, random) = state.strip_prefix("vk_").unwrap().split_at(8);
        assert_eq!(random.len(), 43);
        tag.to_owned()
    };
    let ours = tag("https://id.example.com/a", "b");
    assert_eq!(tag("https://id.example.com/a", "b"), ours);
    for (issuer, client_id) in
        [("https://id.example.com/a", "c"), ("https://id.example.com/b", "b"), ("https://id.example.com/", "ab")]
    {
        assert_ne!(tag(issuer, client_id), ours, "{issuer} {client_id}");
    }
}

/// Each worker and page of the origin may have a vault of the client, and each hears of the callback.
#[test]
fn callback_that_is_brought_to_two_vaults_sends_its_code_once() {
    for first in [0, 1] {
        let provider = Provider::new();
        let clients = [Client::of(&provider, json!({})), Client::of(&provider, json!({}))];
        let state = clients[0].start();
        let arrivals = [clients[first].come_back(&state), clients[1 - first].come_back(&state)];
        assert_eq!(arrivals.each_ref().map(code_of), ["none", "state_unknown"]);
        assert_eq!(provider.count(Document::TokenResponse), 1);
    }
}

#[test]
fn site_data_that_is_cleared_on_the_way_loses_no_sign_in_that_the_vault_remembers() {
    let client = Client::new();
    let state = client.start();
    client.provider.world.clear_store();
    assert_eq!(code_of(&client.come_back(&state)), "none");
    assert!(client.is_signed_in());
}
