//! The vault behind a message port, as the page shell talks to it.
#![cfg(feature = "js")]

use js_sys::{Promise, Reflect};
use serde::Deserialize;
use valetkey::bindings::VaultHost;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{MessageChannel, MessageEvent, MessagePort};

#[derive(Debug, Deserialize)]
struct Message {
    kind: String,
    id: Option<f64>,
    error: Option<Failure>,
    value: Option<Arrival>,
}

#[derive(Debug, Deserialize)]
struct Failure {
    code: String,
    detail: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Arrival {
    session: Option<Session>,
}

#[derive(Debug, Deserialize)]
struct Session {
    status: String,
}

const CONFIG: &str = r#"{"issuer":"http://127.0.0.1:9","clientId":"spa","redirectUri":"http://localhost:1/"}"#;

/// A page's end of a port to a vault.
fn connect(config: &str) -> MessagePort {
    let channel = MessageChannel::new().unwrap();
    let host = VaultHost::new(crate::BROWSER, config, "http://localhost:1");
    host.connect(channel.port2());
    channel.port1()
}

/// Sends a command given as JSON, and waits for the first message that is a reply.
async fn ask(port: &MessagePort, command: &str) -> Message {
    let replies = Promise::new(&mut |resolve, _| {
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let kind = Reflect::get(&event.data(), &"kind".into()).unwrap().as_string().unwrap();
            if kind == "value" || kind == "error" {
                resolve.call1(&JsValue::UNDEFINED, &event.data()).unwrap();
            }
        });
        port.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
    });
    port.post_message(&js_sys::JSON::parse(command).unwrap()).unwrap();
    serde_wasm_bindgen::from_value(JsFuture::from(replies).await.unwrap()).unwrap()
}

#[wasm_bindgen_test]
async fn fresh_vault_says_that_nobody_is_signed_in() {
    let port = connect(CONFIG);
    let message = ask(&port, r#"{"kind":"ready","id":7,"url":"http://localhost:1/"}"#).await;
    assert_eq!((message.kind.as_str(), message.id), ("value", Some(7.0)));
    assert_eq!(message.value.unwrap().session.unwrap().status, "signed-out");
}

#[wasm_bindgen_test]
async fn what_fails_is_answered_with_its_code() {
    let port = connect(CONFIG);
    let message = ask(&port, r#"{"kind":"userInfo","id":1}"#).await;
    assert_eq!(message.error.unwrap().code, "not_signed_in");
}

#[wasm_bindgen_test]
async fn wrong_configuration_is_told_to_whoever_asks() {
    let port = connect(r#"{"issuer":"http://id.example.com","clientId":"spa","redirectUri":"http://localhost:1/"}"#);
    let error = ask(&port, r#"{"kind":"ready","id":1,"url":"http://localhost:1/"}"#).await.error.unwrap();
    assert_eq!((error.code.as_str(), error.detail.as_deref()), ("insecure_http", Some("issuer")));
}

#[wasm_bindgen_test]
async fn message_that_is_no_command_is_refused() {
    let port = connect(CONFIG);
    for message in [r#"{"kind":"getTokens","id":1}"#, r#"{"id":1}"#, "7", r#"{"kind":"ready","id":1}"#] {
        assert_eq!(ask(&port, message).await.error.unwrap().code, "command_invalid", "{message}");
    }
}
