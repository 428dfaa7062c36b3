//! Every reason of the error list comes out of the library: most of them here, each in a flow of its own. Those that only a
//! page or a browser can bring about have their tests elsewhere, which are named.

use std::{fs, path::Path};

use serde_json::{Value, json};
use valetkey::{
    config::Config,
    error::{Cancellation, Configuration, Error, Platform, Provider as Refusal, Reason, Usage, Violation},
    protocol::{
        authorization::Prompting,
        http::{Document, Response},
        jose::{base64url, jws::CompactJws},
        revocation,
    },
    vault::{Mode, SignInOptions, SignOutOptions},
};

use crate::provider::{
    API, APP, CALLBACK, CALLBACK_PAGE, Client, ISSUER, NOW, Provider, callback_at, callback_of, response,
};

/// What only a page or a browser can bring about, and the test that does.
const ELSEWHERE: &[(&str, &str)] = &[
    ("isolation_unavailable", "tests/e2e/isolation.test.mjs"),
    ("vault_url_foreign", "tests/e2e/policy.test.mjs"),
    ("redirect_uri_shared", "tests/attacks/b-mix-up.test.mjs"),
    ("metadata_ambiguous", "tests/attacks/b-mix-up.test.mjs"),
    ("framed_by_stranger", "tests/attacks/i-framing.test.mjs"),
    ("not_in_browser", "tests/package/server-side.test.mjs"),
    ("command_invalid", "tests/browser/port.rs"),
    ("sign_in_abandoned", "tests/e2e/abandoned.test.mjs"),
    ("provider_unreachable", "tests/e2e/provider-trouble.test.mjs"),
    ("cors_blocked", "tests/e2e/provider-trouble.test.mjs"),
    ("offline", "tests/e2e/api-call.test.mjs"),
    ("redirect_refused", "tests/e2e/provider-trouble.test.mjs"),
    ("timed_out", "tests/e2e/provider-trouble.test.mjs"),
    ("response_too_large", "tests/e2e/provider-trouble.test.mjs"),
    ("storage_unavailable", "tests/e2e/start.test.mjs"),
    ("crypto_unavailable", "tests/browser/crypto.rs"),
    ("wasm_unavailable", "tests/e2e/policy.test.mjs"),
    ("wasm_blocked", "tests/e2e/policy.test.mjs"),
    ("vault_unreachable", "tests/e2e/policy.test.mjs"),
    ("vault_crashed", "tests/e2e/crash.test.mjs"),
    ("vault_mismatch", "tests/e2e/integrity.test.mjs"),
    ("restore_suspended", "tests/e2e/restore.test.mjs"),
    ("session_monitoring_unavailable", "tests/e2e/session-management.test.mjs"),
    ("aborted", "tests/engines/subjects/api.mjs"),
    ("popup_closed", "tests/e2e/popup.test.mjs"),
    ("popup_blocked", "tests/e2e/popup.test.mjs"),
    ("popup_timed_out", "tests/e2e/popup.test.mjs"),
    ("silent_timed_out", "tests/e2e/silent.test.mjs"),
    ("silent_blocked", "tests/e2e/silent.test.mjs"),
];

#[test]
fn every_reason_is_produced() {
    for reason in Reason::all() {
        let code = reason.code();
        let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == code);
        match (produce(reason), elsewhere) {
            (Some(error), None) => assert_eq!(error.reason(), reason, "{error}"),
            (None, Some((_, file))) => {
                let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
                let names = text.contains(&format!("\"{code}\"")) || text.contains(&variant(reason));
                assert!(names, "{file} does not expect {code}");
            }
            (None, None) => panic!("nothing produces {reason:?}: add a flow that ends in it"),
            (Some(_), Some(_)) => panic!("{reason:?} is produced here: it need not be listed"),
        }
    }
}

#[test]
fn reasons_that_are_produced_elsewhere_are_reasons() {
    for (code, _) in ELSEWHERE {
        assert!(Reason::all().any(|reason| reason.code() == *code), "{code}");
    }
}

/// How a test in Rust names it.
fn variant(reason: Reason) -> String {
    format!("{reason:?}").replace("Platform(", "PlatformError::")
}

