//! Signature algorithms: the allow-list, and which keys each goes with.

use valetkey::protocol::jose::{
    algorithm::Algorithm,
    jwk::{Curve, PublicKey},
};

const NAMES: [(&str, Algorithm); 11] = [
    ("RS256", Algorithm::Rs256),
    ("RS384", Algorithm::Rs384),
    ("RS512", Algorithm::Rs512),
    ("PS256", Algorithm::Ps256),
    ("PS384", Algorithm::Ps384),
    ("PS512", Algorithm::Ps512),
    ("ES256", Algorithm::Es256),
    ("ES384", Algorithm::Es384),
    ("ES512", Algorithm::Es512),
    ("EdDSA", Algorithm::EdDsa),
    ("Ed25519", Algorithm::EdDsa),
];

#[test]
fn knows_the_asymmetric_algorithms() {
    for (name, algorithm) in NAMES {
        assert_eq!(Algorithm::from_name(name), Some(algorithm));
        assert!(Algorithm::ALL.contains(&algorithm));
    }
    assert_eq!(Algorithm::ALL.len(), 10);
}

/// RFC 7518 §3.6, RFC 8725 §3.2, in whatever case.
#[test]
fn does_not_know_none() {
    for name in ["none", "None", "NONE", "nOnE", ""] {
        assert_eq!(Algorithm::from_name(name), None, "{name}");
    }
}

/// OpenID Connect Core §10.1.
#[test]
fn does_not_know_hmac() {
    for name in ["HS256", "HS384", "HS512", "hs256"] {
        assert_eq!(Algorithm::from_name(name), None, "{name}");
    }
}

/// RFC 7515 §4.1.1: case-sensitive, and to the letter.
#[test]
fn does_not_know_near_misses() {
    for name in [
        "rs256", "Rs256", " RS256", "RS256 ", "RS256\0", "RS1", "RS2560", "ES256K", "es256", "EDDSA", "eddsa",
        "ed25519", "Ed448", "RSA-OAEP", "dir", "A256GCM", "ES25", "PS255",
    ] {
        assert_eq!(Algorithm::from_name(name), None, "{name:?}");
    }
}

/// RFC 8725 §3.1, RFC 7518 §3.4: the curve belongs to the algorithm.
#[test]
fn fits_keys_of_its_own_type_alone() {
    let rsa = PublicKey::Rsa { modulus: vec![1], exponent: vec![3] };
    let ec = |curve| PublicKey::Ec { curve, x: Vec::new(), y: Vec::new() };
    let ed25519 = PublicKey::Ed25519 { x: Vec::new() };
    for algorithm in Algorithm::ALL {
        let name = format!("{algorithm:?}");
        assert_eq!(algorithm.fits(&rsa), name.starts_with("Rs") || name.starts_with("Ps"), "{algorithm:?}");
        assert_eq!(algorithm.fits(&ec(Curve::P256)), *algorithm == Algorithm::Es256, "{algorithm:?}");
        assert_eq!(algorithm.fits(&ec(Curve::P384)), *algorithm == Algorithm::Es384, "{algorithm:?}");
        assert_eq!(algorithm.fits(&ec(Curve::P521)), *algorithm == Algorithm::Es512, "{algorithm:?}");
        assert_eq!(algorithm.fits(&ed25519), *algorithm == Algorithm::EdDsa, "{algorithm:?}");
    }
}

/// RFC 7518 §3.4, RFC 8037 §3.1.
#[test]
fn knows_the_length_of_its_signatures() {
    for (algorithm, length) in [
        (Algorithm::Es256, Some(64)),
        (Algorithm::Es384, Some(96)),
        (Algorithm::Es512, Some(132)),
        (Algorithm::EdDsa, Some(64)),
        (Algorithm::Rs256, None),
        (Algorithm::Rs384, None),
        (Algorithm::Rs512, None),
        (Algorithm::Ps256, None),
        (Algorithm::Ps384, None),
        (Algorithm::Ps512, None),
    ] {
        assert_eq!(algorithm.signature_length(), length, "{algorithm:?}");
    }
}

/// OpenID Connect Core §3.1.3.6: the hash of the algorithm's name; Ed25519 hashes with SHA-512.
#[test]
fn hashes_with_the_hash_of_its_name() {
    for (name, algorithm) in NAMES {
        let bytes = match name.get(2..) {
            Some("256") => 32,
            Some("384") => 48,
            _ => 64,
        };
        assert_eq!(algorithm.hash(b"abc").len(), bytes, "{name}");
    }
    // FIPS 180-4, the examples for "abc".
    assert_eq!(Algorithm::Es256.hash(b"abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(Algorithm::Es384.hash(b"abc")[..4], [0xcb, 0x00, 0x75, 0x3f]);
    assert_eq!(Algorithm::Es512.hash(b"abc")[..4], [0xdd, 0xaf, 0x35, 0xa1]);
}
