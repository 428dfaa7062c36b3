//! Signatures and hashes by WebCrypto (RFC 7518 §3, RFC 8037 §3). It exists in secure contexts alone.

use alloc::vec::Vec;

use js_sys::Promise;
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};

use super::{Browser, settled};
use crate::{
    error::{Error, Platform as PlatformError},
    platform::Crypto,
    protocol::{
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
}

impl Crypto for Browser {
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
