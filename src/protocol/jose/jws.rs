//! Compact JWS (RFC 7515 §7.1).

use alloc::{borrow::ToOwned, vec::Vec};

use crate::{
    error::{Error, Violation},
    protocol::{
        jose::{
            algorithm::Algorithm,
            base64url,
            header::Header,
            jwk::{Jwk, PublicKey},
        },
        text::cut,
    },
};

/// A longer token is not even decoded.
const MAX_TOKEN: usize = 256 * 1024;

/// A compact JWS, taken apart but not verified.
#[derive(Clone, Debug)]
pub struct CompactJws {
    /// The header.
    pub header: Header,
    signing_input: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// A signature to verify: the one thing that the rules leave to the platform.
#[derive(Clone, Debug)]
pub struct SignatureCheck {
    /// The algorithm, from the token's header, allowed and fitting the key
    pub algorithm: Algorithm,
    /// The key, from the provider's JWK Set
    pub key: PublicKey,
    /// What was signed
    pub message: Vec<u8>,
    /// The signature
    pub signature: Vec<u8>,
}

/// The payload of a JWS whose signature was verified. Nothing else makes one.
#[derive(Clone, Debug)]
pub struct VerifiedPayload {
    /// The header
    pub header: Header,
    /// The payload
    pub payload: Vec<u8>,
}

impl CompactJws {
    /// Takes a token apart.
    ///
    /// # Errors
    ///
    /// `JwsTooLarge`, `JwsMalformed` (also for the five parts of an encrypted token), and what [`Header::parse`] finds.
    pub fn parse(token: &str) -> Result<Self, Error> {
        if token.len() > MAX_TOKEN {
            return Err(Violation::JwsTooLarge.into());
        }
        let (header, rest) = cut(token, b'.');
        // A signature with a dot in it, as encrypted tokens seem to have, is no base64url.
        let (payload, signature) = cut(rest.ok_or(Violation::JwsMalformed)?, b'.');
        let signature = signature.ok_or(Violation::JwsMalformed)?;
        let signing_input = token.get(..header.len() + 1 + payload.len()).unwrap_or_default();
        let octets = |part| base64url::decode(part).ok_or(Violation::JwsMalformed);
        let (header, payload, signature) = (octets(header)?, octets(payload)?, octets(signature)?);
        Ok(Self {
            header: Header::parse(&header)?,
            signing_input: signing_input.as_bytes().to_owned(),
            payload,
            signature,
        })
    }

    /// What to verify to know that this key made the signature. `None` when it cannot have, by its type or the
    /// signature's length.
    #[must_use]
    pub fn check(&self, key: &Jwk) -> Option<SignatureCheck> {
        let algorithm = self.header.algorithm;
        let right_length = algorithm.signature_length().is_none_or(|length| length == self.signature.len());
        (key.fits(algorithm) && right_length).then(|| SignatureCheck {
            algorithm,
            key: key.key.clone(),
            message: self.signing_input.clone(),
            signature: self.signature.clone(),
        })
    }

    /// The payload before anything is known of its signature: to find out what to verify it with, and to believe nothing.
    #[must_use]
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, once one of the checks has succeeded.
    ///
    /// # Errors
    ///
    /// `SignatureInvalid` when none has.
    pub fn verified(self, signature_is_valid: bool) -> Result<VerifiedPayload, Error> {
        if !signature_is_valid {
            return Err(Violation::SignatureInvalid.into());
        }
        Ok(VerifiedPayload { header: self.header, payload: self.payload })
    }
}
