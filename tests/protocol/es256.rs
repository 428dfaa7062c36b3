//! ES256 (RFC 7518 §3.4).

use proptest::prelude::*;
use serde_json::Value;
use valetkey::protocol::jose::{
    base64url, es256,
    jwk::{Jwk, PublicKey},
};

use crate::support::{cases, object, rfc_7515_token};

/// The coordinates of the key of RFC 7515 appendix A.3.
fn key() -> (Vec<u8>, Vec<u8>) {
    match Jwk::from_object(&object(include_str!("vectors/rfc7515-a3.jwk.json"))).unwrap().key {
        PublicKey::Ec { x, y, .. } => (x, y),
        other => panic!("{other:?}"),
    }
}

fn rfc_signature() -> (Vec<u8>, Vec<u8>) {
    let (message, signature) = rfc_7515_token().rsplit_once('.').unwrap();
    (message.as_bytes().to_owned(), base64url::decode(signature).unwrap())
}

#[test]
fn verifies_the_signature_of_rfc_7515() {
    let ((x, y), (message, signature)) = (key(), rfc_signature());
    assert!(es256::verify(&x, &y, &message, &signature));
}

/// Our own cases: numbers out of range, other encodings, other lengths, other keys and messages (CVE-2022-21449).
#[test]
fn gives_the_verdict_of_each_case() {
    let (x, y) = key();
    let vectors: Value = serde_json::from_str(include_str!("vectors/es256.json")).unwrap();
    let message = vectors["message"].as_str().unwrap().as_bytes();
    let all = vectors["cases"].as_array().unwrap();
    assert!(all.len() > 25);
    for case in all {
        let hex = case["signature"].as_str().unwrap();
        let signature: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        assert_eq!(es256::verify(&x, &y, message, &signature), case["valid"].as_bool().unwrap(), "{}", case["name"]);
    }
}

#[test]
fn refuses_a_point_that_is_not_on_the_curve() {
    let ((x, y), (message, signature)) = (key(), rfc_signature());
    let mut off = y.clone();
    off[31] ^= 1;
    assert!(!es256::verify(&x, &off, &message, &signature));
    assert!(!es256::verify(&y, &x, &message, &signature));
    for (x, y) in [([0; 32], [0; 32]), ([0xff; 32], [0xff; 32]), ([0; 32], [1; 32]), ([1; 32], [0; 32])] {
        assert!(!es256::verify(&x, &y, &message, &signature), "{x:?} {y:?}");
        // The signature that was valid under every key (CVE-2022-21449).
        assert!(!es256::verify(&x, &y, &message, &[0; 64]));
    }
}

/// The negated point is on the curve, but another key.
#[test]
fn refuses_the_negated_key() {
    let ((x, y), (message, signature)) = (key(), rfc_signature());
    let p: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    ];
    let mut negated = [0; 32];
    let mut borrow = 0;
    for index in (0..32).rev() {
        let difference = i32::from(p[index]) - i32::from(y[index]) - borrow;
        negated[index] = u8::try_from(difference.rem_euclid(256)).unwrap();
        borrow = i32::from(difference < 0);
    }
    assert!(p256::PublicKey::from_sec1_bytes(&[&[4], x.as_slice(), &negated].concat()).is_ok());
    assert!(!es256::verify(&x, &negated, &message, &signature));
}

#[test]
fn refuses_coordinates_of_the_wrong_length() {
    let ((x, y), (message, signature)) = (key(), rfc_signature());
    assert!(!es256::verify(&x[1..], &y, &message, &signature));
    assert!(!es256::verify(&x, &y[..31], &message, &signature));
    assert!(!es256::verify(&[], &[], &message, &signature));
    assert!(!es256::verify(&[&[0], x.as_slice()].concat(), &y, &message, &signature));
    assert!(!es256::verify(&x, &[y.as_slice(), &[0]].concat(), &message, &signature));
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn one_changed_bit_is_refused(part in 0usize..4, position in any::<prop::sample::Index>(), bit in 0u8..8) {
        let ((mut x, mut y), (mut message, mut signature)) = (key(), rfc_signature());
        let parts = [&mut x, &mut y, &mut message, &mut signature];
        let changed = parts.into_iter().nth(part).unwrap();
        let position = position.index(changed.len());
        changed[position] ^= 1 << bit;
        prop_assert!(!es256::verify(&x, &y, &message, &signature));
    }
}
