//! Requests to the provider by `fetch`.

use alloc::vec::Vec;

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, ReadableStreamDefaultReader, Request, RequestInit, Response};

use super::{Browser, bare, global, own, property, set, set_all};
use crate::{
    error::{Error, Platform as PlatformError},
    platform::Http,
    protocol::http::{self, Document, MAX_BODY},
};

/// A provider that takes longer for a whole answer, in milliseconds, will not give one.
const TIMEOUT: u32 = 30_000;

/// How long to find out why a request failed.
const PROBE_TIMEOUT: u32 = 5_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    fn fetch_request(request: &Request) -> Promise;
}

/// `fetch`, with its failure told apart from its answer.
pub(super) async fn fetch(request: &Request) -> Result<Response, JsValue> {
    JsFuture::from(fetch_request(request)).await.map(JsCast::unchecked_into)
}

impl Http for Browser {
    async fn send(&self, request: http::Request) -> Result<http::Response, Error> {
        let document = request.document;
        match exchange(&request).await {
            Ok(response) => Ok(response),
            Err(Failure::Known(reason)) => Err(reason.about(document.name())),
            Err(Failure::Network) => Err(diagnose(&request.url).await.about(document.name())),
        }
    }
}

enum Failure {
    Known(PlatformError),
    /// What a browser says of every failure below HTTP, and of a missing CORS header: nothing.
    Network,
}

impl From<JsValue> for Failure {
    fn from(thrown: JsValue) -> Self {
        match property(&thrown, "name").as_string().as_deref() {
            Some("TimeoutError") => Self::Known(PlatformError::TimedOut),
            _ => Self::Network,
        }
    }
}

async fn exchange(request: &http::Request) -> Result<http::Response, Failure> {
    let response = match sent_ahead(request) {
        Some(response) => JsFuture::from(response).await?.unchecked_into(),
        None => fetch(&build(request)?).await?,
    };
    // Asked for by `redirect: "manual"`: the target has seen nothing, neither header nor body.
    if is_redirect(&response) {
        return Err(Failure::Known(PlatformError::RedirectRefused));
    }
    Ok(http::Response {
        status: response.status(),
        content_type: response.headers().get("content-type").unwrap_or_default(),
        body: read(&response).await.map_err(broken_off)?,
    })
}

/// An answer that began and broke off: the server is there, and lets this page read it. There is nothing to find out.
fn broken_off(failure: Failure) -> Failure {
    match failure {
        Failure::Network if !is_offline() => Failure::Known(PlatformError::ProviderUnreachable),
        other => other,
    }
}

/// The answer to this very request, if the worker's script sent it while the module was still on its way. Taken up once,
/// and for metadata alone: no request that carries anything is answered by what stands in a global.
fn sent_ahead(request: &http::Request) -> Option<Promise> {
    if request.document != Document::Metadata {
        return None;
    }
    let ahead = global("valetkeyAhead");
    if property(&ahead, "url").as_string().as_deref() != Some(&request.url) {
        return None;
    }
    set(&js_sys::global(), "valetkeyAhead", &JsValue::UNDEFINED);
    property(&ahead, "response").dyn_into().ok()
}

/// No cookie, no redirect, no cache, no referrer, a deadline for the whole answer.
fn build(request: &http::Request) -> Result<Request, JsValue> {
    let init = init("cors", TIMEOUT);
    set(&init, "redirect", &JsValue::from_str("manual"));
    let headers = Headers::new()?;
    if let Some(form) = &request.form {
        set_all(&init, &[("method", "POST"), ("body", form.expose())]);
        // One of the content types that need no preflight.
        headers.set("content-type", "application/x-www-form-urlencoded")?;
    }
    if let Some(authorization) = &request.authorization {
        headers.set("authorization", authorization.expose())?;
    }
    set(&init, "headers", &headers);
    Request::new_with_str_and_init(&request.url, &init)
}

fn init(mode: &str, timeout: u32) -> RequestInit {
    let init = bare();
    set_all(
        &init,
        &[("cache", "no-store"), ("credentials", "omit"), ("mode", mode), ("referrerPolicy", "no-referrer")],
    );
    set(&init, "signal", &AbortSignal::timeout_with_u32(timeout));
    init.unchecked_into()
}

/// Whether a response is the redirect that `redirect: "manual"` did not follow.
pub(super) fn is_redirect(response: &Response) -> bool {
    property(response, "type").as_string().as_deref() == Some("opaqueredirect")
}

/// The body, given up as soon as it is too large.
async fn read(response: &Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let Some(body) = response.body() else {
        return Ok(bytes);
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let step = JsFuture::from(reader.read()).await?;
        let chunk = property(&step, "value");
        if !chunk.is_instance_of::<Uint8Array>() {
            return Ok(bytes);
        }
        let chunk: Uint8Array = chunk.unchecked_into();
        if bytes.len() + chunk.length() as usize > MAX_BODY {
            let _ = JsFuture::from(reader.cancel()).await;
            return Err(Failure::Known(PlatformError::ResponseTooLarge));
        }
        bytes.extend(chunk.to_vec());
    }
}

/// Finds out what the browser does not tell: whether the server is there at all. A request without CORS gets no answer
/// that could be read, but it fails only if there is none.
async fn diagnose(url: &str) -> PlatformError {
    if is_offline() {
        return PlatformError::Offline;
    }
    let init = init("no-cors", PROBE_TIMEOUT);
    let answered = match Request::new_with_str_and_init(url, &init) {
        Ok(request) => fetch(&request).await.is_ok(),
        Err(_) => false,
    };
    if answered { PlatformError::CorsBlocked } else { PlatformError::ProviderUnreachable }
}

pub(super) fn is_offline() -> bool {
    property(&global("navigator"), "onLine").as_bool() == Some(false)
}

/// Copies a member of one object to another, if it is there.
pub(super) fn copy_member(from: &JsValue, to: &JsValue, name: &str) {
    let value = own(from, name);
    if !value.is_undefined() {
        set(to, name, &value);
    }
}
