//! The Issuer Identifier (OpenID Connect Core §1.2).

use alloc::string::String;

use crate::{
    error::{Configuration, Error},
    protocol::url::{Transport, Url, UrlError},
};

/// An Issuer Identifier. Compared as text, code point by code point, never normalised: a trailing slash, the case of
/// the host and a default port all count (OpenID Connect Core §14, Discovery §4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(Url);

impl Issuer {
    /// Reads the configured issuer.
    ///
    /// # Errors
    ///
    /// `IssuerInvalid` when it is no absolute URL, or has a query or a fragment; `InsecureHttp`.
    pub fn parse(text: &str, transport: Transport) -> Result<Self, Error> {
        match Url::parse(text, transport) {
            Ok(url) if url.query().is_none() && url.fragment().is_none() => Ok(Self(url)),
            Err(UrlError::Insecure) => Err(Configuration::InsecureHttp.about("issuer")),
            _ => Err(Configuration::IssuerInvalid.into()),
        }
    }

    /// The identifier as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether this is, to the letter, the same issuer.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        self.as_str() == other
    }

    /// Where its metadata is: one terminating slash is removed first (OpenID Connect Discovery §4.1).
    #[must_use]
    pub fn metadata_url(&self) -> String {
        let base = self.as_str();
        let mut url = String::from(base.strip_suffix('/').unwrap_or(base));
        url.push_str("/.well-known/openid-configuration");
        url
    }
}