/// The error of a flow that is made to end in this reason.
fn produce(reason: Reason) -> Option<Error> {
    match reason {
        Reason::Configuration(reason) => misconfigured(reason),
        Reason::Usage(reason) => misused(reason),
        Reason::Provider(reason) => Some(refused(reason)),
        Reason::Protocol(reason) => violated(reason),
        Reason::Cancelled(Cancellation::Superseded) => Some(superseded()),
        Reason::Cancelled(Cancellation::UserChanged) => Some(user_changed()),
        Reason::Platform(Platform::ServerUnavailable) => {
            Some(answered(Document::TokenResponse, || response(503, &json!({}))))
        }
        Reason::Platform(Platform::RandomUnavailable) => {
            let client = Client::new();
            client.provider.world.break_random(true);
            client.run(client.vault.sign_in(SignInOptions::default())).err()
        }
        _ => None,
    }
}

/// Somebody else is signed in at the provider when the client asks silently.
fn user_changed() -> Error {
    let client = Client::of(&Provider::new(), json!({ "callbackUri": CALLBACK_PAGE }));
    client.sign_in();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["sub"] = json!("eve"));
    let state = client.start_with(SignInOptions { mode: Mode::Silent, ..SignInOptions::default() });
    client.ready(&callback_at(CALLBACK_PAGE, &state)).error.unwrap()
}

fn misconfigured(reason: Configuration) -> Option<Error> {
    let option = |name: &str, value: Value| {
        let mut config = json!({ "issuer": ISSUER, "clientId": "spa", "redirectUri": CALLBACK });
        config[name] = value;
        Config::parse(&config.to_string(), APP).err()
    };
    match reason {
        Configuration::OptionUnknown => option("audience", json!("x")),
        Configuration::OptionInvalid => option("scope", json!(7)),
        Configuration::IssuerInvalid => option("issuer", json!("id.example.com")),
        Configuration::InsecureHttp => option("issuer", json!("http://id.example.com")),
        Configuration::ClientIdInvalid => option("clientId", json!("")),
        Configuration::RedirectUriInvalid => option("redirectUri", json!("/")),
        Configuration::RedirectUriForeign => option("redirectUri", json!("https://evil.test/")),
        Configuration::PostLogoutRedirectUriInvalid => option("postLogoutRedirectUri", json!("/bye")),
        Configuration::ResourceInvalid => option("resources", json!(["/api"])),
        Configuration::ScopeInvalid => option("scope", json!("profile")),
        Configuration::ClockToleranceInvalid => option("clockTolerance", json!(60_000)),
        Configuration::ParameterReserved => {
            not_started(Prompting { extra: vec![("state".into(), "x".into())], ..Prompting::default() })
        }
        Configuration::PromptInvalid => {
            not_started(Prompting { prompt: Some("none login".into()), ..Prompting::default() })
        }
        _ => None,
    }
}

fn misused(reason: Usage) -> Option<Error> {
    match reason {
        Usage::CallbackUriMissing => {
            let client = Client::new();
            client.run(client.vault.sign_in(SignInOptions { mode: Mode::Popup, ..SignInOptions::default() })).err()
        }
        Usage::NotSignedIn => call(&Client::new(), API),
        Usage::ResourceNotListed => call(&signed_in(), "https://evil.test/"),
        Usage::RequestInvalid => call(&signed_in(), "/orders"),
        Usage::UserInfoEndpointMissing => {
            let provider = Provider::new();
            *provider.metadata.borrow_mut() = Box::new(|metadata| metadata["userinfo_endpoint"] = Value::Null);
            let client = Client::of(&provider, json!({}));
            client.sign_in();
            client.run(client.vault.user_info()).err()
        }
        Usage::AccessTokenNotExposed => {
            let client = signed_in();
            client.run(client.vault.exposed_access_token(None)).err()
        }
        Usage::SignInLoop => Some(crate::rows::refused()),
        Usage::AccessTokenExpired => {
            let client = Client::new();
            *client.provider.tokens.borrow_mut() = Box::new(|tokens| tokens["refresh_token"] = Value::Null);
            client.sign_in();
            client.provider.world.pass(300);
            call(&client, API)
        }
        _ => None,
    }
}

/// What the provider says instead of a code.
fn refused(reason: Refusal) -> Error {
    let word = if reason == Refusal::Other { "slow_down" } else { reason.code() };
    called_back(&format!("error={word}&iss={ISSUER}"))
}

