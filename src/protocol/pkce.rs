//! Proof Key for Code Exchange (RFC 7636), S256 alone.

use alloc::string::String;

use sha2::{Digest, Sha256};

use crate::{
    protocol::jose::base64url,
    secret::{Secret, leaving_no_trace},
};

/// Random bytes that a verifier is made of: 256 bits, as RFC 7636 §4.1 recommends.
pub const ENTROPY: usize = 32;

/// The code verifier: the secret that shows that the token request comes from whoever made the authorization request.
#[derive(Clone, Debug)]
pub struct CodeVerifier(Secret<String>);

impl CodeVerifier {
    /// A verifier of 43 characters made from random bytes.
    #[must_use]
    pub fn from_random(bytes: &[u8; ENTROPY]) -> Self {
        Self(Secret::new(base64url::encode(bytes)))
    }

    /// A verifier that was made earlier. `None` when it is not in the form of RFC 7636 §4.1.
    #[must_use]
    pub fn restore(text: String) -> Option<Self> {
        let valid = (43..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'));
        valid.then(|| Self(Secret::new(text)))
    }

    /// The verifier, for the token request.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The code challenge: `BASE64URL(SHA256(ASCII(code_verifier)))` (RFC 7636 §4.2).
    #[must_use]
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(base64url::encode(&leaving_no_trace(|| Sha256::digest(self.expose()))))
    }
}

/// The code challenge, for the authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// The one method used.
    pub const METHOD: &'static str = "S256";

    /// The challenge.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
