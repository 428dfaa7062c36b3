//! HTTP requests and responses as plain data.

use alloc::{string::String, vec::Vec};

use crate::{
    error::{Error, Platform, Violation},
    protocol::{json::Object, text::cut, url::decimal},
    secret::Secret,
};

/// The largest body that is read of any answer of a provider, in bytes.
pub const MAX_BODY: usize = 512 * 1024;

/// What a request is for: it names the document in errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// OpenID Provider metadata (OpenID Connect Discovery §4).
    Metadata,
    /// A JWK Set (RFC 7517 §5).
    JwkSet,
    /// The answer of the token endpoint (RFC 6749 §5).
    TokenResponse,
    /// The answer of the UserInfo endpoint (OpenID Connect Core §5.3.2).
    UserInfo,
    /// The answer of the pushed authorization request endpoint (RFC 9126 §2.2).
    PushedRequest,
    /// The answer of the revocation endpoint (RFC 7009 §2.2). The request may outlive the page it was sent for.
    Revocation,
}

impl Document {
    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metadata => "provider metadata",
            Self::JwkSet => "JWK Set",
            Self::TokenResponse => "token response",
            Self::UserInfo => "UserInfo response",
            Self::PushedRequest => "pushed authorization response",
            Self::Revocation => "revocation response",
        }
    }
}

/// A request to a provider. It carries no cookie, follows no redirect, and is not cached (see the `browser` module).
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub document: Document,
    /// Where to.
    pub url: String,
    /// The value of the `Authorization` header.
    pub authorization: Option<Secret<String>>,
    /// The value of the `DPoP` header (RFC 9449 §4.1).
    pub proof: Option<String>,
    /// The form that a POST carries; without one the request is a GET.
    pub form: Option<Secret<String>>,
}

impl Request {
    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        if self.form.is_some() { "POST" } else { "GET" }
    }

    /// A GET without a credential.
    #[must_use]
    pub const fn get(document: Document, url: String) -> Self {
        Self { document, url, authorization: None, proof: None, form: None }
    }

    /// A POST of a form. Without headers of its own, so the browser needs no preflight.
    #[must_use]
    pub const fn post(document: Document, url: String, form: String) -> Self {
        Self { document, url, authorization: None, proof: None, form: Some(Secret::new(form)) }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Retry-After` header in seconds, if this page may read it (RFC 9110 §10.2.3).
    pub retry_after: Option<u64>,
    /// What the server says beside the document.
    pub aside: Aside,
    /// The body, at most [`MAX_BODY`] bytes.
    pub body: Vec<u8>,
}

/// Headers that are about the request's credential, as far as this page may read them (CORS).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aside {
    /// `DPoP-Nonce` (RFC 9449 §8)
    pub nonce: Option<String>,
    /// `WWW-Authenticate` (RFC 9110 §11.6.1)
    pub challenge: Option<String>,
    /// `Date` in seconds since 1970 (RFC 9110 §6.6.1)
    pub date: Option<u64>,
}

impl Response {
    /// The body, when it is a JSON object that was sent as one.
    ///
    /// # Errors
    ///
    /// `ContentTypeMismatch`, or what [`Object::parse`] finds.
    pub fn json(&self, document: Document) -> Result<Object, Error> {
        let essence = self.essence();
        // Any type built upon JSON will do, such as `application/jwk-set+json`.
        if essence != "application/json" && !(essence.starts_with("application/") && essence.ends_with("+json")) {
            return Err(Violation::ContentTypeMismatch.about(document.name()));
        }
        Object::parse(&self.body, document.name())
    }

    /// The media type without its parameters, in lower case.
    #[must_use]
    pub fn essence(&self) -> String {
        let (mut essence, _) = cut(self.content_type.as_deref().unwrap_or_default(), b';');
        while let Some(trimmed) = essence.strip_prefix(' ').or_else(|| essence.strip_suffix(' ')) {
            essence = trimmed;
        }
        essence.to_ascii_lowercase()
    }

    /// The status as text.
    #[must_use]
    pub fn status_text(&self) -> String {
        decimal(u64::from(self.status))
    }

    /// The error of a status that says the server, not the request, is at fault: it may well work later.
    #[must_use]
    pub fn unavailable(&self) -> Option<Error> {
        (self.status >= 500 || self.status == 429).then(|| Platform::ServerUnavailable.about(self.status_text()))
    }
}