fn violated(reason: Violation) -> Option<Error> {
    use Violation as V;
    match reason {
        V::StateUnknown
        | V::StateMissing
        | V::TransactionExpired
        | V::CallbackReplayed
        | V::RedirectUriMismatch
        | V::ParameterRepeated
        | V::CallbackTooLarge
        | V::CallbackMalformed
        | V::FrontChannelToken
        | V::IssuerParameterMissing
        | V::IssuerParameterMismatch => violated_by_callback(reason),
        V::TokenEndpointChanged => {
            let provider = Provider::new();
            let state = Client::of(&provider, json!({})).start();
            *provider.metadata.borrow_mut() =
                Box::new(|metadata| metadata["token_endpoint"] = json!("https://evil.test/token"));
            Client::of(&provider, json!({})).come_back(&state).error
        }

        V::ResponseModeMismatch | V::ResponseExpired => violated_by_response_mode(reason),
        V::DpopKeyLost | V::DpopUnsupported | V::DpopDowngraded => violated_by_key(reason),
        V::PushedRequestsUnsupported | V::PushedResponseInvalid => violated_by_push(reason),

        V::RevocationStatus => revocation::process(&response(404, &json!({}))).err(),

        V::JsonMalformed => Some(answered(Document::TokenResponse, || text("application/json", "{"))),
        V::JsonDuplicateMember => {
            Some(answered(Document::TokenResponse, || text("application/json", r#"{"a":1,"a":2}"#)))
        }
        V::JsonTooComplex => Some(answered(Document::TokenResponse, || text("application/json", &"[".repeat(100)))),
        V::JsonNotAnObject => Some(answered(Document::TokenResponse, || text("application/json", "[]"))),
        V::ContentTypeMismatch => Some(answered(Document::TokenResponse, || text("text/html", "<!doctype html>"))),

        V::MemberMissing => Some(described(|metadata| metadata["token_endpoint"] = Value::Null)),
        V::MemberInvalid => Some(described(|metadata| metadata["token_endpoint"] = json!("/token"))),
        V::MetadataNotFound => Some(answered(Document::Metadata, || response(404, &json!({})))),
        V::MetadataIssuerMismatch => Some(described(|metadata| metadata["issuer"] = json!("https://evil.test"))),
        V::PkceUnsupported => {
            Some(described(|metadata| metadata["code_challenge_methods_supported"] = json!(["plain"])))
        }
        V::CodeFlowUnsupported => {
            Some(described(|metadata| metadata["response_types_supported"] = json!(["id_token"])))
        }

        V::SignedRequestRequired => Some(described(|metadata| metadata["require_signed_request_object"] = json!(true))),

        V::TokenResponseStatus => Some(answered(Document::TokenResponse, || response(404, &json!({})))),
        V::TokenTypeUnsupported => Some(issued(|tokens| tokens["token_type"] = json!("DPoP"))),
        V::AccessTokenMalformed => Some(issued(|tokens| tokens["access_token"] = json!("a\r\nb"))),
        V::IdTokenMissing => Some(issued(|tokens| tokens["id_token"] = Value::Null)),

        V::JwsMalformed => Some(issued(|tokens| tokens["id_token"] = json!("a.b"))),
        // The token response has a narrower limit of its own.
        V::JwsTooLarge => CompactJws::parse(&"a".repeat(300 * 1024)).err(),
        V::AlgorithmNotAllowed => Some(issued(|tokens| tokens["id_token"] = json!(unsigned(r#"{"alg":"none"}"#)))),
        V::CriticalHeader => {
            Some(issued(|tokens| tokens["id_token"] = json!(unsigned(r#"{"alg":"ES256","crit":["x"]}"#))))
        }
        V::JwkSetUnavailable => Some(answered(Document::JwkSet, || response(404, &json!({})))),
        V::KeyNotFound => {
            Some(issued(|tokens| tokens["id_token"] = json!(unsigned(r#"{"alg":"ES256","kid":"strange"}"#))))
        }
        V::SignatureInvalid => {
            Some(issued(|tokens| tokens["id_token"] = json!(unsigned(r#"{"alg":"ES256","kid":"key-7"}"#))))
        }

        V::UserInfoStatus => informed(response(401, &json!({}))),
        V::UserInfoSubjectMismatch => informed(response(200, &json!({ "sub": "eve" }))),

        V::SubjectChanged | V::NonceChanged | V::AuthTimeChanged | V::AudienceChanged => violated_by_renewal(reason),
        _ => violated_by_claim(reason),
    }
}

fn violated_by_callback(reason: Violation) -> Option<Error> {
    let client = Client::new();
    let state = client.start();
    let href = match reason {
        Violation::StateUnknown => {
            client.run(client.vault.sign_out(SignOutOptions::default())).unwrap();
            callback_of(&state)
        }
        Violation::StateMissing => format!("{CALLBACK}?code=x"),
        Violation::TransactionExpired => {
            client.provider.world.pass(3600);
            callback_of(&state)
        }
        Violation::CallbackReplayed => {
            client.come_back(&state);
            callback_of(&state)
        }
        Violation::RedirectUriMismatch => format!("{CALLBACK}elsewhere?code=x&state={state}"),
        Violation::ParameterRepeated => format!("{CALLBACK}?code=x&code=y&state={state}"),
        Violation::CallbackTooLarge => format!("{CALLBACK}?code={}&state={state}", "x".repeat(100_000)),
        Violation::CallbackMalformed => format!("{CALLBACK}?state={state}&iss={ISSUER}"),
        Violation::FrontChannelToken => format!("{CALLBACK}#id_token=x&state={state}"),
        Violation::IssuerParameterMissing => format!("{CALLBACK}?code=x&state={state}"),
        Violation::IssuerParameterMismatch => format!("{CALLBACK}?code=x&state={state}&iss=https://evil.test"),
        _ => return None,
    };
    client.ready(&href).error
}

/// What comes back is not what was asked for, or not in time.
fn violated_by_response_mode(reason: Violation) -> Option<Error> {
    let client = Client::of(&Provider::new(), json!({ "responseMode": "query.jwt" }));
    let state = client.start();
    if reason == Violation::ResponseModeMismatch {
        return client.come_back(&state).error;
    }
    let response = json!({ "iss": ISSUER, "aud": "spa", "exp": NOW - 301, "code": "SECRET-code", "state": state });
    client.ready(&format!("{CALLBACK}?response={}", client.provider.sign(&response))).error
}

/// The key is gone, or cannot be used, or was not.
fn violated_by_key(reason: Violation) -> Option<Error> {
    let provider = Provider::new();
    let client = Client::of(&provider, json!({ "dpop": "required" }));
    if reason == Violation::DpopUnsupported {
        return client.run(client.vault.sign_in(SignInOptions::default())).err();
    }
    *provider.metadata.borrow_mut() =
        Box::new(|metadata| metadata["dpop_signing_alg_values_supported"] = json!(["ES256"]));
    *provider.tokens.borrow_mut() = Box::new(|tokens| tokens["token_type"] = json!("Bearer"));
    let client = Client::of(&provider, json!({ "dpop": "required" }));
    let lost = reason == Violation::DpopKeyLost;
    let state = client.start_with(SignInOptions { lasting: lost, ..SignInOptions::default() });
    if lost { Client::of(&provider, json!({})).come_back(&state) } else { client.come_back(&state) }.error
}

/// The authorization request cannot be handed over.
fn violated_by_push(reason: Violation) -> Option<Error> {
    let provider = Provider::new();
    if reason == Violation::PushedResponseInvalid {
        *provider.metadata.borrow_mut() =
            Box::new(|metadata| metadata["pushed_authorization_request_endpoint"] = json!(format!("{ISSUER}/par")));
        provider.replace(Document::PushedRequest, || response(200, &json!({})));
    }
    let client = Client::of(&provider, json!({ "par": "required" }));
    client.run(client.vault.sign_in(SignInOptions::default())).err()
}

/// An ID token that is signed well and says something wrong.
fn violated_by_claim(reason: Violation) -> Option<Error> {
    let change: fn(&mut Value) = match reason {
        Violation::TokenTypeConfusion => |claims| claims["events"] = json!({}),
        Violation::IssuerMismatch => |claims| claims["iss"] = json!("https://evil.test"),
        Violation::AudienceMismatch => |claims| claims["aud"] = json!("other"),
        Violation::AudienceUntrusted => |claims| claims["aud"] = json!(["spa", "other"]),
        Violation::AuthorizedPartyMismatch => |claims| claims["azp"] = json!("other"),
        Violation::SubjectInvalid => |claims| claims["sub"] = json!(""),
        Violation::IdTokenExpired => |claims| claims["exp"] = json!(NOW),
        Violation::IssuedInFuture => |claims| claims["iat"] = json!(NOW + 301),
        Violation::IssuedTooLongAgo => |claims| claims["iat"] = json!(NOW - 901),
        Violation::NotYetValid => |claims| claims["nbf"] = json!(NOW + 1),
        Violation::NonceMismatch => |claims| claims["nonce"] = json!("other"),
        Violation::AccessTokenHashMismatch => |claims| claims["at_hash"] = json!("other"),
        Violation::AuthTimeTooOld => |claims| claims["auth_time"] = json!(NOW - 91),
        // What is missing is what was asked for.
        Violation::AuthTimeMissing | Violation::AcrNotMet => |_| {},
        _ => return None,
    };
    let client = Client::new();
    *client.provider.claims.borrow_mut() = Box::new(change);
    let prompting = match reason {
        Violation::AuthTimeMissing | Violation::AuthTimeTooOld => {
            Prompting { max_age: Some(60), ..Prompting::default() }
        }
        Violation::AcrNotMet => Prompting { acr_values: Some("gold".into()), ..Prompting::default() },
        _ => Prompting::default(),
    };
    let state = client.start_with(SignInOptions { prompting, ..SignInOptions::default() });
    client.come_back(&state).error
}

fn violated_by_renewal(reason: Violation) -> Option<Error> {
    let client = Client::new();
    *client.provider.claims.borrow_mut() = Box::new(|claims| claims["auth_time"] = json!(NOW));
    client.sign_in();
    client.provider.world.pass(300);
    *client.provider.claims.borrow_mut() = match reason {
        Violation::SubjectChanged => Box::new(|claims| claims["sub"] = json!("eve")),
        Violation::NonceChanged => Box::new(|claims| claims["nonce"] = json!("other")),
        Violation::AuthTimeChanged => Box::new(|claims| claims["auth_time"] = json!(NOW + 1)),
        _ => Box::new(|claims| claims["aud"] = json!(["spa", "spa"])),
    };
    call(&client, API)
}

fn superseded() -> Error {
    let client = Client::new();
    let href = callback_of(&client.start());
    let world = client.provider.world.clone();
    world.hold_answers(true);
    let (arrival, ()) = client.run(async {
        futures::join!(client.vault.ready(&href), async {
            world.settle();
            client.vault.sign_out(SignOutOptions::default()).await.unwrap();
            world.hold_answers(false);
        })
    });
    arrival.error.unwrap()
}

fn signed_in() -> Client {
    let client = Client::new();
    client.sign_in();
    client
}

fn not_started(prompting: Prompting) -> Option<Error> {
    let client = Client::new();
    client.run(client.vault.sign_in(SignInOptions { prompting, ..SignInOptions::default() })).err()
}

fn call(client: &Client, url: &str) -> Option<Error> {
    client.run(client.vault.fetch(crate::provider::call("GET", url))).err()
}

/// The page loads as a callback with this query, beside the state.
fn called_back(query: &str) -> Error {
    let client = Client::new();
    let state = client.start();
    client.ready(&format!("{CALLBACK}?state={state}&{query}")).error.unwrap()
}

/// A sign-in at a provider that describes itself in this way.
fn described(change: impl Fn(&mut Value) + 'static) -> Error {
    let provider = Provider::new();
    *provider.metadata.borrow_mut() = Box::new(change);
    let client = Client::of(&provider, json!({}));
    client.run(client.vault.sign_in(SignInOptions::default())).unwrap_err()
}

/// A sign-in whose token response is changed in this way.
fn issued(change: impl Fn(&mut Value) + 'static) -> Error {
    let client = Client::new();
    *client.provider.tokens.borrow_mut() = Box::new(change);
    let state = client.start();
    client.come_back(&state).error.unwrap()
}

/// A sign-in during which this document is answered so.
fn answered(document: Document, answer: impl Fn() -> Response + 'static) -> Error {
    let provider = Provider::new();
    provider.replace(document, answer);
    let client = Client::of(&provider, json!({}));
    if let Err(error) = client.run(client.vault.sign_in(SignInOptions::default())) {
        return error;
    }
    let state = client.start();
    client.come_back(&state).error.unwrap()
}

/// What the UserInfo endpoint's answer comes to.
fn informed(answer: Response) -> Option<Error> {
    let client = signed_in();
    client.provider.replace(Document::UserInfo, move || answer.clone());
    client.run(client.vault.user_info()).err()
}

/// A well-formed token that nobody has signed.
fn unsigned(header: &str) -> String {
    format!("{}.{}.{}", base64url::encode(header.as_bytes()), base64url::encode(b"{}"), base64url::encode(&[1; 64]))
}

fn text(content_type: &str, body: &str) -> Response {
    Response {
        status: 200,
        content_type: Some(content_type.into()),
        retry_after: None,
        aside: Default::default(),
        body: body.as_bytes().into(),
    }
}
