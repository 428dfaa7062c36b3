//! Signatures and hashes by WebCrypto (RFC 7518 §3, RFC 8037 §3). It exists in secure contexts alone.

use alloc::{boxed::Box, rc::Rc, string::String, vec::Vec};
use core::any::Any;

use js_sys::Promise;
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};

use super::{Browser, settled};
use crate::{
    error::{Error, Platform as PlatformError},
    platform::{Crypto, KeyPair, Signer, Signing},
    protocol::{
        dpop::PublicJwk,
        jose::{algorithm::Algorithm, jws::SignatureCheck},
        url::encode_form,
    },
    secret::leaving_no_trace,
};

#[wasm_bindgen(module = "/src/browser/crypto.js")]
extern "C" {
    fn verify(algorithm: &str, key: &str, message: &[u8], signature: &[u8]) -> Promise;

    type Hashed;

    #[wasm_bindgen(method, getter)]
    fn body(this: &Hashed) -> Vec<u8>;

    fn hash(bits: u32, bytes: &[u8]) -> Promise;

    /// A pair of keys that only WebCrypto can use.
    #[derive(Clone)]
    pub(super) type Keys;

    /// What may be known of it, as JSON.
    #[wasm_bindgen(method, getter)]
    pub(super) fn jwk(this: &Keys) -> String;

    #[wasm_bindgen(method)]
    fn sign(this: &Keys, message: &[u8]) -> Promise;

    fn generate(algorithm: &str) -> Promise;
}

impl Signer for Keys {
    fn sign(&self, message: Vec<u8>) -> Signing {
        let signing = Self::sign(self, &message);
        Box::pin(async move {
            let signature = settled(signing, PlatformError::CryptoUnavailable).await?;
            Ok(signature.unchecked_into::<Hashed>().body())
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A pair of keys, as the vault knows them.
pub(super) fn key_pair(algorithm: Algorithm, keys: Keys) -> KeyPair {
    KeyPair { public: PublicJwk::new(algorithm, keys.jwk()), signer: Rc::new(keys) }
}

impl<S: 'static> Crypto for Browser<S> {
    async fn generate(&self, algorithm: Algorithm) -> Result<KeyPair, Error> {
        let keys = settled(generate(algorithm.name()), PlatformError::CryptoUnavailable).await?;
        Ok(key_pair(algorithm, keys.unchecked_into()))
    }

    async fn verify(&self, check: SignatureCheck) -> Result<bool, Error> {
        let members = check.key.jwk_members();
        let key = encode_form(members.iter().map(|(name, value)| (*name, value.as_str())));
        let verdict = verify(check.algorithm.name(), &key, &check.message, &check.signature);
        // A key or an algorithm that this browser does not know is not a signature that is wrong.
        Ok(settled(verdict, PlatformError::CryptoUnavailable).await?.as_bool() == Some(true))
    }

    async fn hash(&self, algorithm: Algorithm, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        match algorithm.hash_bits() {
            // What is needed anyway, and where there is no WebCrypto.
            256 => Ok(leaving_no_trace(|| Sha256::digest(bytes).to_vec())),
            // Signatures with the larger hashes were verified by WebCrypto. The code for them would be 1.5 KB.
            bits => {
                let hashed = settled(hash(bits, bytes), PlatformError::CryptoUnavailable).await?;
                Ok(hashed.unchecked_into::<Hashed>().body())
            }
        }
    }
}
