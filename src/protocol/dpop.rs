//! Demonstrating proof of possession (RFC 9449): a token that only the holder of a key can use.
//!
//! The key is the platform's; what is signed with it is decided here, for requests of this library alone.

use alloc::{borrow::ToOwned, string::String};

use sha2::{Digest, Sha256};

use super::{
    jose::algorithm::Algorithm,
    jose::base64url,
    time::Timestamp,
    url::{Url, decimal},
};
use crate::secret::{Secret, leaving_no_trace};

/// Random bytes that the `jti` of a proof is made of (§4.2 wants 96 bits).
pub const ENTROPY: usize = 32;

/// A longer nonce is no server's.
const MAX_NONCE: usize = 512;

/// The algorithms that proofs may be signed with, the first that the provider knows is taken (§5.1).
const ALGORITHMS: &[Algorithm] = &[Algorithm::Es256, Algorithm::EdDsa, Algorithm::Es384, Algorithm::Es512];

/// The algorithm for a provider that announces these.
#[must_use]
pub fn choose(announced: &[&str]) -> Option<Algorithm> {
    // By the name that the proof will have: `Ed25519` (RFC 9864) is not announced for `EdDSA`.
    ALGORITHMS.iter().copied().find(|ours| announced.contains(&ours.name()))
}

/// The public half of a key: its required members in the order and form of RFC 7638 §3, which is a JWK as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicJwk {
    algorithm: Algorithm,
    json: String,
}

impl PublicJwk {
    /// A key of this algorithm, whose members are written already: by the platform, which has made it.
    #[must_use]
    pub const fn new(algorithm: Algorithm, json: String) -> Self {
        Self { algorithm, json }
    }

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The members, as JSON.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// The thumbprint that names the key: `dpop_jkt` of the authorization request (§10), `jkt` of a token (§6.1).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        base64url::encode(&Sha256::digest(&self.json))
    }
}

/// What a proof is made for. A unique one for each request (§4.2).
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The key
    pub jwk: &'a PublicJwk,
    /// The method of the request
    pub method: &'a str,
    /// The URL of the request
    pub url: &'a Url,
    /// Now, as the server's clock has it
    pub issued_at: Timestamp,
    /// What makes it unique
    pub id: &'a [u8; ENTROPY],
    /// The nonce that the server gave last (§8, §9)
    pub nonce: Option<&'a str>,
    /// The access token that the request carries; none at the token endpoint
    pub access_token: Option<&'a Secret<String>>,
}

impl Proof<'_> {
    /// What is to be signed (RFC 7515 §5.1).
    ///
    /// No value needs escaping in JSON: method, URL and nonce were read as what has neither quotes nor backslashes, the rest
    /// is base64url or digits.
    #[must_use]
    pub fn signing_input(&self) -> String {
        let mut header = "{\"typ\":\"dpop+jwt\",\"alg\":\"".to_owned();
        header.push_str(self.jwk.algorithm.name());
        header.push_str("\",\"jwk\":");
        header.push_str(&self.jwk.json);
        header.push('}');

        let mut claims = "{\"iat\":".to_owned();
        claims.push_str(&decimal(self.issued_at.as_seconds()));
        let mut add = |name: &str, value: &str| {
            for part in [",\"", name, "\":\"", value, "\""] {
                claims.push_str(part);
            }
        };
        add("jti", &base64url::encode(self.id));
        add("htm", self.method);
        // As a browser sends it, without query and fragment: not every server brings it into that form itself (§4.3).
        add("htu", &self.url.location());
        if let Some(nonce) = self.nonce {
            add("nonce", nonce);
        }
        if let Some(token) = self.access_token {
            add("ath", &base64url::encode(&leaving_no_trace(|| Sha256::digest(token.expose()))));
        }
        claims.push('}');

        let mut input = base64url::encode(header.as_bytes());
        input.push('.');
        input.push_str(&base64url::encode(claims.as_bytes()));
        input
    }
}

/// The proof, once it is signed (RFC 7515 §7.1).
#[must_use]
pub fn compact(mut signing_input: String, signature: &[u8]) -> String {
    signing_input.push('.');
    signing_input.push_str(&base64url::encode(signature));
    signing_input
}

/// A nonce as the `DPoP-Nonce` header has it: one, of `NQCHAR` (§8.1). Anything else is passed over.
#[must_use]
pub fn nonce(header: &str) -> Option<&str> {
    let valid = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    // A comma is how a browser joins two headers of one name, and is an NQCHAR: two nonces are not told from one by it, but
    // the space after it is none.
    (!header.is_empty() && header.len() <= MAX_NONCE && header.bytes().all(valid)).then_some(header)
}
