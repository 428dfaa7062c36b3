//! Public keys: which of a set may verify signatures (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).

use valetkey::protocol::jose::{
    algorithm::Algorithm,
    base64url,
    jwk::{Curve, Jwk, PublicKey},
};

use crate::support::{Members, object};

fn key(members: &Members) -> Option<Jwk> {
    Jwk::from_object(&object(&members.json()))
}

fn text(value: &str) -> String {
    format!("\"{value}\"")
}

/// A number of so many bytes as base64url in quotes; the first bits are given.
fn octets(first: u8, length: usize) -> String {
    let mut octets = vec![0xff; length];
    octets[0] = first;
    text(&base64url::encode(&octets))
}

fn ec(curve: &str, length: usize) -> Members {
    Members::new(&[("kty", "\"EC\""), ("crv", &text(curve)), ("x", &octets(0, length)), ("y", &octets(1, length))])
}

fn p256() -> Members {
    ec("P-256", 32)
}

fn rsa() -> Members {
    Members::new(&[("kty", "\"RSA\""), ("n", &octets(0x80, 256)), ("e", "\"AQAB\"")])
}

fn ed25519() -> Members {
    Members::new(&[("kty", "\"OKP\""), ("crv", "\"Ed25519\""), ("x", &octets(1, 32))])
}

#[test]
fn reads_keys_of_each_type() {
    for members in [rsa(), p256(), ec("P-384", 48), ec("P-521", 66), ed25519()] {
        assert!(key(&members).is_some(), "{}", members.json());
    }
}

#[test]
fn reads_the_key_of_rfc_8037() {
    let jwk = Jwk::from_object(&object(include_str!("vectors/rfc8037-a2.json"))).unwrap();
    assert!(matches!(&jwk.key, PublicKey::Ed25519 { x } if x.starts_with(&[0xd7, 0x5a, 0x98, 0x01]) && x.len() == 32));
    assert!(jwk.fits(Algorithm::EdDsa));
}

#[test]
fn reads_the_key_of_rfc_7515() {
    let jwk = Jwk::from_object(&object(include_str!("vectors/rfc7515-a3.jwk.json"))).unwrap();
    let PublicKey::Ec { curve: Curve::P256, x, y } = &jwk.key else { panic!("{jwk:?}") };
    assert_eq!((x[0], x[31], y[0], y[31]), (127, 69, 199, 173));
}

