//! JWK Sets (RFC 7517 §5) and the choice of a key (OpenID Connect Core §10.1).

use alloc::{borrow::ToOwned, vec::Vec};

use crate::{
    error::{Error, Violation},
    protocol::{
        discovery::ProviderMetadata,
        http::{Document, Request, Response},
        jose::{header::Header, jwk::Jwk},
        json::Value,
    },
};

/// More keys of a set are not looked at.
const MAX_KEYS: usize = 100;

/// A token without `kid` is tried with at most this many keys.
const MAX_CANDIDATES: usize = 8;

/// The keys of a provider that may verify signatures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JwkSet(Vec<Jwk>);

impl JwkSet {
    /// The request for the keys.
    #[must_use]
    pub fn request(metadata: &ProviderMetadata) -> Request {
        Request::get(Document::JwkSet, metadata.jwks_uri.as_str().to_owned())
    }

    /// Checks the answer to [`JwkSet::request`].
    ///
    /// # Errors
    ///
    /// `ServerUnavailable`, `JwkSetUnavailable`, `ContentTypeMismatch`, the JSON errors, `MemberMissing`,
    /// `MemberInvalid`.
    pub fn process(response: &Response) -> Result<Self, Error> {
        if let Some(error) = response.unavailable() {
            return Err(error);
        }
        if response.status != 200 {
            return Err(Violation::JwkSetUnavailable.about(response.status_text()));
        }
        let object = response.json(Document::JwkSet)?;
        match object.member("keys") {
            Some(Value::Array(keys)) => Ok(Self(
                keys.iter()
                    .take(MAX_KEYS)
                    .filter_map(|key| match key {
                        Value::Object(key) => Jwk::from_object(key),
                        _ => None,
                    })
                    .collect(),
            )),
            Some(_) => Err(Violation::MemberInvalid.about("keys")),
            None => Err(Violation::MemberMissing.about("keys")),
        }
    }

    /// The keys that may have signed a token with this header. With a `kid`, those of that `kid`; without, every key that
    /// fits the algorithm (RFC 7515 §6, OpenID Connect Core §10.1).
    #[must_use]
    pub fn candidates(&self, header: &Header) -> Vec<&Jwk> {
        self.0
            .iter()
            .filter(|key| header.key_id.is_none() || key.key_id == header.key_id)
            .filter(|key| key.fits(header.algorithm))
            .take(MAX_CANDIDATES)
            .collect()
    }
}
