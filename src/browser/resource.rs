//! Requests of the application to its APIs by `fetch`.

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{AbortSignal, ReadableStream, Request, Response};

use super::{Browser, settled};
use crate::{
    error::{Cancellation, Error, Platform as PlatformError, Usage},
    platform::{Answer, ResourceRequest, Resources},
    protocol::url::encode_form,
};

#[wasm_bindgen(module = "/src/browser/fetch.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn build(
        url: &str,
        method: &str,
        headers: &str,
        authorization: Option<&str>,
        init: &JsValue,
        body: &JsValue,
        signal: &AbortSignal,
    ) -> Result<Request, JsValue>;

    fn call(request: &Request) -> Promise;
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
}

impl Resources for Browser {
    type Attachment = Attachment;
    type Answer = ResourceAnswer;

    async fn fetch(&self, request: ResourceRequest<Attachment>) -> Result<ResourceAnswer, Error> {
        let ResourceRequest { url, method, headers, authorization, attachment } = &request;
        let headers = encode_form(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let authorization = authorization.as_ref().map(|value| value.expose().as_str());
        let built = build(url, method, &headers, authorization, &attachment.init, &attachment.body, &attachment.signal)
            .map_err(|_| Usage::RequestInvalid.about("request"))?;
        let answer = settled(call(&built), PlatformError::ProviderUnreachable).await?;
        if answer.is_null() {
            return Err(Cancellation::Superseded.into());
        }
        Ok(ResourceAnswer(answer.unchecked_into()))
    }
}