/// The members that RFC 7638 §3.2 calls required, and no other: they are what WebCrypto is given.
#[test]
fn writes_the_members_that_make_the_key() {
    for (members, names) in [
        (rsa(), vec!["kty", "n", "e"]),
        (p256(), vec!["kty", "crv", "x", "y"]),
        (ec("P-384", 48), vec!["kty", "crv", "x", "y"]),
        (ec("P-521", 66), vec!["kty", "crv", "x", "y"]),
        (ed25519(), vec!["kty", "crv", "x"]),
    ] {
        let jwk = key(&members.with("kid", "\"1\"").with("use", "\"sig\"")).unwrap();
        let source = object(&members.json());
        let written = jwk.key.jwk_members();
        assert_eq!(written.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
        for (name, value) in written {
            assert_eq!(source.string(name), Ok(Some(value.as_str())), "{name}");
        }
    }
}

/// Discovery §3: a set of public keys holds no private and no symmetric ones; what is public anyway is not relied upon.
#[test]
fn passes_over_a_private_key() {
    for (members, name) in [(p256(), "d"), (rsa(), "d"), (rsa(), "p"), (ed25519(), "d"), (p256(), "k")] {
        for json in ["\"AQAB\"", "\"\"", "1", "{}"] {
            assert!(key(&members.with(name, json)).is_none(), "{name}: {json}");
        }
        assert!(key(&members.with(name, "null")).is_some());
    }
}

#[test]
fn passes_over_a_symmetric_key() {
    assert!(key(&Members::new(&[("kty", "\"oct\""), ("k", "\"AQAB\"")])).is_none());
    assert!(key(&Members::new(&[("kty", "\"oct\"")])).is_none());
}

/// RFC 7517 §4.2.
#[test]
fn passes_over_a_key_for_another_use() {
    for json in ["\"enc\"", "\"SIG\"", "\"\"", "\"sig enc\"", "1", "[\"sig\"]", "true"] {
        assert!(key(&p256().with("use", json)).is_none(), "{json}");
    }
    assert!(key(&p256().with("use", "\"sig\"")).is_some());
    assert!(key(&p256().with("use", "null")).is_some());
}

/// RFC 7517 §4.3.
#[test]
fn passes_over_a_key_for_other_operations() {
    for json in
        ["[]", "[\"sign\"]", "[\"encrypt\",\"wrapKey\"]", "[\"VERIFY\"]", "\"verify\"", "[1]", "[\"verify\",1]", "{}"]
    {
        assert!(key(&p256().with("key_ops", json)).is_none(), "{json}");
    }
    assert!(key(&p256().with("key_ops", "[\"verify\"]")).is_some());
    assert!(key(&p256().with("key_ops", "[\"sign\",\"verify\"]")).is_some());
}

/// RFC 7517 §4.3: no operation twice, and nothing that contradicts `use`.
#[test]
fn passes_over_a_key_whose_operations_contradict_themselves_or_its_use() {
    assert!(key(&p256().with("key_ops", "[\"verify\",\"verify\"]")).is_none());
    let other = p256().without("use").with("key_ops", "[\"verify\",\"encrypt\"]");
    assert!(key(&other).is_some(), "other operations are the key owner's affair");
    assert!(key(&other.with("use", "\"sig\"")).is_none());
}

/// RFC 7517 §5: what is not known is passed over.
#[test]
fn passes_over_a_key_of_unknown_type() {
    for json in ["\"rsa\"", "\"ec\"", "\"X\"", "\"\"", "1", "null", "[\"EC\"]"] {
        assert!(key(&p256().with("kty", json)).is_none(), "{json}");
    }
    assert!(key(&p256().without("kty")).is_none());
    // Each type asks for its own members.
    assert!(key(&p256().with("kty", "\"RSA\"")).is_none());
    assert!(key(&rsa().with("kty", "\"EC\"")).is_none());
    assert!(key(&p256().with("kty", "\"OKP\"")).is_none());
    assert!(key(&ed25519().with("kty", "\"EC\"")).is_none());
}

#[test]
fn passes_over_a_key_on_an_unknown_curve() {
    for json in ["\"secp256k1\"", "\"p-256\"", "\"P-224\"", "\"Ed25519\"", "1", "null"] {
        assert!(key(&p256().with("crv", json)).is_none(), "{json}");
    }
    // RFC 8037: X25519 and X448 agree on keys; Ed448 is not known.
    for json in ["\"X25519\"", "\"X448\"", "\"Ed448\"", "\"ed25519\"", "\"P-256\"", "1", "null"] {
        assert!(key(&ed25519().with("crv", json)).is_none(), "{json}");
    }
}

/// RFC 7518 §6.2.1.2: coordinates have the full length of the curve.
#[test]
fn passes_over_coordinates_of_the_wrong_length() {
    for (curve, length) in [("P-256", 32), ("P-384", 48), ("P-521", 66)] {
        for wrong in [length - 1, length + 1, 32 + 48 + 66 - length] {
            for name in ["x", "y"] {
                assert!(key(&ec(curve, length).with(name, &octets(1, wrong))).is_none(), "{curve} {name} {wrong}");
            }
        }
    }
    for wrong in [1, 31, 33, 57, 64] {
        assert!(key(&ed25519().with("x", &octets(1, wrong))).is_none(), "{wrong}");
    }
    assert!(key(&p256().with("x", "\"\"")).is_none());
}

#[test]
fn passes_over_a_key_with_a_member_missing_or_mistyped() {
    for (members, names) in [(rsa(), &["n", "e"][..]), (p256(), &["x", "y", "crv"]), (ed25519(), &["x", "crv"])] {
        for name in names {
            assert!(key(&members.without(name)).is_none(), "{name}");
            for json in ["null", "1", "[\"AQAB\"]", "\"A+AB\"", "\"AQA=\"", "\"AQ AB\"", "\"A\""] {
                assert!(key(&members.with(name, json)).is_none(), "{name}: {json}");
            }
        }
    }
}

#[test]
fn passes_over_a_key_whose_name_or_algorithm_is_mistyped() {
    for name in ["kid", "alg"] {
        for json in ["1", "[\"ES256\"]", "{}", "true"] {
            assert!(key(&p256().with(name, json)).is_none(), "{name}: {json}");
        }
    }
    assert_eq!(key(&p256().with("kid", "\"a\"")).unwrap().key_id.as_deref(), Some("a"));
    assert_eq!(key(&p256()).unwrap().key_id, None);
}

/// RFC 7518 §3.3: 2048 bits or more; a larger one than 8192 only costs time.
#[test]
fn passes_over_rsa_keys_of_the_wrong_size() {
    let of_bits = |bits: usize| {
        let first = [0x80, 0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f][bits % 8];
        key(&rsa().with("n", &octets(first, bits.div_ceil(8))))
    };
    for bits in [8, 512, 1024, 2047, 8193, 8200, 16384, 65536] {
        assert!(of_bits(bits).is_none(), "{bits} bits");
    }
    for bits in [2048, 2049, 3072, 4096, 8191, 8192] {
        assert!(of_bits(bits).is_some(), "{bits} bits");
    }
    for empty in ["\"\"", "\"AAAA\""] {
        assert!(key(&rsa().with("n", empty)).is_none());
    }
}

#[test]
fn leading_zeros_of_a_modulus_count_nothing() {
    let mut octets = vec![0; 200];
    octets.extend([0xff; 128]);
    assert!(key(&rsa().with("n", &text(&base64url::encode(&octets)))).is_none(), "1024 bits in disguise");
    let mut octets = vec![0];
    octets.extend([0xff; 256]);
    let jwk = key(&rsa().with("n", &text(&base64url::encode(&octets)))).unwrap();
    assert!(matches!(jwk.key, PublicKey::Rsa { modulus, .. } if modulus == [0xff; 256]));
}

/// 1 verifies everything, an even one nothing, and a long one takes its time.
#[test]
fn passes_over_rsa_keys_with_an_odd_exponent_missing() {
    let with = |exponent: &[u8]| key(&rsa().with("e", &text(&base64url::encode(exponent))));
    let refused: [&[u8]; 10] = [
        &[],
        &[0],
        &[0, 0, 0],
        &[1],
        &[0, 1],
        &[2],
        &[1, 0, 0],
        &[0xff, 0xff, 0xff, 0xfe],
        &[1, 0, 0, 0, 1],
        &[0xff; 256],
    ];
    for exponent in refused {
        assert!(with(exponent).is_none(), "{exponent:?}");
    }
    let accepted: [&[u8]; 6] = [&[3], &[17], &[1, 0, 1], &[0, 1, 0, 1], &[0xff, 0xff, 0xff, 0xff], &[1, 1]];
    for exponent in accepted {
        assert!(with(exponent).is_some(), "{exponent:?}");
    }
}

/// RFC 8725 §3.1: one key, one algorithm.
#[test]
fn the_algorithm_of_a_key_is_binding() {
    let unbound = key(&rsa()).unwrap();
    assert!(unbound.fits(Algorithm::Rs256) && unbound.fits(Algorithm::Ps512));
    for (name, algorithm) in [("RS256", Algorithm::Rs256), ("PS256", Algorithm::Ps256), ("RS512", Algorithm::Rs512)] {
        let bound = key(&rsa().with("alg", &text(name))).unwrap();
        for other in Algorithm::ALL {
            assert_eq!(bound.fits(*other), *other == algorithm, "{name} and {other:?}");
        }
    }
    for name in ["RSA-OAEP", "none", "HS256", "rs256", "", "ES256"] {
        let bound = key(&rsa().with("alg", &text(name))).unwrap();
        assert!(!Algorithm::ALL.iter().any(|algorithm| bound.fits(*algorithm)), "{name}");
    }
    for name in ["EdDSA", "Ed25519"] {
        assert!(key(&ed25519().with("alg", &text(name))).unwrap().fits(Algorithm::EdDsa));
    }
    assert!(!key(&p256().with("alg", "\"ES384\"")).unwrap().fits(Algorithm::Es256));
    assert!(!key(&p256().with("alg", "\"ES384\"")).unwrap().fits(Algorithm::Es384));
}
