//! Signatures by WebCrypto (RFC 7518 §3, RFC 8037 §3). It exists in secure contexts alone.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use super::{Browser, bare, global, property, set};
use crate::{
    error::{Error, Platform as PlatformError},
    platform::Crypto,
    protocol::jose::{
        algorithm::Algorithm,
        jwk::{Curve, PublicKey},
        jws::SignatureCheck,
    },
};

impl Crypto for Browser {
    async fn verify(&self, check: SignatureCheck) -> Result<bool, Error> {
        let subtle = property(&global("crypto"), "subtle");
        if subtle.is_undefined() {
            return Err(PlatformError::CryptoUnavailable.into());
        }
        // A key or an algorithm that this browser does not know is not a signature that is wrong.
        let unavailable = |_: JsValue| PlatformError::CryptoUnavailable;
        Ok(verify(&subtle.unchecked_into(), &check).await.map_err(unavailable)?)
    }
}

async fn verify(subtle: &SubtleCrypto, check: &SignatureCheck) -> Result<bool, JsValue> {
    let algorithm = parameters(check.algorithm);
    let usages = Array::of1(&JsValue::from_str("verify"));
    let imported = subtle.import_key_with_object("jwk", &jwk(&check.key), &algorithm, false, &usages)?;
    let key: CryptoKey = JsFuture::from(imported).await?.unchecked_into();
    let (signature, message) = (copied(&check.signature), copied(&check.message));
    let verdict =
        subtle.verify_with_object_and_buffer_source_and_buffer_source(&algorithm, &key, &signature, &message)?;
    Ok(JsFuture::from(verdict).await?.as_bool() == Some(true))
}

/// A copy outside wasm memory, which may move while WebCrypto reads it.
fn copied(bytes: &[u8]) -> Object {
    Uint8Array::from(bytes).unchecked_into()
}

/// The algorithm for both `importKey` and `verify`; each reads the members it knows.
fn parameters(algorithm: Algorithm) -> Object {
    let hash = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => 256,
        Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => 384,
        Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::Es512 | Algorithm::EdDsa => 512,
    };
    let (name, curve) = match algorithm {
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => ("RSASSA-PKCS1-v1_5", None),
        Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => ("RSA-PSS", None),
        Algorithm::Es256 => ("ECDSA", Some(Curve::P256)),
        Algorithm::Es384 => ("ECDSA", Some(Curve::P384)),
        Algorithm::Es512 => ("ECDSA", Some(Curve::P521)),
        Algorithm::EdDsa => ("Ed25519", None),
    };
    let parameters = bare();
    set(&parameters, "name", &JsValue::from_str(name));
    set(
        &parameters,
        "hash",
        &JsValue::from_str(match hash {
            256 => "SHA-256",
            384 => "SHA-384",
            _ => "SHA-512",
        }),
    );
    // RFC 7518 §3.5: the salt is as long as the hash.
    set(&parameters, "saltLength", &JsValue::from_f64(f64::from(hash / 8)));
    if let Some(curve) = curve {
        set(&parameters, "namedCurve", &JsValue::from_str(curve.name()));
    }
    parameters
}

fn jwk(key: &PublicKey) -> Object {
    let jwk = bare();
    for (name, value) in key.jwk_members() {
        set(&jwk, name, &JsValue::from_str(&value));
    }
    jwk
}
