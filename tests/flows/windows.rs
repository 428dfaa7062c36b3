//! Sign-in in a popup and in a hidden frame: the callback comes in another window, and the page that asked is told.

use serde_json::json;
use valetkey::{
    error::Error,
    protocol::{
        authorization::Prompting,
        http::Document,
        url::{Transport, Url, decode_form},
    },
    vault::{Departure, Mode, SignInOptions, SignOutOptions, message::Snapshot, trace::Step},
};

use crate::provider::{CALLBACK, CALLBACK_PAGE, Client, Provider, callback_at, code_of};

fn client() -> Client {
    Client::of(&Provider::new(), json!({ "callbackUri": CALLBACK_PAGE }))
}

fn options(mode: Mode) -> SignInOptions {
    SignInOptions { mode, ..SignInOptions::default() }
}

/// Starts, and has the provider learn the nonce.
fn start(client: &Client, mode: Mode) -> (Departure, String) {
    let departure = client.run(client.vault.sign_in(options(mode))).unwrap();
    let state = parameter(&departure, "state").unwrap();
    client.provider.learn(&parameter(&departure, "nonce").unwrap());
    (departure, state)
}

fn parameter(departure: &Departure, name: &str) -> Option<String> {
    let url = Url::parse(&departure.url, Transport::Secure).unwrap();
    let parameters = decode_form(url.query().unwrap()).unwrap();
    parameters.into_iter().find(|(other, _)| other == name).map(|(_, value)| value)
}

fn outcome(client: &Client, departure: &Departure) -> Result<(), Error> {
    client.run(client.vault.outcome(departure.ticket))
}

#[test]
fn page_that_asked_is_told_when_the_callback_came_in_another_window() {
    for mode in [Mode::Popup, Mode::Silent] {
        let client = client();
        let (departure, state) = start(&client, mode);
        assert_eq!(parameter(&departure, "redirect_uri").as_deref(), Some(CALLBACK_PAGE));
        assert_eq!(parameter(&departure, "prompt").as_deref(), (mode == Mode::Silent).then_some("none"));
        let arrival = client.ready(&callback_at(CALLBACK_PAGE, &state));
        assert_eq!((arrival.mode, arrival.error), (mode, None));
        outcome(&client, &departure).unwrap();
        outcome(&client, &departure).unwrap();
        assert!(client.is_signed_in());
        let token_request =
            client.provider.world.requests().into_iter().find(|r| r.document == Document::TokenResponse);
        let form = decode_form(token_request.unwrap().form.unwrap().expose()).unwrap();
        assert!(form.contains(&("redirect_uri".into(), CALLBACK_PAGE.into())));
    }
}

#[test]
fn refusal_is_told_to_the_page_that_asked() {
    let client = client();
    let (departure, state) = start(&client, Mode::Silent);
    let href = format!("{CALLBACK_PAGE}?error=login_required&state={state}&iss=https://id.example.com");
    let arrival = client.ready(&href);
    assert_eq!((arrival.mode, code_of(&arrival)), (Mode::Silent, "login_required"));
    assert_eq!(outcome(&client, &departure).unwrap_err().code(), "login_required");
}

#[test]
fn silent_sign_in_takes_no_other_prompt() {
    let client = client();
    for (prompt, taken) in [("none", true), ("login", false), ("none login", false), ("", false)] {
        let prompting = Prompting { prompt: Some(prompt.into()), ..Prompting::default() };
        let outcome = client.run(client.vault.sign_in(SignInOptions { prompting, ..options(Mode::Silent) }));
        assert_eq!(outcome.map_err(|error| error.code()).err(), (!taken).then_some("prompt_invalid"), "{prompt}");
    }
}

#[test]
fn frame_leaves_nothing_in_storage() {
    let client = client();
    start(&client, Mode::Silent);
    assert!(client.provider.world.stored().is_empty());
    start(&client, Mode::Popup);
    assert_eq!(client.provider.world.stored().len(), 1);
}

#[test]
fn popup_is_finished_by_a_vault_that_has_lost_its_memory() {
    let former = client();
    let (_, state) = start(&former, Mode::Popup);
    let later = Client::of(&former.provider, json!({ "callbackUri": CALLBACK_PAGE }));
    let arrival = later.ready(&callback_at(CALLBACK_PAGE, &state));
    assert_eq!((arrival.mode, arrival.error), (Mode::Popup, None));
    assert!(later.is_signed_in());
}

#[test]
fn each_sign_in_ends_at_its_own_redirect_uri() {
    for (mode, elsewhere) in [(Mode::Popup, CALLBACK), (Mode::Redirect, CALLBACK_PAGE)] {
        let client = client();
        let (departure, state) = start(&client, mode);
        assert_eq!(code_of(&client.ready(&callback_at(elsewhere, &state))), "redirect_uri_mismatch");
        assert_eq!(outcome(&client, &departure).unwrap_err().code(), "redirect_uri_mismatch");
        assert_eq!(client.provider.count(Document::TokenResponse), 0);
    }
}

