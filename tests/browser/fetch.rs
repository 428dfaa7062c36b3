//! Requests to a provider. The one server at hand is the one that serves this page.

use valetkey::{
    error::Platform as PlatformError,
    platform::Http,
    protocol::http::{Document, Request},
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::BROWSER;

fn here(path: &str) -> String {
    let origin = web_sys::window().unwrap().location().origin().unwrap();
    format!("{origin}{path}")
}

#[wasm_bindgen_test]
async fn answer_comes_with_status_type_and_body() {
    let response = BROWSER.send(Request::get(Document::Metadata, here("/"))).await.unwrap();
    assert_eq!(response.status, 200);
    assert!(response.essence().starts_with("text/html"));
    assert!(!response.body.is_empty());
}

#[wasm_bindgen_test]
async fn status_is_an_answer_and_no_failure() {
    let response = BROWSER.send(Request::get(Document::Metadata, here("/there-is-no-such-page"))).await.unwrap();
    assert_eq!(response.status, 404);
}

#[wasm_bindgen_test]
async fn server_that_is_not_there_is_unreachable() {
    // Port 9 discards; nothing listens there.
    let request = Request::get(Document::JwkSet, "http://127.0.0.1:9/".into());
    let error = BROWSER.send(request).await.unwrap_err();
    assert!(error.is(PlatformError::ProviderUnreachable));
    assert_eq!(error.detail(), Some("JWK Set"));
}
