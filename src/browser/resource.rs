//! Requests of the application to its APIs by `fetch`.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, ReadableStream, Request, RequestInit, Response};

use super::{
    Browser, bare,
    fetch::{copy_member, fetch, is_offline, is_redirect},
    property, set, set_all,
};
use crate::{
    error::{Cancellation, Error, Platform as PlatformError, Usage},
    platform::{Answer, ResourceRequest, Resources},
};

/// The members of a request that the application chooses and the vault passes on. Redirects, mode and referrer are not
/// among them.
const INIT_MEMBERS: &[&str] = &["cache", "credentials", "integrity", "keepalive", "priority"];

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
        let built = build(&request).map_err(|_| Usage::RequestInvalid.about("request"))?;
        match fetch(&built).await {
            Ok(response) if is_redirect(&response) => Err(PlatformError::RedirectRefused.into()),
            Ok(response) => Ok(ResourceAnswer(response)),
            Err(thrown) if property(&thrown, "name").as_string().as_deref() == Some("AbortError") => {
                Err(Cancellation::Superseded.into())
            }
            Err(_) if is_offline() => Err(PlatformError::Offline.into()),
            Err(_) => Err(PlatformError::ProviderUnreachable.into()),
        }
    }
}

fn build(request: &ResourceRequest<Attachment>) -> Result<Request, JsValue> {
    let ResourceRequest { attachment, .. } = request;
    let init: RequestInit = bare().unchecked_into();
    for member in INIT_MEMBERS {
        copy_member(&attachment.init, &init, member);
    }
    let ours = [("mode", "cors"), ("redirect", "manual"), ("referrerPolicy", "no-referrer")];
    set_all(&init, &ours);
    set(&init, "method", &JsValue::from_str(&request.method));
    set(&init, "signal", &attachment.signal);
    if !attachment.body.is_undefined() {
        set(&init, "body", &attachment.body);
        if attachment.body.is_instance_of::<ReadableStream>() {
            set(&init, "duplex", &JsValue::from_str("half"));
        }
    }
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    if let Some(authorization) = &request.authorization {
        headers.set("authorization", authorization.expose())?;
    }
    set(&init, "headers", &headers);
    Request::new_with_str_and_init(&request.url, &init)
}
