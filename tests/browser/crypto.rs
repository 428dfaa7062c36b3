//! Every algorithm, with keys and signatures made by another implementation (jose for Node).

use serde_json::Value;
use valetkey::{
    error::Platform as PlatformError,
    platform::Crypto,
    protocol::{
        jose::{algorithm::Algorithm, es256, jwk::Jwk, jwk::PublicKey, jws::CompactJws, jws::SignatureCheck},
        json::Object,
    },
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::BROWSER;

struct Vector {
    algorithm: String,
    check: SignatureCheck,
}

fn vectors() -> Vec<Vector> {
    let vectors: Value = serde_json::from_str(include_str!("vectors/signatures.json")).unwrap();
    vectors
        .as_array()
        .unwrap()
        .iter()
        .map(|vector| {
            let jwk = Object::parse(vector["jwk"].to_string().as_bytes(), "key").unwrap();
            let key = Jwk::from_object(&jwk).expect("a key that is taken");
            let token = CompactJws::parse(vector["token"].as_str().unwrap()).unwrap();
            Vector {
                algorithm: vector["alg"].as_str().unwrap().to_owned(),
                check: token.check(&key).expect("a key that fits"),
            }
        })
        .collect()
}

#[wasm_bindgen_test]
async fn right_signatures_are_valid() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 10);
    for Vector { algorithm, check } in vectors {
        assert_eq!(BROWSER.verify(check).await, Ok(true), "{algorithm}");
    }
}

#[wasm_bindgen_test]
async fn one_changed_byte_is_refused() {
    for Vector { algorithm, check } in vectors() {
        let mut other_message = check.clone();
        other_message.message[0] ^= 1;
        assert_eq!(BROWSER.verify(other_message).await, Ok(false), "{algorithm}: message");
        let mut other_signature = check;
        let middle = other_signature.signature.len() / 2;
        other_signature.signature[middle] ^= 1;
        assert_eq!(BROWSER.verify(other_signature).await, Ok(false), "{algorithm}: signature");
    }
}

#[wasm_bindgen_test]
async fn our_own_es256_agrees_with_the_browser() {
    let Vector { check, .. } = vectors().into_iter().find(|vector| vector.algorithm == "ES256").unwrap();
    let PublicKey::Ec { x, y, .. } = &check.key else { panic!("an elliptic curve key") };
    assert!(es256::verify(x, y, &check.message, &check.signature));
}

#[wasm_bindgen_test]
async fn key_that_is_no_key_is_unavailable_and_not_invalid() {
    let Vector { mut check, .. } = vectors().into_iter().find(|vector| vector.algorithm == "ES384").unwrap();
    let PublicKey::Ec { y, .. } = &mut check.key else { panic!("an elliptic curve key") };
    y[0] ^= 1;
    assert!(BROWSER.verify(check).await.unwrap_err().is(PlatformError::CryptoUnavailable));
}

#[wasm_bindgen_test]
async fn hashes_agree_with_our_own() {
    for algorithm in Algorithm::ALL {
        assert_eq!(BROWSER.hash(*algorithm, b"abc").await, Ok(algorithm.hash(b"abc")), "{algorithm:?}");
    }
}
