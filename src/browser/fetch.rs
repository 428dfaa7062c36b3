//! Requests to the provider by `fetch`.

use alloc::{string::String, vec::Vec};

use js_sys::Promise;
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};

use super::{Browser, settled};
use crate::{
    error::{Error, Platform as PlatformError},
    platform::Http,
    protocol::http::{Aside, Document, MAX_BODY, Request, Response},
    secret::Secret,
};

#[wasm_bindgen(module = "/src/browser/fetch.js")]
extern "C" {
    type Answer;

    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;

    #[wasm_bindgen(method, getter, js_name = contentType)]
    fn content_type(this: &Answer) -> Option<String>;

    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    fn retry_after(this: &Answer) -> Option<u32>;

    #[wasm_bindgen(method, getter)]
    fn body(this: &Answer) -> Vec<u8>;

    #[wasm_bindgen(method, getter)]
    fn nonce(this: &Answer) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn challenge(this: &Answer) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn date(this: &Answer) -> Option<f64>;

    fn send(
        url: &str,
        form: Option<&str>,
        authorization: Option<&str>,
        proof: Option<&str>,
        may_be_ahead: bool,
        keepalive: bool,
        limit: usize,
    ) -> Promise;
}

impl<S: 'static> Http for Browser<S> {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let Request { document, url, authorization, proof, form } = &request;
        let promise = send(
            url,
            exposed(form.as_ref()),
            exposed(authorization.as_ref()),
            proof.as_deref(),
            *document == Document::Metadata,
            *document == Document::Revocation,
            MAX_BODY,
        );
        let answer: Answer = settled(promise, PlatformError::ProviderUnreachable)
            .await
            .map_err(|reason| reason.about(document.name()))?
            .unchecked_into();
        Ok(Response {
            status: answer.status(),
            content_type: answer.content_type(),
            retry_after: answer.retry_after().map(u64::from),
            aside: Aside { nonce: answer.nonce(), challenge: answer.challenge(), date: answer.date().map(seconds) },
            body: answer.body(),
        })
    }
}

fn exposed(secret: Option<&Secret<String>>) -> Option<&str> {
    secret.map(|secret| secret.expose().as_str())
}

/// A number of JavaScript's, which is neither negative nor has a fraction.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked where it was made")]
pub(super) const fn seconds(number: f64) -> u64 {
    number as u64
}
