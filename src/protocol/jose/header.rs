//! The JOSE header of a JWS (RFC 7515 §4).

use alloc::{borrow::ToOwned, string::String};

use crate::{
    error::{Error, Violation},
    protocol::{jose::algorithm::Algorithm, json::Object},
};

/// What is used of a header. `jwk`, `jku`, `x5u` and `x5c` are not: a token never brings the key it is verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `alg`
    pub algorithm: Algorithm,
    /// `kid`
    pub key_id: Option<String>,
    /// `typ`
    pub token_type: Option<String>,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    ///
    /// The JSON errors, `AlgorithmNotAllowed`, `CriticalHeader`, `MemberInvalid`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let object = Object::parse(bytes, "token header")?;
        // RFC 7515 §4.1.11: what is critical must be understood, and nothing is. RFC 7797 §7: no `b64` in a JWT.
        if object.iter().any(|(name, _)| name == "crit" || name == "b64") {
            return Err(Violation::CriticalHeader.into());
        }
        let algorithm =
            object.string("alg").ok().flatten().and_then(Algorithm::from_name).ok_or(Violation::AlgorithmNotAllowed)?;
        Ok(Self {
            algorithm,
            key_id: object.string("kid")?.map(ToOwned::to_owned),
            token_type: object.string("typ")?.map(ToOwned::to_owned),
        })
    }
}
