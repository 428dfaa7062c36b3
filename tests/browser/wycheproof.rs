//! Signatures that nobody here made: a selection of Project Wycheproof (see `tests/protocol/wycheproof.rs`) and the
//! examples of the RFCs, by the browser's WebCrypto.

use serde_json::Value;
use valetkey::{
    platform::Crypto,
    protocol::{
        jose::{algorithm::Algorithm, base64url, jwk::Jwk, jws::CompactJws, jws::SignatureCheck},
        json::Object,
    },
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::BROWSER;

fn key(jwk: &Value) -> Jwk {
    Jwk::from_object(&Object::parse(jwk.to_string().as_bytes(), "key").unwrap()).expect("a key that is taken")
}

fn bytes(text: &Value) -> Vec<u8> {
    base64url::decode(text.as_str().unwrap()).unwrap()
}

/// Holds the browser's verdict on every case of an algorithm against the one that is expected; answers how many.
async fn judge(name: &str) -> usize {
    let groups: Value = serde_json::from_str(include_str!("vectors/wycheproof.json")).unwrap();
    let algorithm = Algorithm::from_name(name).unwrap();
    let (mut count, mut wrong) = (0, Vec::new());
    for group in groups.as_array().unwrap().iter().filter(|group| group["alg"] == name) {
        let key = key(&group["jwk"]);
        assert!(key.fits(algorithm));
        for case in group["cases"].as_array().unwrap() {
            let (message, signature) = (bytes(&case[1]), bytes(&case[2]));
            let right_length = algorithm.signature_length().is_none_or(|length| length == signature.len());
            let check = SignatureCheck { algorithm, key: key.key.clone(), message, signature };
            let verdict = BROWSER.verify(check).await;
            let accepted = right_length && verdict == Ok(true);
            if case[3].as_bool().is_some_and(|valid| valid != accepted) {
                wrong.push(format!("{}: {verdict:?}", case[0]));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    count
}

#[wasm_bindgen_test]
async fn e_34_wycheproof_rs256_forgeries_are_refused() {
    assert_eq!(judge("RS256").await, 259);
}

#[wasm_bindgen_test]
async fn e_34_wycheproof_ps256_signatures_get_their_verdict() {
    assert_eq!(judge("PS256").await, 116);
}

#[wasm_bindgen_test]
async fn e_35_wycheproof_ed25519_signatures_get_their_verdict() {
    assert_eq!(judge("EdDSA").await, 151);
}

#[wasm_bindgen_test]
async fn e_31_wycheproof_es384_and_es512_numbers_out_of_range_are_refused() {
    assert!(judge("ES384").await > 87);
    assert!(judge("ES512").await > 87);
}

/// RFC 7515 appendices A.2 to A.4, RFC 7520 §4.1 to §4.3, RFC 8037 appendix A.4.
#[wasm_bindgen_test]
async fn signatures_of_the_specifications_are_valid() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/rfc.json")).unwrap();
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let token = CompactJws::parse(vector["token"].as_str().unwrap()).unwrap();
        let check = token.check(&key(&vector["jwk"])).expect("a key that fits");
        assert_eq!(BROWSER.verify(check.clone()).await, Ok(true), "{}", vector["source"]);
        let mut other = check;
        other.message[0] ^= 1;
        assert_eq!(BROWSER.verify(other).await, Ok(false), "{}", vector["source"]);
    }
}
