//! Keys and signatures of a world in memory.

use alloc::{boxed::Box, rc::Rc, vec::Vec};

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};

use super::World;
use crate::{
    error::{Error, Platform as PlatformError},
    platform::{Crypto, KeyPair, Random, Signer, Signing},
    protocol::{
        dpop::PublicJwk,
        jose::{algorithm::Algorithm, base64url, jws::SignatureCheck},
    },
};

impl World {
    /// Takes WebCrypto away for keys, or gives it back.
    pub fn break_crypto(&self, broken: bool) {
        self.0.no_crypto.set(broken);
    }

    /// What [`Crypto::verify`] finds from now on; `None` is: no WebCrypto.
    pub fn set_verdict(&self, verdict: Option<bool>) {
        self.0.verdict.set(verdict);
    }
}

/// A key in memory.
struct MemoryKey(SigningKey);

impl Signer for MemoryKey {
    fn sign(&self, message: Vec<u8>) -> Signing {
        let signature: Signature = self.0.sign(&message);
        Box::pin(core::future::ready(Ok(signature.to_bytes().to_vec())))
    }

    fn as_any(&self) -> &dyn core::any::Any {
        self
    }
}

impl Crypto for World {
    async fn generate(&self, algorithm: Algorithm) -> Result<KeyPair, Error> {
        if self.0.no_crypto.get() || algorithm != Algorithm::Es256 {
            return Err(PlatformError::CryptoUnavailable.into());
        }
        let mut bytes = [0; 32];
        self.fill(&mut bytes)?;
        let key = SigningKey::from_slice(&bytes).map_err(|_| PlatformError::CryptoUnavailable)?;
        let point = key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().map(|x| base64url::encode(x)), point.y().map(|y| base64url::encode(y)));
        let json = alloc::format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
            x.unwrap_or_default(),
            y.unwrap_or_default()
        );
        Ok(KeyPair { public: PublicJwk::new(algorithm, json), signer: Rc::new(MemoryKey(key)) })
    }

    async fn verify(&self, _: SignatureCheck) -> Result<bool, Error> {
        self.0.verdict.get().ok_or_else(|| PlatformError::CryptoUnavailable.into())
    }
}