#[test]
fn what_was_given_up_is_refused_when_it_comes() {
    let client = client();
    let (departure, state) = start(&client, Mode::Popup);
    client.run(client.vault.cancel(departure.ticket));
    assert_eq!(outcome(&client, &departure).unwrap_err().code(), "superseded");
    assert!(client.provider.world.stored().is_empty());
    assert_eq!(code_of(&client.ready(&callback_at(CALLBACK_PAGE, &state))), "state_unknown");
    assert!(client.vault.trace().iter().any(|entry| entry.step == Step::SignInCancelled));
    // Once more is no error, nor is what never was.
    client.run(client.vault.cancel(departure.ticket));
    client.run(client.vault.cancel(99));
}

#[test]
fn sign_out_and_too_many_sign_ins_end_the_waiting() {
    let client = client();
    let (departure, _) = start(&client, Mode::Popup);
    client.run(client.vault.sign_out(SignOutOptions::default())).unwrap();
    assert_eq!(outcome(&client, &departure).unwrap_err().code(), "superseded");
    let (departure, _) = start(&client, Mode::Popup);
    for _ in 0..40 {
        start(&client, Mode::Popup);
    }
    assert_eq!(outcome(&client, &departure).unwrap_err().code(), "superseded");
    assert_eq!(client.run(client.vault.outcome(12_345)).unwrap_err().code(), "superseded");
}

#[test]
fn silent_sign_in_never_changes_the_user_and_the_tokens_of_the_other_are_revoked() {
    let client = client();
    client.sign_in();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
    let (departure, state) = start(&client, Mode::Silent);
    assert_eq!(code_of(&client.ready(&callback_at(CALLBACK_PAGE, &state))), "user_changed");
    assert_eq!(outcome(&client, &departure).unwrap_err().code(), "user_changed");
    let Snapshot::SignedIn { claims, .. } = client.vault.snapshot() else { panic!("signed out") };
    assert!(claims.contains("ada"));
    let revoked = client.provider.revoked.borrow().clone();
    assert_eq!(
        revoked.iter().map(|(_, token)| token.as_str()).collect::<Vec<_>>(),
        ["SECRET-refresh-2", "SECRET-access-2"]
    );
}

#[test]
fn q_21_popup_may_change_the_user_and_says_so() {
    let client = client();
    client.sign_in();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
    let (departure, state) = start(&client, Mode::Popup);
    client.ready(&callback_at(CALLBACK_PAGE, &state));
    outcome(&client, &departure).unwrap();
    let Snapshot::SignedIn { claims, .. } = client.vault.snapshot() else { panic!("signed out") };
    assert!(claims.contains("eve") && !claims.contains("ada"));
    assert_eq!(client.vault.trace().iter().filter(|entry| entry.step == Step::UserChanged).count(), 1);
}

#[test]
fn session_state_is_kept_if_it_is_one() {
    for (given, kept) in
        [("abc.def", Some("abc.def")), ("", None), ("a%20b", None), ("%3Cb%3E", Some("<b>")), ("%C3%A9", None)]
    {
        let client = client();
        let (_, state) = start(&client, Mode::Redirect);
        client.ready(&format!("{}&session_state={given}", callback_at(CALLBACK, &state)));
        let Snapshot::SignedIn { session_state, .. } = client.vault.snapshot() else { panic!("signed out: {given}") };
        assert_eq!(session_state.as_deref(), kept, "{given}");
    }
    let client = client();
    let (_, state) = start(&client, Mode::Redirect);
    client.ready(&format!("{}&session_state={}", callback_at(CALLBACK, &state), "a".repeat(1025)));
    let Snapshot::SignedIn { session_state, .. } = client.vault.snapshot() else { panic!("signed out") };
    assert_eq!(session_state, None);
}

/// Each tab may have a vault of its own, and all of them hear of a callback.
#[test]
fn vault_that_began_the_sign_in_goes_first() {
    let provider = Provider::new();
    let clients = [(); 2].map(|()| Client::of(&provider, json!({ "callbackUri": CALLBACK_PAGE })));
    let (departure, state) = start(&clients[0], Mode::Popup);
    let href = callback_at(CALLBACK_PAGE, &state);
    let (other, own, ()) = clients[0].run(async {
        futures::join!(clients[1].vault.overhear(&href), clients[0].vault.overhear(&href), async {
            provider.world.settle();
            assert!(clients[0].is_signed_in());
            provider.world.pass(1);
        })
    });
    assert_eq!((own.error, code_of(&other)), (None, "state_unknown"));
    outcome(&clients[0], &departure).unwrap();
    assert!(!clients[1].is_signed_in());
}

#[test]
fn vault_that_began_the_sign_in_and_is_gone_is_not_waited_for_long() {
    let provider = Provider::new();
    let clients = [(); 2].map(|()| Client::of(&provider, json!({ "callbackUri": CALLBACK_PAGE })));
    let (_, state) = start(&clients[0], Mode::Popup);
    let href = callback_at(CALLBACK_PAGE, &state);
    let (arrival, ()) = clients[1].run(async {
        futures::join!(clients[1].vault.overhear(&href), async {
            provider.world.settle();
            assert!(!clients[1].is_signed_in());
            provider.world.pass(1);
        })
    });
    assert_eq!((arrival.mode, arrival.error), (Mode::Popup, None));
    assert!(clients[1].is_signed_in());
    // Nothing of it is left for a page that hears of what is none of ours.
    assert!(clients[1].run(clients[1].vault.overhear("https://app.example.com/")).error.is_none());
}
