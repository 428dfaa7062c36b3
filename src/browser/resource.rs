//! Requests of the application to its APIs by `fetch`.

use alloc::string::String;

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{AbortSignal, ReadableStream, Request, Response};

use super::{Browser, fetch::seconds, settled};
use crate::{
    error::{Cancellation, Error, Platform as PlatformError, Usage},
    platform::{Answer, ResourceRequest, Resources},
    protocol::{http::Aside, url::encode_form},
};

#[wasm_bindgen(module = "/src/browser/fetch.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn build(
        url: &str,
        method: &str,
        headers: &str,
        authorization: Option<&str>,
        proof: Option<&str>,
        init: &JsValue,
        body: &JsValue,
        signal: &AbortSignal,
    ) -> Result<Request, JsValue>;

    fn call(request: &Request) -> Promise;

    type Said;

    #[wasm_bindgen(method, getter)]
    fn nonce(this: &Said) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn challenge(this: &Said) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn date(this: &Said) -> Option<f64>;

    fn aside(response: &Response) -> Said;

    fn discard(response: &Response);
}

/// What a request carries that the vault does not look at.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The body, or `undefined`.
    pub body: JsValue,
    /// The page's other choices, as a plain object.
    pub init: JsValue,
    /// Aborts the request.
    pub signal: AbortSignal,
}

/// The answer of an API.
#[derive(Clone, Debug)]
pub struct ResourceAnswer(pub Response);

impl ResourceAnswer {
    /// The body as a stream.
    #[must_use]
    pub fn body(&self) -> Option<ReadableStream> {
        self.0.body()
    }
}

impl Answer for ResourceAnswer {
    fn status(&self) -> u16 {
        self.0.status()
    }

    fn aside(&self) -> Aside {
        let said = aside(&self.0);
        Aside { nonce: said.nonce(), challenge: said.challenge(), date: said.date().map(seconds) }
    }

    fn discard(self) {
        discard(&self.0);
    }
}

impl<S: 'static> Resources for Browser<S> {
    type Attachment = Attachment;
    type Answer = ResourceAnswer;

    async fn fetch(&self, request: &ResourceRequest<Attachment>) -> Result<ResourceAnswer, Error> {
        let ResourceRequest { url, method, headers, authorization, proof, attachment } = request;
        let headers = encode_form(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let authorization = authorization.as_ref().map(|value| value.expose().as_str());
        let Attachment { body, init, signal } = attachment;
        let built = build(url, method, &headers, authorization, proof.as_deref(), init, body, signal)
            .map_err(|_| Usage::RequestInvalid.about("request"))?;
        let answer = settled(call(&built), PlatformError::ProviderUnreachable).await?;
        if answer.is_null() {
            return Err(Cancellation::Superseded.into());
        }
        Ok(ResourceAnswer(answer.unchecked_into()))
    }

    fn is_repeatable(attachment: &Attachment) -> bool {
        // What a stream has given it does not give again.
        !attachment.body.is_instance_of::<ReadableStream>()
    }
}
