//! The answer of an API.

use alloc::{string::String, vec::Vec};

use super::face::Answer;
use crate::error::Error;

/// The answer of an API: its status and headers, and a body that may still be on its way.
#[derive(Debug)]
pub struct Response(pub(super) Answer);

impl Response {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// Whether the status is one of success, 200 to 299.
    #[must_use]
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status())
    }

    /// The URL that answered.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// A header that the API lets the page read (`Access-Control-Expose-Headers`).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.header(name)
    }

    /// The whole body, as text.
    ///
    /// # Errors
    /// The body broke off (`provider_unreachable`), or was read before (`request_invalid`).
    pub async fn text(&self) -> Result<String, Error> {
        self.0.text().await
    }

    /// The whole body, as bytes.
    ///
    /// # Errors
    /// Those of [`Response::text`].
    pub async fn bytes(&self) -> Result<Vec<u8>, Error> {
        self.0.bytes().await
    }

    /// The whole body, as JSON.
    ///
    /// # Errors
    /// Those of [`Response::text`]; `json_malformed` when the body is no JSON, or does not fit the type.
    #[cfg(feature = "serde")]
    pub async fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        let text = self.text().await?;
        super::face::parse(&text).map_err(|what| crate::error::Violation::JsonMalformed.about(what))
    }

    /// The browser's own response, for what this one has no word for: streams, blobs, `gloo_net::http::Response::from`.
    #[cfg(target_arch = "wasm32")]
    #[must_use]
    pub fn into_raw(self) -> web_sys::Response {
        self.0.into_raw()
    }
}
