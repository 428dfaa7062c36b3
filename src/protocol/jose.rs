//! JSON Object Signing, as far as a relying party that verifies needs it (RFC 7515, RFC 7517, RFC 7518, RFC 8037,
//! RFC 8725).

pub mod algorithm;
pub mod base64url;
pub mod es256;
pub mod header;
pub mod jwk;
pub mod jwks;
pub mod jws;
