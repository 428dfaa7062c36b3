//! A request to an API.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// A request to an API. A URL is one, too: a GET.
#[derive(Clone, Debug)]
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server no API is called"))]
pub struct Request {
    pub(super) target: Target,
    /// Each name followed by its value.
    pub(super) headers: Vec<String>,
    pub(super) body: Body,
}

#[derive(Clone, Debug)]
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server no API is called"))]
pub(super) enum Target {
    Url {
        url: String,
        method: String,
    },
    #[cfg(target_arch = "wasm32")]
    Raw(web_sys::Request),
}

#[derive(Clone, Debug)]
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server no API is called"))]
pub(super) enum Body {
    None,
    Text(String),
    Bytes(Vec<u8>),
    #[cfg(target_arch = "wasm32")]
    Raw(wasm_bindgen::JsValue),
}

impl Request {
    /// A request by a method, in capitals (RFC 9110 §9.1).
    #[must_use]
    pub fn new(method: &str, url: &str) -> Self {
        let target = Target::Url { url: url.to_owned(), method: method.to_owned() };
        Self { target, headers: Vec::new(), body: Body::None }
    }

    /// Reads.
    #[must_use]
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// Has a body processed.
    #[must_use]
    pub fn post(url: &str) -> Self {
        Self::new("POST", url)
    }

    /// Replaces.
    #[must_use]
    pub fn put(url: &str) -> Self {
        Self::new("PUT", url)
    }

    /// Changes a part.
    #[must_use]
    pub fn patch(url: &str) -> Self {
        Self::new("PATCH", url)
    }

    /// Removes.
    #[must_use]
    pub fn delete(url: &str) -> Self {
        Self::new("DELETE", url)
    }

    /// One more header. `Authorization` and `DPoP` are the vault's, and refused (`request_invalid`).
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name.to_owned());
        self.headers.push(value.to_owned());
        self
    }

    /// A body of text, `text/plain` unless a header says what it is.
    #[must_use]
    pub fn text(self, body: impl Into<String>) -> Self {
        Self { body: Body::Text(body.into()), ..self }
    }

    /// A body of JSON, already written.
    #[must_use]
    pub fn json_text(self, json: impl Into<String>) -> Self {
        self.header("content-type", "application/json").text(json)
    }

    /// A body of bytes.
    #[must_use]
    pub fn bytes(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: Body::Bytes(body.into()), ..self }
    }

    /// A body of the browser's own kinds: a `FormData`, a `Blob`, a `ReadableStream`, whatever `fetch` takes.
    #[cfg(target_arch = "wasm32")]
    #[must_use]
    pub fn raw_body(self, body: impl Into<wasm_bindgen::JsValue>) -> Self {
        Self { body: Body::Raw(body.into()), ..self }
    }

    /// A body of JSON.
    ///
    /// # Errors
    /// What serde says of a value that JSON has no words for; on a server `not_in_browser`, whatever the value.
    #[cfg(feature = "serde")]
    pub fn json<T: serde::Serialize + ?Sized>(self, value: &T) -> Result<Self, String> {
        Ok(self.json_text(super::face::to_json(value)?))
    }
}

impl From<&str> for Request {
    fn from(url: &str) -> Self {
        Self::get(url)
    }
}

impl From<String> for Request {
    fn from(url: String) -> Self {
        Self::get(&url)
    }
}

#[cfg(target_arch = "wasm32")]
impl From<web_sys::Request> for Request {
    fn from(request: web_sys::Request) -> Self {
        Self { target: Target::Raw(request), headers: Vec::new(), body: Body::None }
    }
}
